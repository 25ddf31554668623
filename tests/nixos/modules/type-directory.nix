## error: migrations.services.app.directories
{ ... }: { module.migrations.services = { app.directories = [ "var/lib/app" ]; }; }
