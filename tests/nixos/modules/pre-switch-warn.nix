# Refusals can be left to the service that they are about.
## app.ini: Version=2
{ lib, ... }: {
  module.migrations = {
    preSwitchCheck = "warn";
    services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  };
  holds = one: with one.config; {
    "the pre-switch check warns" = lib.hasInfix "on_refusal=warn" system.preSwitchChecks.migrations;
    "a later system without declarations finds the check" =
      environment.etc."migrate/pre-switch".source.text == system.preSwitchChecks.migrations;
  };
}
