## assertion: migrations.services.app.everyUp is not covered by a clone (there are no directories)
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; user = "root"; everyUp.script = "true"; }; }; }
