## assertion: migrations.services.app.everyUp is not covered by a clone (protect = "hooks")
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; protect = "hooks"; everyUp.script = "true"; }; }; }
