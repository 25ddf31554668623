## invalid: Detect=/nowhere/program is no program
{ app = { stateVersion = "3"; directories = [ "/var/lib/app" ]; detect = [ "/nowhere/program" ]; }; }
