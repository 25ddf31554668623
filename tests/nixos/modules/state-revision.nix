# One line takes the version from a module's stateRevision, wherever its value comes from.
{ lib, ... }: {
  module = { config, ... }: {
    options.services.whatever.stateRevision = lib.mkOption { type = lib.types.ints.between 0 1; default = 1; };
    config.migrations.services.whatever = {
      stateVersion = config.services.whatever.stateRevision;
      directories = [ "/var/lib/whatever" ];
      migrations = [ { version = 1; up.script = "mv \"$STATE/a\" \"$STATE/b\""; } ];
      unversioned = 0;
    };
  };
  holds = one: { "the declaration has the version" = builtins.match ".*\nVersion=1\n.*" one.config.migrations.rendered.files."whatever.ini" != null; };
}
