## assertion: migrations.services.a b: a name is of letters
{ ... }: { module.migrations.services = { "a b" = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; }; }; }
