# SPDX-License-Identifier: MIT
# The phases of migration-test.nix; lib.py precedes it.
import json
import shlex


def look():
    return json.loads(machine.succeed(f"migratectl --json=short status {service}"))[0]


def units():
    return [unit["unit"] for unit in look()["units"] if not unit["old"]]


def wait():
    """Until the service is up, and the version of its state is on record."""
    for unit in units():
        if unit.endswith(".service"):
            machine.wait_until_succeeds(
                f"case $(systemctl is-active {unit}) in active) ;; inactive)"
                f" [ $(systemctl show -P Type {unit})$(systemctl show -P Result {unit}) = oneshotsuccess ] ;;"
                " *) false ;; esac")
    machine.succeed(f"systemctl restart migrate-post@{service}.service")


def written(number):
    machine.succeed(f"sh -euc {shlex.quote(write_command)} write {number}")


def reads(*numbers):
    for number in numbers:
        machine.succeed(f"sh -euc {shlex.quote(read_command)} read {number}")


def at():
    """The version of the state; its software must need this one."""
    found = look()
    assert found["condition"] in ("current", "accepted"), found
    return found["state"]


def first_start():
    global older
    with subtest("a first start: the service makes its state, and its version is recorded"):
        machine.wait_for_unit("multi-user.target")
        wait()
        older = at()
        written(1)
        reads(1)


def failing_migration(status, output):
    with subtest("a migration that fails: the state is as it was, and the older software starts on it"):
        assert status == 4 and "this test lets it fail" in output, f"{status}: {output}"
        assert look()["state"] == older, look()
        status, output = switch()
        assert status == 0, f"{status}: {output}"
        wait()
        assert at() == older
        reads(1)


def upgrade(status, output):
    global newer
    with subtest("the upgrade: the state is migrated before the newer software starts"):
        assert status == 0, f"{status}: {output}"
        wait()
        newer = at()
        assert newer != older, f"both systems need {older}"
        reads(1)
        written(2)
        reads(1, 2)
        machine.succeed(f"migratectl --json=short backups {service} | grep -q whole")


def way_back():
    declaration = machine.succeed(f"cat /run/booted-system/etc/migrate.d/{service}.ini")
    downgrade = re.search("^Downgrade=(.*)$", declaration, re.M)
    with subtest(f"the way back, with downgrade = {downgrade[1] if downgrade else 'refuse'}"):
        status, output = switch()
        if downgrade and downgrade[1].startswith("script"):
            assert status == 0, f"{status}: {output}"
            kept = (1, 2)
        else:
            assert status not in (0, 4) and "is not begun" in output, f"{status}: {output}"
            reads(1, 2)
            status, output = switch(check=False)
            assert status == 4 and look()["state"] == newer, f"{status}: {output}"
            if downgrade:
                machine.succeed(f"migratectl approve --yes {service}")
            else:
                machine.succeed(f"migratectl restore --yes --force {service} latest")
            machine.succeed(f"systemctl start {' '.join(units())}")
            kept = (1,)
        wait()
        assert at() == older
        reads(*kept)
