## assertion: migrations.services.app.selfMigrating: the state needs directories and a clone
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; selfMigrating = true; protect = "hooks"; }; }; }
