# Nothing is declared: nothing is installed.
{ lib, ... }: {
  module = { };
  holds = one: with one.config; {
    "no package is installed" = !lib.any (package: package.name == "systemd-migrate")
      (systemd.packages ++ systemd.tmpfiles.packages ++ environment.systemPackages);
    "the pre-switch check needs no package, and asks the running system, which may have declarations" =
      system.preSwitchChecks.migrations == "[ ! -x /etc/migrate/pre-switch ] || /etc/migrate/pre-switch \"$@\""
      && !(environment.etc ? "migrate/pre-switch");
    "there is no unit that prunes" = !(systemd.services ? migrate-prune || systemd.timers ? migrate-prune);
  };
}
