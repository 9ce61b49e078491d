#!/usr/bin/env python3
"""STS, CloudWatch and CloudFormation, and the protocols they are spoken in, seen by boto3.

    boto3_services.py URL

Prints one line per failed check on stderr and, as the last line on stdout, `ok: N checks`.
"""

import sys
from datetime import datetime, timedelta, timezone

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
REGION = "eu-west-1"
CHECKS = {"passed": 0, "failed": 0}


def check(what, is_so, seen=""):
    CHECKS["passed" if is_so else "failed"] += 1
    if not is_so:
        print(f"FAIL {what}: {seen}", file=sys.stderr)


def same(what, seen, expected):
    check(what, seen == expected, f"saw {seen!r}, expected {expected!r}")


def refused(what, code, call, **parameters):
    try:
        answer = call(**parameters)
    except ClientError as error:
        same(what, error.response["Error"]["Code"], code)
        return error.response
    check(what, False, f"succeeded with {answer!r}, expected {code}")
    return {}


def client(service, key="test", secret="test", token=None, protocol=None):
    session = botocore.session.get_session()
    if protocol:
        # What an older or newer SDK would speak: the first of the model's protocols that it knows.
        loader = session.get_component("data_loader")
        model = dict(loader.load_service_model(service, "service-2"))
        model["metadata"] = {**model["metadata"], "protocols": [protocol], "protocol": protocol}
        original = loader.load_service_model

        def load(name, kind, api_version=None):
            if (name, kind) == (service, "service-2"):
                return model
            return original(name, kind, api_version)

        loader.load_service_model = load
    return boto3.Session(botocore_session=session).client(
        service,
        endpoint_url=URL,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        # What is wrong with a request is for the other side to say.
        config=Config(retries={"max_attempts": 1, "mode": "standard"}, parameter_validation=False),
    )


def of(service, credentials):
    return client(
        service,
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
    )


def sts():
    mine = client("sts")
    me = mine.get_caller_identity()
    same("root", me["Arn"], f"arn:aws:iam::{me['Account']}:root")
    check("a request id", len(me["ResponseMetadata"]["RequestId"]) == 36)
    role = f"arn:aws:iam::{me['Account']}:role/ops/cleaner"
    made = mine.assume_role(
        RoleArn=role, RoleSessionName="night-run", DurationSeconds=900,
        Tags=[{"Key": "team", "Value": "a"}], ExternalId="ex:1",
        PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonGlacierReadOnlyAccess"}],
    )
    arn = f"arn:aws:sts::{me['Account']}:assumed-role/cleaner/night-run"
    same("the session", made["AssumedRoleUser"]["Arn"], arn)
    credentials = made["Credentials"]
    same("as the session", of("sts", credentials).get_caller_identity()["Arn"], arn)
    error = refused("a policy that the twin does not have", "UnsupportedOperation",
                    of("ec2", credentials).describe_vpcs)
    check("the policy is named", "AmazonGlacierReadOnlyAccess" in error["Error"]["Message"], error)
    look = '{"Statement": {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}}'
    narrow = mine.assume_role(RoleArn=role, RoleSessionName="looking", Policy=look)["Credentials"]
    check("EC2 as a session", "Vpcs" in of("ec2", narrow).describe_vpcs())
    refused("beyond the session's policy", "UnauthorizedOperation",
            of("ec2", narrow).create_vpc, CidrBlock="10.0.0.0/16")
    wide = mine.assume_role(RoleArn=role, RoleSessionName="working")["Credentials"]
    check("without a policy", "Vpcs" in of("ec2", wide).describe_vpcs())
    key = credentials["AccessKeyId"]
    same("whose key", mine.get_access_key_info(AccessKeyId=key)["Account"], me["Account"])
    forged = {**credentials, "SessionToken": "forged"}
    refused("a forged token", "InvalidClientTokenId", of("sts", forged).get_caller_identity)
    refused("a forged token for EC2", "AuthFailure", of("ec2", forged).describe_vpcs)
    token = mine.get_session_token(DurationSeconds=900)["Credentials"]
    same("a session token", of("sts", token).get_caller_identity()["Arn"], me["Arn"])
    again = {"RoleArn": role, "RoleSessionName": "x" * 8}
    refused("too short", "ValidationError", mine.assume_role, **again, DurationSeconds=60)
    refused("no JSON", "MalformedPolicyDocument", mine.assume_role, **again, Policy="{")
    error = refused("an action without operations", "UnsupportedOperation",
                    mine.get_federation_token, Name="someone")
    check("it is named", "GetFederationToken" in error["Error"]["Message"], error)
    chained = of("sts", wide)
    refused("chains are short", "ValidationError", chained.assume_role, **again,
            DurationSeconds=7200)


