# SPDX-License-Identifier: MIT
# What the test scripts share; it precedes each of them.
import re


def switch(system=None, check=True, terminal=True):
    """As nixos-rebuild test, to a specialisation or (None) back to what was booted: status and output."""
    directory = "/run/booted-system" + (f"/specialisation/{system}" if system else "")
    command = ("" if check else "NIXOS_NO_CHECK=1 ") + f"{directory}/bin/switch-to-configuration test"
    return machine.execute(f"script -qec '{command}' /dev/null" if terminal else f"{command} 2>&1 </dev/null")


def switched(system=None, check=True):
    status, output = switch(system, check)
    assert status == 0, f"the switch to {system} failed with {status}: {output}"
    return output


def refused(pattern, system=None):
    """By the check, before anything was stopped."""
    before = machine.succeed("cat /var/log/app; ls -la /var/lib/app; systemctl is-active app")
    status, output = switch(system)
    assert status != 0 and re.search(pattern, output, re.S), f"status {status}: {output}"
    assert before == machine.succeed("cat /var/log/app; ls -la /var/lib/app; systemctl is-active app")


def state():
    """The data's version, the stamp's, and whether the service runs."""
    data = machine.succeed("cat /var/lib/app/version").strip()
    stamps = machine.succeed("cd /var/lib/app && echo .stateversion.app=*").strip()
    active = machine.execute("systemctl is-active app")[1].strip()
    return data, stamps.removeprefix(".stateversion.app="), active


def concluded():
    machine.succeed("systemctl restart migrate-post@app.service")
