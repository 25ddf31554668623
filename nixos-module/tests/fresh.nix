# SPDX-License-Identifier: MIT
# A first boot: software makes its own state, which is stamped; nothing is migrated, and a second boot
# starts no process of ours.
{
  name = "migrations-fresh";
  nodes.machine = import ./app.nix { systems = [ ]; };
  testScript = builtins.readFile ./lib.py + ''
    machine.wait_for_unit("app.service")
    concluded()
    assert state() == ("1", "1", "active"), state()
    machine.succeed("migratectl check")

    with subtest("the gates are carried by the units, beside the generator's"):
        drop_ins = machine.succeed("systemctl show -P DropInPaths app").split()
        assert "/etc/systemd/system/app.service.d/45-migrate-app.conf" in drop_ins, drop_ins
        assert "/run/systemd/generator/app.service.d/50-migrate-app.conf" in drop_ins, drop_ins

    with subtest("a second boot"):
        machine.shutdown()
        machine.start()
        machine.wait_for_unit("app.service")
        machine.fail("journalctl -b -u migrate@app -o cat | grep -q Starting")
        assert state() == ("1", "1", "active"), state()
  '';
}
