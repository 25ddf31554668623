# SPDX-License-Identifier: MIT
# The VM tests.
#
#   nix build .#checks.x86_64-linux.upgrade      nix-build -A tests.upgrade
# outside of nixpkgs
{ pkgs }:
let
  run = test: pkgs.testers.runNixOSTest { imports = [ test ]; };
in
# inside of nixpkgs
#| { runTest }:
#| let
#|   run = runTest;
#| in
# end
{
  fresh = run ./fresh.nix;
  upgrade = run ./upgrade.nix;
  failing = run ./failing.nix;
  rollback-down = run ./rollback-down.nix;
  rollback-restore = run ./rollback-restore.nix;
  defer = run ./defer.nix;
  rehearse = run ./rehearse.nix;
  rfc-0155 = run ./rfc-0155.nix;
  postgresql = run ./postgresql.nix;
}
