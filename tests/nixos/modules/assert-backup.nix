## assertion: migrations.services.app.everyUp: backup and restore without script
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; everyUp.backup = "true"; }; }; }
