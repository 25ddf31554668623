# One line takes the version from a module's stateRevision.
{ ... }: {
  module = { config, ... }: {
    services.seerr.stateRevision = 1;
    migrations.services.seerr = {
      stateVersion = config.services.seerr.stateRevision;
      directories = [ "/var/lib/seerr" ];
      migrations = [ { version = 1; up.script = "mv \"$STATE/a\" \"$STATE/b\""; } ];
      unversioned = 0;
    };
  };
  holds = one: { "it is there" = builtins.match ".*\nVersion=1\n.*" one.config.migrations.rendered.files."seerr.ini" != null; };
}
