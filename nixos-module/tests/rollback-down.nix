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
    with subtest("an automatic rollback holds the service back, and ends"):
        status, output = switch(terminal=False)
        assert status == 4 and "this service is held back" in output, f"{status}: {output}"
        assert state() == ("2", "2", "inactive"), state()
        switched("two")
    switched("down")
    assert state() == ("1", "1", "active"), state()
    machine.succeed("grep -qx letters /var/lib/app/letters")
    machine.succeed("grep -qx 'written at 2' /var/lib/app/new")
  '';
}
