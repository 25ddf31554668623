# services.nextcloud: it migrates itself, and no major is left out.
## nextcloud.ini: Version=30.0.4
## nextcloud.ini: SelfMigrating=yes
## nextcloud.ini: MaxSkip=major
## nextcloud.ini: Exclude=/var/lib/nextcloud/data
## nextcloud.ini: Unit=nextcloud-setup.service
## nextcloud.ini: Unit=nextcloud-cron.timer
{ pkgs, ... }: {
  module = {
    services.nextcloud = { enable = true; package = pkgs.nextcloud30; datadir = "/var/lib/nextcloud"; };
    migrations.nextcloud.enable = true;
  };
}
