# One that is off neither appears nor claims anything.
{ ... }: {
  module.migrations.services = {
    app = { enable = false; stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; };
    new = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  };
  holds = one: {
    "it is not rendered" = builtins.attrNames one.config.migrations.rendered.files == [ "new.ini" ];
    "its service is left alone" = !(one.config.systemd.services ? app);
  };
}
