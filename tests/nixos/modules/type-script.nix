## error: migrations.services.app.everyUp.script
{ ... }: { module.migrations.services = { app.everyUp.script = 5; }; }
