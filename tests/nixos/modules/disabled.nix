# A service with enable = false is not rendered and claims no directory.
{ ... }: {
  module.migrations.services = {
    app = { enable = false; stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; };
    new = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  };
  holds = one: {
    "the disabled service is not rendered" = builtins.attrNames one.config.migrations.rendered.files == [ "new.ini" ];
    "the unit of the disabled service is left alone" = !(one.config.systemd.services ? app);
  };
}
