# services.nextcloud: it migrates itself, and no major is left out.
## nextcloud.ini: Version=30.0.4
## nextcloud.ini: SelfMigrating=yes
## nextcloud.ini: MaxSkip=major
## nextcloud.ini: Directory=/var/lib/nextcloud
## nextcloud.ini: Exclude=/var/lib/nextcloud/data
## nextcloud.ini: Unit=nextcloud-setup.service
## nextcloud.ini: Unit=nextcloud-cron.timer
## nextcloud.ini: Unit=nextcloud-update-plugins.timer
{ lib, pkgs, evaluate, ... }:
let
  system = dbtype: {
    services.nextcloud = {
      enable = true;
      package = pkgs.nextcloud30;
      hostName = "cloud.example";
      config = { inherit dbtype; adminpassFile = "/run/secrets/nextcloud"; };
      autoUpdateApps.enable = true;
    };
    migrations.nextcloud.enable = true;
  };
in
{
  module = system "pgsql";
  holds = one: {
    "SQLite's database is among the users' files, which are kept then" =
      (evaluate (system "sqlite")).config.migrations.services.nextcloud.exclude == [ ];
    "what a release waits for is there" = lib.all
      (name: one.config.systemd.services ? ${name}) [ "nextcloud-setup" "phpfpm-nextcloud" ];
  };
}
