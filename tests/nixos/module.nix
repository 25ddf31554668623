# SPDX-License-Identifier: MIT
# Evaluates the NixOS module with nixpkgs' own lib. Of NixOS there is a stub: the options that the
# module sets, and packages that are nothing but names.
{ nixpkgsLib, case }:
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
            type = types.submodule { freeformType = types.attrsOf types.anything; options.enable = mkOption { type = types.bool; default = false; }; };
          });
        };
      };
      system.preSwitchChecks = mkOption { type = types.attrsOf types.lines; default = { }; };
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
      };
    };
    config._module.args = { inherit pkgs; };
  };

  evaluate = module: lib.evalModules { modules = [ stub ../../nixos-module module ]; };
  arguments = { inherit lib pkgs evaluate; };
  wanted = import case arguments;
  one = evaluate wanted.module;
in
{
  # What does not hold, as NixOS would print it.
  assertions = map (entry: entry.message) (lib.filter (entry: !entry.assertion) one.config.assertions);
  inherit (one.config.migrations.rendered) files scripts;
  etc = lib.attrNames one.config.environment.etc;
  # Nobody may have to read the source to see what is wrong with a case.
  failed = lib.attrNames (lib.filterAttrs (_: holds: !holds) ((wanted.holds or (_: { })) one));
  holds = lib.attrNames ((wanted.holds or (_: { })) one);
  options = map
    (option: { inherit (option) name; described = option ? description && option.description != null; hasDefault = option ? default; type = option.type or null; text = option.description or ""; })
    (lib.filter (option: option.visible && !option.internal && lib.hasPrefix "migrations." option.name)
      (if wanted.documentation or false then lib.optionAttrSetToDocList one.options else [ ]));
}
