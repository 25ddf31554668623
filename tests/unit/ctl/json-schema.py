#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares standard input with a schema. Exit status 0: it matches; 1: it does not, for the printed reasons; 77: there
is no validator. With --strict a key that the schema does not name is wrong, too.

    json-schema.py [--strict] DIRECTORY VERB <OUTPUT
    json-schema.py DIRECTORY                     the schemas themselves"""

import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed", file=sys.stderr)
    sys.exit(77)


def load(directory, name):
    """A schema with the shared definitions in its own $defs, since validators differ in how they find other files."""
    text = (directory / f"{name}.json").read_text()
    schema = json.loads(text.replace("common.json#/", "#/"))
    common = json.loads((directory / "common.json").read_text())
    return {**schema, "$defs": {**common["$defs"], **schema.get("$defs", {})}}


def make_strict(schema):
    if isinstance(schema, dict):
        for value in schema.values():
            make_strict(value)
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            schema["additionalProperties"] = False
    elif isinstance(schema, list):
        for value in schema:
            make_strict(value)


def problems(directory, name, strict, value):
    schema = load(directory, name)
    if strict:
        make_strict(schema)
    validator = jsonschema.Draft202012Validator(schema)
    return [f"{'/'.join(map(str, e.absolute_path)) or 'all of it'}: {e.message[:300]}"
            + "".join(f"\n  {'/'.join(map(str, c.absolute_path))}: {c.message[:300]}" for c in e.context or [])
            for e in validator.iter_errors(value)]


def main():
    arguments = [a for a in sys.argv[1:] if a != "--strict"]
    directory = pathlib.Path(arguments[0])
    if len(arguments) == 1:
        for path in sorted(directory.glob("*.json")):
            jsonschema.Draft202012Validator.check_schema(load(directory, path.stem))
        return 0
    try:
        value = json.load(sys.stdin)
    except ValueError as e:
        print(f"this is no JSON: {e}")
        return 1
    found = problems(directory, arguments[1], "--strict" in sys.argv, value)
    print("\n".join(found[:10]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
