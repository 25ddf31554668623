# What the service could notice restarts it; consent and the number of backups do not.
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
    "another version does" = trigger { } != trigger { stateVersion = lib.mkForce "3"; };
    "another migration does" = trigger { } != trigger { steps.a = { from = 1; to = 2; up.script = "true"; }; };
    "approval does not" = trigger { } == trigger { approved = [ "1:2" ]; };
    "Keep= does not" = trigger { } == trigger { keep = 5; };
  };
}
