## assertion: migrations.services.app.steps.x.up.script is not set
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; steps.x = { from = 1; to = 2; up.warn = "x"; }; }; }; }
