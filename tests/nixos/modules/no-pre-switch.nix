# Who has turned the check off is not warned that there can be none.
## app.ini: Version=2
{ ... }: {
  preSwitchChecks = false;
  module.migrations = {
    preSwitchCheck = false;
    services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  };
}
