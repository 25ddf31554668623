# SPDX-License-Identifier: MIT
# A switch that rehearses before it stops anything: one that fails is not begun, and the service runs on.
{
  name = "migrations-rehearse";
  nodes.machine = {
    imports = [ (import ./app.nix { systems = [ "failing" "rehearsed" ]; }) ];
    migrations.rehearseBeforeSwitch = true;
  };
  testScript = builtins.readFile ./lib.py + ''
    machine.wait_for_unit("app.service")
    concluded()

    with subtest("it fails: nothing is stopped"):
        refused("the rehearsal of its migration from 1 to 2 failed", "failing")
        assert state() == ("1", "1", "active"), state()
        assert "no words found" in switch("failing")[1]

    with subtest("it passes: the migration follows"):
        status, output = switch("rehearsed")
        assert status == 0 and "would succeed" in output, f"{status}: {output}"
        assert state() == ("2", "2", "active"), state()
  '';
}
