# SPDX-License-Identifier: MIT
# services.paperless: Django brings a database of any age up to date with one command, at every
# upgrade. The state version is that of the package; documents are excluded, since no migration
# touches them and they are what is big.
{ config, lib, ... }:
let
  cfg = config.migrations.paperless;
  paperless = config.services.paperless;
  scheduler = config.systemd.services.paperless-scheduler;
  below = directory: lib.hasPrefix "${paperless.dataDir}/" directory;
in
{
  options.migrations.paperless.enable = lib.mkOption {
    type = lib.types.bool;
    default = false;
    description = ''
      Whether to migrate {option}`services.paperless` to the version of its package before it starts, on a
      clone of its data directory. Its database has to be the SQLite one that lies there.
    '';
  };

  config = lib.mkIf (cfg.enable && paperless.enable) {
    assertions = [{
      assertion = !(paperless.settings ? PAPERLESS_DBHOST);
      message = "migrations.paperless.enable: services.paperless.settings.PAPERLESS_DBHOST names a database server, which a clone of services.paperless.dataDir does not cover.";
    }];

    migrations.services.paperless = {
      stateVersion = paperless.package.version;
      directories = [ paperless.dataDir ];
      exclude = lib.filter below [ paperless.mediaDir paperless.consumptionDir ];
      units = map (name: "paperless-${name}.service") [ "scheduler" "task-queue" "consumer" "web" ];
      user = paperless.user;
      # Written by the scheduler once it had brought the database up to date; older ones have a prefix.
      detect = ''
        version=$(cat "$STATE/src-version")
        echo "''${version##*-}"
      '';
      everyUp = {
        script = ''
          cd "$STATE"
          ${paperless.package}/bin/paperless-ngx migrate --no-input
          echo "$TO" >"$STATE/src-version"
        '';
        verify = "${paperless.package}/bin/paperless-ngx check";
        timeout = lib.mkDefault "2h";
      };
      # as the scheduler has it, but for what the module says itself
      environment = removeAttrs (scheduler.environment or { }) [ "PATH" "LOCALE_ARCHIVE" "TZDIR" ];
      serviceConfig = lib.optionalAttrs (paperless.environmentFile or null != null) {
        EnvironmentFile = paperless.environmentFile;
      };
    };
  };
}
