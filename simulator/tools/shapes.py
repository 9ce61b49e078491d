#!/usr/bin/env python3
"""Extract the EC2 shape table from the AWS service model that ships with botocore.

Maintainers run this by hand when an operation is added or AWS changes the model, with the botocore
that `.ci/requirements.txt` pins:

    "$(.ci/python.sh)" simulator/tools/shapes.py

It reads `ec2-operations.txt` beside this file (which operations to carry) and botocore's
`data/ec2/2016-11-15/service-2.json.gz`, and writes `simulator/src/wire/ec2-shapes.txt`, which is
committed and embedded. The output depends on nothing but those two inputs, so a second run leaves
no difference. `--check` writes nothing and fails if the committed table is stale.

The table is a text file, one fact a line. Blank lines and lines that start with `#` are ignored:

    version 2016-11-15                       the API version; also the end of the XML namespace
    also NAME NAME ...                       actions of the model whose shapes are not carried
    struct NAME                              a structure; its members follow, one a line,
     MEMBER LOCATION TYPE [!] [?QUERY]       indented by one space
    list NAME ITEM TYPE                      a list; ITEM is its element in responses
    op NAME INPUT OUTPUT                     an operation; `-` where the model has no shape

TYPE is a structure, a list, or one of string, integer, long, double, boolean, timestamp, blob.
LOCATION is the model's `locationName`, `-` when it has none. `!` marks a required member and
`?QUERY` a `queryName`. Documentation, enumerations, lengths and patterns are left out.
"""

import argparse
import gzip
import json
import sys
from pathlib import Path

API = "2016-11-15"
HERE = Path(__file__).resolve().parent
OPERATIONS = HERE / "ec2-operations.txt"
TABLE = HERE.parent / "src" / "wire" / "ec2-shapes.txt"
PRIMITIVES = {
    "string": "string",
    "character": "string",
    "integer": "integer",
    "long": "long",
    "float": "double",
    "double": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "blob": "blob",
}
HEADER = """\
# Shapes of the Amazon EC2 Query API, version {api}.
#
# Derived from the AWS service model in botocore {botocore}
# (botocore/data/ec2/{api}/service-2.json.gz).
# Copyright Amazon.com, Inc. or its affiliates. Licensed under the Apache License, Version 2.0:
# https://www.apache.org/licenses/LICENSE-2.0
# Changed: reduced to the names and types of selected operations, in another format.
#
# Made by simulator/tools/shapes.py, which documents the format. Do not edit by hand.
"""


def load_model():
    """The service model and the version of botocore that it came from."""
    import botocore

    path = Path(botocore.__file__).parent / "data" / "ec2" / API / "service-2.json.gz"
    with gzip.open(path) as packed:
        return json.load(packed), botocore.__version__


def wanted_operations(model):
    """The operations listed beside this script, checked against the model."""
    lines = (line.strip() for line in OPERATIONS.read_text().splitlines())
    wanted = sorted({line for line in lines if line and not line.startswith("#")})
    unknown = [name for name in wanted if name not in model["operations"]]
    if unknown:
        sys.exit(f"not in the model: {', '.join(unknown)}")
    return wanted


def references(shape):
    """The names of the shapes that one shape refers to."""
    if shape["type"] == "structure":
        return [member["shape"] for member in shape["members"].values()]
    if shape["type"] == "list":
        return [shape["member"]["shape"]]
    return []


def reachable(model, operations):
    """Every structure and list that the operations need, by name."""
    queue = [
        model["operations"][name][side]["shape"]
        for name in operations
        for side in ("input", "output")
        if side in model["operations"][name]
    ]
    seen = set()
    while queue:
        name = queue.pop()
        shape = model["shapes"][name]
        if name in seen or shape["type"] in PRIMITIVES:
            continue
        if shape["type"] not in ("structure", "list") or shape.get("flattened"):
            sys.exit(f"the table cannot express {name}: {shape['type']}")
        seen.add(name)
        queue += references(shape)
    return sorted(seen)


def type_name(model, shape):
    """How the table names the type of a member."""
    return PRIMITIVES.get(model["shapes"][shape]["type"], shape)


def shape_lines(model, name):
    """The lines for one structure or list."""
    shape = model["shapes"][name]
    if shape["type"] == "list":
        member = shape["member"]
        item = member.get("locationName", "member")
        yield f"list {name} {item} {type_name(model, member['shape'])}"
        return
    yield f"struct {name}"
    required = set(shape.get("required", []))
    for member, reference in shape["members"].items():
        line = f" {member} {reference.get('locationName', '-')} "
        line += type_name(model, reference["shape"])
        if member in required:
            line += " !"
        if "queryName" in reference:
            line += f" ?{reference['queryName']}"
        yield line


def wrapped(word, names, width=100):
    """Lines of `word name name ...`, none longer than `width`."""
    line = word
    for name in names:
        if len(line) + 1 + len(name) > width:
            yield line
            line = word
        line += f" {name}"
    if line != word:
        yield line


def table(model, botocore_version):
    """The whole table as text."""
    operations = wanted_operations(model)
    others = sorted(set(model["operations"]) - set(operations))
    lines = [HEADER.format(api=API, botocore=botocore_version), f"version {API}"]
    lines += wrapped("also", others)
    for name in reachable(model, operations):
        lines += shape_lines(model, name)
    for name in operations:
        operation = model["operations"][name]
        sides = [operation.get(side, {}).get("shape", "-") for side in ("input", "output")]
        lines.append(f"op {name} {sides[0]} {sides[1]}")
    return "\n".join(lines) + "\n"


def main():
    """Write the table, or compare it with the committed one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if the table is stale")
    arguments = parser.parse_args()
    text = table(*load_model())
    if not arguments.check:
        TABLE.write_text(text)
        print(f"wrote {TABLE} ({len(text)} bytes)", file=sys.stderr)
    elif TABLE.read_text() != text:
        sys.exit(f"{TABLE} is stale: run {Path(__file__).name}")


if __name__ == "__main__":
    main()
