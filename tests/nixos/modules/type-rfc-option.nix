## error: version
{ ... }: { module.migrations.services = { app.migrations = [ { up.script = "true"; } ]; }; }
