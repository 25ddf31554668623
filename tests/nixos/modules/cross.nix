# A system for another architecture: what runs in the build is of the architecture that builds.
{ lib, pkgs, ... }: {
  module = {
    _module.args.pkgs = lib.mkOverride 40 (pkgs // {
      stdenv = pkgs.stdenv // { buildPlatform = pkgs.stdenv.buildPlatform // { canExecute = _: false; }; };
      buildPackages = pkgs // { systemd-migrate = pkgs.fake "systemd-migrate-that-builds"; };
    });
    migrations.services.app = { stateVersion = 2; directories = [ "/var/lib/app" ]; gaps = "allow"; };
  };
  holds = one: with one.config.migrations; {
    "the build runs the programs of the architecture that builds" = builtins.match
      ".*-systemd-migrate-that-builds/bin/migratectl .*-systemd-migrate-that-builds/lib/systemd/system-generators/.*" checked.text != null;
    "the gates name the programs of the system" = lib.hasInfix
      "${pkgs.buildPackages.systemd-migrate or (pkgs.fake "systemd-migrate-that-builds")} ${package}\n" checked.text;
    "no shell of the system runs in the build" = !lib.hasInfix "/bin/bash" checked.text;
  };
}
