# A changed version or migration restarts the service; approval and the number of backups do not.
{ lib, evaluate, ... }:
let
  service = extra: {
    migrations.services.app = lib.mkMerge [ { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; } extra ];
  };
  trigger = extra: (evaluate (service extra)).config.systemd.services.app.restartTriggers;
in
{
  module = service { };
  holds = one: {
    "another version restarts the service" = trigger { } != trigger { stateVersion = lib.mkForce "3"; };
    "another migration restarts the service" = trigger { } != trigger { steps.a = { from = 1; to = 2; up.script = "true"; }; };
    "an approval does not restart the service" = trigger { } == trigger { approved = [ "1:2" ]; };
    "another Keep= does not restart the service" = trigger { } == trigger { keep = 5; };
  };
}
