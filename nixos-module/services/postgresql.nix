# SPDX-License-Identifier: MIT
# services.postgresql: the state version is the major of `services.postgresql.package`, and changing
# that package migrates the cluster in the switch, with pg_upgrade on a clone.
#
# What `initdbArgs` and `extensions` say is carried over: locale, encoding, checksums, segment size and
# group access are read from the old cluster, as pg_upgrade demands, and both majors get the extensions.
{ config, lib, pkgs, ... }:
let
  cfg = config.migrations.postgresql;
  postgresql = config.services.postgresql;
  # outside of nixpkgs
  server = postgresql.finalPackage or postgresql.package;
  # inside of nixpkgs
  #| server = postgresql.finalPackage;
  # end
  major = postgresql.package.psqlSchema;

  # NixOS has chosen this major where a system of that stateVersion did not choose another.
  firstMajor =
    let
      state = lib.versions.majorMinor config.system.stateVersion;
      defaults = [
        { since = "26.11"; major = "18"; }
        { since = "25.11"; major = "17"; }
        { since = "24.11"; major = "16"; }
        { since = "23.11"; major = "15"; }
        { since = "22.05"; major = "14"; }
        { since = "21.11"; major = "13"; }
      ];
      fitting = lib.filter (one: lib.versionAtLeast state one.since) defaults;
    in
    if fitting == [ ] then "13" else (lib.head fitting).major;

  # Those between that and the one in use, as far as nixpkgs has them. The name of one that has left throws.
  between = lib.concatMap
    (number:
      let found = builtins.tryEval (pkgs."postgresql_${toString number}" or null);
      in lib.optional (found.success && found.value != null) found.value)
    (lib.range (lib.toInt firstMajor) (lib.toInt major - 1));

  # outside of nixpkgs
  extensions = postgresql.extensions or postgresql.extraPlugins; # until 24.11 they were called plugins
  # inside of nixpkgs
  #| inherit (postgresql) extensions;
  # end
  # The old server needs the libraries that its data names. One that is broken for it cannot be in use there; if it
  # is, pg_upgrade's own check says so before anything is changed.
  withExtensions = package:
    let
      listed = if lib.isFunction extensions then extensions package.pkgs else extensions;
      wanted = builtins.tryEval (builtins.seq (lib.length listed) listed);
      usable = lib.filter (extension: (builtins.tryEval "${extension}").success) (lib.optionals wanted.success wanted.value);
    in
    if usable == [ ] then package else package.withPackages (_: usable);

  # The directory above the one that is named after the major, so that old and new are one state.
  directory =
    if baseNameOf postgresql.dataDir == major then dirOf postgresql.dataDir else postgresql.dataDir;
in
{
  options.migrations.postgresql = {
    enable = lib.mkEnableOption ''
      the migration of {option}`services.postgresql` to the major of its package. Its own data directory has to be named
      after the major, which is the default, or be the same for all majors'';
    from = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = between;
      defaultText = lib.literalExpression ''
        the packages from the major that config.system.stateVersion began with up to that of config.services.postgresql.package
      '';
      description = ''
        Older majors from which a migration may still be needed. They are part of the system: once
        `migratectl status` says that the state is current, `[ ]` gives the space back.
      '';
      example = lib.literalExpression "[ pkgs.postgresql_15 ]";
    };
  };

  config = lib.mkIf (cfg.enable && postgresql.enable) {
    assertions = [{
      assertion = lib.all (package: lib.versionOlder package.psqlSchema major) cfg.from;
      message = "migrations.postgresql.from: only majors older than ${major}, which services.postgresql.package has, can be migrated from.";
    }];

    migrations.services.postgresql = lib.mkMerge [
      (import ./postgresql-service.nix {
        inherit major directory;
        scripts = "${config.migrations.package}/lib/migrate/postgresql";
        bindirs = map (package: "${package}/bin") ([ server ] ++ map withExtensions cfg.from);
      })
      {
        # kept from the garbage collector while the state, or a backup, is of its version
        software = lib.mkDefault server;
        # the locales of the cluster
        environment = lib.mkIf (config.i18n.glibcLocales != null) {
          LOCALE_ARCHIVE = lib.mkDefault "${config.i18n.glibcLocales}/lib/locale/locale-archive";
        };
      }
    ];
  };
}
