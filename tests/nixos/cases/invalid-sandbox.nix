## invalid: would put a sandbox around the helper
{ app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; everyUp.script = "true"; serviceConfig.PrivateTmp = true; }; }
