## assertion: migrations.services.app.migrationsOf = "other": there is no such service
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; migrationsOf = "other"; gaps = "allow"; }; }; }
