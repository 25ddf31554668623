# Nothing is declared: nothing is installed.
{ lib, ... }: {
  module = { };
  holds = one: with one.config; {
    "no packages" = !lib.any (package: package.name == "systemd-migrate")
      (systemd.packages ++ systemd.tmpfiles.packages ++ environment.systemPackages);
    "no check" = !(system.preSwitchChecks ? migrations);
    "no units" = !(systemd.services ? migrate-prune || systemd.timers ? migrate-prune);
  };
}
