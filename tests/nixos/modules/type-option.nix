## error: migrations.services.app.stateversion
{ ... }: { module.migrations.services = { app.stateversion = "1"; }; }
