## assertion: migrations.services.app.selfMigrating: with several directories
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/a" "/b" ]; selfMigrating = true; }; }; }
