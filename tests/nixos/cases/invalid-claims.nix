## invalid: /var/lib/app
{ app = { stateVersion = "2"; directories = [ "/var/lib/app" ]; gaps = "allow"; }; other = { stateVersion = "2"; directories = [ "/var/lib/app/sub" ]; gaps = "allow"; }; }
