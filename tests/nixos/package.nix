# SPDX-License-Identifier: MIT
# What package.nix hands to mkDerivation, for a stub of nixpkgs.
let
  lib = {
    fileset = { toSource = { root, fileset }: map toString fileset; unions = paths: paths; };
    licenses.mit = "MIT";
    platforms.linux = "linux";
  };
  # the flake, for a nixpkgs that is not there
  nixpkgs = {
    lib.genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
    legacyPackages = nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (_: pkgs);
  };
  pkgs = {
    extend = overlay: pkgs // overlay pkgs pkgs;
    callPackage = file: _: { type = "derivation"; inherit file; };
    testers.runNixOSTest = test: test;
  };
  flake = (import ../../flake.nix).outputs { self = flake; inherit nixpkgs; };
  plain = import ../.. { inherit pkgs; };
  names = [ "meson" "ninja" "pkg-config" "systemd" "inih" "json_c" "libseccomp" ];
  package = import ../../nixos-module/package.nix
    ({ inherit lib; stdenv.mkDerivation = arguments: arguments; }
      // builtins.listToAttrs (map (name: { inherit name; value = name; }) names));
in
{
  inherit (package) src mesonFlags version;
  flake = builtins.mapAttrs (_: builtins.attrNames) {
    outputs = flake;
    packages = flake.packages.x86_64-linux;
    checks = flake.checks.aarch64-linux;
    modules = flake.nixosModules;
    overlays = flake.overlays;
  };
  module = toString flake.nixosModules.default == toString plain.module
    && toString plain.package.file == toString (flake.overlays.default pkgs pkgs).systemd-migrate.file;
  tests = builtins.attrNames plain.tests;
  out = placeholder "out";
  root = toString ../..;
}
