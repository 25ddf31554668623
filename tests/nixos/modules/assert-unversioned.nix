## assertion: migrations.services.app.unversioned is never used
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; detect = "echo 1"; unversioned = "1"; }; }; }
