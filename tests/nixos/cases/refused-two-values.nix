# A version is one value.
## refused: migrations.services.app.stateVersion: one value, not a list or a set
{
  app = { stateVersion = { major = 2; }; directories = [ "/var/lib/app" ]; };
}
