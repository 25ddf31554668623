## invalid: no migration leads to this version
{ app = { stateVersion = "3"; directories = [ "/var/lib/app" ]; steps.a = { from = 1; to = 2; up.script = "true"; }; }; }
