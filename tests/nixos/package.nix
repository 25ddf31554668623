# SPDX-License-Identifier: MIT
# What package.nix hands to mkDerivation, for a stub of nixpkgs.
let
  lib = {
    fileset = { toSource = { root, fileset }: map toString fileset; unions = paths: paths; };
    licenses.mit = "MIT";
    platforms.linux = "linux";
  };
  names = [ "meson" "ninja" "pkg-config" "systemd" "inih" "json_c" "util-linux" ];
  package = import ../../nixos-module/package.nix
    ({ inherit lib; stdenv.mkDerivation = arguments: arguments; }
      // builtins.listToAttrs (map (name: { inherit name; value = name; }) names));
in
{
  inherit (package) src mesonFlags version;
  out = placeholder "out";
  root = toString ../..;
}
