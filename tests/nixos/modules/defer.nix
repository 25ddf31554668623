# defer masks the generated unit, not the gate.
{ ... }: {
  module.migrations.services.app = { defer = true; stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  holds = one: { masked = one.config.systemd.units."migrate@app.service".enable == false; };
}
