## assertion: migrations.services.app.within = ["other"]: each must be another service
{ ... }: { module.migrations.services = { app = { stateVersion = "2"; user = "root"; within = [ "other" ]; gaps = "allow"; }; }; }
