## invalid: add Backup= and Restore=
{ app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; steps.a = { from = 1; to = 2; up = { script = "true"; external = true; }; }; }; }
