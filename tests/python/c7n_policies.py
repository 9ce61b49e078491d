#!/usr/bin/env python3
"""Cloud Custodian against an EC2 endpoint.

    c7n_policies.py URL [--region REGION] [--lax moto]

Makes a few wasteful resources with boto3, runs the policies of c7n_policies.yaml with
`custodian run`, first dry and then for real, and compares what it finds and what is gone
afterwards. Needs boto3 and c7n in the Python that runs it. Everything that it made is removed.

Prints one line per failed check on stderr and, as the last line on stdout, `ok: N checks`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import boto3
from botocore.config import Config

POLICIES = pathlib.Path(__file__).with_name("c7n_policies.yaml")
WAIT = {"Delay": 1, "MaxAttempts": 90}
passed = failed = 0


def same(what, seen, expected):
    global passed, failed
    if seen == expected:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {what}: saw {seen!r}, expected {expected!r}", file=sys.stderr)


def tags(kind, **more):
    pairs = {"suite": "c7n", **more}
    return [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in pairs.items()]}]


def where(**filters):
    return [{"Name": k.replace("_", "-"), "Values": [v]} for k, v in filters.items()]


def custodian(url, region, output, *options):
    """Runs all policies and returns the resources that each found."""
    environment = {
        **os.environ, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true"}
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        environment.pop(name, None)
    program = pathlib.Path(sys.executable).with_name("custodian")
    done = subprocess.run(
        [program, "run", "--output-dir", output, "--region", region, "--cache-period", "0",
         *options, POLICIES],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=300)
    if done.returncode != 0:
        print(f"custodian exited with {done.returncode}:\n{done.stdout}", file=sys.stderr)
        sys.exit(2)
    return {
        path.parent.name: json.loads(path.read_text())
        for path in pathlib.Path(output).glob("*/resources.json")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--lax", choices=["moto"])
    options = parser.parse_args()
    ec2 = boto3.client(
        "ec2", endpoint_url=options.url, region_name=options.region, aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}))

    def wait(waiter, **arguments):
        ec2.get_waiter(waiter).wait(WaiterConfig=WAIT, **arguments)

    def ours(operation, result, key, *states):
        """What is left of ours; a gateway that is deleted stays in sight for a while."""
        parameter = "Filter" if operation == "describe_nat_gateways" else "Filters"
        found = getattr(ec2, operation)(**{parameter: where(tag_key="suite")})[result]
        return {item[key] for item in found
                if "suite" in {t["Key"] for t in item.get("Tags", item.get("TagSet", []))}
                and item.get("State") not in states}

    vpc = ec2.create_vpc(CidrBlock="10.88.0.0/16", TagSpecifications=tags("vpc"))
    vpc = vpc["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.88.0.0/24", TagSpecifications=tags("subnet"))["Subnet"]
    subnet, zone = subnet["SubnetId"], subnet["AvailabilityZone"]
    tight = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.88.1.0/28", TagSpecifications=tags("subnet"))
    tight = tight["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    small, large = (
        ec2.create_volume(AvailabilityZone=zone, Size=size, TagSpecifications=tags("volume"))[
            "VolumeId"] for size in (1, 10))
    wait("volume_available", VolumeIds=[small, large])
    snapshot = ec2.create_snapshot(VolumeId=large, TagSpecifications=tags("snapshot"))["SnapshotId"]
    wait("snapshot_completed", SnapshotIds=[snapshot])
    idle, used = (
        ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip"))["AllocationId"]
        for _ in range(2))
    interface = ec2.create_network_interface(
        SubnetId=subnet, TagSpecifications=tags("network-interface"))["NetworkInterface"]
    interface = interface["NetworkInterfaceId"]
    wait("network_interface_available", NetworkInterfaceIds=[interface])
    nat = ec2.create_nat_gateway(
        SubnetId=subnet, AllocationId=used, TagSpecifications=tags("natgateway"))
    nat = nat["NatGateway"]["NatGatewayId"]
    wait("nat_gateway_available", NatGatewayIds=[nat])
    table = ec2.describe_route_tables(Filters=where(vpc_id=vpc))["RouteTables"][0]["RouteTableId"]
    groups = ec2.describe_security_groups(Filters=where(group_name="default"))["SecurityGroups"]

    expected = {
        "volumes-unattached": {small, large},
        "volumes-tagged": set(),  # the policy before it is what tags them
        "addresses-idle": {idle},
        "interfaces-idle": {interface},
        "gateways": {nat},
        "vpcs-ours": {vpc},
        "subnets-roomy": {subnet},
        "tables-by-vpc": {table},
        "groups-open": {group["GroupId"] for group in groups},
        "snapshots-ours": {snapshot},
    }
    keys = {
        "volumes-unattached": "VolumeId", "volumes-tagged": "VolumeId",
        "addresses-idle": "AllocationId", "interfaces-idle": "NetworkInterfaceId",
        "gateways": "NatGatewayId", "vpcs-ours": "VpcId", "subnets-roomy": "SubnetId",
        "tables-by-vpc": "RouteTableId", "groups-open": "GroupId",
        "snapshots-ours": "SnapshotId"}

    def found(resources):
        return {name: {item[keys[name]] for item in items} for name, items in resources.items()}

    with tempfile.TemporaryDirectory() as folder:
        dry = found(custodian(options.url, options.region, f"{folder}/dry", "--dryrun"))
        for name, ids in expected.items():
            same(f"{name}, dry", dry.get(name), ids)
        volumes = ours("describe_volumes", "Volumes", "VolumeId")
        same("a dry run deletes nothing", volumes, {small, large})

        expected["volumes-tagged"] = {large}
        real = found(custodian(options.url, options.region, f"{folder}/real"))
        for name, ids in expected.items():
            same(name, real.get(name), ids)

    wait("volume_deleted", VolumeIds=[large])
    wait("nat_gateway_deleted", NatGatewayIds=[nat])
    same("the large volume is gone", ours("describe_volumes", "Volumes", "VolumeId"), {small})
    (left,) = ec2.describe_volumes(VolumeIds=[small])["Volumes"]
    same("the small one is tagged", {t["Key"]: t["Value"] for t in left["Tags"]}.get("finding"),
         "unattached")
    same("the idle address is gone", ours("describe_addresses", "Addresses", "AllocationId"),
         {used})
    if options.lax != "moto":  # which keeps the interface of a deleted NAT gateway
        same("the interface is gone", {
            i["NetworkInterfaceId"] for i in ec2.describe_network_interfaces(
                Filters=where(vpc_id=vpc))["NetworkInterfaces"]}, set())
    same("the NAT gateway is gone", ours(
        "describe_nat_gateways", "NatGateways", "NatGatewayId", "deleted"), set())

    ec2.release_address(AllocationId=used)
    ec2.delete_snapshot(SnapshotId=snapshot)
    ec2.delete_volume(VolumeId=small)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    for each in (subnet, tight):
        ec2.delete_subnet(SubnetId=each)
    ec2.delete_vpc(VpcId=vpc)
    same("all of ours is gone", ours("describe_vpcs", "Vpcs", "VpcId"), set())

    if failed:
        print(f"failed: {failed} of {failed + passed} checks")
        return 1
    print(f"ok: {passed} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
