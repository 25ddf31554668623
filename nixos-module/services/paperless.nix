# SPDX-License-Identifier: MIT
# services.paperless: Django brings a database of any age up to date with one command, at every
# upgrade. The state version is that of the package. Documents are what is big, so they are excluded:
# a migration may read them, and one that wants to write them (of releases before 2.0) fails.
{ config, lib, ... }:
let
  cfg = config.migrations.paperless;
  paperless = config.services.paperless;
  scheduler = config.systemd.services.paperless-scheduler;
  databaseServer = paperless.settings ? PAPERLESS_DBHOST
    || paperless.settings.PAPERLESS_DBENGINE or "sqlite" != "sqlite";
  below = directory: lib.hasPrefix "${paperless.dataDir}/" directory;
in
{
  options.migrations.paperless.enable = lib.mkEnableOption ''
    the migration of {option}`services.paperless` to the version of its package before it starts, on a clone of its data
    directory. Its database has to be the SQLite one that lies there'';

  config = lib.mkIf (cfg.enable && paperless.enable) {
    assertions = [{
      assertion = !databaseServer;
      message = "migrations.paperless.enable: services.paperless (settings.PAPERLESS_DBHOST or PAPERLESS_DBENGINE, database.createLocally) uses a database server, which a clone of services.paperless.dataDir does not cover.";
    }];

    migrations.services.paperless = {
      stateVersion = paperless.package.version;
      directories = [ paperless.dataDir ];
      exclude = lib.filter below ([ paperless.mediaDir paperless.consumptionDir ]
        # outside of nixpkgs
        ++ lib.optional (paperless.exporter.enable or false) paperless.exporter.directory);
        # inside of nixpkgs
        #| ++ lib.optional paperless.exporter.enable paperless.exporter.directory);
        # end
      units = map (name: "paperless-${name}.service") ([ "scheduler" "task-queue" "consumer" "web" ]
        # outside of nixpkgs
        ++ lib.optional (paperless.exporter.enable or false) "exporter");
        # inside of nixpkgs
        #| ++ lib.optional paperless.exporter.enable "exporter");
        # end
      user = paperless.user;
      # Written by the scheduler once it had brought the database up to date; older ones have a prefix.
      detect = ''
        version=$(cat "$STATE/src-version")
        echo "''${version##*-}"
      '';
      # Django's own checks try to write where documents are, so they are passed over; this is the one
      # of them that an upgrade needs.
      everyUp = {
        check = ''
          before() { [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
          if before "$FROM" 3 && before "$FROM" 2.20.9 && ! before "$TO" 3; then
            echo "paperless 3 takes over a state of 2.20.9 or later: switch to that release first"
            exit 1
          fi
        '';
        # What else the module does at an upgrade it does itself, as it sees by src-version.
        script = [ "${paperless.package}/bin/paperless-ngx" "migrate" "--no-input" "--skip-checks" ];
        verify = [ "${paperless.package}/bin/paperless-ngx" "migrate" "--check" "--skip-checks" ];
        timeout = lib.mkDefault "2h";
      };
      # as the scheduler has it, but for what the module says itself
      environment = removeAttrs (scheduler.environment or { }) [ "PATH" "LOCALE_ARCHIVE" "TZDIR" ];
      serviceConfig = lib.optionalAttrs
        # outside of nixpkgs
        (paperless.environmentFile or null != null)
        # inside of nixpkgs
        #| (paperless.environmentFile != null)
        # end
       {
        EnvironmentFile = paperless.environmentFile;
      };
    };
  };
}
