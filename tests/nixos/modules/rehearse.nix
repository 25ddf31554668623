# Which services are rehearsed is told to the check before a switch.
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
    "one" = lib.hasInfix "rehearse=db " (check [ "db" ]);
    "all" = lib.hasInfix "rehearse='app db' " (check true);
    "none, unless it is said" = lib.hasInfix "rehearse= " (check false) || lib.hasInfix "rehearse='' " (check null);
    "by the helper of the package" = lib.hasInfix "systemd-migrate/libexec/systemd-migrate" (check true);
  };
}
