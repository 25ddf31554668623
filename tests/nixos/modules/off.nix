# Nothing is declared: nothing is installed.
{ lib, ... }: {
  module = { };
  holds = one: with one.config; {
    "no package is installed" = !lib.any (package: package.name == "systemd-migrate")
      (systemd.packages ++ systemd.tmpfiles.packages ++ environment.systemPackages);
    "there is no pre-switch check" = !(system.preSwitchChecks ? migrations);
    "there is no unit that prunes" = !(systemd.services ? migrate-prune || systemd.timers ? migrate-prune);
  };
}
