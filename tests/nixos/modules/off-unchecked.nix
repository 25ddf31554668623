# Nothing is declared, and nothing is to be checked.
{ ... }: {
  module.migrations.preSwitchCheck = false;
  holds = one: { "there is no pre-switch check" = !(one.config.system.preSwitchChecks ? migrations); };
}
