# Nothing is declared: nothing is installed.
{ ... }: {
  module = { };
  holds = one: with one.config; {
    "no packages" = systemd.packages == [ ] && environment.systemPackages == [ ];
    "no check" = system.preSwitchChecks == { };
    "no units" = systemd.services == { } && systemd.timers == { };
  };
}
