# SPDX-License-Identifier: MIT
# A switch to software that needs a newer state migrates it between stop and start.
{
  name = "migrations-upgrade";
  nodes.machine = import ./app.nix { systems = [ "two" "warned" "approved" "gap" "checked" ]; };
  testScript = builtins.readFile ./lib.py + ''
    machine.wait_for_unit("app.service")
    concluded()

    with subtest("what could not be migrated does not begin"):
        refused("no migration|1 .*4", "gap")
        refused("words are not installed", "checked")
        refused("Letters cannot be sent any more.*migrations.services.app.approved", "warned")

    with subtest("the switch"):
        output = switched("two")
        assert "at version 1, and is migrated to 2 when" in output, output
        assert state() == ("2", "2", "active"), state()
        machine.succeed("grep -qx letters /var/lib/app/words")
        machine.succeed("test $(grep -c . /var/log/app) = 2")

    with subtest("the original is a backup, which names the system that made it"):
        machine.succeed("grep -q /nix/store/ /var/lib/migrate/app/backups/*/manifest")
        machine.succeed("migratectl backups app | grep -q 1")

    with subtest("a second switch does nothing"):
        switched("two")
        machine.succeed("test $(grep -c . /var/log/app) = 2")
  '';
}
