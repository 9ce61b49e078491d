#!/usr/bin/env python3
"""The life of a small network, seen by boto3.

    boto3_lifecycle.py URL [--region REGION] [--account ID] [--lax moto] [--without SECTION ...]

Builds a VPC with everything that the twin models, looks at it in every way that clients do, tries
what AWS refuses, takes it down in the safe order and finds the account as it was. Every refusal is
compared with AWS's code, so the script also says where another emulator is laxer: rows marked with
its name are left out under `--lax`, and nothing else changes.

Prints one line per failed check on stderr and, as the last line on stdout, `ok: N checks`.
Exit status: 0 all checks passed, 1 some failed, 2 the server did something unexpected.
"""

import argparse
import sys
import time
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROLE = "sandtable-lifecycle"
WAIT = {"Delay": 1, "MaxAttempts": 90}


class Checks:
    """Counts what held, collects what did not."""

    def __init__(self, lax):
        self.lax = lax
        self.passed = 0
        self.left_out = 0
        self.failures = []

    def skip(self, lax):
        if self.lax and self.lax in lax:
            self.left_out += 1
            return True
        return False

    def that(self, what, holds, seen=None, lax=()):
        if self.skip(lax):
            return
        if holds:
            self.passed += 1
        else:
            self.fail(what, f"saw {seen!r}")

    def same(self, what, seen, expected, lax=()):
        if not self.skip(lax):
            self.that(what, seen == expected, f"{seen!r}, expected {expected!r}")

    def refused(self, what, codes, call, *, status=None, says=None, lax=(), **arguments):
        """AWS refuses the call with one of these codes (an id's capital D does not matter)."""
        if self.skip(lax):
            return
        expected = [codes] if isinstance(codes, str) else list(codes)
        try:
            call(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            message = error.response["Error"].get("Message") or ""
            seen_status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code.lower() not in [c.lower() for c in expected]:
                self.fail(
                    what, f"refused with {code} ({message}), expected {' or '.join(expected)}"
                )
            elif status is not None and seen_status != status:
                self.fail(what, f"{code} came with HTTP {seen_status}, expected {status}")
            elif says is not None and says not in message:
                self.fail(what, f"{code} says {message!r}, expected {says!r} in it")
            else:
                self.passed += 1
        else:
            self.fail(what, f"succeeded, expected {' or '.join(expected)}")

    def fail(self, what, why):
        self.failures.append(what)
        print(f"FAIL {what}: {why}", file=sys.stderr)


def tags_of(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def named(kind, name, **more):
    tags = {"Name": name, "role": ROLE, **more}
    return [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]


def where(**filters):
    return [
        {
            "Name": name.replace("__", ":").replace("_", "-"),
            "Values": [values] if isinstance(values, str) else values,
        }
        for name, values in filters.items()
    ]


class Lifecycle:
    def __init__(self, options):
        self.options = options
        self.checks = Checks(options.lax)
        self.ec2 = self.client("ec2")
        # Sends what the model forbids, for the server to refuse.
        self.raw = self.client("ec2", parameter_validation=False)
        self.ids = {}
        # What moto forgets to remove: interfaces of NAT gateways and instances, an image's snapshot.
        self.leftovers = set()

    def client(self, service, region=None, **config):
        return boto3.client(
            service,
            endpoint_url=self.options.url,
            region_name=region or self.options.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                retries={"total_max_attempts": 1}, read_timeout=30, connect_timeout=5, **config
            ),
        )

    def wait(self, waiter, **arguments):
        self.ec2.get_waiter(waiter).wait(WaiterConfig=WAIT, **arguments)

    # --- What is there ------------------------------------------------------------------------

    def inventory(self):
        """Every id in the account, less the tombstones that AWS keeps for an hour."""
        ec2 = self.ec2
        found = set()

        def note(items, key, states=()):
            for item in items:
                state = item.get("State")
                state = state["Name"] if isinstance(state, dict) else state
                if state not in states:
                    found.add(item[key])

        note(ec2.describe_vpcs()["Vpcs"], "VpcId")
        note(ec2.describe_subnets()["Subnets"], "SubnetId")
        note(ec2.describe_route_tables()["RouteTables"], "RouteTableId")
        note(ec2.describe_internet_gateways()["InternetGateways"], "InternetGatewayId")
        note(ec2.describe_nat_gateways()["NatGateways"], "NatGatewayId", ("deleted", "failed"))
        note(ec2.describe_addresses()["Addresses"], "AllocationId")
        note(ec2.describe_network_interfaces()["NetworkInterfaces"], "NetworkInterfaceId")
        note(ec2.describe_security_groups()["SecurityGroups"], "GroupId")
        note(ec2.describe_volumes()["Volumes"], "VolumeId")
        note(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"], "SnapshotId")
        note(ec2.describe_images(Owners=["self"])["Images"], "ImageId")
        note(ec2.describe_vpc_endpoints()["VpcEndpoints"], "VpcEndpointId", ("deleted",))
        for reservation in ec2.describe_instances()["Reservations"]:
            note(reservation["Instances"], "InstanceId", ("terminated",))
        return found

    def start(self):
        checks, ec2 = self.checks, self.ec2
        self.before = self.inventory()
        identity = self.client("sts").get_caller_identity()
        checks.same("the account", identity["Account"], self.options.account)
        defaults = ec2.describe_vpcs(Filters=where(is_default="true"))["Vpcs"]
        checks.same("one default VPC", len(defaults), 1)
        self.default_vpc = defaults[0]["VpcId"]
        subnets = ec2.describe_subnets(Filters=where(vpc_id=self.default_vpc))["Subnets"]
        zones = sorted(
            zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]
        )
        checks.that(
            "default subnets lie in the Region's zones",
            {s["AvailabilityZone"] for s in subnets} <= set(zones),
            zones,
        )
        self.zone, self.other_zone = zones[0], zones[1]
        answer = ec2.describe_vpcs()
        checks.that(
            "answers carry a request id",
            answer["ResponseMetadata"].get("RequestId"),
            answer["ResponseMetadata"],
        )

    # --- Building -----------------------------------------------------------------------------

    def build(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids

        vpc = ec2.create_vpc(CidrBlock="10.42.0.0/16", TagSpecifications=named("vpc", "vpc-main"))[
            "Vpc"
        ]
        ids["vpc"] = vpc["VpcId"]
        checks.that(
            "a VPC starts pending or available",
            vpc["State"] in ("pending", "available"),
            vpc["State"],
        )
        checks.same("tags on create", tags_of(vpc), {"Name": "vpc-main", "role": ROLE})
        self.wait("vpc_available", VpcIds=[ids["vpc"]])

        for name, block, zone in [
            ("public", "10.42.0.0/24", self.zone),
            ("private", "10.42.1.0/24", self.zone),
            ("spare", "10.42.2.0/24", self.other_zone),
        ]:
            subnet = ec2.create_subnet(
                VpcId=ids["vpc"],
                CidrBlock=block,
                AvailabilityZone=zone,
                TagSpecifications=named("subnet", f"subnet-{name}", tier=name),
            )["Subnet"]
            ids[name] = subnet["SubnetId"]
            checks.same(f"addresses free in {name}", subnet["AvailableIpAddressCount"], 251)
        self.wait("subnet_available", SubnetIds=[ids["public"], ids["private"], ids["spare"]])

        ids["igw"] = ec2.create_internet_gateway(
            TagSpecifications=named("internet-gateway", "igw-main")
        )["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=ids["igw"], VpcId=ids["vpc"])
        igw = ec2.describe_internet_gateways(InternetGatewayIds=[ids["igw"]])["InternetGateways"][0]
        checks.same("the gateway's VPC", [a["VpcId"] for a in igw["Attachments"]], [ids["vpc"]])
        checks.same(
            "the attachment's state", [a["State"] for a in igw["Attachments"]], ["available"]
        )

        tables = ec2.describe_route_tables(Filters=where(vpc_id=ids["vpc"]))["RouteTables"]
        checks.same("a VPC comes with one route table", len(tables), 1)
        ids["main table"] = tables[0]["RouteTableId"]
        checks.that("which is the main one", tables[0]["Associations"][0]["Main"], tables[0])
        checks.same(
            "and routes locally",
            [(r["DestinationCidrBlock"], r["GatewayId"]) for r in tables[0]["Routes"]],
            [("10.42.0.0/16", "local")],
        )

        for name in ("public", "private"):
            table = ec2.create_route_table(
                VpcId=ids["vpc"], TagSpecifications=named("route-table", f"rtb-{name}")
            )["RouteTable"]
            ids[f"{name} table"] = table["RouteTableId"]
        ids["public association"] = ec2.associate_route_table(
            RouteTableId=ids["public table"], SubnetId=ids["public"]
        )["AssociationId"]
        ids["private association"] = ec2.associate_route_table(
            RouteTableId=ids["private table"], SubnetId=ids["private"]
        )["AssociationId"]
        ec2.create_route(
            RouteTableId=ids["public table"], DestinationCidrBlock="0.0.0.0/0", GatewayId=ids["igw"]
        )

        address = ec2.allocate_address(
            Domain="vpc", TagSpecifications=named("elastic-ip", "eip-nat")
        )
        ids["address"], self.public_ip = address["AllocationId"], address["PublicIp"]
        gateway = ec2.create_nat_gateway(
            SubnetId=ids["public"],
            AllocationId=ids["address"],
            ClientToken="nat-1",
            TagSpecifications=named("natgateway", "nat-main"),
        )["NatGateway"]
        ids["nat"] = gateway["NatGatewayId"]
        checks.same("a NAT gateway starts pending", gateway["State"], "pending", lax=("moto",))
        again = (
            ec2.create_nat_gateway(
                SubnetId=ids["public"],
                AllocationId=ids["address"],
                ClientToken="nat-1",
                TagSpecifications=named("natgateway", "nat-main"),
            )["NatGateway"]
            if not checks.skip(("moto",))
            else gateway
        )
        checks.same("the same token makes no second one", again["NatGatewayId"], ids["nat"])
        self.wait("nat_gateway_available", NatGatewayIds=[ids["nat"]])
        gateway = ec2.describe_nat_gateways(NatGatewayIds=[ids["nat"]])["NatGateways"][0]
        own = gateway["NatGatewayAddresses"][0]
        checks.same(
            "the NAT gateway's address",
            (own["AllocationId"], own["PublicIp"]),
            (ids["address"], self.public_ip),
        )
        checks.that(
            "its private address", own["PrivateIp"].startswith("10.42.0."), own, lax=("moto",)
        )
        checks.same(
            "its place", (gateway["VpcId"], gateway["SubnetId"]), (ids["vpc"], ids["public"])
        )
        checks.same("its connectivity", gateway.get("ConnectivityType"), "public", lax=("moto",))
        ids["nat interface"] = own["NetworkInterfaceId"]
        self.leftovers.add(ids["nat interface"])
        interface = ec2.describe_network_interfaces(NetworkInterfaceIds=[ids["nat interface"]])[
            "NetworkInterfaces"
        ][0]
        checks.same(
            "its interface's type", interface["InterfaceType"], "nat_gateway", lax=("moto",)
        )
        checks.that(
            "its interface is the service's",
            interface["RequesterManaged"],
            interface,
            lax=("moto",),
        )
        checks.same("its interface's state", interface["Status"], "in-use", lax=("moto",))
        held = ec2.describe_addresses(AllocationIds=[ids["address"]])["Addresses"][0]
        checks.that("its address is associated", held.get("AssociationId"), held)
        checks.same("with its interface", held.get("NetworkInterfaceId"), ids["nat interface"])
        ec2.create_route(
            RouteTableId=ids["private table"],
            DestinationCidrBlock="0.0.0.0/0",
            NatGatewayId=ids["nat"],
        )
        table = ec2.describe_route_tables(RouteTableIds=[ids["private table"]])["RouteTables"][0]
        routes = {route["DestinationCidrBlock"]: route for route in table["Routes"]}
        checks.same(
            "the route to the NAT gateway", routes["0.0.0.0/0"].get("NatGatewayId"), ids["nat"]
        )
        checks.same("the route's state", routes["0.0.0.0/0"]["State"], "active")
        checks.same(
            "who made the routes",
            sorted(r["Origin"] for r in table["Routes"]),
            ["CreateRoute", "CreateRouteTable"],
        )

        for name in ("web", "db"):
            ids[f"{name} group"] = ec2.create_security_group(
                GroupName=f"lifecycle-{name}",
                Description=f"for {name}",
                VpcId=ids["vpc"],
                TagSpecifications=named("security-group", f"sg-{name}"),
            )["GroupId"]
        self.https = [
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "https"}],
            }
        ]
        self.from_web = [
            {
                "IpProtocol": "tcp",
                "FromPort": 5432,
                "ToPort": 5432,
                "UserIdGroupPairs": [{"GroupId": ids["web group"]}],
            }
        ]
        ec2.authorize_security_group_ingress(GroupId=ids["web group"], IpPermissions=self.https)
        ec2.authorize_security_group_ingress(GroupId=ids["db group"], IpPermissions=self.from_web)
        web, db = (
            ec2.describe_security_groups(GroupIds=[ids[f"{n} group"]])["SecurityGroups"][0]
            for n in ("web", "db")
        )
        checks.same(
            "a rule for an address range",
            web["IpPermissions"][0]["IpRanges"],
            [{"CidrIp": "0.0.0.0/0", "Description": "https"}],
        )
        checks.same(
            "a rule for a group",
            [p["GroupId"] for p in db["IpPermissions"][0]["UserIdGroupPairs"]],
            [ids["web group"]],
        )
        checks.same(
            "all may leave at first",
            [(p["IpProtocol"], p["IpRanges"][0]["CidrIp"]) for p in web["IpPermissionsEgress"]],
            [("-1", "0.0.0.0/0")],
        )

        interface = ec2.create_network_interface(
            SubnetId=ids["private"],
            Groups=[ids["db group"]],
            Description="lone",
            TagSpecifications=named("network-interface", "eni-lone"),
        )["NetworkInterface"]
        ids["interface"] = interface["NetworkInterfaceId"]
        checks.that(
            "an interface starts pending or available",
            interface["Status"] in ("pending", "available"),
            interface["Status"],
        )
        self.wait("network_interface_available", NetworkInterfaceIds=[ids["interface"]])
        interface = ec2.describe_network_interfaces(NetworkInterfaceIds=[ids["interface"]])[
            "NetworkInterfaces"
        ][0]
        checks.same(
            "the interface's groups", [g["GroupId"] for g in interface["Groups"]], [ids["db group"]]
        )
        checks.that(
            "the interface's address",
            interface["PrivateIpAddress"].startswith("10.42.1."),
            interface["PrivateIpAddress"],
        )
        subnet = ec2.describe_subnets(SubnetIds=[ids["private"]])["Subnets"][0]
        checks.same("an interface uses up an address", subnet["AvailableIpAddressCount"], 250)

        address = ec2.allocate_address(
            Domain="vpc", TagSpecifications=named("elastic-ip", "eip-lone")
        )
        ids["second address"] = address["AllocationId"]
        ids["address association"] = ec2.associate_address(
            AllocationId=ids["second address"], NetworkInterfaceId=ids["interface"]
        )["AssociationId"]
        held = ec2.describe_addresses(AllocationIds=[ids["second address"]])["Addresses"][0]
        checks.same(
            "the address's holder",
            (held.get("NetworkInterfaceId"), held.get("AssociationId")),
            (ids["interface"], ids["address association"]),
        )

        volume = ec2.create_volume(
            AvailabilityZone=self.zone,
            Size=8,
            VolumeType="gp3",
            ClientToken="volume-1",
            TagSpecifications=named("volume", "vol-data"),
        )
        ids["volume"] = volume["VolumeId"]
        checks.that(
            "a volume starts creating",
            volume["State"] in ("creating", "available"),
            volume["State"],
        )
        checks.same(
            "a gp3 volume's base",
            (volume.get("Iops"), volume.get("Throughput")),
            (3000, 125),
            lax=("moto",),
        )
        if not checks.skip(("moto",)):
            again = ec2.create_volume(
                AvailabilityZone=self.zone,
                Size=8,
                VolumeType="gp3",
                ClientToken="volume-1",
                TagSpecifications=named("volume", "vol-data"),
            )
            checks.same("the same token makes no second volume", again["VolumeId"], ids["volume"])
        self.wait("volume_available", VolumeIds=[ids["volume"]])
        snapshot = ec2.create_snapshot(
            VolumeId=ids["volume"],
            Description="nightly",
            TagSpecifications=named("snapshot", "snap-data"),
        )
        ids["snapshot"] = snapshot["SnapshotId"]
        checks.same(
            "the snapshot's volume",
            (snapshot["VolumeId"], snapshot["VolumeSize"]),
            (ids["volume"], 8),
        )
        checks.same("the snapshot's owner", snapshot["OwnerId"], self.options.account)
        self.wait("snapshot_completed", SnapshotIds=[ids["snapshot"]])

    # --- Looking ------------------------------------------------------------------------------

    def look(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids

        def seen(call, result, key, **filters):
            return {item[key] for item in call(Filters=where(**filters))[result]}

        def subnets(**filters):
            return seen(ec2.describe_subnets, "Subnets", "SubnetId", **filters)

        three = {ids["public"], ids["private"], ids["spare"]}
        checks.same("by VPC", subnets(vpc_id=ids["vpc"]), three)
        checks.same("by tag", subnets(tag__role=ROLE, tag__tier="private"), {ids["private"]})
        checks.same(
            "by tag, any of",
            subnets(tag__tier=["private", "spare"]),
            {ids["private"], ids["spare"]},
        )
        checks.same("by tag key", subnets(tag_key="tier"), three)
        checks.same("wildcard *", subnets(tag__Name="subnet-*"), three)
        checks.same(
            "wildcard * in the middle", subnets(tag__Name="s*-p*"), {ids["public"], ids["private"]}
        )
        checks.same("wildcard ?", subnets(tag__Name="subnet-spar?"), {ids["spare"]})
        checks.same(
            "wildcard ? for nothing",
            subnets(tag__Name="subnet-spare?"),
            {ids["spare"]},
            lax=("moto",),
        )
        checks.same(
            "values are case-sensitive", subnets(tag__Name="SUBNET-*"), set(), lax=("moto",)
        )
        checks.same(
            "filters are and-ed",
            subnets(vpc_id=ids["vpc"], availability_zone=self.other_zone),
            {ids["spare"]},
        )
        checks.same("no match is an empty answer", subnets(vpc_id="vpc-0123456789abcdef0"), set())

        self.ec2.create_tags(Resources=[ids["spare"]], Tags=[{"Key": "note", "Value": "what?*"}])
        checks.same(
            "an escaped wildcard is itself",
            subnets(tag__note="what\\?\\*"),
            {ids["spare"]},
            lax=("moto",),
        )
        checks.same("and only itself", subnets(tag__note="wha\\*"), set())

        checks.same(
            "ids",
            {s["SubnetId"] for s in ec2.describe_subnets(SubnetIds=sorted(three))["Subnets"]},
            three,
        )
        answer = ec2.describe_subnets(SubnetIds=[ids["public"]], Filters=where(tag__tier="private"))
        checks.same("an id that the filter excludes", answer["Subnets"], [])
        checks.same(
            "groups by name",
            seen(
                ec2.describe_security_groups, "SecurityGroups", "GroupId", group_name="lifecycle-*"
            ),
            {ids["web group"], ids["db group"]},
        )
        checks.same(
            "interfaces by group",
            seen(
                ec2.describe_network_interfaces,
                "NetworkInterfaces",
                "NetworkInterfaceId",
                group_id=ids["db group"],
            ),
            {ids["interface"]},
        )
        checks.same(
            "interfaces by subnet",
            seen(
                ec2.describe_network_interfaces,
                "NetworkInterfaces",
                "NetworkInterfaceId",
                subnet_id=ids["private"],
            ),
            {ids["interface"]},
        )
        checks.same(
            "interfaces by state",
            seen(
                ec2.describe_network_interfaces,
                "NetworkInterfaces",
                "NetworkInterfaceId",
                vpc_id=ids["vpc"],
                status="available",
            ),
            {ids["interface"]},
            lax=("moto",),
        )
        found = ec2.describe_internet_gateways(
            Filters=[{"Name": "attachment.vpc-id", "Values": [ids["vpc"]]}]
        )["InternetGateways"]
        checks.same("gateways by VPC", [g["InternetGatewayId"] for g in found], [ids["igw"]])
        tables = ec2.describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [ids["private"]]}]
        )["RouteTables"]
        checks.same("tables by subnet", [t["RouteTableId"] for t in tables], [ids["private table"]])
        tables = (
            ec2.describe_route_tables(
                Filters=[{"Name": "route.nat-gateway-id", "Values": [ids["nat"]]}]
            )["RouteTables"]
            if not checks.skip(("moto",))
            else None
        )
        if tables is not None:
            checks.same(
                "tables by NAT gateway", [t["RouteTableId"] for t in tables], [ids["private table"]]
            )
        gateways = ec2.describe_nat_gateways(
            Filter=where(vpc_id=ids["vpc"], state=["available", "pending"])
        )["NatGateways"]
        checks.same(
            "NAT gateways by VPC and state", [g["NatGatewayId"] for g in gateways], [ids["nat"]]
        )
        gateways = ec2.describe_nat_gateways(Filter=where(tag__Name="nat-*"))["NatGateways"]
        checks.same(
            "NAT gateways by tag",
            [g["NatGatewayId"] for g in gateways],
            [ids["nat"]],
            lax=("moto",),
        )
        checks.same(
            "addresses by interface",
            seen(
                ec2.describe_addresses,
                "Addresses",
                "AllocationId",
                network_interface_id=ids["interface"],
            ),
            {ids["second address"]},
        )
        by_ip = ec2.describe_addresses(PublicIps=[self.public_ip])["Addresses"]
        checks.same("addresses by IP", [a["AllocationId"] for a in by_ip], [ids["address"]])
        checks.same(
            "volumes by state",
            seen(ec2.describe_volumes, "Volumes", "VolumeId", status="available", tag__role=ROLE),
            {ids["volume"]},
        )
        checks.same(
            "snapshots by volume",
            {
                s["SnapshotId"]
                for s in ec2.describe_snapshots(
                    OwnerIds=["self"], Filters=where(volume_id=ids["volume"])
                )["Snapshots"]
            },
            {ids["snapshot"]},
        )
        described = ec2.describe_tags(Filters=where(resource_id=ids["private"]))["Tags"]
        checks.same(
            "tags of one resource",
            {(t["Key"], t["Value"], t["ResourceType"]) for t in described},
            {
                ("Name", "subnet-private", "subnet"),
                ("role", ROLE, "subnet"),
                ("tier", "private", "subnet"),
            },
        )
        checks.same(
            "tags by kind",
            {
                t["ResourceId"]
                for t in ec2.describe_tags(Filters=where(resource_type="natgateway", key="role"))[
                    "Tags"
                ]
            },
            {ids["nat"]},
            lax=("moto",),
        )

        other = self.client(
            "ec2", region="eu-west-1" if self.options.region != "eu-west-1" else "us-east-1"
        )
        checks.same(
            "another Region has its own default VPC",
            len(other.describe_vpcs(Filters=where(is_default="true"))["Vpcs"]),
            1,
        )
        checks.refused(
            "another Region does not know this VPC",
            "InvalidVpcID.NotFound",
            other.describe_vpcs,
            VpcIds=[ids["vpc"]],
        )

    def tag(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids
        ec2.create_tags(
            Resources=[ids["volume"], ids["interface"]],
            Tags=[{"Key": "owner", "Value": "a"}, {"Key": "stage", "Value": ""}],
        )
        ec2.create_tags(Resources=[ids["volume"]], Tags=[{"Key": "owner", "Value": "b"}])

        def volume():
            tags = tags_of(ec2.describe_volumes(VolumeIds=[ids["volume"]])["Volumes"][0])
            return {k: v for k, v in tags.items() if k in ("owner", "stage")}

        checks.same("tags are overwritten", volume(), {"owner": "b", "stage": ""})
        if not checks.skip(("moto",)):
            ec2.delete_tags(Resources=[ids["volume"]], Tags=[{"Key": "owner", "Value": "a"}])
            checks.same("a tag of another value stays", volume(), {"owner": "b", "stage": ""})
        ec2.delete_tags(
            Resources=[ids["volume"], ids["interface"]], Tags=[{"Key": "owner"}, {"Key": "stage"}]
        )
        checks.same("tags are deleted by key", volume(), {})
        checks.refused(
            "a reserved tag key",
            "InvalidParameterValue",
            ec2.create_tags,
            Resources=[ids["volume"]],
            Tags=[{"Key": "aws:own", "Value": "x"}],
            lax=("moto",),
        )
        checks.refused(
            "tags for no resource",
            "InvalidID",
            ec2.create_tags,
            Resources=["nothing"],
            Tags=[{"Key": "a", "Value": "b"}],
        )

    def page(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids
        groups = {
            ec2.create_security_group(
                GroupName=f"page-{n}", Description="one of many", VpcId=ids["vpc"]
            )["GroupId"]
            for n in range(11)
        }
        volumes = {
            ec2.create_volume(
                AvailabilityZone=self.zone,
                Size=1,
                VolumeType="gp3",
                TagSpecifications=named("volume", f"page-{n}"),
            )["VolumeId"]
            for n in range(7)
        }
        self.wait("volume_available", VolumeIds=sorted(volumes))

        def pages(operation, result, key, **arguments):
            """MaxResults is 5: no page may be longer, and together they hold each item once."""
            found = list(
                ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 5}, **arguments)
            )
            items = [item[key] for page in found for item in page[result]]
            checks.that(
                f"{operation} in pages",
                all(len(page[result]) <= 5 for page in found) and len(found) > 1,
                [len(p[result]) for p in found],
            )
            checks.same(f"{operation} repeats nothing", len(items), len(set(items)))
            return set(items)

        if not checks.skip(("moto",)):
            listed = pages(
                "describe_security_groups",
                "SecurityGroups",
                "GroupId",
                Filters=where(vpc_id=ids["vpc"]),
            )
            checks.that("groups in pages", groups <= listed, listed)
            checks.same(
                "volumes in pages",
                pages("describe_volumes", "Volumes", "VolumeId", Filters=where(tag__Name="page-*")),
                volumes,
            )
            checks.same(
                "tags in pages",
                pages(
                    "describe_tags", "Tags", "ResourceId", Filters=where(key="Name", value="page-*")
                ),
                volumes,
            )
        limited = (
            ec2.get_paginator("describe_security_groups")
            .paginate(
                Filters=where(group_name="page-*"), PaginationConfig={"PageSize": 5, "MaxItems": 6}
            )
            .build_full_result()
        )
        checks.same("MaxItems across pages", len(limited["SecurityGroups"]), 6)
        checks.that("can be resumed", limited.get("NextToken"), limited.keys())
        rest = (
            ec2.get_paginator("describe_security_groups")
            .paginate(
                Filters=where(group_name="page-*"),
                PaginationConfig={"PageSize": 5, "StartingToken": limited["NextToken"]},
            )
            .build_full_result()
        )
        resumed = {g["GroupId"] for g in limited["SecurityGroups"] + rest["SecurityGroups"]}
        checks.same("and then holds all", resumed, groups)

        raw = self.raw
        checks.refused(
            "a page of 4", "InvalidParameterValue", raw.describe_vpcs, MaxResults=4, lax=("moto",)
        )
        checks.refused(
            "a page of 1001",
            "InvalidParameterValue",
            raw.describe_subnets,
            MaxResults=1001,
            lax=("moto",),
        )
        checks.refused(
            "a page of 101 tables",
            "InvalidParameterValue",
            raw.describe_route_tables,
            MaxResults=101,
            lax=("moto",),
        )
        checks.refused(
            "a token of nobody's",
            ("InvalidNextToken", "InvalidPaginationToken", "InvalidParameterValue"),
            ec2.describe_vpcs,
            NextToken="bogus",
            MaxResults=5,
            lax=("moto",),
        )
        checks.refused(
            "ids and pages",
            ("InvalidParameterCombination", "InvalidParameterValue"),
            ec2.describe_network_interfaces,
            NetworkInterfaceIds=[ids["interface"]],
            MaxResults=5,
            lax=("moto",),
        )

        for group in groups:
            ec2.delete_security_group(GroupId=group)
        for volume in volumes:
            ec2.delete_volume(VolumeId=volume)
        for volume in volumes:
            self.wait("volume_deleted", VolumeIds=[volume])

    # --- Refusals -----------------------------------------------------------------------------

    def unknown(self):
        """Ids that are nobody's, and ids that are none."""
        checks, ec2, ids = self.checks, self.ec2, self.ids
        hexes = "0123456789abcdef0"
        kinds = [
            # what, prefix, call, parameter, not found, malformed, emulators that differ on either
            (
                "VPC",
                "vpc",
                ec2.describe_vpcs,
                "VpcIds",
                "InvalidVpcID.NotFound",
                "InvalidVpcID.Malformed",
                (),
                ("moto",),
            ),
            (
                "subnet",
                "subnet",
                ec2.describe_subnets,
                "SubnetIds",
                "InvalidSubnetID.NotFound",
                "InvalidSubnetID.Malformed",
                (),
                ("moto",),
            ),
            (
                "route table",
                "rtb",
                ec2.describe_route_tables,
                "RouteTableIds",
                "InvalidRouteTableID.NotFound",
                "InvalidRouteTableId.Malformed",
                (),
                ("moto",),
            ),
            (
                "internet gateway",
                "igw",
                ec2.describe_internet_gateways,
                "InternetGatewayIds",
                "InvalidInternetGatewayID.NotFound",
                "InvalidInternetGatewayId.Malformed",
                (),
                ("moto",),
            ),
            (
                "NAT gateway",
                "nat",
                ec2.describe_nat_gateways,
                "NatGatewayIds",
                "NatGatewayNotFound",
                "NatGatewayMalformed",
                ("moto",),
                ("moto",),
            ),
            (
                "address",
                "eipalloc",
                ec2.describe_addresses,
                "AllocationIds",
                "InvalidAllocationID.NotFound",
                None,
                (),
                (),
            ),
            (
                "interface",
                "eni",
                ec2.describe_network_interfaces,
                "NetworkInterfaceIds",
                "InvalidNetworkInterfaceID.NotFound",
                "InvalidNetworkInterfaceId.Malformed",
                (),
                ("moto",),
            ),
            (
                "group",
                "sg",
                ec2.describe_security_groups,
                "GroupIds",
                "InvalidGroup.NotFound",
                ("InvalidGroupId.Malformed", "InvalidSecurityGroupId.Malformed"),
                (),
                ("moto",),
            ),
            (
                "volume",
                "vol",
                ec2.describe_volumes,
                "VolumeIds",
                "InvalidVolume.NotFound",
                ("InvalidVolumeID.Malformed", "InvalidParameterValue"),
                (),
                ("moto",),
            ),
            (
                "snapshot",
                "snap",
                ec2.describe_snapshots,
                "SnapshotIds",
                "InvalidSnapshot.NotFound",
                "InvalidSnapshotID.Malformed",
                ("moto",),
                ("moto",),
            ),
            (
                "image",
                "ami",
                ec2.describe_images,
                "ImageIds",
                "InvalidAMIID.NotFound",
                "InvalidAMIID.Malformed",
                (),
                ("moto",),
            ),
            (
                "instance",
                "i",
                ec2.describe_instances,
                "InstanceIds",
                "InvalidInstanceID.NotFound",
                "InvalidInstanceID.Malformed",
                (),
                ("moto",),
            ),
            (
                "endpoint",
                "vpce",
                ec2.describe_vpc_endpoints,
                "VpcEndpointIds",
                "InvalidVpcEndpointId.NotFound",
                "InvalidVpcEndpointId.Malformed",
                (),
                ("moto",),
            ),
        ]
        for (
            what,
            prefix,
            call,
            parameter,
            not_found,
            malformed,
            lax_unknown,
            lax_malformed,
        ) in kinds:
            checks.refused(
                f"describe an unknown {what}",
                not_found,
                call,
                status=400,
                says=f"{prefix}-{hexes}",
                lax=lax_unknown,
                **{parameter: [f"{prefix}-{hexes}"]},
            )
            if malformed:
                checks.refused(
                    f"describe a malformed {what}",
                    malformed,
                    call,
                    status=400,
                    lax=lax_malformed,
                    **{parameter: [f"{prefix}-nothex"]},
                )
        checks.refused(
            "one unknown id fails all",
            "InvalidSubnetID.NotFound",
            ec2.describe_subnets,
            SubnetIds=[ids["public"], f"subnet-{hexes}"],
        )
        checks.refused(
            "an id of another kind",
            "InvalidInstanceID.Malformed",
            ec2.describe_instances,
            InstanceIds=[ids["volume"]],
            lax=("moto",),
        )
        checks.refused(
            "a filter that is none",
            "InvalidParameterValue",
            ec2.describe_vpcs,
            Filters=where(colour="red"),
            lax=("moto",),
        )

        deletes = [
            ("VPC", ec2.delete_vpc, "VpcId", "vpc", "InvalidVpcID.NotFound", ()),
            ("subnet", ec2.delete_subnet, "SubnetId", "subnet", "InvalidSubnetID.NotFound", ()),
            (
                "route table",
                ec2.delete_route_table,
                "RouteTableId",
                "rtb",
                "InvalidRouteTableID.NotFound",
                (),
            ),
            (
                "internet gateway",
                ec2.delete_internet_gateway,
                "InternetGatewayId",
                "igw",
                "InvalidInternetGatewayID.NotFound",
                (),
            ),
            (
                "NAT gateway",
                ec2.delete_nat_gateway,
                "NatGatewayId",
                "nat",
                "NatGatewayNotFound",
                ("moto",),
            ),
            (
                "address",
                ec2.release_address,
                "AllocationId",
                "eipalloc",
                "InvalidAllocationID.NotFound",
                (),
            ),
            (
                "interface",
                ec2.delete_network_interface,
                "NetworkInterfaceId",
                "eni",
                "InvalidNetworkInterfaceID.NotFound",
                (),
            ),
            ("group", ec2.delete_security_group, "GroupId", "sg", "InvalidGroup.NotFound", ()),
            ("volume", ec2.delete_volume, "VolumeId", "vol", "InvalidVolume.NotFound", ()),
            ("snapshot", ec2.delete_snapshot, "SnapshotId", "snap", "InvalidSnapshot.NotFound", ()),
            ("image", ec2.deregister_image, "ImageId", "ami", "InvalidAMIID.NotFound", ()),
            (
                "association",
                ec2.disassociate_route_table,
                "AssociationId",
                "rtbassoc",
                "InvalidAssociationID.NotFound",
                (),
            ),
        ]
        for what, call, parameter, prefix, code, lax in deletes:
            checks.refused(
                f"delete an unknown {what}",
                code,
                call,
                status=400,
                lax=lax,
                **{parameter: f"{prefix}-{hexes}"},
            )
        checks.refused(
            "terminate an unknown instance",
            "InvalidInstanceID.NotFound",
            ec2.terminate_instances,
            InstanceIds=[f"i-{hexes}"],
        )

    def dry(self):
        """A dry run says whether the caller may; it changes nothing and asks for no dependencies."""
        checks, ec2, ids = self.checks, self.ec2, self.ids
        before = self.inventory()
        runs = [
            ("CreateVpc", ec2.create_vpc, {"CidrBlock": "10.43.0.0/16"}, ("moto",)),
            (
                "CreateSubnet",
                ec2.create_subnet,
                {"VpcId": ids["vpc"], "CidrBlock": "10.42.9.0/24"},
                ("moto",),
            ),
            (
                "CreateNatGateway",
                ec2.create_nat_gateway,
                {"SubnetId": ids["public"], "ConnectivityType": "private"},
                ("moto",),
            ),
            ("CreateVolume", ec2.create_volume, {"AvailabilityZone": self.zone, "Size": 1}, ()),
            ("CreateSnapshot", ec2.create_snapshot, {"VolumeId": ids["volume"]}, ()),
            ("AllocateAddress", ec2.allocate_address, {"Domain": "vpc"}, ()),
            ("DescribeVpcs", ec2.describe_vpcs, {}, ("moto",)),
            ("DescribeVolumes", ec2.describe_volumes, {}, ("moto",)),
            ("DescribeNatGateways", ec2.describe_nat_gateways, {}, ("moto",)),
            ("DescribeAddresses", ec2.describe_addresses, {}, ()),
            ("DeleteVpc that has subnets", ec2.delete_vpc, {"VpcId": ids["vpc"]}, ("moto",)),
            (
                "DeleteSubnet that has interfaces",
                ec2.delete_subnet,
                {"SubnetId": ids["private"]},
                ("moto",),
            ),
            ("DeleteNatGateway", ec2.delete_nat_gateway, {"NatGatewayId": ids["nat"]}, ("moto",)),
            (
                "ReleaseAddress that is held",
                ec2.release_address,
                {"AllocationId": ids["address"]},
                (),
            ),
            (
                "DeleteSecurityGroup that is used",
                ec2.delete_security_group,
                {"GroupId": ids["web group"]},
                (),
            ),
            (
                "DeleteNetworkInterface",
                ec2.delete_network_interface,
                {"NetworkInterfaceId": ids["interface"]},
                (),
            ),
            (
                "DeleteInternetGateway that is attached",
                ec2.delete_internet_gateway,
                {"InternetGatewayId": ids["igw"]},
                (),
            ),
            (
                "DetachInternetGateway",
                ec2.detach_internet_gateway,
                {"InternetGatewayId": ids["igw"], "VpcId": ids["vpc"]},
                ("moto",),
            ),
            (
                "DeleteRoute",
                ec2.delete_route,
                {"RouteTableId": ids["private table"], "DestinationCidrBlock": "0.0.0.0/0"},
                ("moto",),
            ),
            (
                "DeleteRouteTable",
                ec2.delete_route_table,
                {"RouteTableId": ids["private table"]},
                ("moto",),
            ),
            ("DeleteVolume", ec2.delete_volume, {"VolumeId": ids["volume"]}, ()),
            ("DeleteSnapshot", ec2.delete_snapshot, {"SnapshotId": ids["snapshot"]}, ()),
            (
                "CreateTags",
                ec2.create_tags,
                {"Resources": [ids["volume"]], "Tags": [{"Key": "dry", "Value": "run"}]},
                (),
            ),
        ]
        for what, call, arguments, lax in runs:
            checks.refused(
                f"dry run of {what}",
                "DryRunOperation",
                call,
                status=412,
                says="Request would have succeeded",
                lax=lax,
                DryRun=True,
                **arguments,
            )
        checks.refused(
            "dry run with an unknown id",
            "InvalidVolume.NotFound",
            ec2.delete_volume,
            VolumeId="vol-0123456789abcdef0",
            DryRun=True,
            lax=("moto",),
        )
        checks.refused(
            "dry run with a malformed id",
            "InvalidVpcID.Malformed",
            ec2.delete_vpc,
            VpcId="vpc-nothex",
            DryRun=True,
            lax=("moto",),
        )
        checks.same("dry runs change nothing", self.inventory() ^ before, set())
        checks.that(
            "not even a tag",
            "dry" not in tags_of(ec2.describe_volumes(VolumeIds=[ids["volume"]])["Volumes"][0]),
        )

    def refuse(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids
        before = self.inventory()
        blocked = "DependencyViolation"

        checks.refused(
            "DeleteVpc with subnets",
            blocked,
            ec2.delete_vpc,
            VpcId=ids["vpc"],
            status=400,
            says="has dependencies and cannot be deleted",
        )
        checks.refused(
            "DeleteSubnet with an interface",
            blocked,
            ec2.delete_subnet,
            SubnetId=ids["private"],
            says="has dependencies and cannot be deleted",
            lax=("moto",),
        )
        checks.refused(
            "DeleteSubnet with a NAT gateway",
            blocked,
            ec2.delete_subnet,
            SubnetId=ids["public"],
            lax=("moto",),
        )
        checks.refused(
            "DeleteInternetGateway that is attached",
            blocked,
            ec2.delete_internet_gateway,
            InternetGatewayId=ids["igw"],
        )
        checks.refused(
            "DetachInternetGateway with mapped addresses",
            blocked,
            ec2.detach_internet_gateway,
            InternetGatewayId=ids["igw"],
            VpcId=ids["vpc"],
            says="has some mapped public address(es)",
            lax=("moto",),
        )
        checks.refused(
            "DeleteRouteTable that is associated",
            blocked,
            ec2.delete_route_table,
            RouteTableId=ids["private table"],
        )
        checks.refused(
            "DeleteRouteTable that is main",
            blocked,
            ec2.delete_route_table,
            RouteTableId=ids["main table"],
            lax=("moto",),
        )
        checks.refused(
            "DeleteSecurityGroup that is referenced",
            blocked,
            ec2.delete_security_group,
            GroupId=ids["web group"],
            says="has a dependent object",
            lax=("moto",),
        )
        checks.refused(
            "DeleteSecurityGroup that is used",
            blocked,
            ec2.delete_security_group,
            GroupId=ids["db group"],
            lax=("moto",),
        )
        default = ec2.describe_security_groups(
            Filters=where(vpc_id=ids["vpc"], group_name="default")
        )["SecurityGroups"][0]
        checks.refused(
            "DeleteSecurityGroup of the default one",
            "CannotDelete",
            ec2.delete_security_group,
            GroupId=default["GroupId"],
            lax=("moto",),
        )
        checks.refused(
            "ReleaseAddress held by a NAT gateway",
            "InvalidIPAddress.InUse",
            ec2.release_address,
            AllocationId=ids["address"],
            lax=("moto",),
        )
        checks.refused(
            "ReleaseAddress held by an interface",
            "InvalidIPAddress.InUse",
            ec2.release_address,
            AllocationId=ids["second address"],
            lax=("moto",),
        )
        checks.refused(
            "ReleaseAddress by IP",
            ("InvalidParameterValue", "InvalidParameterCombination"),
            ec2.release_address,
            PublicIp=self.public_ip,
            lax=("moto",),
        )
        checks.refused(
            "DeleteNetworkInterface of a NAT gateway",
            (
                "InvalidParameterValue",
                "InvalidNetworkInterface.InUse",
                "OperationNotPermitted",
                "AuthFailure",
            ),
            ec2.delete_network_interface,
            NetworkInterfaceId=ids["nat interface"],
            lax=("moto",),
        )
        checks.refused(
            "DeleteRoute that is local",
            "InvalidParameterValue",
            ec2.delete_route,
            RouteTableId=ids["private table"],
            DestinationCidrBlock="10.42.0.0/16",
            lax=("moto",),
        )
        checks.refused(
            "DeleteRoute that is not there",
            "InvalidRoute.NotFound",
            ec2.delete_route,
            RouteTableId=ids["private table"],
            DestinationCidrBlock="192.0.2.0/24",
        )
        checks.refused(
            "CreateRoute twice",
            "RouteAlreadyExists",
            ec2.create_route,
            RouteTableId=ids["private table"],
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=ids["igw"],
        )
        checks.refused(
            "AttachInternetGateway twice",
            "Resource.AlreadyAssociated",
            ec2.attach_internet_gateway,
            InternetGatewayId=ids["igw"],
            VpcId=ids["vpc"],
        )
        checks.refused(
            "CreateSubnet over another",
            "InvalidSubnet.Conflict",
            ec2.create_subnet,
            VpcId=ids["vpc"],
            CidrBlock="10.42.1.0/25",
        )
        checks.refused(
            "CreateSubnet outside of the VPC",
            "InvalidSubnet.Range",
            ec2.create_subnet,
            VpcId=ids["vpc"],
            CidrBlock="10.99.0.0/24",
        )
        checks.refused(
            "CreateVpc too large", "InvalidVpc.Range", ec2.create_vpc, CidrBlock="10.0.0.0/8"
        )
        checks.refused(
            "CreateSecurityGroup twice",
            "InvalidGroup.Duplicate",
            ec2.create_security_group,
            GroupName="lifecycle-web",
            Description="again",
            VpcId=ids["vpc"],
        )
        checks.refused(
            "the same rule twice",
            "InvalidPermission.Duplicate",
            ec2.authorize_security_group_ingress,
            GroupId=ids["web group"],
            IpPermissions=self.https,
        )
        checks.refused(
            "revoking a rule that is not there",
            "InvalidPermission.NotFound",
            ec2.revoke_security_group_ingress,
            GroupId=ids["web group"],
            IpPermissions=[
                {
                    "IpProtocol": "udp",
                    "FromPort": 53,
                    "ToPort": 53,
                    "IpRanges": [{"CidrIp": "192.0.2.0/24"}],
                }
            ],
        )
        checks.refused(
            "a rule for an unknown group",
            "InvalidGroup.NotFound",
            ec2.authorize_security_group_ingress,
            GroupId="sg-0123456789abcdef0",
            IpPermissions=self.https,
        )
        checks.refused(
            "CreateNatGateway in no subnet",
            "InvalidSubnetID.NotFound",
            ec2.create_nat_gateway,
            SubnetId="subnet-0123456789abcdef0",
            AllocationId=ids["address"],
            lax=("moto",),
        )
        checks.refused(
            "CreateNatGateway with a spent token",
            "IdempotentParameterMismatch",
            ec2.create_nat_gateway,
            SubnetId=ids["private"],
            AllocationId=ids["address"],
            ClientToken="nat-1",
            lax=("moto",),
        )
        checks.refused(
            "CreateVolume with a spent token",
            "IdempotentParameterMismatch",
            ec2.create_volume,
            AvailabilityZone=self.zone,
            Size=9,
            VolumeType="gp3",
            ClientToken="volume-1",
            lax=("moto",),
        )
        checks.refused(
            "CreateVolume in no zone",
            "InvalidZone.NotFound",
            ec2.create_volume,
            AvailabilityZone="xx-nowhere-1a",
            Size=1,
            lax=("moto",),
        )
        checks.refused(
            "CreateVolume of no size",
            ("MissingParameter", "InvalidParameterCombination"),
            ec2.create_volume,
            AvailabilityZone=self.zone,
            lax=("moto",),
        )
        checks.refused(
            "CreateSnapshot of no volume",
            "InvalidVolume.NotFound",
            ec2.create_snapshot,
            VolumeId="vol-0123456789abcdef0",
        )
        checks.refused(
            "DetachVolume that is not attached",
            "IncorrectState",
            ec2.detach_volume,
            VolumeId=ids["volume"],
            lax=("moto",),
        )
        checks.refused(
            "a call without its parameter", "MissingParameter", self.raw.delete_vpc, lax=("moto",)
        )
        checks.refused(
            "a call that the twin does not model",
            ("UnsupportedOperation", "InvalidAction"),
            ec2.create_traffic_mirror_filter,
            lax=("moto",),
        )
        checks.same("refused calls change nothing", self.inventory() ^ before, set())

    # --- Instances ----------------------------------------------------------------------------

    def instances(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids
        ids["image"] = ec2.register_image(
            Name="lifecycle-image",
            Architecture="x86_64",
            RootDeviceName="/dev/xvda",
            VirtualizationType="hvm",
            BlockDeviceMappings=[
                {
                    "DeviceName": "/dev/xvda",
                    "Ebs": {
                        "SnapshotId": ids["snapshot"],
                        "VolumeType": "gp3",
                        "DeleteOnTermination": True,
                    },
                }
            ],
        )["ImageId"]
        self.wait("image_available", ImageIds=[ids["image"]])
        image = ec2.describe_images(Owners=["self"], Filters=where(name="lifecycle-*"))["Images"][0]
        checks.same("the image", (image["ImageId"], image["State"]), (ids["image"], "available"))
        self.leftovers.update(
            m["Ebs"]["SnapshotId"] for m in image["BlockDeviceMappings"] if "Ebs" in m
        )
        checks.same(
            "its snapshot",
            [m["Ebs"]["SnapshotId"] for m in image["BlockDeviceMappings"] if "Ebs" in m],
            [ids["snapshot"]],
            lax=("moto",),
        )
        checks.refused(
            "DeleteSnapshot used by an image",
            "InvalidSnapshot.InUse",
            ec2.delete_snapshot,
            SnapshotId=ids["snapshot"],
            lax=("moto",),
        )
        checks.refused(
            "RunInstances of no image",
            "InvalidAMIID.NotFound",
            ec2.run_instances,
            ImageId="ami-0123456789abcdef0",
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            SubnetId=ids["private"],
            lax=("moto",),
        )

        instance = ec2.run_instances(
            ImageId=ids["image"],
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            SubnetId=ids["private"],
            SecurityGroupIds=[ids["web group"]],
            ClientToken="run-1",
            DisableApiTermination=True,
            TagSpecifications=named("instance", "i-app") + named("volume", "vol-root"),
        )["Instances"][0]
        ids["instance"] = instance["InstanceId"]
        checks.same("an instance starts pending", instance["State"]["Name"], "pending")
        self.wait("instance_running", InstanceIds=[ids["instance"]])
        instance = ec2.describe_instances(InstanceIds=[ids["instance"]])["Reservations"][0][
            "Instances"
        ][0]
        checks.same(
            "its place",
            (instance["VpcId"], instance["SubnetId"], instance["Placement"]["AvailabilityZone"]),
            (ids["vpc"], ids["private"], self.zone),
        )
        checks.same(
            "its groups", [g["GroupId"] for g in instance["SecurityGroups"]], [ids["web group"]]
        )
        root = instance["BlockDeviceMappings"][0]["Ebs"]
        own = instance["NetworkInterfaces"][0]
        self.leftovers.add(own["NetworkInterfaceId"])
        checks.that("its root volume goes with it", root["DeleteOnTermination"], root)
        checks.same(
            "its interface", (own["Status"], own["Attachment"]["DeviceIndex"]), ("in-use", 0)
        )
        checks.same(
            "tags on its volume",
            tags_of(ec2.describe_volumes(VolumeIds=[root["VolumeId"]])["Volumes"][0]).get("Name"),
            "vol-root",
        )
        found = ec2.describe_instances(
            Filters=where(instance_state_name="running", tag__Name="i-*")
        )["Reservations"]
        checks.same(
            "instances by state",
            [i["InstanceId"] for r in found for i in r["Instances"]],
            [ids["instance"]],
        )

        protected = "OperationNotPermitted"
        checks.refused(
            "TerminateInstances that are protected",
            protected,
            ec2.terminate_instances,
            InstanceIds=[ids["instance"]],
            says="disableApiTermination",
            lax=("moto",),
        )
        ec2.modify_instance_attribute(
            InstanceId=ids["instance"], DisableApiTermination={"Value": False}
        )

        ec2.attach_volume(VolumeId=ids["volume"], InstanceId=ids["instance"], Device="/dev/sdf")
        self.wait("volume_in_use", VolumeIds=[ids["volume"]])
        volume = ec2.describe_volumes(
            Filters=[
                {"Name": "attachment.instance-id", "Values": [ids["instance"]]},
                {"Name": "attachment.device", "Values": ["/dev/sdf"]},
            ]
        )["Volumes"]
        checks.same(
            "volumes by instance and device", [v["VolumeId"] for v in volume], [ids["volume"]]
        )
        checks.same(
            "its attachment",
            [
                (a["InstanceId"], a["Device"], a.get("DeleteOnTermination"))
                for a in volume[0]["Attachments"]
            ],
            [(ids["instance"], "/dev/sdf", False)],
            lax=("moto",),
        )
        checks.refused(
            "DeleteVolume that is attached",
            "VolumeInUse",
            ec2.delete_volume,
            VolumeId=ids["volume"],
            status=400,
            says="is currently attached to",
        )
        checks.refused(
            "AttachVolume twice",
            "VolumeInUse",
            ec2.attach_volume,
            VolumeId=ids["volume"],
            InstanceId=ids["instance"],
            Device="/dev/sdg",
            lax=("moto",),
        )
        far = ec2.create_volume(AvailabilityZone=self.other_zone, Size=1, VolumeType="gp3")[
            "VolumeId"
        ]
        self.wait("volume_available", VolumeIds=[far])
        checks.refused(
            "AttachVolume across zones",
            "InvalidVolume.ZoneMismatch",
            ec2.attach_volume,
            VolumeId=far,
            InstanceId=ids["instance"],
            Device="/dev/sdh",
            lax=("moto",),
        )
        ec2.delete_volume(VolumeId=far)
        checks.refused(
            "DetachVolume of a running root",
            ("IncorrectState", "OperationNotPermitted"),
            ec2.detach_volume,
            VolumeId=root["VolumeId"],
            lax=("moto",),
        )
        checks.refused(
            "DeleteSecurityGroup of an instance",
            "DependencyViolation",
            ec2.delete_security_group,
            GroupId=ids["web group"],
            lax=("moto",),
        )

        extra = ec2.create_network_interface(SubnetId=ids["private"], Groups=[ids["web group"]])[
            "NetworkInterface"
        ]["NetworkInterfaceId"]
        self.wait("network_interface_available", NetworkInterfaceIds=[extra])
        attachment = ec2.attach_network_interface(
            NetworkInterfaceId=extra, InstanceId=ids["instance"], DeviceIndex=1
        )["AttachmentId"]
        checks.refused(
            "DeleteNetworkInterface that is attached",
            ("InvalidParameterValue", "InvalidNetworkInterface.InUse"),
            ec2.delete_network_interface,
            NetworkInterfaceId=extra,
            says="in use",
            lax=("moto",),
        )
        checks.refused(
            "DetachNetworkInterface of index 0",
            "OperationNotPermitted",
            ec2.detach_network_interface,
            AttachmentId=own["Attachment"]["AttachmentId"],
            lax=("moto",),
        )
        ec2.detach_network_interface(AttachmentId=attachment)
        self.wait("network_interface_available", NetworkInterfaceIds=[extra])
        ec2.delete_network_interface(NetworkInterfaceId=extra)

        ec2.stop_instances(InstanceIds=[ids["instance"]])
        self.wait("instance_stopped", InstanceIds=[ids["instance"]])
        stopped = ec2.describe_instances(InstanceIds=[ids["instance"]])["Reservations"][0][
            "Instances"
        ][0]
        checks.same(
            "a stopped instance keeps its interface",
            [n["NetworkInterfaceId"] for n in stopped["NetworkInterfaces"]],
            [own["NetworkInterfaceId"]],
        )
        checks.same(
            "and its volumes",
            {m["Ebs"]["VolumeId"] for m in stopped["BlockDeviceMappings"]},
            {root["VolumeId"], ids["volume"]},
        )
        ec2.start_instances(InstanceIds=[ids["instance"]])
        self.wait("instance_running", InstanceIds=[ids["instance"]])

        ec2.terminate_instances(InstanceIds=[ids["instance"]])
        self.wait("instance_terminated", InstanceIds=[ids["instance"]])
        self.wait("volume_deleted", VolumeIds=[root["VolumeId"]])
        self.wait("volume_available", VolumeIds=[ids["volume"]])
        checks.refused(
            "the root volume is gone",
            "InvalidVolume.NotFound",
            ec2.describe_volumes,
            VolumeIds=[root["VolumeId"]],
        )
        checks.refused(
            "its interface is gone",
            "InvalidNetworkInterfaceID.NotFound",
            ec2.describe_network_interfaces,
            NetworkInterfaceIds=[own["NetworkInterfaceId"]],
            lax=("moto",),
        )
        again = ec2.terminate_instances(InstanceIds=[ids["instance"]])["TerminatingInstances"][0]
        checks.same(
            "terminating twice is no error",
            again["CurrentState"]["Name"],
            "terminated",
            lax=("moto",),
        )

        ec2.deregister_image(ImageId=ids["image"])
        left = ec2.describe_snapshots(SnapshotIds=[ids["snapshot"]])["Snapshots"]
        checks.same("the image's snapshot stays", [s["State"] for s in left], ["completed"])

    # --- Endpoints ----------------------------------------------------------------------------

    def endpoints(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids

        def state(endpoint):
            try:
                return ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0][
                    "State"
                ].lower()
            except ClientError as error:
                if error.response["Error"]["Code"] == "InvalidVpcEndpointId.NotFound":
                    return "deleted"
                raise

        def wait(endpoint, wanted):
            for _ in range(WAIT["MaxAttempts"]):
                if state(endpoint) == wanted:
                    return
                time.sleep(WAIT["Delay"])
            checks.same(f"{endpoint} in time", state(endpoint), wanted)

        def targets():
            table = ec2.describe_route_tables(RouteTableIds=[ids["private table"]])["RouteTables"][
                0
            ]
            return [
                route.get("GatewayId")
                for route in table["Routes"]
                if "DestinationPrefixListId" in route
            ]

        service = f"com.amazonaws.{self.options.region}"
        gateway = ec2.create_vpc_endpoint(
            VpcEndpointType="Gateway",
            VpcId=ids["vpc"],
            ServiceName=f"{service}.s3",
            RouteTableIds=[ids["private table"]],
            TagSpecifications=named("vpc-endpoint", "vpce-s3"),
        )["VpcEndpoint"]["VpcEndpointId"]
        wait(gateway, "available")
        checks.same("a gateway endpoint's route", targets(), [gateway], lax=("moto",))
        interface = ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=ids["vpc"],
            ServiceName=f"{service}.sqs",
            SubnetIds=[ids["spare"]],
            SecurityGroupIds=[ids["web group"]],
        )["VpcEndpoint"]["VpcEndpointId"]
        wait(interface, "available")
        found = ec2.describe_vpc_endpoints(VpcEndpointIds=[interface])["VpcEndpoints"][0]
        checks.same("an interface endpoint's interfaces", len(found["NetworkInterfaceIds"]), 1)
        checks.same(
            "endpoints by type",
            {
                e["VpcEndpointId"]
                for e in ec2.describe_vpc_endpoints(
                    Filters=where(vpc_id=ids["vpc"], vpc_endpoint_type="Gateway")
                )["VpcEndpoints"]
            },
            {gateway},
        )
        checks.refused(
            "DeleteSubnet with an endpoint",
            "DependencyViolation",
            ec2.delete_subnet,
            SubnetId=ids["spare"],
            lax=("moto",),
        )
        unknown = "vpce-0123456789abcdef0"
        answer = (
            ec2.delete_vpc_endpoints(VpcEndpointIds=[gateway, interface, unknown])
            if not checks.skip(("moto",))
            else None
        )
        if answer is None:
            ec2.delete_vpc_endpoints(VpcEndpointIds=[gateway, interface])
        else:
            unsuccessful = [
                (u["ResourceId"], u["Error"]["Code"].split(".")[-1]) for u in answer["Unsuccessful"]
            ]
            checks.same("deleting one that is unknown", unsuccessful, [(unknown, "NotFound")])
        wait(gateway, "deleted")
        wait(interface, "deleted")
        checks.same("its route is gone", targets(), [])
        left = ec2.describe_network_interfaces(
            Filters=where(network_interface_id=found["NetworkInterfaceIds"])
        )["NetworkInterfaces"]
        checks.same("its interface is gone", left, [])

    # --- Taking down --------------------------------------------------------------------------

    def teardown(self):
        checks, ec2, ids = self.checks, self.ec2, self.ids
        blocked = "DependencyViolation"

        answer = ec2.delete_nat_gateway(NatGatewayId=ids["nat"])
        checks.same("the NAT gateway that goes", answer["NatGatewayId"], ids["nat"])
        states = [
            g["State"] for g in ec2.describe_nat_gateways(NatGatewayIds=[ids["nat"]])["NatGateways"]
        ]
        checks.that("its state", states in (["deleting"], ["deleted"]), states, lax=("moto",))
        self.wait("nat_gateway_deleted", NatGatewayIds=[ids["nat"]])
        states = [
            g["State"]
            for g in ec2.describe_nat_gateways(Filter=where(nat_gateway_id=ids["nat"]))[
                "NatGateways"
            ]
        ]
        checks.same("a deleted NAT gateway stays in sight", states, ["deleted"], lax=("moto",))
        table = ec2.describe_route_tables(RouteTableIds=[ids["private table"]])["RouteTables"][0]
        states = [r["State"] for r in table["Routes"] if r["DestinationCidrBlock"] == "0.0.0.0/0"]
        checks.same("its route is a black hole", states, ["blackhole"], lax=("moto",))
        checks.refused(
            "its interface is gone",
            "InvalidNetworkInterfaceID.NotFound",
            ec2.describe_network_interfaces,
            NetworkInterfaceIds=[ids["nat interface"]],
            lax=("moto",),
        )
        freed = ec2.describe_addresses(AllocationIds=[ids["address"]])["Addresses"][0]
        checks.that("its address is free", not freed.get("AssociationId"), freed, lax=("moto",))
        ec2.release_address(AllocationId=ids["address"])
        checks.refused(
            "ReleaseAddress twice",
            "InvalidAllocationID.NotFound",
            ec2.release_address,
            AllocationId=ids["address"],
        )

        ec2.disassociate_address(AssociationId=ids["address association"])
        freed = ec2.describe_addresses(AllocationIds=[ids["second address"]])["Addresses"][0]
        checks.that("a disassociated address is free", not freed.get("AssociationId"), freed)
        ec2.release_address(AllocationId=ids["second address"])
        ec2.delete_network_interface(NetworkInterfaceId=ids["interface"])

        ec2.delete_volume(VolumeId=ids["volume"])
        self.wait("volume_deleted", VolumeIds=[ids["volume"]])
        checks.refused(
            "DeleteVolume twice",
            "InvalidVolume.NotFound",
            ec2.delete_volume,
            VolumeId=ids["volume"],
        )
        checks.same(
            "a snapshot outlives its volume",
            len(ec2.describe_snapshots(SnapshotIds=[ids["snapshot"]])["Snapshots"]),
            1,
        )
        ec2.delete_snapshot(SnapshotId=ids["snapshot"])
        checks.refused(
            "DeleteSnapshot twice",
            "InvalidSnapshot.NotFound",
            ec2.delete_snapshot,
            SnapshotId=ids["snapshot"],
        )

        ec2.revoke_security_group_ingress(GroupId=ids["db group"], IpPermissions=self.from_web)
        db = ec2.describe_security_groups(GroupIds=[ids["db group"]])["SecurityGroups"][0]
        checks.same("a revoked rule is gone", db["IpPermissions"], [])
        ec2.delete_security_group(GroupId=ids["web group"])
        for name in ("public", "private"):
            ec2.disassociate_route_table(AssociationId=ids[f"{name} association"])
        ec2.delete_route_table(RouteTableId=ids["public table"])
        for name in ("public", "private", "spare"):
            ec2.delete_subnet(SubnetId=ids[name])
        checks.refused(
            "DeleteSubnet twice",
            "InvalidSubnetID.NotFound",
            ec2.delete_subnet,
            SubnetId=ids["spare"],
        )

        # What is left blocks the VPC, one by one.
        checks.refused("DeleteVpc with a route table", blocked, ec2.delete_vpc, VpcId=ids["vpc"])
        ec2.delete_route(RouteTableId=ids["private table"], DestinationCidrBlock="0.0.0.0/0")
        ec2.delete_route_table(RouteTableId=ids["private table"])
        checks.refused(
            "DeleteVpc with a group", blocked, ec2.delete_vpc, VpcId=ids["vpc"], lax=("moto",)
        )
        ec2.delete_security_group(GroupId=ids["db group"])
        checks.refused(
            "DeleteVpc with an internet gateway",
            blocked,
            ec2.delete_vpc,
            VpcId=ids["vpc"],
            lax=("moto",),
        )
        ec2.detach_internet_gateway(InternetGatewayId=ids["igw"], VpcId=ids["vpc"])
        checks.refused(
            "DetachInternetGateway twice",
            "Gateway.NotAttached",
            ec2.detach_internet_gateway,
            InternetGatewayId=ids["igw"],
            VpcId=ids["vpc"],
        )
        ec2.delete_internet_gateway(InternetGatewayId=ids["igw"])
        ec2.delete_vpc(VpcId=ids["vpc"])
        checks.refused("DeleteVpc twice", "InvalidVpcID.NotFound", ec2.delete_vpc, VpcId=ids["vpc"])
        checks.same(
            "what a VPC comes with goes with it",
            ec2.describe_security_groups(Filters=where(vpc_id=ids["vpc"]))["SecurityGroups"],
            [],
        )
        tables = ec2.describe_route_tables(Filters=where(vpc_id=ids["vpc"]))["RouteTables"]
        checks.same("its main table too", tables, [])

    def end(self):
        after = self.inventory()
        if self.checks.lax:
            after -= self.leftovers
        self.checks.same("the account is as it was: what is left", after - self.before, set())
        self.checks.same("the account is as it was: what is missing", self.before - after, set())


SECTIONS = [
    "start",
    "build",
    "look",
    "tag",
    "page",
    "unknown",
    "dry",
    "refuse",
    "endpoints",
    "instances",
    "teardown",
    "end",
]
OPTIONAL = ["look", "tag", "page", "unknown", "dry", "refuse", "endpoints", "instances"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--account", default="123456789012")
    parser.add_argument(
        "--lax",
        choices=["moto"],
        help="leave out the rows in which this emulator is laxer than AWS",
    )
    parser.add_argument(
        "--without", action="append", default=[], choices=OPTIONAL, help="leave out a section"
    )
    run = Lifecycle(parser.parse_args())
    checks = run.checks
    for section in SECTIONS:
        if section in run.options.without:
            continue
        try:
            getattr(run, section)()
        except Exception as error:
            here = [
                frame
                for frame in traceback.extract_tb(error.__traceback__)
                if frame.filename == __file__
            ][-1]
            print(
                f"ABORTED in section {section}, line {here.lineno}: {here.line}\n  {type(error).__name__}: {error}",
                file=sys.stderr,
            )
            return 2
    if checks.left_out:
        print(f"left out where {checks.lax} is laxer: {checks.left_out}", file=sys.stderr)
    if checks.failures:
        print(f"failed: {len(checks.failures)} of {len(checks.failures) + checks.passed} checks")
        return 1
    print(f"ok: {checks.passed} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
