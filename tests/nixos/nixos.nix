# SPDX-License-Identifier: MIT
# Of NixOS what the module needs: its own modules, all of them, where nixpkgs is given; else stubs of
# the options that it reads and sets; and, as before NixOS 24.11, without system.preSwitchChecks.
# inTree: nixpkgs has the module itself.
{ lib, pkgs, nixpkgs, preSwitchChecks ? true, inTree ? false }:
let
  inherit (lib) mkOption types;
  any = mkOption { type = types.attrsOf types.anything; default = { }; };
  list = type: mkOption { type = types.listOf type; default = [ ]; };
  optional = description: mkOption { type = types.bool; default = false; inherit description; };

  # as in NixOS 26.11
  services = {
    postgresql = { config, ... }: {
      options = {
        enable = optional "";
        package = mkOption { type = types.package; };
        finalPackage = mkOption {
          type = types.package;
          readOnly = true;
          default = config.package.withoutJIT.withPackages config.extensions;
        };
        dataDir = mkOption { type = types.path; default = "/var/lib/postgresql/${config.package.psqlSchema}"; };
        extensions = mkOption {
          type = with types; coercedTo (listOf path) (path: _: path) (functionTo (listOf path));
          default = _: [ ];
        };
        initdbArgs = list types.str;
      };
      config.package = lib.mkDefault pkgs.postgresql_17;
    };
    mysql = { config, ... }: {
      options = {
        enable = optional "";
        package = mkOption { type = types.package; };
        user = mkOption { type = types.str; default = "mysql"; };
        dataDir = mkOption { type = types.path; default = "/var/lib/mysql"; };
        configFile = mkOption { type = types.path; default = pkgs.writeText "my.cnf" ""; };
        galeraCluster.enable = optional "";
      };
    };
    paperless = { config, ... }: {
      options = {
        enable = optional "";
        package = mkOption { type = types.package; default = pkgs.paperless-ngx; };
        user = mkOption { type = types.str; default = "paperless"; };
        dataDir = mkOption { type = types.str; default = "/var/lib/paperless"; };
        mediaDir = mkOption { type = types.str; default = "${config.dataDir}/media"; };
        consumptionDir = mkOption { type = types.str; default = "${config.dataDir}/consume"; };
        settings = any;
        environmentFile = mkOption { type = types.nullOr types.path; default = null; };
        database.createLocally = optional "";
        exporter.enable = optional "";
        exporter.directory = mkOption { type = types.str; default = "${config.dataDir}/export"; };
      };
      config.settings = lib.mkIf config.database.createLocally { PAPERLESS_DBHOST = "/run/postgresql"; };
    };
    nextcloud = { config, ... }: {
      options = {
        enable = optional "";
        package = mkOption { type = types.package; default = pkgs.nextcloud30; };
        hostName = mkOption { type = types.str; };
        home = mkOption { type = types.str; default = "/var/lib/nextcloud"; };
        datadir = mkOption { type = types.str; default = config.home; };
        config.adminpassFile = mkOption { type = types.nullOr types.str; default = null; };
        config.dbtype = mkOption { type = types.nullOr (types.enum [ "sqlite" "pgsql" "mysql" ]); default = null; };
        autoUpdateApps.enable = optional "";
        notify_push.enable = optional "";
      };
    };
  };

  stub = {
    options = {
      assertions = list types.unspecified;
      warnings = list types.str;
      environment.systemPackages = list types.package;
      environment.etc = any;
      fileSystems = any;
      i18n.glibcLocales = mkOption { type = types.nullOr types.package; default = pkgs.glibcLocales; };
      services = lib.mapAttrs (_: module: mkOption { default = { }; type = types.submodule module; }) services;
      system.switch.enable = optional "";
      system.nixos.release = mkOption { type = types.str; default = "26.11"; };
      specialisation = mkOption {
        default = { };
        type = types.attrsOf (types.submodule { options.configuration = mkOption { type = types.raw; }; });
      };
      system.stateVersion = mkOption { type = types.str; default = "24.05"; };
      system.moduleStateRevisions = any;
      systemd = {
        packages = list types.package;
        tmpfiles.packages = list types.package;
        services = mkOption {
          default = { };
          type = types.attrsOf (types.submodule {
            freeformType = types.attrsOf types.anything;
            options.restartTriggers = list types.str;
          });
        };
        timers = any;
        units = any;
        tmpfiles.rules = list types.str;
      };
    };
    config._module.args = { inherit pkgs; };
  };

  checks = { options.system.preSwitchChecks = mkOption { type = types.attrsOf types.str; default = { }; }; };
  checksModule = "system/activation/pre-switch-check.nix";
  hasChecks = nixpkgs != null && lib.pathExists (nixpkgs + "/nixos/modules/${checksModule}");

  # Packages are made of names; a container has neither a kernel nor file systems to be configured.
  machine = {
    disabledModules = lib.optional (hasChecks && !preSwitchChecks) checksModule;
    config = {
      _module.args.pkgs = lib.mkForce pkgs;
      nixpkgs.hostPlatform = "x86_64-linux";
      boot.isContainer = true;
      system.stateVersion = lib.mkDefault "24.05";
    };
  };

  ours = lib.optional (!inTree) ../../nixos-module ++ lib.optional (preSwitchChecks && !hasChecks) checks;
in
modules:
if nixpkgs == null
then lib.evalModules { modules = [ stub ] ++ ours ++ modules; }
else import (nixpkgs + "/nixos/lib/eval-config.nix") {
  inherit lib;
  system = null;
  modules = [ machine ] ++ ours ++ modules;
}
