## invalid: Version=1 2 is not a valid version
{ app = { stateVersion = "1 2"; directories = [ "/var/lib/app" ]; }; }
