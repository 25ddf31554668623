# SPDX-License-Identifier: MIT
# services.nextcloud: it upgrades itself when it starts (nextcloud-setup.service), one major at a time
# and never back. So it migrates itself here, too: what was before is kept, a skipped major is refused
# before anything has been stopped, and older software does not start on the newer state.
{ config, lib, ... }:
let
  cfg = config.migrations.nextcloud;
  nextcloud = config.services.nextcloud;
in
{
  options.migrations.nextcloud.enable = lib.mkOption {
    type = lib.types.bool;
    default = false;
    description = ''
      Whether to guard {option}`services.nextcloud`: keep its directory from before each upgrade, refuse to
      skip a major, and hold back older software. Users' files are not kept, but for a SQLite database that lies
      among them. With a database server it is the directory alone that is kept: dump the database as well.
    '';
  };

  config = lib.mkIf (cfg.enable && nextcloud.enable) {
    migrations.services.nextcloud = {
      stateVersion = nextcloud.package.version;
      directories = [ nextcloud.datadir ];
      # users' files, and the database if it is SQLite's
      exclude = lib.optional (nextcloud.config.dbtype != "sqlite") "${nextcloud.datadir}/data";
      units = [ "nextcloud-setup.service" "phpfpm-nextcloud.service" "nextcloud-cron.timer" ]
        ++ lib.optional nextcloud.autoUpdateApps.enable "nextcloud-update-plugins.timer";
      user = "nextcloud";
      selfMigrating = true;
      maxSkip = "major";
      # 'version' => '30.0.4.1',
      detect = ''
        sed -n -E "s/^ *'version' => '([0-9]+\.[0-9]+\.[0-9]+).*/\1/p" "$STATE/config/config.php"
      '';
    };
  };
}
