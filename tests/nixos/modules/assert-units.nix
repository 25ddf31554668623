## assertion: migrations.services.b.units: a.service belongs to migrations.services.a.units already
{ ... }: { module.migrations.services = { a = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; }; b = { stateVersion = "2"; directories = [ "/b" ]; units = [ "a.service" ]; gaps = "allow"; }; }; }
