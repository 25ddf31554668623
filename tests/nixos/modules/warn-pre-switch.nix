# A release of NixOS that has no place for checks before a switch; all else is as with them.
## warning: migrations.preSwitchCheck: this release of NixOS has no system.preSwitchChecks (24.11 has)
## app.ini: Version=2
{ ... }: {
  preSwitchChecks = false;
  module.migrations.services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  holds = one: { "there is none" = !(one.options.system ? preSwitchChecks); };
}
