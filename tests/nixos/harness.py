# SPDX-License-Identifier: MIT
"""Shared by the tests beside this file: evaluating Nix, and building the result as a system would."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "nixos-module/build-declarations.sh"
sys.path.insert(0, str(ROOT / "tests/machine"))
from checks import finish, report  # noqa: E402,F401


def need_nix():
    if not shutil.which("nix-instantiate"):
        print("1..0 # SKIP nix-instantiate is not here: install nix-bin")
        sys.exit(0)


def nix(path, attribute=None, strings={}, **arguments):
    """The value of a Nix file or of one attribute of it, and ""; or None and the error. Needs no store."""
    words = [word for key, value in arguments.items() for word in ("--arg", key, str(value))]
    words += [word for key, value in strings.items() for word in ("--argstr", key, value)]
    words += ["--attr", attribute] if attribute else []
    with tempfile.TemporaryDirectory() as home:
        environment = dict(os.environ, NIX_REMOTE="dummy://", HOME=home, NIX_STATE_DIR=home, NIX_LOG_DIR=home,
                           NIX_CONF_DIR=home, XDG_CACHE_HOME=home)
        run = subprocess.run(["nix-instantiate", "--eval", "--strict", "--json", *words, str(path)],
                             capture_output=True, text=True, env=environment)
    return (json.loads(run.stdout), "") if run.returncode == 0 else (None, run.stderr)


def identifiers(nixpkgs):
    """The names of packages in NixOS's modules, as a file in Nix, which makes a stub of each name."""
    names = set()
    for path in nixpkgs.glob("nixos/**/*.nix"):
        text = path.read_text(errors="replace")
        if "with pkgs" in text:
            names |= set(re.findall(r"[A-Za-z_][\w-]*", text))
        else:
            names |= set(re.findall(r"\bpkgs\.([A-Za-z_][\w-]*)", text))
            if "pkgs.${" in text:
                names |= set(re.findall(r'^ *"([a-z][\w-]*)"$', text, re.M))
    return "[ " + " ".join(f'"{name}"' for name in sorted(names)) + " ]"


def build(name, result, programs, invalid=()):
    """Runs build-declarations.sh as the build of a system does, with empty programs for all commands."""
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        source, output = directory / "source", directory / "output"
        for file, text in result["files"].items():
            file = source / file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(with_programs(text, directory))
        run = subprocess.run(["sh", str(BUILD), str(source), str(output), *programs], capture_output=True, text=True)
        said = run.stdout + run.stderr
        for text in invalid:
            report(run.returncode != 0 and text in said, f"{name}: the declarations are invalid with: {text}", said)
        if invalid:
            return
        report(run.returncode == 0, f"{name}: the declarations are valid", said)
        enabled = {file[:-4] for file, text in result["files"].items()
                   if "/" not in file and re.search("^Version=", text, re.M)}
        units = sorted(path.name for path in output.glob("lib/systemd/system/*"))
        gates = {declared for declared in enabled if any(unit.startswith(f"migrated@{declared}-") for unit in units)}
        report(gates == enabled, f"{name}: every enabled declaration has a static gate", "\n".join(units))
        report(not [unit for unit in units if unit.startswith(("migrate@", "migrate-post@", "migrate.target"))],
               f"{name}: there is no static unit that migrates", "\n".join(units))
        files = [path for path in output.glob("lib/systemd/system/**/*") if path.is_file()]
        wanted = {line for file in files for line in file.read_text().splitlines() if line.startswith("Wants=migrate@")}
        required = {line.partition("=")[2] for file in files for line in file.read_text().splitlines()
                    if line.startswith("Requires=migrat")}
        report(required <= set(units), f"{name}: everything that a static drop-in or gate requires is static", "\n".join(required))
        settled = {declared for declared in enabled if f"migrate-settle@{declared}.service" in units}
        report(settled == enabled and not wanted, f"{name}: the static units undo an interrupted migration and begin no migration",
               "\n".join([*units, *wanted]))
        report(not list(output.glob("lib/systemd/system/*.d/50-*")),
               f"{name}: no static drop-in has the name of a drop-in of the generator")


def with_programs(text, directory):
    """Replaces the programs of the store and of a case, which do not exist here, by empty ones in a directory."""
    def moved(match):
        program = directory / "programs" / match[3].lstrip("/")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(0o755)
        return f"{match[1]}={match[2]}{program}"
    return re.sub(r"^(Script|Check|Backup|Restore|Verify|Post|FreshCheck|Init|Detect)=(\"?)(/(?:opt/scripts|nix/store)/[^\" \n]*)",
                  lambda match: moved([None, match[1], match[2], match[3]]), text, flags=re.M)
