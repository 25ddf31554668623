## invalid: would put the helper into a sandbox
{ app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; everyUp.script = "true"; serviceConfig.PrivateTmp = true; }; }
