# SPDX-License-Identifier: MIT
# Putting a migration off: declaratively, and by a mask at run time, which a read-only /etc allows for
# generated units.
{
  name = "migrations-defer";
  nodes.machine = import ./app.nix { systems = [ "two" "deferred" ]; };
  testScript = builtins.readFile ./lib.py + ''
    machine.wait_for_unit("app.service")
    concluded()

    with subtest("defer = true: the migration is masked, the service stays down"):
        status, output = switch("deferred")
        assert status == 4 and "its units stay down" in output, f"{status}: {output}"
        assert machine.succeed("systemctl show -P LoadState migrate@app").strip() == "masked"
        assert state() == ("1", "1", "inactive"), state()

    with subtest("the old system starts as ever"):
        switched()
        assert state() == ("1", "1", "active"), state()

    with subtest("a mask at run time"):
        machine.succeed("systemctl mask --runtime migrate@app.service")
        status, output = switch("two", check=False)
        assert status == 4, f"{status}: {output}"
        assert state() == ("1", "1", "inactive"), state()
        machine.succeed("systemctl unmask --runtime migrate@app.service")
        machine.succeed("systemctl start app.service")
        assert state() == ("2", "2", "active"), state()
  '';
}
