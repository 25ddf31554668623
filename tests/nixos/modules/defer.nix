# defer masks the unit that migrates, not the gate.
{ ... }: {
  module.migrations.services.app = { defer = true; stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  holds = one: { "the migration is masked" = one.config.systemd.units."migrate@app.service".enable == false; };
}
