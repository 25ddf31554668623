# SPDX-License-Identifier: MIT
{
  description = "Migrates the state of services, and holds them back until it fits their software";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = make: nixpkgs.lib.genAttrs systems
        (system: make (nixpkgs.legacyPackages.${system}.extend self.overlays.default));
    in
    {
      overlays.default = final: _: {
        systemd-migrate = final.callPackage ./nixos-module/package.nix { };
      };

      packages = each (pkgs: {
        inherit (pkgs) systemd-migrate;
        default = pkgs.systemd-migrate;
      });

      nixosModules.default = ./nixos-module;

      # makes the VM test of a module: nixos-module/tests/migration-test.nix
      lib.migrationTest = import ./nixos-module/tests/migration-test.nix;

      checks = each (pkgs: { inherit (pkgs) systemd-migrate; } // import ./nixos-module/tests { inherit pkgs; });
    };
}
