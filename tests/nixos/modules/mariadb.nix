# services.mysql: the version is the series of its package, and the scripts use the programs of the package.
## mariadb.ini: Version=11.8
## mariadb.ini: Directory=/var/lib/mysql
## mariadb.ini: Unit=mysql.service
## mariadb.ini: User=mysql
## mariadb.ini: Detect=/nix/store/00000000000000000000000000000000-systemd-migrate/lib/migrate/mariadb/detect
## mariadb/upgrade.ini: From=>=10.5
## mariadb/upgrade.ini: To=>=10.6
## mariadb/upgrade.ini: Script=/nix/store/00000000000000000000000000000000-systemd-migrate/lib/migrate/mariadb/upgrade
{ lib, pkgs, ... }: {
  module = {
    services.mysql = { enable = true; package = pkgs.mariadb_118; };
    migrations.mariadb.enable = true;
  };
  holds = one: with one.config; {
    "the scripts find the programs" =
      migrations.services.mariadb.environment.MARIADB_BINDIR == "${services.mysql.package}/bin";
    "the scripts read the settings of the service" =
      migrations.services.mariadb.environment.MARIADB_DEFAULTS == "${services.mysql.configFile}";
    "a change restarts the service" = systemd.services.mysql.restartTriggers != [ ];
  };
}
