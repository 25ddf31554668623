# SPDX-License-Identifier: MIT
# A migration that fails: the switch says so as NixOS does, the state is as it was, and the old system starts
# on it.
{
  name = "migrations-failing";
  nodes.machine = import ./app.nix { systems = [ "failing" ]; };
  testScript = builtins.readFile ./lib.py + ''
    machine.wait_for_unit("app.service")
    concluded()
    before = machine.succeed("cd /var/lib/app && sha256sum letters version")

    status, output = switch("failing")
    assert status == 4, f"{status}: {output}"
    assert "app.service" in output and "no words found" in output, output
    assert "is untouched" in output, output
    assert before == machine.succeed("cd /var/lib/app && sha256sum letters version")
    assert state() == ("1", "1", "inactive"), state()

    with subtest("it is not repeated blindly, and keeps nothing else from being switched"):
        status, output = switch("failing")
        assert status == 4 and "stay down" in output and "no words found" in output, f"{status}: {output}"

    with subtest("back"):
        switched()
        assert state() == ("1", "1", "active"), state()
  '';
}
