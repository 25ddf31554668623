# The pre-switch check gets the names of the services to rehearse.
{ lib, evaluate, ... }:
let
  system = rehearsed: {
    migrations = lib.optionalAttrs (rehearsed != null) { rehearseBeforeSwitch = rehearsed; } // {
      services = lib.genAttrs [ "app" "db" ] (name: { stateVersion = 2; directories = [ "/var/lib/${name}" ]; gaps = "allow"; });
    };
  };
  check = rehearsed: (evaluate (system rehearsed)).config.system.preSwitchChecks.migrations;
in
{
  module = system [ "db" ];
  holds = one: {
    "one service can be rehearsed" = lib.hasInfix "rehearse=db " (check [ "db" ]);
    "all services can be rehearsed" = lib.hasInfix "rehearse='app db' " (check true);
    "no service is rehearsed by default" = lib.hasInfix "rehearse= " (check false) || lib.hasInfix "rehearse='' " (check null);
    "the helper of the package rehearses" = lib.hasInfix "systemd-migrate/libexec/systemd-migrate" (check true);
  };
}
