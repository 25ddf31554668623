## assertion: migrations.services.app.accepts: with several directories
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/a" "/b" ]; accepts = [ "1" ]; gaps = "allow"; }; }; }