def main():
    for part in PARTS:
        part()
    if CHECKS["failed"]:
        sys.exit(1)
    print(f"ok: {CHECKS['passed']} checks")


def cloudwatch(protocol):
    watch = client("cloudwatch", protocol=protocol)
    namespace = f"Own/{protocol}"
    now = datetime.now(timezone.utc)
    load = {"MetricName": "Load", "Dimensions": [{"Name": "Host", "Value": "a & b"}]}
    watch.put_metric_data(Namespace=namespace, MetricData=[
        {**load, "Value": 4, "Unit": "Count", "Timestamp": now},
        {**load, "Values": [1.5, 2.5], "Counts": [1, 3], "Unit": "Count", "Timestamp": now},
    ])
    window = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    seen = watch.get_metric_statistics(Namespace=namespace, **load, **window, Period=600,
                                       Statistics=["Sum", "SampleCount", "Maximum"])
    points = seen["Datapoints"]
    same("what was put", [(it["Sum"], it["SampleCount"], it["Maximum"], it["Unit"])
                          for it in points], [(13.0, 5.0, 4.0, "Count")])
    check("a moment", all(isinstance(it["Timestamp"], datetime) for it in points), points)
    metric = {"Namespace": namespace, **load}
    stat = {"Metric": metric, "Period": 600, "Stat": "Average"}
    queries = [{"Id": "a", "MetricStat": stat},
               {"Id": "b", "MetricStat": {**stat, "Unit": "Bytes"}, "Label": "none"}]
    pages = watch.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, **window)
    results = [it for page in pages for it in page["MetricDataResults"]]
    same("an average", results[0]["Values"], [2.6])
    same("nothing is not zero", (results[1]["Values"], results[1]["StatusCode"], results[1]["Label"]),
         ([], "Complete", "none"))
    same("a list", watch.list_metrics(Namespace=namespace)["Metrics"], [metric])
    same("alarms", watch.describe_alarms()["MetricAlarms"], [])
    sum_of = [{"Id": "e", "Expression": "SUM(METRICS())"}]
    error = refused("an expression", "UnsupportedOperation", watch.get_metric_data,
                    MetricDataQueries=sum_of, **window)
    check("it is named", "Expression" in error["Error"]["Message"], error)
    wide = {"StartTime": now - timedelta(days=2), "EndTime": now}
    error = refused("too many", "InvalidParameterCombination", watch.get_metric_statistics,
                    **metric, **wide, Period=60, Statistics=["Sum"])
    same("its status", error["ResponseMetadata"]["HTTPStatusCode"], 400)
    check("a request id", len(error["ResponseMetadata"]["RequestId"]) == 36)
    refused("AWS's own", "InvalidParameterValue", watch.put_metric_data, Namespace="AWS/EC2",
            MetricData=[{"MetricName": "x", "Value": 1}])
    refused("no metric", "MissingParameter", watch.get_metric_statistics, Namespace=namespace,
            **window, Period=60, Statistics=["Sum"])


def cloudformation():
    stacks = client("cloudformation")
    same("no stacks", stacks.describe_stacks()["Stacks"], [])
    same("nor listed", stacks.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"],
         [])
    error = refused("an unknown stack", "ValidationError", stacks.describe_stacks, StackName="web")
    same("its words", error["Error"]["Message"], "Stack with id web does not exist")
    refused("an unknown owner", "ValidationError", stacks.describe_stack_resources,
            PhysicalResourceId="vol-0123456789abcdef0")
    refused("an unknown state", "ValidationError", stacks.list_stacks, StackStatusFilter=["GONE"])
    error = refused("a deletion", "UnsupportedOperation", stacks.delete_stack, StackName="web")
    check("it is named", "DeleteStack" in error["Error"]["Message"], error)


PARTS = [
    sts,
    lambda: cloudwatch("smithy-rpc-v2-cbor"),
    lambda: cloudwatch("json"),
    lambda: cloudwatch("query"),
    cloudformation,
]

if __name__ == "__main__":
    main()
