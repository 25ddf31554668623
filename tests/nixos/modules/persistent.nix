# A root that is empty after each boot, with the directories that services and migrations need on a disk.
## app.ini: Version=2
{ ... }: {
  module = {
    fileSystems."/" = { device = "none"; fsType = "tmpfs"; };
    fileSystems."/var/lib" = { device = "/persist/var/lib"; fsType = "none"; options = [ "bind" ]; };
    migrations.services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  };
}
