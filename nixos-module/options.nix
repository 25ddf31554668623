# SPDX-License-Identifier: MIT
# The options of one service below `migrations.services`: types, defaults, descriptions. What each
# becomes is render.nix's business; the words in full are in migrate.d(5).
{ lib, pkgs }:
let
  inherit (lib) mkOption types literalExpression;

  # At most 64 characters, as the build of the system checks.
  version = types.strMatching "[._+~^-]*[A-Za-z0-9][A-Za-z0-9._+~^-]*";
  # A stateRevision is an integer.
  versionOrInt = types.coercedTo types.ints.unsigned toString version;

  # A string is always shell text, also one that looks like a path.
  script = types.oneOf [ types.lines types.package types.path (types.listOf (types.either types.str types.path)) ];
  scriptOption = text: mkOption {
    type = types.nullOr script;
    default = null;
    description = ''
      ${text}

      Shell text (run by bash with `set -eu` and the packages in `path`), a package (its main program, or
      itself where it has none), a path, or a list: the absolute path of a program and its arguments, without
      a shell.
    '';
  };

  lines = types.attrsOf (types.nullOr (types.oneOf [
    types.str types.int types.bool types.path (types.listOf (types.oneOf [ types.str types.int types.path ]))
  ]));

  hooks = direction: types.submodule {
    options = {
      script = scriptOption ''
        The migration itself, on a clone of the state. Exit status 0 is success.${
          lib.optionalString (direction == "down") " Without it there is no way back, and `warn` says why."}'';
      check = scriptOption ''
        May it run? Sees the original before anything is cloned, also in `migratectl check` and before a
        switch, while the service runs (`$LIVE` is `yes` then). What it writes is thrown away.'';
      backup = scriptOption ''
        Runs right before `script`, and leaves in `$BACKUP` whatever `restore` needs. For what no clone
        covers: the directories are cloned anyway.'';
      restore = scriptOption ''
        Undoes `script`, with what is in `$BACKUP`. It must be repeatable.'';
      verify = scriptOption "Judges the clone behind `script`.";
      post = scriptOption ''
        After the units have started, on their live state; repeated at each start until it succeeds.'';
      warn = mkOption {
        type = types.nullOr (types.either types.str (types.listOf types.str));
        default = null;
        description = ''
          What must be known before: a plan with such a step waits for approval. Lines are joined.
        '';
        example = "Deletes the thumbnails, which are made anew when they are asked for.";
      };
      timeout = mkOption {
        type = types.nullOr (types.either types.str types.ints.positive);
        default = null;
        example = "1h";
        description = "How long each of these commands may take; unlimited by default.";
      };
      external = mkOption {
        type = types.bool;
        default = false;
        description = ''
          The script changes what lies outside of the state's directories, as tables in a database
          server: it gets the network and sockets below `/run`. Requires `backup` and `restore`, or `warn`.
        '';
      };
    };
  };

  hooksOption = direction: text: mkOption {
    type = types.nullOr (hooks direction);
    default = null;
    description = text;
  };

  step = { listed }: types.submodule {
    options = {
      description = mkOption {
        type = types.nullOr types.str;
        default = null;
        description = "Shown in plans and in the journal.";
      };
      up = hooksOption "up" "What leads there.";
      down = hooksOption "down" "What leads back, with `downgrade = \"script\"`.";
    } // (if listed then {
      version = mkOption {
        type = versionOrInt;
        example = "2023-04-07";
        description = "Where this migration leads, from the version of the preceding one.";
      };
    } else {
      from = mkOption {
        type = types.nullOr (types.coercedTo (types.either types.str types.int) (one: [ (toString one) ])
          (types.listOf types.str));
        default = null;
        example = ">=17.11 <18";
        description = ''
          Where the migration starts: a version, or comparisons that must all hold; a list of alternatives.
          By default from where the preceding one leads, up to `to`.
        '';
      };
      to = mkOption {
        type = types.coercedTo types.ints.unsigned toString types.str;
        example = "18";
        description = ''
          Where it leads: a version; or comparisons, then straight to `stateVersion` where that satisfies them.
        '';
      };
    });
  };

  enum = default: values: description: mkOption {
    type = types.enum values;
    inherit default description;
  };

  nullable = type: description: extra: mkOption ({
    type = types.nullOr type;
    default = null;
    inherit description;
  } // extra);

  several = type: description: extra: mkOption ({
    type = types.listOf type;
    default = [ ];
    inherit description;
  } // extra);
in
{
  enable = mkOption {
    type = types.bool;
    default = true;
    description = "Whether this service's state is looked after. Off, nothing holds its units back.";
  };

  defer = mkOption {
    type = types.bool;
    default = false;
    description = ''
      Put the migration off: `migrate@NAME.service` is masked. Where a migration is needed the units stay
      down; where none is, they start as ever.
    '';
  };

  stateVersion = nullable versionOrInt ''
    The version of the state that the software of this system needs. Its units start on no other. Versions are
    ordered: integers, dates and dotted versions work. Without it the declaration does nothing.

    A module with a `stateRevision` says `stateVersion = config.services.NAME.stateRevision;`.
  '' { example = "2023-04-07"; };

  directories = several (types.strMatching "/.*") ''
    The directories that belong to the state; the first is the primary one. A state without any, as tables in a
    database server, is protected by `backup` and `restore` alone.
  '' { example = [ "/var/lib/app" ]; };

  exclude = several (types.strMatching "/.*") ''
    Directories below these that no migration touches: neither copied nor moved, and read-only for scripts.
  '' { example = [ "/var/lib/app/uploads" ]; };

  within = several types.str ''
    Another service of `migrations.services` in whose state a part of this one lies.
  '' { example = [ "postgresql" ]; };

  units = mkOption {
    type = types.listOf types.str;
    default = [ ];
    defaultText = literalExpression ''[ "‹name›.service" ]'';
    description = "The services that must not run on any other version. Sockets, timers and path units stand for the services that they start.";
  };

  oldUnits = several types.str ''
    Units of older software on the same state: stopped before a migration, and not started any more once the
    state has moved on.
  '' { };

  user = nullable (types.either types.str types.ints.unsigned) ''
    Whom scripts run as. By default the owner of the primary directory.
  '' { };
  group = nullable (types.either types.str types.ints.unsigned) "Their group." { };

  accepts = several versionOrInt ''
    Further versions that this software runs on unchanged.
  '' { };
  readableBy = several versionOrInt ''
    Older versions whose software may run on a state of this one.
  '' { };

  policy = enum "automatic" [ "automatic" "confirm" "manual" ] ''
    `automatic`: the state is migrated when one of the units starts, as in a switch. `confirm`: the same, but
    every plan needs approval. `manual`: somebody starts `migrate@NAME.service`.
  '';
  approved = several types.str ''
    Consent to plans that need it, each as `FROM:TO`.
  '' { example = [ "27.1.2:28.0.4" ]; };
  copyLimit = nullable (types.either types.str types.ints.unsigned) ''
    A plan that must copy more than this, where the file system can neither snapshot nor share extents, needs
    approval; 10G by default.
  '' { example = "50G"; };

  downgrade = enum "refuse" [ "refuse" "script" "restore" "script-or-restore" ] ''
    What to do about a state that is newer than `stateVersion`, as after a rollback: refuse it, run the `down`
    scripts, bring back the newest backup of an accepted version, or the one and else the other.
  '';

  fresh = scriptOption ''
    Exits with 0 where there is no data yet, with 1 where there is some. By default a state is fresh where its
    directories are missing or empty.'';
  init = scriptOption ''
    Makes the state of a fresh installation. Without it the service makes its own.'';
  detect = scriptOption ''
    Prints the version of a state that has no stamp yet.'';
  unversioned = nullable versionOrInt ''
    The version to assume for a state that has no stamp yet, where there is no `detect`. Without either, such
    a state is refused, and never guessed at.
  '' { };

  selfMigrating = mkOption {
    type = types.bool;
    default = false;
    description = ''
      The software migrates its state itself when it starts. The original is kept as for any migration.
    '';
  };
  maxSkip = nullable (types.enum [ "major" "minor" ]) ''
    Refuse a step that leaves out a whole series of versions, for software that must not be upgraded over one.
  '' { };
  gaps = enum "refuse" [ "refuse" "allow" ] ''
    `refuse`: every version must be reached by a declared migration, or there is `everyUp`. `allow`: where none
    is declared the version just moves.
  '';

  protect = enum "clone" [ "clone" "in-place" "hooks" ] ''
    How the state is protected: scripts run on a clone that takes the original's place in the end; or on the
    original, with a clone beside it to be put back; or on the original, with `backup` and `restore` alone.
  '';
  stamp = enum "directory" [ "directory" "store" ] ''
    Where the version is kept: in each directory, or, for network and FUSE file systems, in
    {file}`/var/lib/migrate/NAME`.
  '';
  readWritePaths = several (types.strMatching "/.*") ''
    Further paths that scripts may write, outside of every guarantee.
  '' { };

  software = nullable (types.either types.package types.path) ''
    The software that this version belongs to: kept from the garbage collector while the state may need it, and
    given to scripts as `$FROM_SOFTWARE` and `$TO_SOFTWARE`.
  '' { };
  migrationsOf = nullable types.str ''
    Take the migrations of another service, for several instances of one software.
  '' { };
  formerNames = several types.str "What this service was called in `migrations.services` before." { };
  formerDirectories = several (types.strMatching "/.*") "Where its state was before." { };

  keep = nullable types.ints.unsigned "How many backups are kept however old they are; 3 by default." { };
  keepFor = nullable (types.either types.str types.ints.unsigned) ''
    How long backups are kept however many there are; 30 days by default.
  '' { example = "90d"; };

  everyUp = hooksOption "up" ''
    What runs once in every upward plan, after its steps: for software with one command that brings a state of
    any age up to date. No other migrations need to be declared then.
  '';

  steps = mkOption {
    type = types.attrsOf (step { listed = false; });
    default = { };
    description = "Migrations from one version, or a range of them, to another.";
    example = literalExpression ''
      {
        accounts = {
          from = 1;
          to = 2;
          description = "users are accounts now";
          up.script = "app-admin make-accounts \"$STATE\"";
        };
      }
    '';
  };

  migrations = mkOption {
    type = types.listOf (step { listed = true; });
    default = [ ];
    description = ''
      The same as a list, in the shape of RFC 0155: each migration leads from the version of the preceding one
      to its own.
    '';
    example = literalExpression ''
      [
        {
          version = "2023-04-07";
          up.script = "app-admin upgrade";
          down.warn = "The old format is gone: a backup is restored instead.";
        }
      ]
    '';
  };

  path = mkOption {
    type = types.listOf (types.either types.package types.path);
    default = [ ];
    description = ''
      Packages for the `PATH` of all scripts, before coreutils, findutils, grep and sed.
    '';
  };
  environment = mkOption {
    type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package types.int ]));
    default = { };
    description = "Environment variables of all scripts.";
  };
  unitConfig = mkOption {
    type = lines;
    default = { };
    description = ''
      Lines for the `[Unit]` section of `migrate@NAME.service`: ordering, dependencies, conditions. A migration
      that needs another service running has `Requires` and `After` here.
    '';
    example = { Requires = "postgresql.service"; After = "postgresql.service"; };
  };
  serviceConfig = mkOption {
    type = lines;
    default = { };
    description = ''
      Lines for its `[Service]` section: resources and credentials. Sandboxing is refused: scripts have a
      sandbox of their own.
    '';
    example = { Nice = 10; LoadCredential = "key:/run/keys/app"; };
  };
}
