## assertion: migrations.services.app.everyUp is not covered by a clone (external = true)
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; everyUp = { script = "true"; external = true; }; }; }; }
