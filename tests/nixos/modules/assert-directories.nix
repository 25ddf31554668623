## assertion: migrations.services.b.directories: /var/lib/app belongs to migrations.services.a.directories already
{ ... }: { module.migrations.services = { a = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; }; b = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; }; }; }
