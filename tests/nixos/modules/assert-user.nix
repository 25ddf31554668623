## assertion: migrations.services.app.user is not set
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; everyUp = { script = "true"; warn = "x"; }; }; }; }
