# SPDX-License-Identifier: MIT
# For those without flakes: nix-build -A package, -A tests.upgrade; imports = [ (import … { }).module ];
{ pkgs ? import <nixpkgs> { } }:
{
  package = pkgs.callPackage ./nixos-module/package.nix { };
  module = ./nixos-module;
  overlay = final: _: { systemd-migrate = final.callPackage ./nixos-module/package.nix { }; };
  migrationTest = import ./nixos-module/tests/migration-test.nix;
  tests = import ./nixos-module/tests { inherit pkgs; };
}
