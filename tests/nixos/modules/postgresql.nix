# services.postgresql: the version is that of its package, and the major versions since stateVersion are migrated from.
## postgresql.ini: Version=17
## postgresql.ini: Directory=/var/lib/postgresql
## postgresql.ini: Unit=postgresql.service
## postgresql.ini: User=postgres
## postgresql/upgrade.ini: From=>=9.3
## postgresql/upgrade.ini: To=>=13
## postgresql/upgrade.ini: Script=/nix/store/00000000000000000000000000000000-systemd-migrate/lib/migrate/postgresql/upgrade
{ lib, pkgs, ... }: {
  module = {
    system.stateVersion = "23.11";
    services.postgresql = {
      enable = true;
      package = pkgs.postgresql_17;
      initdbArgs = [ "--data-checksums" ];
    };
    migrations.postgresql.enable = true;
  };
  holds = one: with one.config.migrations; {
    "the older major versions are those since stateVersion" =
      map (package: package.psqlSchema) postgresql.from == [ "15" "16" ];
    "the script finds the programs of all older major versions" = lib.hasInfix
      "-postgresql-15/bin:/nix/store/00000000000000000000000000000000-postgresql-16/bin"
      services.postgresql.environment.POSTGRESQL_BINDIRS;
    "the script finds the locales" = services.postgresql.environment ? LOCALE_ARCHIVE;
    "a change restarts the service" = one.config.systemd.services.postgresql.restartTriggers != [ ];
  };
}
