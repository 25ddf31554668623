# Without a version it declares nothing; null and [] are no lines.
## app.ini: no Version
## app.ini: no Unit
## app.ini: Directory=/var/lib/app
{
  app = { stateVersion = null; units = [ ]; directories = [ "/var/lib/app" ]; environment = { A = null; }; };
}
