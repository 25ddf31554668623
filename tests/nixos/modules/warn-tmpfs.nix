# A root that is empty after each boot loses the backups, unless their directory is made persistent.
## warning: migrations.services: /var/lib/migrate, which has the records of migrations and the backups, is on a tmpfs
{ ... }: {
  module = {
    fileSystems."/" = { device = "none"; fsType = "tmpfs"; };
    fileSystems."/var/lib/migrated" = { device = "/dev/disk/by-label/other"; fsType = "ext4"; };
    migrations.services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  };
}
