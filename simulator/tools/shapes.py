#!/usr/bin/env python3
"""Extract the shape tables from the AWS service models that ship with botocore.

Maintainers run this by hand when an operation is added or AWS changes a model, with the botocore
that `.ci/requirements.txt` pins:

    "$(.ci/python.sh)" simulator/tools/shapes.py

For each service it reads `<service>-operations.txt` beside this file (which operations to carry)
and botocore's `data/<service>/<version>/service-2.json.gz`, and writes
`simulator/src/wire/<service>-shapes.txt`, which is committed and embedded. The output depends on
nothing but those two inputs, so a second run leaves no difference. `--check` writes nothing and
fails if a committed table is stale.

A table is a text file, one fact a line. Blank lines and lines that start with `#` are ignored:

    version 2016-11-15                       the API version
    protocols NAME NAME ...                  what the service speaks; EC2 has a protocol of its own
    namespace URL                            the XML namespace of responses
    target NAME                              the prefix of `x-amz-target` and of the path in CBOR
    also NAME NAME ...                       actions of the model whose shapes are not carried
    error NAME CODE STATUS FAULT             an error: its shape, its code in XML, its HTTP status,
                                             and `sender` or `receiver`
    struct NAME                              a structure; its members follow, one a line,
     MEMBER LOCATION TYPE [!] [?QUERY]       indented by one space
    list NAME ITEM TYPE                      a list; ITEM is the name of its elements
    map NAME KEY VALUE TYPE                  a map from strings; KEY and VALUE name the two parts
    op NAME INPUT OUTPUT                     an operation; `-` where the model has no shape

TYPE is a structure, a list, a map, or one of string, integer, long, double, boolean, timestamp,
blob. LOCATION is the model's `locationName`, `-` when it has none. `!` marks a required member and
`?QUERY` a `queryName`. Documentation, enumerations, lengths and patterns are left out. The EC2
table has neither protocols nor namespace: they are those of EC2 and stand in the code.

What the wire cannot express ends the run: flattened lists and maps, maps from other than strings,
result wrappers under another name than the rule gives, and blobs where JSON or CBOR is spoken.
"""

import argparse
import gzip
import json
import sys
from pathlib import Path

