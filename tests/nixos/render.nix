# SPDX-License-Identifier: MIT
# Renders a case: an attribute set of services. Needs builtins only.
{ case }:
let
  rendered = import ../../nixos-module/render.nix
    { scriptPath = name: _: "/opt/scripts/${name}"; }
    (import case);
in
{
  inherit (rendered) files scripts;
}
