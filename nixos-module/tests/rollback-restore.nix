# SPDX-License-Identifier: MIT
# A rollback with downgrade = "restore", which waits for consent; and one that loses nothing, which does not.
{
  name = "migrations-rollback-restore";
  nodes.machine = import ./app.nix { systems = [ "two" "restore" ]; };
  testScript = builtins.readFile ./lib.py + ''
    machine.wait_for_unit("app.service")
    concluded()

    with subtest("nothing was written since: it goes back by itself"):
        switched("two")
        switched()
        assert state() == ("1", "1", "active"), state()
        concluded()

    with subtest("something was: it asks"):
        switched("two")
        concluded()
        machine.succeed("echo written at 2 >/var/lib/app/new")
        refused("migratectl approve", "restore")
        status, output = switch("restore", check=False)
        assert status == 4, f"{status}: {output}"
        machine.succeed("migratectl approve --yes app")
        machine.succeed("systemctl start app.service")
        assert state() == ("1", "1", "active"), state()
        machine.fail("test -e /var/lib/app/new")

    with subtest("and loses nothing"):
        machine.succeed("grep -rqs 'written at 2' /var/lib/migrate/app/backups")
  '';
}
