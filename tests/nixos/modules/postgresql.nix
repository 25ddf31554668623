# services.postgresql: from the package that it has, with the majors between.
## postgresql.ini: Version=17
## postgresql.ini: Directory=/var/lib/postgresql
## postgresql.ini: Unit=postgresql.service
## postgresql.ini: User=postgres
## postgresql/upgrade.ini: From=>=9.3
## postgresql/upgrade.ini: To=>=13
## postgresql/upgrade.ini: Script=/nix/store/00000000000000000000000000000000-systemd-migrate/lib/migrate/postgresql/upgrade
{ pkgs, ... }: {
  module = {
    system.stateVersion = "23.11";
    services.postgresql = {
      enable = true;
      package = pkgs.postgresql_17;
      finalPackage = pkgs.postgresql_17;
      dataDir = "/var/lib/postgresql/17";
      extensions = ps: [ "postgis" ];
      initdbArgs = [ "--data-checksums" ];
    };
    migrations.postgresql.enable = true;
  };
  holds = one: with one.config.migrations; {
    "old majors are those since stateVersion" =
      map (package: package.psqlSchema) postgresql.from == [ "15" "16" ];
    "and have the extensions" = services.postgresql.environment.POSTGRESQL_BINDIRS
      == "/nix/store/00000000000000000000000000000000-postgresql-17/bin:/nix/store/00000000000000000000000000000000-postgresql-and-plugins-15/bin:/nix/store/00000000000000000000000000000000-postgresql-and-plugins-16/bin";
    "the locales are there" = services.postgresql.environment ? LOCALE_ARCHIVE;
    "the service is restarted with it" = one.config.systemd.services.postgresql.restartTriggers != [ ];
  };
}
