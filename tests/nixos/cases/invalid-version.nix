## invalid: Version=1 2 is no version
{ app = { stateVersion = "1 2"; directories = [ "/var/lib/app" ]; }; }
