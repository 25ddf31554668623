# SPDX-License-Identifier: MIT
# services.nextcloud: it upgrades itself when it starts (nextcloud-setup.service), one major at a time
# and never back. So it migrates itself here, too: what was before is kept, a skipped major is refused
# before anything has been stopped, and older software does not start on the newer state.
{ config, lib, ... }:
let
  cfg = config.migrations.nextcloud;
  nextcloud = config.services.nextcloud;
  # Apps of the store are in home; a state that migrates itself is one directory.
  directory = if lib.hasPrefix "${nextcloud.home}/" nextcloud.datadir then nextcloud.home else nextcloud.datadir;
in
{
  options.migrations.nextcloud.enable = lib.mkEnableOption ''
      the guard of {option}`services.nextcloud`: keep its directory from before each upgrade, refuse to skip a major, and
      hold back older software. Users' files are not kept, but for a SQLite database that lies
      among them. Where {option}`services.nextcloud.datadir` is not below {option}`services.nextcloud.home`, apps of the
      store are not kept either. With a database server it is the directory alone that is kept: dump the database as
      well'';

  config = lib.mkIf (cfg.enable && nextcloud.enable) {
    migrations.services.nextcloud = {
      stateVersion = nextcloud.package.version;
      directories = [ directory ];
      # users' files, and the database if it is SQLite's
      exclude = lib.optional (nextcloud.config.dbtype != "sqlite") "${nextcloud.datadir}/data";
      units = [ "nextcloud-setup.service" "phpfpm-nextcloud.service" "nextcloud-cron.timer" ]
        ++ lib.optional nextcloud.autoUpdateApps.enable "nextcloud-update-plugins.timer"
        # outside of nixpkgs
        ++ lib.optional (nextcloud.notify_push.enable or false) "nextcloud-notify_push.service"
        ++ lib.optional (lib.versionAtLeast config.system.nixos.release "25.05") "nextcloud-update-db.service";
        # inside of nixpkgs
        #| ++ [ "nextcloud-update-db.service" ]
        #| ++ lib.optional nextcloud.notify_push.enable "nextcloud-notify_push.service";
        # end
      user = "nextcloud";
      selfMigrating = true;
      maxSkip = "major";
      # 'version' => '30.0.4.1',
      detect = ''
        sed -n -E "s/^ *'version' => '([0-9]+\.[0-9]+\.[0-9]+).*/\1/p" "$STATE${lib.removePrefix directory nextcloud.datadir}/config/config.php"
      '';
    };
  };
}
