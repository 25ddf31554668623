# SPDX-License-Identifier: MIT
# services.mysql with MariaDB: the state version is the series of `services.mysql.package`, and changing
# that package migrates the data directory in the switch, with mariadb-upgrade on a clone. NixOS itself
# never runs mariadb-upgrade.
{ config, lib, ... }:
let
  cfg = config.migrations.mariadb;
  mysql = config.services.mysql;
  scripts = "${config.migrations.package}/lib/migrate/mariadb";
in
{
  options.migrations.mariadb.enable = lib.mkEnableOption ''
    the migration of {option}`services.mysql` to the series of its package, which has to be MariaDB of 10.6 or later,
    before it starts'';

  config = lib.mkIf (cfg.enable && mysql.enable) {
    assertions = [
      {
        assertion = lib.hasPrefix "mariadb" (lib.getName mysql.package);
        message = "migrations.mariadb.enable: services.mysql.package is ${lib.getName mysql.package}, which is not MariaDB.";
      }
      {
        # outside of nixpkgs
        assertion = !(mysql.galeraCluster.enable or false);
        # inside of nixpkgs
        #| assertion = !mysql.galeraCluster.enable;
        # end
        message = "migrations.mariadb.enable: the nodes of a Galera cluster (services.mysql.galeraCluster) are upgraded one by one.";
      }
    ];

    migrations.services.mariadb = {
      stateVersion = lib.versions.majorMinor mysql.package.version;
      directories = [ mysql.dataDir ];
      units = [ "mysql.service" ];
      user = mysql.user;
      # mariadb-upgrade and the server are looked for here
      software = lib.mkDefault mysql.package;
      detect = [ "${scripts}/detect" ];
      steps.upgrade = {
        from = ">=10.5";
        to = ">=10.6";
        description = "mariadb-upgrade, on a private server";
        up = {
          check = [ "${scripts}/check" ];
          script = [ "${scripts}/upgrade" ];
          verify = [ "${scripts}/verify" ];
        };
        down.warn = "MariaDB has no way back to an older series; a backup is restored instead.";
      };
      environment = {
        MARIADB_DEFAULTS = "${mysql.configFile}";
        MARIADB_BINDIR = "${mysql.package}/bin";
      };
    };
  };
}
