# SPDX-License-Identifier: MIT
# A rollback with downgrade = "script": the older system, which has never heard of the migration, runs its way
# back.
{
  name = "migrations-rollback-down";
  nodes.machine = import ./app.nix { systems = [ "two" "down" ]; };
  testScript = builtins.readFile ./lib.py + ''
    machine.wait_for_unit("app.service")
    concluded()
    switched("two")
    concluded()
    machine.succeed("echo written at 2 >/var/lib/app/new")

    refused("newer")
    switched("down")
    assert state() == ("1", "1", "active"), state()
    machine.succeed("grep -qx letters /var/lib/app/letters")
    machine.succeed("grep -qx 'written at 2' /var/lib/app/new")
  '';
}
