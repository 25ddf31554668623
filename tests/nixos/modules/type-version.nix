## error: migrations.services.app.stateVersion
{ ... }: { module.migrations.services = { app.stateVersion = "1 2"; }; }
