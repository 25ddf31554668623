# SPDX-License-Identifier: MIT
# The NixOS module: services declare the version of their state, a switch migrates it, a rollback
# takes it back. README.md tells how to use it, and why each part is there.
#
# nixpkgs/make-pull-request writes the copy in nixpkgs from this file and the others: it leaves out what is below "outside
# of nixpkgs", up to "end", and takes in what is commented out below "inside of nixpkgs".
# outside of nixpkgs
{ config, lib, options, pkgs, ... }:
# inside of nixpkgs
#| { config, lib, pkgs, ... }:
# end
let
  inherit (lib) mkOption types;
  cfg = config.migrations;
  services = lib.filterAttrs (_: service: service.enable) cfg.services;

  scriptPackage = name: { text, path }: pkgs.writeShellScript name ''
    set -eu
    ${lib.optionalString (path != [ ]) "PATH=${lib.makeBinPath path}:$PATH"}
    ${text}
  '';

  basePath = with pkgs; [ coreutils findutils gnugrep gnused ];

  # As render.nix wants it: what is this module's own taken out, the PATH put in.
  toRender = service: removeAttrs service [ "enable" "defer" ] // {
    environment = { PATH = lib.makeBinPath (service.path ++ basePath); } // service.environment;
  };

  rendered = import ./render.nix
    { scriptPath = name: script: "${scriptPackage name script}"; }
    (lib.mapAttrs (_: toRender) services);

  declarations = pkgs.linkFarm "migrate.d" (lib.mapAttrsToList
    (name: text: { inherit name; path = pkgs.writeText "declaration.ini" text; })
    rendered.files);

  # A system for another architecture is checked by programs that run where it is built.
  builder =
    if pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform then cfg.package
    # outside of nixpkgs
    else pkgs.buildPackages.systemd-migrate or (pkgs.buildPackages.callPackage ./package.nix { });
    # inside of nixpkgs
    #| else pkgs.buildPackages.systemd-migrate;
    # end

  # Checked when the system is built, and with the gates that the generator would make.
  checked = pkgs.runCommand "migrations" { preferLocalBuild = true; } ''
    sh ${./build-declarations.sh} ${declarations} "$out" \
      ${builder}/bin/migratectl ${builder}/lib/systemd/system-generators/systemd-migrate-generator \
      ${builder} ${cfg.package}
  '';

  unitsOf = name: service: if service.units == [ ] then [ "${name}.service" ] else service.units;
  inUse = lib.filterAttrs (_: service: service.stateVersion != null) services;

  # A switch does not look at declarations: what it compares is units. Approval and how long backups
  # are kept change nothing that the service could see, so they do not restart it.
  triggerOf = name: builtins.hashString "sha256" (builtins.unsafeDiscardStringContext
    (builtins.toJSON (lib.filterAttrs
      (file: _: file == "${name}.ini" || lib.hasPrefix "${name}/" file)
      (import ./render.nix
        { scriptPath = scriptName: script: "${scriptPackage scriptName script}"; }
        { ${name} = removeAttrs (toRender services.${name}) [ "approved" "keep" "keepFor" ]; }).files)));

  rehearsed =
    if cfg.rehearseBeforeSwitch == true then lib.attrNames inUse
    else if cfg.rehearseBeforeSwitch == false then [ ]
    else cfg.rehearseBeforeSwitch;

  # outside of nixpkgs
  hasChecks = options.system ? preSwitchChecks;

  # end
  preSwitch = ''
    PATH=${lib.makeBinPath (with pkgs; [ coreutils util-linux findutils jq gnused ])} \
      helper=${cfg.package}/libexec/systemd-migrate \
      rehearse=${lib.escapeShellArg (toString rehearsed)} \
      on_refusal=${if cfg.preSwitchCheck == "warn" then "warn" else "back"} \
      ${pkgs.runtimeShell} ${./pre-switch.sh} ${cfg.package}/bin/migratectl "$@"
  '';

  # The mount point that records and backups are below.
  storage = lib.last (lib.sort (a: b: lib.stringLength a < lib.stringLength b)
    (lib.filter (mount: lib.hasPrefix "${lib.removeSuffix "/" mount}/" "/var/lib/migrate/")
      ([ "/" ] ++ lib.attrNames config.fileSystems)));
  isLost = config.fileSystems.${storage}.fsType or "" == "tmpfs";

  isService = unit: lib.hasSuffix ".service" unit;
