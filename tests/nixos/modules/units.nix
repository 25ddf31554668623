# Units of every kind: triggers for services, a drop-in for instances.
{ ... }: {
  module.migrations.services.app = {
    stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow";
    units = [ "app@main.service" "app.socket" ];
  };
  holds = one: with one.config.systemd; {
    "an instance of a template gets a drop-in" = services."app@main".overrideStrategy == "asDropin";
    "a socket adds no service" = !(services ? app) && !(services ? "app.socket");
  };
}
