# The old server has the extensions too, since the data names their libraries; i18n.glibcLocales may be null.
{ pkgs, lib, ... }: {
  needs = [ "services.postgresql.extensions" ];
  module = {
    system.stateVersion = "23.11";
    services.postgresql = { enable = true; package = pkgs.postgresql_17; extensions = ps: [ ps.postgis ]; };
    migrations.postgresql = { enable = true; from = [ pkgs.postgresql_16 ]; };
    i18n.glibcLocales = lib.mkForce null;
  };
  holds = one: with one.config.migrations; {
    "both major versions have the extensions" = services.postgresql.environment.POSTGRESQL_BINDIRS
      == "/nix/store/00000000000000000000000000000000-postgresql-and-plugins-17/bin:/nix/store/00000000000000000000000000000000-postgresql-and-plugins-16/bin";
    "a system without locales is accepted" = !(services.postgresql.environment ? LOCALE_ARCHIVE);
  };
}
