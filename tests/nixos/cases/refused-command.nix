# A number is no command.
## refused: migrations.services.app.detect: shell text, a package, a path or a list of words is wanted
{
  app = { stateVersion = 2; directories = [ "/var/lib/app" ]; detect = 1; };
}
