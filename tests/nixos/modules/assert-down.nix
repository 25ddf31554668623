## assertion: migrations.services.app.migrations.[0].down.warn does not say why
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; migrations = [ { version = 2; up.script = "true"; down = { }; } ]; }; }; }
