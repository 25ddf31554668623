# Libraries that the data names are needed by the old server, too; and glibc's locales may be none.
{ pkgs, lib, ... }: {
  needs = [ "services.postgresql.extensions" ];
  module = {
    system.stateVersion = "23.11";
    services.postgresql = { enable = true; package = pkgs.postgresql_17; extensions = ps: [ ps.postgis ]; };
    migrations.postgresql = { enable = true; from = [ pkgs.postgresql_16 ]; };
    i18n.glibcLocales = lib.mkForce null;
  };
  holds = one: with one.config.migrations; {
    "both majors have them" = services.postgresql.environment.POSTGRESQL_BINDIRS
      == "/nix/store/00000000000000000000000000000000-postgresql-and-plugins-17/bin:/nix/store/00000000000000000000000000000000-postgresql-and-plugins-16/bin";
    "no locales are no error" = !(services.postgresql.environment ? LOCALE_ARCHIVE);
  };
}