SERVICES = {
    "ec2": "2016-11-15",
    "sts": "2011-06-15",
    "elb": "2012-06-01",
    "elbv2": "2015-12-01",
    "autoscaling": "2011-01-01",
    "rds": "2014-10-31",
    "cloudwatch": "2010-08-01",
    "cloudformation": "2010-05-15",
}
HERE = Path(__file__).resolve().parent
TABLES = HERE.parent / "src" / "wire"
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
# Shapes of the {title}, version {version}.
#
# Derived from the AWS service model in botocore {botocore}
# (botocore/data/{service}/{version}/service-2.json.gz).
# Copyright Amazon.com, Inc. or its affiliates. Licensed under the Apache License, Version 2.0:
# https://www.apache.org/licenses/LICENSE-2.0
# Changed: reduced to the names and types of selected operations, in another format.
#
# Made by simulator/tools/shapes.py, which documents the format. Do not edit by hand.
"""


def load_model(service):
    """The service model and the version of botocore that it came from."""
    import botocore

    data = Path(botocore.__file__).parent / "data"
    with gzip.open(data / service / SERVICES[service] / "service-2.json.gz") as packed:
        return json.load(packed), botocore.__version__


def wanted_operations(service, model):
    """The operations listed beside this script, checked against the model."""
    text = (HERE / f"{service}-operations.txt").read_text()
    lines = (line.strip() for line in text.splitlines())
    wanted = sorted({line for line in lines if line and not line.startswith("#")})
    unknown = [name for name in wanted if name not in model["operations"]]
    if unknown:
        sys.exit(f"not in the model: {', '.join(unknown)}")
    for name in wanted:
        output = model["operations"][name].get("output", {})
        if output.get("resultWrapper", f"{name}Result") != f"{name}Result":
            sys.exit(f"the table cannot express the wrapper of {name}")
    return wanted


def references(shape):
    """The names of the shapes that one shape refers to."""
    if shape["type"] == "structure":
        return [member["shape"] for member in shape["members"].values()]
    if shape["type"] == "list":
        return [shape["member"]["shape"]]
    if shape["type"] == "map":
        return [shape["value"]["shape"]]
    return []


def is_expressible(model, shape):
    """Whether the table has a way to write a shape that is not primitive."""
    if shape.get("flattened") or shape["type"] not in ("structure", "list", "map"):
        return False
    return shape["type"] != "map" or model["shapes"][shape["key"]["shape"]]["type"] == "string"


def reachable(model, operations):
    """Every structure, list and map that the operations need, by name."""
    queue = [
        model["operations"][name][side]["shape"]
        for name in operations
        for side in ("input", "output")
        if side in model["operations"][name]
    ]
    seen = set()
    is_document = len(model["metadata"].get("protocols", [])) > 1
    while queue:
        name = queue.pop()
        shape = model["shapes"][name]
        if shape["type"] == "blob" and is_document:
            sys.exit(f"the wire cannot express {name} in a document")
        if name in seen or shape["type"] in PRIMITIVES:
            continue
        if not is_expressible(model, shape):
            sys.exit(f"the table cannot express {name}: {shape['type']}")
        seen.add(name)
        queue += references(shape)
    return sorted(seen)


def type_name(model, shape):
    """How the table names the type of a member."""
    return PRIMITIVES.get(model["shapes"][shape]["type"], shape)


def shape_lines(model, name):
    """The lines for one structure, list or map."""
    shape = model["shapes"][name]
    if shape["type"] == "list":
        member = shape["member"]
        item = member.get("locationName", "member")
        yield f"list {name} {item} {type_name(model, member['shape'])}"
        return
    if shape["type"] == "map":
        key = shape["key"].get("locationName", "key")
        value = shape["value"].get("locationName", "value")
        yield f"map {name} {key} {value} {type_name(model, shape['value']['shape'])}"
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


def fact_lines(model):
    """The lines about the service as a whole; none for EC2, whose protocol is its own."""
    metadata = model["metadata"]
    if metadata["protocol"] == "ec2":
        return
    yield f"protocols {' '.join(metadata['protocols'])}"
    yield f"namespace {metadata['xmlNamespace']}"
    if "targetPrefix" in metadata:
        yield f"target {metadata['targetPrefix']}"


def error_lines(model, operations):
    """The lines for the errors that the operations declare."""
    declared = {
        error["shape"]
        for name in operations
        for error in model["operations"][name].get("errors", [])
    }
    for name in sorted(declared):
        shape = model["shapes"][name]
        error = shape.get("error", {})
        status = error.get("httpStatusCode", 500 if shape.get("fault") else 400)
        fault = "receiver" if shape.get("fault") or status >= 500 else "sender"
        yield f"error {name} {error.get('code', name)} {status} {fault}"


def table(service):
    """A whole table as text."""
    model, botocore_version = load_model(service)
    version = SERVICES[service]
    operations = wanted_operations(service, model)
    others = sorted(set(model["operations"]) - set(operations))
    metadata = model["metadata"]
    title = f"{metadata.get('serviceAbbreviation', metadata['serviceFullName'])} API"
    if service == "ec2":
        title = "Amazon EC2 Query API"
    header = HEADER.format(
        title=title, version=version, botocore=botocore_version, service=service
    )
    lines = [header, f"version {version}"]
    lines += fact_lines(model)
    lines += wrapped("also", others)
    lines += error_lines(model, operations)
    for name in reachable(model, operations):
        lines += shape_lines(model, name)
    for name in operations:
        operation = model["operations"][name]
        sides = [operation.get(side, {}).get("shape", "-") for side in ("input", "output")]
        lines.append(f"op {name} {sides[0]} {sides[1]}")
    return "\n".join(lines) + "\n"


def main():
    """Write the tables, or compare them with the committed ones."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if a table is stale")
    arguments = parser.parse_args()
    for service in SERVICES:
        text = table(service)
        path = TABLES / f"{service}-shapes.txt"
        if not arguments.check:
            path.write_text(text)
            print(f"wrote {path} ({len(text)} bytes)", file=sys.stderr)
        elif path.read_text() != text:
            sys.exit(f"{path} is stale: run {Path(__file__).name}")


if __name__ == "__main__":
    main()