in
{
  imports = [ ./services/postgresql.nix ./services/mariadb.nix ./services/paperless.nix ./services/nextcloud.nix ];

  options.migrations = {
    enable = lib.mkEnableOption "systemd-migrate, which holds back services whose state has another version" // {
      default = cfg.services != { };
      defaultText = lib.literalExpression "config.migrations.services != { }";
    };
    # outside of nixpkgs
    package = mkOption {
      type = types.package;
      default = pkgs.systemd-migrate or (pkgs.callPackage ./package.nix { });
      defaultText = lib.literalExpression "pkgs.systemd-migrate";
      description = "The systemd-migrate package to use.";
    };
    # inside of nixpkgs
    #| package = lib.mkPackageOption pkgs "systemd-migrate" { };
    # end
    preSwitchCheck = mkOption {
      type = types.either types.bool (types.enum [ "warn" ]);
      default = true;
      description = ''
        Before a switch stops anything, look whether what is pending could be migrated, and abort where it could
        not. `NIXOS_NO_CHECK=1 nixos-rebuild switch` passes over it once.

        A rollback without a terminal, such as the automatic one of deploy-rs, is not aborted by a service whose data is
        newer: it is held back alone, since the host may be unreachable otherwise. With `"warn"` that holds for every
        switch and every reason.

        A switch to a system without declarations is checked by the running system, if this is not `false` there.
      '';
    };
    rehearseBeforeSwitch = mkOption {
      type = types.either types.bool (types.listOf types.str);
      default = false;
      example = [ "app" ];
      description = ''
        Which services' migrations are rehearsed before a switch stops anything, after nothing else speaks against it: all,
        none, or those of {option}`migrations.services` that are named. What is pending runs on a clone of this
        machine's data, with the incoming system's scripts, and where one fails the switch is not begun.

        A rehearsal takes as long as the migration does. Services run on meanwhile: where the file system has
        snapshots the clone is as after a power cut, elsewhere it is a copy of files of different moments, and a failure may
        come from that alone. What acts outside of the directories (`external`, `backup` and `restore`, `post`), and a
        service whose scripts get credentials, is not rehearsed, which is said.
      '';
    };
    services = mkOption {
      type = types.attrsOf (types.submodule { options = import ./options.nix { inherit lib pkgs; }; });
      default = { };
      description = "Services and the versions of their state. See {manpage}`migrate.d(5)`.";
      example = lib.literalExpression ''
        {
          app = {
            stateVersion = "2023-04-07";
            directories = [ "/var/lib/app" ];
            unversioned = "2022-01-01";
            migrations = [
              {
                version = "2023-04-07";
                up.script = "app-admin upgrade";
                down.script = "app-admin downgrade";
              }
            ];
          };
        }
      '';
    };
    # What was made of it, for other modules and for tests.
    rendered = mkOption {
      type = types.raw;
      internal = true;
      readOnly = true;
      default = rendered;
    };
    checked = mkOption {
      type = types.package;
      internal = true;
      readOnly = true;
      default = checked;
    };
  };

  config = lib.mkMerge [ (lib.mkIf cfg.enable ({
    assertions = import ./assertions.nix { inherit lib services; } ++ map
      (name: {
        assertion = inUse ? ${name};
        message = "migrations.rehearseBeforeSwitch: migrations.services.${name} does not exist, or has no stateVersion.";
      })
      rehearsed;

    environment.systemPackages = [ cfg.package ];
    environment.etc = lib.mapAttrs'
      (name: _: lib.nameValuePair "migrate.d/${name}" { source = "${checked}/etc/migrate.d/${name}"; })
      rendered.files
    # outside of nixpkgs
    // lib.optionalAttrs (hasChecks && cfg.preSwitchCheck != false) {
    # inside of nixpkgs
    #| // lib.optionalAttrs (cfg.preSwitchCheck != false) {
    # end
        "migrate/pre-switch".source = pkgs.writeShellScript "pre-switch" preSwitch; # for a system without declarations
      };

    # The generator, migrate.target and pruning; and the gates once more, in case a generator cannot run.
    systemd.packages = [ cfg.package checked ];
    systemd.tmpfiles.packages = [ cfg.package ];

    # NixOS leaves out the links that a package has in *.wants.
    systemd.timers = lib.genAttrs [ "migrate-prune" "migrate-boot-used" ] (_: { wantedBy = [ "timers.target" ]; });
    systemd.services = lib.mkMerge (
      [{
        # It can be cut off at any point, but a switch should not wait for it.
        migrate-prune = { restartIfChanged = false; unitConfig.X-StopOnRemoval = false; };
        migrate-boot-complete.wantedBy = [ "boot-complete.target" ];
        migrate-boot-used.wantedBy = [ "multi-user.target" ];
      }]
      ++ lib.concatLists (lib.mapAttrsToList
        (name: service: map
          (unit: {
            ${lib.removeSuffix ".service" unit} = {
              restartTriggers = [ (triggerOf name) ];
            } // lib.optionalAttrs (lib.hasInfix "@" unit) { overrideStrategy = lib.mkDefault "asDropin"; };
          })
          (lib.filter isService (unitsOf name service)))
        inUse));

    systemd.units = lib.mapAttrs'
      (name: _: lib.nameValuePair "migrate@${name}.service" { enable = false; })
      (lib.filterAttrs (_: service: service.defer) inUse);

    # outside of nixpkgs
    warnings = lib.optional (cfg.preSwitchCheck != false && !hasChecks)
      "migrations.preSwitchCheck: this release of NixOS has no system.preSwitchChecks (24.11 has), so nothing is checked before a switch stops services.";
  } // lib.optionalAttrs hasChecks {
    # end
    system.preSwitchChecks = lib.mkIf (cfg.preSwitchCheck != false) { migrations = preSwitch; };
  }))
    {
      warnings = lib.optional (cfg.enable && isLost)
        "migrations.services: /var/lib/migrate, which has the records of migrations and the backups, is on a tmpfs and lost at every boot: make it persistent, as the directories of the services.";
    }
    # A system without declarations has none of our programs. The check is the incoming system's, so it runs that of the
    # running system, which has declarations.
    # outside of nixpkgs
    (lib.optionalAttrs hasChecks {
    # inside of nixpkgs
    #| {
    # end
      system.preSwitchChecks = lib.mkIf (!cfg.enable && cfg.preSwitchCheck != false) {
        migrations = "[ ! -x /etc/migrate/pre-switch ] || /etc/migrate/pre-switch \"$@\"";
      };
    # outside of nixpkgs
    })
    # inside of nixpkgs
    #| }
    # end
  ];
  # inside of nixpkgs
  #|
  #| meta = {
  #|   doc = ./migrations.md;
  #|   maintainers = with lib.maintainers; [ @MAINTAINERS@ ];
  #| };
  # end
}
