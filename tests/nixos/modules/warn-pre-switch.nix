# A release of NixOS without pre-switch checks: everything else is as in a release with them.
## warning: migrations.preSwitchCheck: this release of NixOS has no system.preSwitchChecks (24.11 has)
## app.ini: Version=2
{ ... }: {
  preSwitchChecks = false;
  module.migrations.services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  holds = one: { "this release has no pre-switch checks" = !(one.options.system ? preSwitchChecks); };
}
