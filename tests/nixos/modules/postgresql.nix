# services.postgresql: from the package that it has, with the majors between.
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
    "old majors are those since stateVersion" =
      map (package: package.psqlSchema) postgresql.from == [ "15" "16" ];
    "all of them can be migrated from" = lib.hasInfix
      "-postgresql-15/bin:/nix/store/00000000000000000000000000000000-postgresql-16/bin"
      services.postgresql.environment.POSTGRESQL_BINDIRS;
    "the locales are there" = services.postgresql.environment ? LOCALE_ARCHIVE;
    "the service is restarted with it" = one.config.systemd.services.postgresql.restartTriggers != [ ];
  };
}
