#!/usr/bin/env python3
"""Extract the managed policies of AWS that matter to the twin.

Maintainers run this by hand when AWS changes them, with the copies that the package `moto` carries
(Apache License 2.0; it got them from IAM itself):

    pip download --no-deps moto && unzip -d /tmp/moto moto-*.whl
    python simulator/tools/managed_policies.py /tmp/moto

It writes `simulator/src/iam/managed-policies.json`, which is committed and embedded: by ARN, the
version, the day of the last change and the document. Actions of services that the twin never
evaluates are taken out of the lists, and statements that are empty without them; `NotAction` stays as
it is. What is left says the same about the twin's services as the whole policy does.
"""

import json
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src" / "iam" / "managed-policies.json"
NAMES = [
    "AWSCloudFormationFullAccess", "AWSCloudFormationReadOnlyAccess", "AdministratorAccess",
    "AmazonEC2FullAccess", "AmazonEC2ReadOnlyAccess", "AmazonRDSFullAccess",
    "AmazonRDSReadOnlyAccess", "AmazonVPCFullAccess", "AmazonVPCReadOnlyAccess",
    "AutoScalingFullAccess", "AutoScalingReadOnlyAccess", "CloudWatchFullAccess",
    "CloudWatchReadOnlyAccess", "ElasticLoadBalancingFullAccess", "ElasticLoadBalancingReadOnly",
    "NetworkAdministrator", "PowerUserAccess", "ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess",
]
SERVICES = ("*", "autoscaling:", "cloudformation:", "cloudwatch:", "ec2:", "elasticloadbalancing:",
            "iam:CreateServiceLinkedRole", "iam:PassRole", "iam:*", "rds:", "sts:")


def many(value):
    return value if isinstance(value, list) else [value]


def reduced(document):
    statements = []
    for statement in many(document["Statement"]):
        if "Action" in statement:
            kept = [it for it in many(statement["Action"]) if it.startswith(SERVICES)]
            if not kept:
                continue
            statement = {**statement, "Action": sorted(kept)}
        statements.append(statement)
    return {"Version": document["Version"], "Statement": statements}


def main(folder):
    folder = Path(folder)
    names = {}
    exec((folder / "moto" / "iam" / "aws_managed_policies.py").read_text(), names)
    policies = json.loads(names["aws_managed_policies_data"])
    rows = []
    for name in NAMES:
        policy = policies[name]
        arn = f"arn:aws:iam::aws:policy{policy['Path']}{name}"
        facts = {"version": policy["DefaultVersionId"], "updated": policy["UpdateDate"][:10],
                 "document": reduced(policy["Document"])}
        rows.append(f"{json.dumps(arn)}: {json.dumps(facts, separators=(',', ':'))}")
    TABLE.write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1])
