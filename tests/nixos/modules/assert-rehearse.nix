## assertion: migrations.rehearseBeforeSwitch: migrations.services.other does not exist
{ ... }: { module.migrations = { rehearseBeforeSwitch = [ "app" "other" ]; services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; }; }; }
