# SPDX-License-Identifier: MIT
# The keys that render.nix knows, and the options that options.nix has, each for itself.
let
  rendered = import ../../nixos-module/render.nix { scriptPath = name: _: name; } { };
  keys = map (entry: { inherit (entry) option key; });
in
{
  state = keys rendered.stateKeys;
  hooks = keys rendered.hookKeys;
}
