#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples of RFC 0155, taken from its text unchanged, as systems for render-system. The text has a licence of its
own (CC BY-SA 4.0) and is not a part of this repository:

  git fetch https://github.com/NixOS/rfcs pull/155/head
  git show FETCH_HEAD:rfcs/0155-nixos-migrations.md >0155.md
  RFC0155=$PWD/0155.md ./check nixos

Its five blocks of Nix show one field each, and two of them are not valid Nix. COMPLETED says which lines are changed,
to what, and why; the rest of each block is evaluated as it is written.

usage: rfc_0155.py TEXT     prints a Nix file, systems by name"""

import hashlib
import pathlib
import re
import sys

TEXT = "5736b22b77824f3fadcbc4c4d2882a969e41c791" # `git hash-object` of the newest text of the pull request

COMPLETED = [
    # (block, text, replacement, reason)
    (0, "; ... }", "; inherit up down; }", "the dots are the fields that the other blocks show"),
    (2, 'down.script = "my-service.up" \'\'', "down.script = ''", "a string cannot be applied to a string: the name goes"),
]

SYSTEMS = """\
let
  # a package that is one program, as `${pkgs.my-service-cli} --run-migration` has it
  pkgs.my-service-cli = "/opt/my-service-cli";

  version = { up, down }: (@0@).config.migrations;
  up = @1@;
  down = @2@;
  destructive = @3@;
  failure = @4@;

  # The RFC has a single version; its destructive migration gets a later one, and the script that any has.
  later = migration: migration // { version = "2023-06-01"; };
  migrations = version { up = up.up // failure.up; inherit (down) down; }
    ++ map later (version { up = up.up // destructive.up; inherit (destructive) down; });

  # The RFC leaves open which directories are the state, and which version a state without a stamp has.
  service = stateVersion: extra: {
    my-service = {
      inherit stateVersion migrations;
      directories = [ "/etc/service-state" "/etc/my-state" ];
      unversioned = "2022-11-30";
    } // extra;
  };
in
{
  text-old = service "2022-11-30" { downgrade = "script"; };
  text-new = service "2023-04-07" { };
  text-warned = service "2023-06-01" { };
  text-destructive = service "2023-06-01" { approved = [ "2023-04-07:2023-06-01" ]; };
  text-script = service "2023-04-07" { downgrade = "script"; };
  text-back = service "2023-04-07" { downgrade = "restore"; };
}
"""


def systems(path):
    """The Nix file; exits if the text has changed, since COMPLETED might then be wrong."""
    text = pathlib.Path(path).read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(text) + text).hexdigest()
    if blob != TEXT:
        sys.exit(f"{path}: this is {blob}, not the text of RFC 0155 that is known here, {TEXT}")
    blocks = re.findall(r"^```Nix\n(.*?)^```", text.decode(), re.M | re.S)
    if len(blocks) != SYSTEMS.count("= @") + SYSTEMS.count("(@"):
        sys.exit(f"{path}: {len(blocks)} blocks of Nix")
    for block, stands, evaluated, why in COMPLETED:
        if blocks[block].count(stands) != 1:
            sys.exit(f"{path}: block {block} has no “{stands}” ({why})")
        blocks[block] = blocks[block].replace(stands, evaluated)
    return re.sub(r"@(\d)@", lambda match: blocks[int(match[1])].rstrip(), SYSTEMS)


if __name__ == "__main__":
    print(systems(sys.argv[1]), end="")
