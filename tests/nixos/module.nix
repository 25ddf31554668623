# SPDX-License-Identifier: MIT
# Evaluates the NixOS module with nixpkgs' own lib. Of NixOS there is a stub: the options that the
# module sets, and packages that are nothing but names.
#
# case is a file of modules/; or vm the name of one of nixos-module/tests, whose machine and whose
# specialisations are evaluated each by itself.
{ nixpkgsLib, case ? null, vm ? null }:
let
  lib = import nixpkgsLib;
  inherit (lib) mkOption types;

  fake = name: { type = "derivation"; inherit name; outPath = "/nix/store/00000000000000000000000000000000-${name}"; };
  postgresql = major: fake "postgresql-${major}" // {
    psqlSchema = major;
    version = "${major}.1";
    withPackages = f: fake "postgresql-and-plugins-${major}" // { psqlSchema = major; };
    pkgs = { };
  };
  pkgs = lib.genAttrs [
    "coreutils" "findutils" "gnugrep" "gnused" "gawk" "util-linux" "systemd-migrate" "sqlite" "php" "glibcLocales"
  ] fake // {
    runtimeShell = "/nix/store/bash/bin/bash";
    writeShellScript = name: text: fake name // { inherit text; };
    writeText = name: text: fake name // { inherit text; };
    linkFarm = name: entries: fake name // { inherit entries; };
    runCommand = name: _: text: fake name // { inherit text; };
    postgresql_13 = postgresql "13";
    postgresql_15 = postgresql "15";
    postgresql_16 = postgresql "16";
    postgresql_17 = postgresql "17";
    writeShellScriptBin = name: text: fake name // { inherit text; };
    testers.runNixOSTest = test: import (lib.head test.imports);
    paperless-ngx = fake "paperless-ngx" // { version = "2.11.6"; };
    nextcloud30 = fake "nextcloud" // { version = "30.0.4"; };
    inherit lib;
  };

  any = mkOption { type = types.attrsOf types.anything; default = { }; };
  stub = {
    options = {
      assertions = mkOption { type = types.listOf types.unspecified; default = [ ]; };
      warnings = mkOption { type = types.listOf types.str; default = [ ]; };
      environment.systemPackages = mkOption { type = types.listOf types.package; default = [ ]; };
      environment.etc = any;
      i18n.glibcLocales = mkOption { type = types.package; default = fake "glibc-locales"; };
      services = mkOption {
        default = { };
        type = types.submodule {
          freeformType = types.attrsOf types.anything;
          options = lib.genAttrs [ "postgresql" "paperless" "nextcloud" ] (_: mkOption {
            default = { };
            type = types.submodule ({ config, ... }: {
              freeformType = types.attrsOf types.anything;
              options.enable = mkOption { type = types.bool; default = false; };
              # as NixOS has it for PostgreSQL
              options.dataDir = mkOption { type = types.str; default = "/var/lib/postgresql/${config.package.psqlSchema}"; };
            });
          });
        };
      };
      system.preSwitchChecks = mkOption { type = types.attrsOf types.lines; default = { }; };
      system.switch.enable = mkOption { type = types.bool; default = false; };
      # evaluated apart, on top of what it is in
      specialisation = mkOption {
        default = { };
        type = types.attrsOf (types.submodule { options.configuration = mkOption { type = types.raw; }; });
      };
      system.stateVersion = mkOption { type = types.str; default = "24.05"; };
      system.moduleStateRevisions = any;
      systemd = {
        packages = mkOption { type = types.listOf types.package; default = [ ]; };
        tmpfiles.packages = mkOption { type = types.listOf types.package; default = [ ]; };
        services = mkOption {
          default = { };
          type = types.attrsOf (types.submodule {
            freeformType = types.attrsOf types.anything;
            options.restartTriggers = mkOption { type = types.listOf types.str; default = [ ]; };
          });
        };
        timers = any;
        units = any;
        tmpfiles.rules = mkOption { type = types.listOf types.str; default = [ ]; };
      };
    };
    config._module.args = { inherit pkgs; };
  };

  evaluate = module: evaluateAll [ module ];
  evaluateAll = modules: lib.evalModules { modules = [ stub ../../nixos-module ] ++ modules; };
  arguments = { inherit lib pkgs evaluate; };

  # What a system comes to.
  described = one: {
    # What does not hold, as NixOS would print it.
    assertions = map (entry: entry.message) (lib.filter (entry: !entry.assertion) one.config.assertions);
    inherit (one.config.migrations.rendered) files;
    etc = lib.attrNames one.config.environment.etc;
  };

  wanted = import case arguments;
  # errors name the file of whoever wrote it
  one = evaluate (lib.setDefaultModuleLocation case wanted.module);

  tests = import ../../nixos-module/tests { inherit pkgs; };
  machine = tests.${vm}.nodes.machine;
  specialisations = (evaluate machine).config.specialisation;
in
if vm != null
then {
  inherit (tests.${vm}) name testScript;
  nodes = lib.attrNames tests.${vm}.nodes;
  systems = { "" = described (evaluate machine); }
    // lib.mapAttrs (_: special: described (evaluateAll [ machine special.configuration ])) specialisations;
}
else described one // {
  holds = lib.attrNames ((wanted.holds or (_: { })) one);
  failed = lib.attrNames (lib.filterAttrs (_: holds: !holds) ((wanted.holds or (_: { })) one));
  options = map
    (option: { inherit (option) name; described = option ? description && option.description != null; hasDefault = option ? default; type = option.type or null; text = option.description or ""; })
    (lib.filter (option: option.visible && !option.internal && lib.hasPrefix "migrations." option.name)
      (if wanted.documentation or false then lib.optionAttrSetToDocList one.options else [ ]));
  # for whoever wants their names alone
  tests = lib.attrNames (removeAttrs tests [ "override" ]);
}
