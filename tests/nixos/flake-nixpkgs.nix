# SPDX-License-Identifier: MIT
# A nixpkgs for flake.nix to be evaluated with: nixpkgs' lib beside it, packages that are names.
{
  outputs = _:
    let
      lib = import ./lib;
      names = import ./packages.nix { inherit lib; };
      inputs = lib.genAttrs [ "meson" "ninja" "pkg-config" "inih" "json_c" "libseccomp" ] names.fake // {
        inherit lib;
        stdenv.mkDerivation = arguments: names.fake arguments.pname // { inherit (arguments) meta mesonFlags; };
      };
      packages = more:
        let
          all = names // inputs // more // {
            callPackage = path: extra:
              let made = import path; in
              made (builtins.intersectAttrs (builtins.functionArgs made) (all // extra));
            extend = overlay: packages (more // overlay all all);
          };
        in
        all;
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (_: packages { });
    };
}
