# services.nextcloud: the software migrates itself, and no major version is skipped.
## nextcloud.ini: Version=30.0.4
## nextcloud.ini: SelfMigrating=yes
## nextcloud.ini: MaxSkip=major
## nextcloud.ini: Directory=/var/lib/nextcloud
## nextcloud.ini: Exclude=/var/lib/nextcloud/data
## nextcloud.ini: Unit=nextcloud-setup.service
## nextcloud.ini: Unit=nextcloud-cron.timer
## nextcloud.ini: Unit=nextcloud-update-plugins.timer
## nextcloud.ini: Unit=nextcloud-update-db.service
## nextcloud.ini: Unit=nextcloud-notify_push.service
{ lib, pkgs, evaluate, ... }:
let
  system = dbtype: {
    services.nextcloud = {
      enable = true;
      package = pkgs.nextcloud30;
      hostName = "cloud.example";
      config = { inherit dbtype; adminpassFile = "/run/secrets/nextcloud"; };
      autoUpdateApps.enable = true;
      notify_push.enable = dbtype != "sqlite";
    };
    migrations.nextcloud.enable = true;
  };
in
{
  module = system "pgsql";
  holds = one: {
    "the files of users are not excluded with SQLite, whose database is among them" =
      (evaluate (system "sqlite")).config.migrations.services.nextcloud.exclude == [ ];
    "apps of the store are part of the state" =
      let other = (evaluate (lib.recursiveUpdate (system "pgsql") { services.nextcloud.datadir = "/var/lib/nextcloud/files"; }))
        .config.migrations.services.nextcloud;
      in other.directories == [ "/var/lib/nextcloud" ] && other.exclude == [ "/var/lib/nextcloud/files/data" ]
        && lib.hasInfix "\"$STATE/files/config/config.php\"" other.detect;
    "the services that an upgrade waits for exist" = lib.all
      (name: one.config.systemd.services ? ${name}) [ "nextcloud-setup" "phpfpm-nextcloud" "nextcloud-notify_push" "nextcloud-update-db" ];
  };
}
