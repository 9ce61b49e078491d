#!/usr/bin/env python3
"""The life of a small network, seen by boto3.

    boto3_lifecycle.py URL [--region REGION] [--account ID] [--lax moto] [--without SECTION ...]

Builds a VPC with everything that the twin models, looks at it in every way that clients do, tries
what AWS refuses, takes it down in the safe order and finds the account as it was. Refusals are
compared with AWS's codes, so the script also says where another emulator is laxer: rows marked with
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

WAIT = {"Delay": 0.25, "MaxAttempts": 360}
ROLE = "sandtable-lifecycle"
NOBODY = "0123456789abcdef0"  # the digits of ids that nothing has
MOTO = ("moto",)
BLOCKED = "DependencyViolation"
HAS_DEPENDENCIES = "has dependencies and cannot be deleted"

# kind: operation, result, id, parameter for ids
KINDS = {
    "address": ("describe_addresses", "Addresses", "AllocationId", "AllocationIds"),
    "endpoint": ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "VpcEndpointIds"),
    "group": ("describe_security_groups", "SecurityGroups", "GroupId", "GroupIds"),
    "igw": ("describe_internet_gateways", "InternetGateways", "InternetGatewayId",
            "InternetGatewayIds"),
    "image": ("describe_images", "Images", "ImageId", "ImageIds"),
    "instance": ("describe_instances", "Reservations", "InstanceId", "InstanceIds"),
    "interface": ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId",
                  "NetworkInterfaceIds"),
    "nat": ("describe_nat_gateways", "NatGateways", "NatGatewayId", "NatGatewayIds"),
    "snapshot": ("describe_snapshots", "Snapshots", "SnapshotId", "SnapshotIds"),
    "subnet": ("describe_subnets", "Subnets", "SubnetId", "SubnetIds"),
    "table": ("describe_route_tables", "RouteTables", "RouteTableId", "RouteTableIds"),
    "volume": ("describe_volumes", "Volumes", "VolumeId", "VolumeIds"),
    "vpc": ("describe_vpcs", "Vpcs", "VpcId", "VpcIds"),
}
# What AWS keeps in sight for about an hour.
TOMBSTONES = {"deleted", "failed", "terminated"}


def where(filters):
    return [{"Name": name, "Values": [values] if isinstance(values, str) else list(values)}
            for name, values in filters.items()]


def named(kind, name, **more):
    tags = {"Name": name, "role": ROLE, **more}
    return [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]


def tags_of(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


class Checks:
    """Counts what held, reports what did not."""

    def __init__(self, lax):
        self.lax = lax
        self.passed = self.failed = self.left_out = 0

    def skip(self, lax):
        """Whether to leave a row out, since the server is known to be laxer there."""
        skipped = self.lax in lax
        self.left_out += skipped
        return skipped

    def fail(self, what, why):
        self.failed += 1
        print(f"FAIL {what}: {why}", file=sys.stderr)

    def that(self, what, holds, seen=None, lax=()):
        if self.skip(lax):
            return
        if holds:
            self.passed += 1
        else:
            self.fail(what, f"saw {seen!r}")

    def same(self, what, seen, expected, lax=()):
        if self.skip(lax):
            return
        if seen == expected:
            self.passed += 1
        else:
            self.fail(what, f"saw {seen!r}, expected {expected!r}")

    def refused(self, what, codes, call, *, status=400, says="", lax=(), **arguments):
        """AWS refuses the call with one of these codes; the capitals of `ID` do not matter."""
        if self.skip(lax):
            return
        expected = [codes] if isinstance(codes, str) else codes
        wanted = " or ".join(expected)
        try:
            call(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            message = error.response["Error"].get("Message") or ""
            seen_status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code.lower() not in [c.lower() for c in expected]:
                self.fail(what, f"refused with {code} ({message}), expected {wanted}")
            elif seen_status != status:
                self.fail(what, f"{code} came with HTTP {seen_status}, expected {status}")
            elif says not in message:
                self.fail(what, f"{code} says {message!r}, expected {says!r} in it")
            else:
                self.passed += 1
        else:
            self.fail(what, f"succeeded, expected {wanted}")


class Lifecycle:
    """One run. Resources that several sections use are attributes, named as in `build`."""

    def __init__(self, options):
        self.options = options
        self.checks = Checks(options.lax)
        self.ec2 = self.client("ec2")
        # Sends what the model forbids, for the server to refuse.
        self.raw = self.client("ec2", parameter_validation=False)
        # What moto forgets: interfaces of NAT gateways and instances, an image's snapshot.
        self.leftovers = set()

    def client(self, service, region=None, **config):
        return boto3.client(
            service, endpoint_url=self.options.url, region_name=region or self.options.region,
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30, **config))

    def wait(self, waiter, **arguments):
        self.ec2.get_waiter(waiter).wait(WaiterConfig=WAIT, **arguments)

    def see(self, kind, filters=None, ids=None, client=None):
        """What a describe answers, instances without their reservations."""
        operation, result, _, parameter = KINDS[kind]
        arguments = {}
        if filters:
            arguments["Filter" if kind == "nat" else "Filters"] = where(filters)
        if ids:
            arguments[parameter] = list(ids)
        elif kind == "snapshot":
            arguments["OwnerIds"] = ["self"]
        elif kind == "image":
            arguments["Owners"] = ["self"]
        found = getattr(client or self.ec2, operation)(**arguments)[result]
        return [i for r in found for i in r["Instances"]] if kind == "instance" else found

    def ids(self, kind, filters=None, ids=None):
        return {item[KINDS[kind][2]] for item in self.see(kind, filters, ids)}

    def one(self, kind, wanted):
        (item,) = self.see(kind, ids=[wanted])
        return item

    def inventory(self):
        """Every id in the account, less the tombstones."""
        found = set()
        for kind, (_, _, key, _) in KINDS.items():
            for item in self.see(kind):
                state = item.get("State")
                state = state["Name"] if isinstance(state, dict) else state
                if state not in TOMBSTONES:
                    found.add(item[key])
        return found

    # --- The account --------------------------------------------------------------------------

    def start(self):
        that, same = self.checks.that, self.checks.same
        self.before = self.inventory()
        identity = self.client("sts").get_caller_identity()
        same("the account", identity["Account"], self.options.account)
        defaults = self.see("vpc", {"is-default": "true"})
        same("one default VPC", len(defaults), 1)
        zones = [z["ZoneName"] for z in self.ec2.describe_availability_zones()["AvailabilityZones"]]
        self.zone, self.other_zone = sorted(zones)[:2]
        lie = {s["AvailabilityZone"] for s in self.see("subnet", {"vpc-id": defaults[0]["VpcId"]})}
        that("default subnets lie in the Region's zones", lie and lie <= set(zones), (lie, zones))
        metadata = self.ec2.describe_vpcs()["ResponseMetadata"]
        that("answers carry a request id", metadata.get("RequestId"), metadata)

    # --- Building -----------------------------------------------------------------------------

    def build(self):
        self.build_network()
        self.build_nat()
        self.build_groups()
        self.build_interface()
        self.build_storage()

    def build_network(self):
        ec2, that, same = self.ec2, self.checks.that, self.checks.same

        vpc = ec2.create_vpc(CidrBlock="10.42.0.0/16", TagSpecifications=named("vpc", "vpc-main"))
        self.vpc, state = vpc["Vpc"]["VpcId"], vpc["Vpc"]["State"]
        that("a VPC starts pending or available", state in ("pending", "available"), state)
        same("tags on create", tags_of(vpc["Vpc"]), {"Name": "vpc-main", "role": ROLE})
        self.wait("vpc_available", VpcIds=[self.vpc])

        def subnet(name, block, zone):
            made = ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=block, AvailabilityZone=zone,
                TagSpecifications=named("subnet", f"subnet-{name}", tier=name))["Subnet"]
            same(f"addresses free in {name}", made["AvailableIpAddressCount"], 251)
            return made["SubnetId"]

        self.public = subnet("public", "10.42.0.0/24", self.zone)
        self.private = subnet("private", "10.42.1.0/24", self.zone)
        self.spare = subnet("spare", "10.42.2.0/24", self.other_zone)
        self.subnets = {self.public, self.private, self.spare}
        self.wait("subnet_available", SubnetIds=sorted(self.subnets))

        made = ec2.create_internet_gateway(TagSpecifications=named("internet-gateway", "igw-main"))
        self.igw = made["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.igw, VpcId=self.vpc)
        attached = [(a["VpcId"], a["State"]) for a in self.one("igw", self.igw)["Attachments"]]
        same("the gateway's attachment", attached, [(self.vpc, "available")])

        (main,) = self.see("table", {"vpc-id": self.vpc})
        self.main_table = main["RouteTableId"]
        that("a VPC comes with a main route table", main["Associations"][0]["Main"], main)
        routes = [(r["DestinationCidrBlock"], r["GatewayId"]) for r in main["Routes"]]
        same("which routes locally", routes, [("10.42.0.0/16", "local")])

        def table(name, subnet):
            made = ec2.create_route_table(
                VpcId=self.vpc, TagSpecifications=named("route-table", f"rtb-{name}"))
            table = made["RouteTable"]["RouteTableId"]
            return table, ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)

        self.public_table, association = table("public", self.public)
        self.public_association = association["AssociationId"]
        self.private_table, association = table("private", self.private)
        self.private_association = association["AssociationId"]
        ec2.create_route(
            RouteTableId=self.public_table, DestinationCidrBlock="0.0.0.0/0", GatewayId=self.igw)

    def build_nat(self):
        ec2, that, same = self.ec2, self.checks.that, self.checks.same

        address = ec2.allocate_address(
            Domain="vpc", TagSpecifications=named("elastic-ip", "eip-nat"))
        self.address, self.public_ip = address["AllocationId"], address["PublicIp"]
        wanted = {"SubnetId": self.public, "AllocationId": self.address, "ClientToken": "nat-1",
                  "TagSpecifications": named("natgateway", "nat-main")}
        made = ec2.create_nat_gateway(**wanted)["NatGateway"]
        self.nat = made["NatGatewayId"]
        same("a NAT gateway starts pending", made["State"], "pending", lax=MOTO)
        if not self.checks.skip(MOTO):
            again = ec2.create_nat_gateway(**wanted)["NatGateway"]["NatGatewayId"]
            same("the same token makes no second one", again, self.nat)
        self.wait("nat_gateway_available", NatGatewayIds=[self.nat])

        nat = self.one("nat", self.nat)
        own = nat["NatGatewayAddresses"][0]
        self.nat_interface = own["NetworkInterfaceId"]
        self.leftovers.add(self.nat_interface)
        same("its place", (nat["VpcId"], nat["SubnetId"]), (self.vpc, self.public))
        same("its connectivity", nat.get("ConnectivityType"), "public", lax=MOTO)
        seen = own["AllocationId"], own["PublicIp"]
        same("its public address", seen, (self.address, self.public_ip))
        that("its private address", own["PrivateIp"].startswith("10.42.0."), own, lax=MOTO)
        interface = self.one("interface", self.nat_interface)
        same("its interface's type", interface["InterfaceType"], "nat_gateway", lax=MOTO)
        that("which is the service's", interface["RequesterManaged"], interface, lax=MOTO)
        same("and in use", interface["Status"], "in-use", lax=MOTO)
        held = self.one("address", self.address)
        that("its address is associated", held.get("AssociationId"), held)
        same("with its interface", held.get("NetworkInterfaceId"), self.nat_interface)

        ec2.create_route(RouteTableId=self.private_table, DestinationCidrBlock="0.0.0.0/0",
                         NatGatewayId=self.nat)
        routes = self.one("table", self.private_table)["Routes"]
        (route,) = [r for r in routes if r["DestinationCidrBlock"] == "0.0.0.0/0"]
        same("the route to it", (route.get("NatGatewayId"), route["State"]), (self.nat, "active"))
        origins = sorted(r["Origin"] for r in routes)
        same("who made the routes", origins, ["CreateRoute", "CreateRouteTable"])

    def build_groups(self):
        ec2, same = self.ec2, self.checks.same

        def group(name):
            return ec2.create_security_group(
                GroupName=f"lifecycle-{name}", Description=f"for {name}", VpcId=self.vpc,
                TagSpecifications=named("security-group", f"sg-{name}"))["GroupId"]

        self.web, self.db = group("web"), group("db")
        everywhere = [{"CidrIp": "0.0.0.0/0", "Description": "https"}]
        self.https = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": everywhere}]
        self.from_web = [{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432,
                          "UserIdGroupPairs": [{"GroupId": self.web}]}]
        ec2.authorize_security_group_ingress(GroupId=self.web, IpPermissions=self.https)
        ec2.authorize_security_group_ingress(GroupId=self.db, IpPermissions=self.from_web)
        web, db = self.one("group", self.web), self.one("group", self.db)
        same("a rule for addresses", web["IpPermissions"][0]["IpRanges"], everywhere)
        pairs = [pair["GroupId"] for pair in db["IpPermissions"][0]["UserIdGroupPairs"]]
        same("a rule for a group", pairs, [self.web])
        out = [(p["IpProtocol"], p["IpRanges"][0]["CidrIp"]) for p in web["IpPermissionsEgress"]]
        same("all may leave at first", out, [("-1", "0.0.0.0/0")])

    def build_interface(self):
        ec2, that, same = self.ec2, self.checks.that, self.checks.same

        made = ec2.create_network_interface(
            SubnetId=self.private, Groups=[self.db], Description="lone",
            TagSpecifications=named("network-interface", "eni-lone"))["NetworkInterface"]
        self.interface, state = made["NetworkInterfaceId"], made["Status"]
        that("an interface starts pending or available", state in ("pending", "available"), state)
        self.wait("network_interface_available", NetworkInterfaceIds=[self.interface])
        interface = self.one("interface", self.interface)
        same("its groups", [g["GroupId"] for g in interface["Groups"]], [self.db])
        ip = interface["PrivateIpAddress"]
        that("its address", ip.startswith("10.42.1."), ip)
        free = self.one("subnet", self.private)["AvailableIpAddressCount"]
        same("which is no longer free", free, 250)

        made = ec2.allocate_address(Domain="vpc", TagSpecifications=named("elastic-ip", "eip-lone"))
        self.second_address = made["AllocationId"]
        self.address_association = ec2.associate_address(
            AllocationId=self.second_address, NetworkInterfaceId=self.interface)["AssociationId"]
        held = self.one("address", self.second_address)
        seen = held.get("NetworkInterfaceId"), held.get("AssociationId")
        same("the address's holder", seen, (self.interface, self.address_association))

    def build_storage(self):
        ec2, that, same = self.ec2, self.checks.that, self.checks.same

        wanted = {"AvailabilityZone": self.zone, "Size": 8, "VolumeType": "gp3",
                  "ClientToken": "volume-1", "TagSpecifications": named("volume", "vol-data")}
        made = ec2.create_volume(**wanted)
        self.volume, state = made["VolumeId"], made["State"]
        that("a volume starts creating", state in ("creating", "available"), state)
        base = made.get("Iops"), made.get("Throughput")
        same("a gp3 volume's base", base, (3000, 125), lax=MOTO)
        if not self.checks.skip(MOTO):
            again = ec2.create_volume(**wanted)["VolumeId"]
            same("the same token makes no second volume", again, self.volume)
        self.wait("volume_available", VolumeIds=[self.volume])

        made = ec2.create_snapshot(VolumeId=self.volume, Description="nightly",
                                   TagSpecifications=named("snapshot", "snap-data"))
        self.snapshot = made["SnapshotId"]
        seen = made["VolumeId"], made["VolumeSize"], made["OwnerId"]
        same("the snapshot", seen, (self.volume, 8, self.options.account))
        self.wait("snapshot_completed", SnapshotIds=[self.snapshot])

    # --- Looking ------------------------------------------------------------------------------

    def look(self):
        ec2, see, ids = self.ec2, self.see, self.ids
        same, refused = self.checks.same, self.checks.refused

        def subnets(what, filters, expected, lax=()):
            if not self.checks.skip(lax):
                same(f"subnets {what}", ids("subnet", filters), expected)

        public, private, spare, all_three = self.public, self.private, self.spare, self.subnets
        ec2.create_tags(Resources=[spare], Tags=[{"Key": "note", "Value": "what?*"}])
        subnets("by VPC", {"vpc-id": self.vpc}, all_three)
        subnets("by tag", {"tag:role": ROLE, "tag:tier": "private"}, {private})
        subnets("by tag, any of", {"tag:tier": ["private", "spare"]}, {private, spare})
        subnets("by tag key", {"tag-key": "tier"}, all_three)
        subnets("with *", {"tag:Name": "subnet-*"}, all_three)
        subnets("with * in the middle", {"tag:Name": "s*-p*"}, {public, private})
        subnets("with ?", {"tag:Name": "subnet-spar?"}, {spare})
        subnets("with ? for nothing", {"tag:Name": "subnet-spare?"}, {spare}, lax=MOTO)
        subnets("with \\ before a wildcard", {"tag:note": "what\\?\\*"}, {spare}, lax=MOTO)
        subnets("with \\ before another", {"tag:note": "w\\*"}, set())
        subnets("in other capitals", {"tag:Name": "SUBNET-*"}, set(), lax=MOTO)
        zone = {"vpc-id": self.vpc, "availability-zone": self.other_zone}
        subnets("that match both filters", zone, {spare})
        subnets("of nobody's VPC", {"vpc-id": f"vpc-{NOBODY}"}, set())
        same("subnets by id", ids("subnet", ids=all_three), all_three)
        seen = ids("subnet", {"tag:tier": "private"}, ids=[public])
        same("an id that the filter excludes", seen, set())

        rows = [
            ("group", {"group-name": "lifecycle-*"}, {self.web, self.db}, ()),
            ("interface", {"group-id": self.db}, {self.interface}, ()),
            ("interface", {"subnet-id": private}, {self.interface}, ()),
            ("interface", {"association.allocation-id": self.address},
             {self.nat_interface}, MOTO),
            ("igw", {"attachment.vpc-id": self.vpc}, {self.igw}, ()),
            ("table", {"association.subnet-id": private}, {self.private_table}, ()),
            ("table", {"vpc-id": self.vpc, "association.main": "true"}, {self.main_table}, ()),
            ("table", {"route.nat-gateway-id": self.nat}, {self.private_table}, MOTO),
            ("nat", {"vpc-id": self.vpc, "state": ["available", "pending"]}, {self.nat}, ()),
            ("nat", {"tag:Name": "nat-*"}, {self.nat}, MOTO),
            ("address", {"network-interface-id": self.interface}, {self.second_address}, ()),
            ("address", {"public-ip": self.public_ip}, {self.address}, ()),
            ("volume", {"status": "available", "tag:role": ROLE}, {self.volume}, ()),
            ("snapshot", {"volume-id": self.volume}, {self.snapshot}, ()),
        ]
        for kind, filters, expected, lax in rows:
            if not self.checks.skip(lax):
                same(f"{kind} by {' and '.join(filters)}", ids(kind, filters), expected)

        found = ec2.describe_addresses(PublicIps=[self.public_ip])["Addresses"]
        same("an address by its IP", [a["AllocationId"] for a in found], [self.address])
        tags = ec2.describe_tags(Filters=where({"resource-id": private}))["Tags"]
        seen = {(t["Key"], t["Value"], t["ResourceType"]) for t in tags}
        expected = {"Name": "subnet-private", "role": ROLE, "tier": "private"}
        same("one resource's tags", seen, {(k, v, "subnet") for k, v in expected.items()})
        tags = ec2.describe_tags(Filters=where({"resource-type": "natgateway", "key": "role"}))
        same("tags by kind", [t["ResourceId"] for t in tags["Tags"]], [self.nat], lax=MOTO)

        other = "eu-west-1" if self.options.region != "eu-west-1" else "us-east-1"
        other = self.client("ec2", region=other)
        found = see("vpc", {"is-default": "true"}, client=other)
        same("another Region has a default VPC, too", len(found), 1)
        refused("another Region does not know this VPC", "InvalidVpcID.NotFound",
                other.describe_vpcs, VpcIds=[self.vpc])

    def tag(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused

        def create(resources, **tags):
            tags = [{"Key": k, "Value": v} for k, v in tags.items()]
            ec2.create_tags(Resources=resources, Tags=tags)

        def seen():
            tags = tags_of(self.one("volume", self.volume))
            return {k: v for k, v in tags.items() if k in ("owner", "stage")}

        both = [self.volume, self.interface]
        create(both, owner="a", stage="")
        create([self.volume], owner="b")
        same("tags are overwritten", seen(), {"owner": "b", "stage": ""})
        if not self.checks.skip(MOTO):
            ec2.delete_tags(Resources=[self.volume], Tags=[{"Key": "owner", "Value": "a"}])
            same("a tag of another value stays", seen(), {"owner": "b", "stage": ""})
        ec2.delete_tags(Resources=both, Tags=[{"Key": "owner"}, {"Key": "stage"}])
        same("tags are deleted by key", seen(), {})
        refused("a reserved tag key", "InvalidParameterValue", ec2.create_tags,
                Resources=[self.volume], Tags=[{"Key": "aws:own", "Value": "x"}], lax=MOTO)
        refused("tags for no resource", "InvalidID", ec2.create_tags,
                Resources=["nothing"], Tags=[{"Key": "a", "Value": "b"}])

    def page(self):
        ec2, raw, that, same = self.ec2, self.raw, self.checks.that, self.checks.same
        refused = self.checks.refused

        def group(n):
            return ec2.create_security_group(
                GroupName=f"page-{n}", Description="one of many", VpcId=self.vpc)["GroupId"]

        def volume(n):
            return ec2.create_volume(
                AvailabilityZone=self.zone, Size=1, VolumeType="gp3",
                TagSpecifications=named("volume", f"page-{n}"))["VolumeId"]

        groups, volumes = {group(n) for n in range(11)}, {volume(n) for n in range(7)}
        self.wait("volume_available", VolumeIds=sorted(volumes))

        def pages(operation, result, key, filters, expected):
            """MaxResults is 5: no page may be longer, and together they hold each item once."""
            if self.checks.skip(MOTO):
                return
            found = list(ec2.get_paginator(operation).paginate(
                Filters=where(filters), PaginationConfig={"PageSize": 5}))
            lengths = [len(page[result]) for page in found]
            that(f"{operation} in pages", max(lengths) <= 5 and len(lengths) > 1, lengths)
            items = [item[key] for page in found for item in page[result]]
            same(f"{operation} holds all", set(items), expected)
            same(f"{operation} repeats nothing", len(items), len(set(items)))

        pages("describe_security_groups", "SecurityGroups", "GroupId",
              {"group-name": "page-*"}, groups)
        pages("describe_volumes", "Volumes", "VolumeId", {"tag:Name": "page-*"}, volumes)
        pages("describe_tags", "Tags", "ResourceId", {"key": "Name", "value": "page-*"}, volumes)

        def some(**config):
            return ec2.get_paginator("describe_security_groups").paginate(
                Filters=where({"group-name": "page-*"}),
                PaginationConfig={"PageSize": 5, **config}).build_full_result()

        first = some(MaxItems=6)
        same("MaxItems across pages", len(first["SecurityGroups"]), 6)
        that("can be resumed", first.get("NextToken"), first.keys())
        rest = some(StartingToken=first["NextToken"])
        seen = {g["GroupId"] for g in first["SecurityGroups"] + rest["SecurityGroups"]}
        same("and then holds all", seen, groups)

        value = "InvalidParameterValue"
        refused("a page of 4", value, raw.describe_vpcs, MaxResults=4, lax=MOTO)
        refused("a page of 1001", value, raw.describe_subnets, MaxResults=1001, lax=MOTO)
        refused("a page of 101 tables", value, raw.describe_route_tables, MaxResults=101, lax=MOTO)
        refused("a token of nobody's", ("InvalidNextToken", "InvalidPaginationToken", value),
                ec2.describe_vpcs, NextToken="bogus", MaxResults=5, lax=MOTO)
        refused("ids and pages", ("InvalidParameterCombination", value),
                ec2.describe_network_interfaces, NetworkInterfaceIds=[self.interface],
                MaxResults=5, lax=MOTO)

        for group in groups:
            ec2.delete_security_group(GroupId=group)
        for volume in volumes:
            ec2.delete_volume(VolumeId=volume)
        for volume in volumes:
            self.wait("volume_deleted", VolumeIds=[volume])

    # --- Refusals -----------------------------------------------------------------------------

    def unknown(self):
        """Ids that are nobody's, and ids that are none."""
        ec2, refused = self.ec2, self.checks.refused

        rows = [  # kind, prefix, unknown, malformed, emulators that are laxer about the former
            ("address", "eipalloc", "InvalidAllocationID.NotFound", None, ()),
            ("endpoint", "vpce", "InvalidVpcEndpointId.NotFound", "InvalidVpcEndpointId.Malformed",
             ()),
            ("group", "sg", "InvalidGroup.NotFound",
             ("InvalidGroupId.Malformed", "InvalidSecurityGroupId.Malformed"), ()),
            ("igw", "igw", "InvalidInternetGatewayID.NotFound",
             "InvalidInternetGatewayId.Malformed", ()),
            ("image", "ami", "InvalidAMIID.NotFound", "InvalidAMIID.Malformed", ()),
            ("instance", "i", "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed", ()),
            ("interface", "eni", "InvalidNetworkInterfaceID.NotFound",
             "InvalidNetworkInterfaceId.Malformed", ()),
            ("nat", "nat", "NatGatewayNotFound", "NatGatewayMalformed", MOTO),
            ("snapshot", "snap", "InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed", MOTO),
            ("subnet", "subnet", "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed", ()),
            ("table", "rtb", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed", ()),
            ("volume", "vol", "InvalidVolume.NotFound",
             ("InvalidVolumeID.Malformed", "InvalidParameterValue"), ()),
            ("vpc", "vpc", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed", ()),
        ]
        for kind, prefix, not_found, malformed, lax in rows:
            unknown = f"{prefix}-{NOBODY}"
            refused(f"look for {unknown}", not_found, self.see, kind=kind, ids=[unknown],
                    says=unknown, lax=lax)
            if malformed:
                refused(f"look for {prefix}-nothex", malformed, self.see, kind=kind,
                        ids=[f"{prefix}-nothex"], lax=MOTO)
        refused("one unknown id fails all", "InvalidSubnetID.NotFound", ec2.describe_subnets,
                SubnetIds=[self.public, f"subnet-{NOBODY}"])
        refused("an id of another kind", "InvalidInstanceID.Malformed", ec2.describe_instances,
                InstanceIds=[self.volume], lax=MOTO)
        refused("a filter that is none", "InvalidParameterValue", ec2.describe_vpcs,
                Filters=where({"colour": "red"}), lax=MOTO)

        rows = [
            (ec2.delete_internet_gateway, "InternetGatewayId", "igw",
             "InvalidInternetGatewayID.NotFound", ()),
            (ec2.delete_nat_gateway, "NatGatewayId", "nat", "NatGatewayNotFound", MOTO),
            (ec2.delete_network_interface, "NetworkInterfaceId", "eni",
             "InvalidNetworkInterfaceID.NotFound", ()),
            (ec2.delete_route_table, "RouteTableId", "rtb", "InvalidRouteTableID.NotFound", ()),
            (ec2.delete_security_group, "GroupId", "sg", "InvalidGroup.NotFound", ()),
            (ec2.delete_snapshot, "SnapshotId", "snap", "InvalidSnapshot.NotFound", ()),
            (ec2.delete_subnet, "SubnetId", "subnet", "InvalidSubnetID.NotFound", ()),
            (ec2.delete_volume, "VolumeId", "vol", "InvalidVolume.NotFound", ()),
            (ec2.delete_vpc, "VpcId", "vpc", "InvalidVpcID.NotFound", ()),
            (ec2.deregister_image, "ImageId", "ami", "InvalidAMIID.NotFound", ()),
            (ec2.disassociate_route_table, "AssociationId", "rtbassoc",
             "InvalidAssociationID.NotFound", ()),
            (ec2.release_address, "AllocationId", "eipalloc", "InvalidAllocationID.NotFound", ()),
        ]
        for call, parameter, prefix, code, lax in rows:
            unknown = f"{prefix}-{NOBODY}"
            refused(f"{call.__name__} of {unknown}", code, call, lax=lax, **{parameter: unknown})
        refused("terminate_instances of nobody's", "InvalidInstanceID.NotFound",
                ec2.terminate_instances, InstanceIds=[f"i-{NOBODY}"])

    def dry(self):
        """A dry run says whether the caller may; it changes nothing, whatever depends on it."""
        ec2, that, same, refused = (
            self.ec2, self.checks.that, self.checks.same, self.checks.refused)
        before = self.inventory()
        route = {"RouteTableId": self.private_table, "DestinationCidrBlock": "0.0.0.0/0"}
        block = {"VpcId": self.vpc, "CidrBlock": "10.42.9.0/24"}
        nat = {"SubnetId": self.public, "ConnectivityType": "private"}
        tags = {"Resources": [self.volume], "Tags": [{"Key": "dry", "Value": "run"}]}
        attachment = {"InternetGatewayId": self.igw, "VpcId": self.vpc}
        rows = [
            (ec2.allocate_address, {"Domain": "vpc"}, ()),
            (ec2.create_nat_gateway, nat, MOTO),
            (ec2.create_snapshot, {"VolumeId": self.volume}, ()),
            (ec2.create_subnet, block, MOTO),
            (ec2.create_tags, tags, ()),
            (ec2.create_volume, {"AvailabilityZone": self.zone, "Size": 1}, ()),
            (ec2.create_vpc, {"CidrBlock": "10.43.0.0/16"}, MOTO),
            (ec2.delete_internet_gateway, {"InternetGatewayId": self.igw}, ()),
            (ec2.delete_nat_gateway, {"NatGatewayId": self.nat}, MOTO),
            (ec2.delete_network_interface, {"NetworkInterfaceId": self.interface}, ()),
            (ec2.delete_route, route, MOTO),
            (ec2.delete_route_table, {"RouteTableId": self.private_table}, MOTO),
            (ec2.delete_security_group, {"GroupId": self.web}, ()),
            (ec2.delete_snapshot, {"SnapshotId": self.snapshot}, ()),
            (ec2.delete_subnet, {"SubnetId": self.private}, MOTO),
            (ec2.delete_volume, {"VolumeId": self.volume}, ()),
            (ec2.delete_vpc, {"VpcId": self.vpc}, MOTO),
            (ec2.describe_addresses, {}, ()),
            (ec2.describe_nat_gateways, {}, MOTO),
            (ec2.describe_volumes, {}, MOTO),
            (ec2.describe_vpcs, {}, MOTO),
            (ec2.detach_internet_gateway, attachment, MOTO),
            (ec2.release_address, {"AllocationId": self.address}, ()),
        ]
        for call, arguments, lax in rows:
            refused(f"dry run of {call.__name__}", "DryRunOperation", call, status=412,
                    says="Request would have succeeded", lax=lax, DryRun=True, **arguments)
        refused("dry run with an unknown id", "InvalidVolume.NotFound", ec2.delete_volume,
                VolumeId=f"vol-{NOBODY}", DryRun=True, lax=MOTO)
        refused("dry run with a malformed id", "InvalidVpcID.Malformed", ec2.delete_vpc,
                VpcId="vpc-nothex", DryRun=True, lax=MOTO)
        same("dry runs change nothing", self.inventory() ^ before, set())
        that("not even a tag", "dry" not in tags_of(self.one("volume", self.volume)))

    def refuse(self):
        before = self.inventory()
        self.refuse_deletes()
        self.refuse_creates()
        self.checks.same("refused calls change nothing", self.inventory() ^ before, set())

    def refuse_deletes(self):
        ec2, refused = self.ec2, self.checks.refused

        refused("DeleteVpc with subnets", BLOCKED, ec2.delete_vpc, VpcId=self.vpc,
                says=HAS_DEPENDENCIES)
        refused("DeleteSubnet with an interface", BLOCKED, ec2.delete_subnet,
                SubnetId=self.private, says=HAS_DEPENDENCIES, lax=MOTO)
        refused("DeleteSubnet with a NAT gateway", BLOCKED, ec2.delete_subnet,
                SubnetId=self.public, says=HAS_DEPENDENCIES, lax=MOTO)
        refused("DeleteInternetGateway that is attached", BLOCKED, ec2.delete_internet_gateway,
                InternetGatewayId=self.igw)
        refused("DetachInternetGateway with mapped addresses", BLOCKED,
                ec2.detach_internet_gateway, InternetGatewayId=self.igw, VpcId=self.vpc,
                says="has some mapped public address(es)", lax=MOTO)
        refused("DeleteRouteTable that is associated", BLOCKED, ec2.delete_route_table,
                RouteTableId=self.private_table)
        refused("DeleteRouteTable that is main", BLOCKED, ec2.delete_route_table,
                RouteTableId=self.main_table, lax=MOTO)
        refused("DeleteSecurityGroup that is referenced", BLOCKED, ec2.delete_security_group,
                GroupId=self.web, says="has a dependent object", lax=MOTO)
        refused("DeleteSecurityGroup that is used", BLOCKED, ec2.delete_security_group,
                GroupId=self.db, says="has a dependent object", lax=MOTO)
        (default,) = self.ids("group", {"vpc-id": self.vpc, "group-name": "default"})
        refused("DeleteSecurityGroup of the default one", "CannotDelete",
                ec2.delete_security_group, GroupId=default, lax=MOTO)
        refused("ReleaseAddress held by a NAT gateway", "InvalidIPAddress.InUse",
                ec2.release_address, AllocationId=self.address, lax=MOTO)
        refused("ReleaseAddress held by an interface", "InvalidIPAddress.InUse",
                ec2.release_address, AllocationId=self.second_address, lax=MOTO)
        refused("ReleaseAddress by IP", ("InvalidParameterValue", "InvalidParameterCombination"),
                ec2.release_address, PublicIp=self.public_ip, lax=MOTO)
        refused("DeleteNetworkInterface of a NAT gateway",
                ("InvalidParameterValue", "InvalidNetworkInterface.InUse", "OperationNotPermitted",
                 "AuthFailure"),
                ec2.delete_network_interface, NetworkInterfaceId=self.nat_interface, lax=MOTO)
        refused("DeleteRoute that is local", "InvalidParameterValue", ec2.delete_route,
                RouteTableId=self.private_table, DestinationCidrBlock="10.42.0.0/16", lax=MOTO)
        refused("DeleteRoute that is not there", "InvalidRoute.NotFound", ec2.delete_route,
                RouteTableId=self.private_table, DestinationCidrBlock="192.0.2.0/24")
        refused("DetachVolume that is not attached", "IncorrectState", ec2.detach_volume,
                VolumeId=self.volume, lax=MOTO)
        absent = [{"IpProtocol": "udp", "FromPort": 53, "ToPort": 53,
                   "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}]
        refused("revoking a rule that is not there", "InvalidPermission.NotFound",
                ec2.revoke_security_group_ingress, GroupId=self.web, IpPermissions=absent)
        refused("a call without its parameter", "MissingParameter", self.raw.delete_vpc, lax=MOTO)

    def refuse_creates(self):
        ec2, refused = self.ec2, self.checks.refused

        refused("CreateRoute twice", "RouteAlreadyExists", ec2.create_route,
                RouteTableId=self.private_table, DestinationCidrBlock="0.0.0.0/0",
                GatewayId=self.igw)
        refused("AttachInternetGateway twice", "Resource.AlreadyAssociated",
                ec2.attach_internet_gateway, InternetGatewayId=self.igw, VpcId=self.vpc)
        refused("CreateSubnet over another", "InvalidSubnet.Conflict", ec2.create_subnet,
                VpcId=self.vpc, CidrBlock="10.42.1.0/25")
        refused("CreateSubnet outside of the VPC", "InvalidSubnet.Range", ec2.create_subnet,
                VpcId=self.vpc, CidrBlock="10.99.0.0/24")
        refused("CreateVpc too large", "InvalidVpc.Range", ec2.create_vpc, CidrBlock="10.0.0.0/8")
        refused("CreateSecurityGroup twice", "InvalidGroup.Duplicate", ec2.create_security_group,
                GroupName="lifecycle-web", Description="again", VpcId=self.vpc)
        refused("the same rule twice", "InvalidPermission.Duplicate",
                ec2.authorize_security_group_ingress, GroupId=self.web, IpPermissions=self.https)
        refused("a rule for an unknown group", "InvalidGroup.NotFound",
                ec2.authorize_security_group_ingress, GroupId=f"sg-{NOBODY}",
                IpPermissions=self.https)
        refused("CreateNatGateway in no subnet", "InvalidSubnetID.NotFound",
                ec2.create_nat_gateway, SubnetId=f"subnet-{NOBODY}", AllocationId=self.address,
                lax=MOTO)
        refused("CreateNatGateway with a spent token", "IdempotentParameterMismatch",
                ec2.create_nat_gateway, SubnetId=self.private, AllocationId=self.address,
                ClientToken="nat-1", lax=MOTO)
        refused("CreateVolume with a spent token", "IdempotentParameterMismatch",
                ec2.create_volume, AvailabilityZone=self.zone, Size=9, VolumeType="gp3",
                ClientToken="volume-1", lax=MOTO)
        refused("CreateVolume in no zone", "InvalidZone.NotFound", ec2.create_volume,
                AvailabilityZone="xx-nowhere-1a", Size=1, lax=MOTO)
        refused("CreateVolume of no size", ("MissingParameter", "InvalidParameterCombination"),
                ec2.create_volume, AvailabilityZone=self.zone, lax=MOTO)
        refused("CreateSnapshot of no volume", "InvalidVolume.NotFound", ec2.create_snapshot,
                VolumeId=f"vol-{NOBODY}")
        refused("a call that the twin does not model", ("UnsupportedOperation", "InvalidAction"),
                ec2.create_traffic_mirror_filter, lax=MOTO)

    # --- Endpoints ----------------------------------------------------------------------------

    def endpoints(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused

        def state(endpoint):
            try:
                return self.one("endpoint", endpoint)["State"].lower()
            except ClientError as error:
                if error.response["Error"]["Code"] == "InvalidVpcEndpointId.NotFound":
                    return "deleted"
                raise

        def wait(endpoint, wanted):
            for _ in range(WAIT["MaxAttempts"]):
                if state(endpoint) == wanted:
                    return
                time.sleep(WAIT["Delay"])
            same(f"{endpoint} in time", state(endpoint), wanted)

        def targets():
            routes = self.one("table", self.private_table)["Routes"]
            return [r.get("GatewayId") for r in routes if "DestinationPrefixListId" in r]

        service = f"com.amazonaws.{self.options.region}"
        gateway = ec2.create_vpc_endpoint(
            VpcEndpointType="Gateway", VpcId=self.vpc, ServiceName=f"{service}.s3",
            RouteTableIds=[self.private_table], TagSpecifications=named("vpc-endpoint", "vpce-s3"),
        )["VpcEndpoint"]["VpcEndpointId"]
        wait(gateway, "available")
        same("a gateway endpoint's route", targets(), [gateway], lax=MOTO)
        private = ec2.create_vpc_endpoint(
            VpcEndpointType="Interface", VpcId=self.vpc, ServiceName=f"{service}.sqs",
            SubnetIds=[self.spare], SecurityGroupIds=[self.web],
        )["VpcEndpoint"]["VpcEndpointId"]
        wait(private, "available")
        interfaces = self.one("endpoint", private)["NetworkInterfaceIds"]
        same("an interface endpoint's interfaces", len(interfaces), 1)
        seen = self.ids("endpoint", {"vpc-id": self.vpc, "vpc-endpoint-type": "Gateway"})
        same("endpoints by type", seen, {gateway})
        refused("DeleteSubnet with an endpoint", BLOCKED, ec2.delete_subnet, SubnetId=self.spare,
                lax=MOTO)

        unknown = f"vpce-{NOBODY}"
        wanted = [gateway, private] + ([] if self.checks.skip(MOTO) else [unknown])
        answer = ec2.delete_vpc_endpoints(VpcEndpointIds=wanted)
        if unknown in wanted:
            seen = [(u["ResourceId"], u["Error"]["Code"].split(".")[-1])
                    for u in answer["Unsuccessful"]]
            same("the one that is unknown is reported", seen, [(unknown, "NotFound")])
        wait(gateway, "deleted")
        wait(private, "deleted")
        same("its route is gone", targets(), [])
        same("its interface is gone", self.ids("interface", {"network-interface-id": interfaces}),
             set())

    # --- Instances ----------------------------------------------------------------------------

    def instances(self):
        self.run_one()
        self.attach_to_it()
        self.stop_and_terminate_it()

    def run_one(self):
        ec2, that, same, refused = (
            self.ec2, self.checks.that, self.checks.same, self.checks.refused)

        disk = {"SnapshotId": self.snapshot, "VolumeType": "gp3", "DeleteOnTermination": True}
        self.image = ec2.register_image(
            Name="lifecycle-image", Architecture="x86_64", RootDeviceName="/dev/xvda",
            VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": disk}])["ImageId"]
        self.wait("image_available", ImageIds=[self.image])
        (image,) = self.see("image", {"name": "lifecycle-*"})
        same("the image", (image["ImageId"], image["State"]), (self.image, "available"))
        from_snapshots = [m["Ebs"]["SnapshotId"] for m in image["BlockDeviceMappings"]]
        self.leftovers.update(from_snapshots)
        same("its snapshot", from_snapshots, [self.snapshot], lax=MOTO)
        refused("DeleteSnapshot used by an image", "InvalidSnapshot.InUse", ec2.delete_snapshot,
                SnapshotId=self.snapshot, says="is currently in use by", lax=MOTO)
        wanted = {"MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro",
                  "SubnetId": self.private, "SecurityGroupIds": [self.web]}
        refused("RunInstances of no image", "InvalidAMIID.NotFound", ec2.run_instances,
                ImageId=f"ami-{NOBODY}", lax=MOTO, **wanted)

        made = ec2.run_instances(
            ImageId=self.image, ClientToken="run-1", DisableApiTermination=True,
            TagSpecifications=named("instance", "i-app") + named("volume", "vol-root"), **wanted)
        self.instance = made["Instances"][0]["InstanceId"]
        same("an instance starts pending", made["Instances"][0]["State"]["Name"], "pending")
        self.wait("instance_running", InstanceIds=[self.instance])
        instance = self.one("instance", self.instance)
        seen = instance["VpcId"], instance["SubnetId"], instance["Placement"]["AvailabilityZone"]
        same("its place", seen, (self.vpc, self.private, self.zone))
        same("its groups", [g["GroupId"] for g in instance["SecurityGroups"]], [self.web])
        disk = instance["BlockDeviceMappings"][0]["Ebs"]
        self.root = disk["VolumeId"]
        that("its root volume goes with it", disk["DeleteOnTermination"], disk)
        tags = tags_of(self.one("volume", self.root))
        same("tags on its root volume", tags.get("Name"), "vol-root")
        own = instance["NetworkInterfaces"][0]
        self.own_interface, self.own_attachment = own["NetworkInterfaceId"], own["Attachment"]
        self.leftovers.add(self.own_interface)
        seen = own["Status"], self.own_attachment["DeviceIndex"]
        same("its interface", seen, ("in-use", 0))
        seen = self.ids("instance", {"instance-state-name": "running", "tag:Name": "i-*"})
        same("instances by state", seen, {self.instance})
        refused("TerminateInstances that are protected", "OperationNotPermitted",
                ec2.terminate_instances, InstanceIds=[self.instance], says="disableApiTermination",
                lax=MOTO)
        ec2.modify_instance_attribute(
            InstanceId=self.instance, DisableApiTermination={"Value": False})

    def attach_to_it(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused

        ec2.attach_volume(VolumeId=self.volume, InstanceId=self.instance, Device="/dev/sdf")
        self.wait("volume_in_use", VolumeIds=[self.volume])
        # The volume is `in-use` while its attachment is still `attaching`.
        for _ in range(60):
            (volume,) = self.see("volume", {
                "attachment.instance-id": self.instance, "attachment.device": "/dev/sdf"})
            if volume["Attachments"][0]["State"] == "attached":
                break
            time.sleep(0.5)
        same("volumes by instance and device", volume["VolumeId"], self.volume)
        seen = [(a["InstanceId"], a["Device"], a["State"]) for a in volume["Attachments"]]
        same("its attachment", seen, [(self.instance, "/dev/sdf", "attached")])
        seen = [a.get("DeleteOnTermination") for a in volume["Attachments"]]
        same("it does not go with the instance", seen, [False], lax=MOTO)
        refused("DeleteVolume that is attached", "VolumeInUse", ec2.delete_volume,
                VolumeId=self.volume, says="is currently attached to")
        refused("AttachVolume twice", "VolumeInUse", ec2.attach_volume, VolumeId=self.volume,
                InstanceId=self.instance, Device="/dev/sdg", lax=MOTO)
        refused("DetachVolume of a running root", ("IncorrectState", "OperationNotPermitted"),
                ec2.detach_volume, VolumeId=self.root, lax=MOTO)
        far = ec2.create_volume(AvailabilityZone=self.other_zone, Size=1)["VolumeId"]
        self.wait("volume_available", VolumeIds=[far])
        refused("AttachVolume across zones", "InvalidVolume.ZoneMismatch", ec2.attach_volume,
                VolumeId=far, InstanceId=self.instance, Device="/dev/sdh", lax=MOTO)
        ec2.delete_volume(VolumeId=far)
        refused("DeleteSecurityGroup of an instance", BLOCKED, ec2.delete_security_group,
                GroupId=self.web, lax=MOTO)

        extra = ec2.create_network_interface(SubnetId=self.private, Groups=[self.web])
        extra = extra["NetworkInterface"]["NetworkInterfaceId"]
        self.wait("network_interface_available", NetworkInterfaceIds=[extra])
        attachment = ec2.attach_network_interface(
            NetworkInterfaceId=extra, InstanceId=self.instance, DeviceIndex=1)["AttachmentId"]
        refused("DeleteNetworkInterface that is attached",
                ("InvalidParameterValue", "InvalidNetworkInterface.InUse"),
                ec2.delete_network_interface, NetworkInterfaceId=extra, says="in use", lax=MOTO)
        refused("DetachNetworkInterface of index 0", "OperationNotPermitted",
                ec2.detach_network_interface, AttachmentId=self.own_attachment["AttachmentId"],
                lax=MOTO)
        ec2.detach_network_interface(AttachmentId=attachment)
        self.wait("network_interface_available", NetworkInterfaceIds=[extra])
        ec2.delete_network_interface(NetworkInterfaceId=extra)

    def stop_and_terminate_it(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused

        ec2.stop_instances(InstanceIds=[self.instance])
        self.wait("instance_stopped", InstanceIds=[self.instance])
        stopped = self.one("instance", self.instance)
        seen = [n["NetworkInterfaceId"] for n in stopped["NetworkInterfaces"]]
        same("a stopped instance keeps its interface", seen, [self.own_interface])
        seen = {m["Ebs"]["VolumeId"] for m in stopped["BlockDeviceMappings"]}
        same("and its volumes", seen, {self.root, self.volume})
        ec2.start_instances(InstanceIds=[self.instance])
        self.wait("instance_running", InstanceIds=[self.instance])

        ec2.terminate_instances(InstanceIds=[self.instance])
        self.wait("instance_terminated", InstanceIds=[self.instance])
        self.wait("volume_deleted", VolumeIds=[self.root])
        self.wait("volume_available", VolumeIds=[self.volume])
        refused("its root volume is gone", "InvalidVolume.NotFound", ec2.describe_volumes,
                VolumeIds=[self.root])
        refused("its interface is gone", "InvalidNetworkInterfaceID.NotFound",
                ec2.describe_network_interfaces, NetworkInterfaceIds=[self.own_interface],
                lax=MOTO)
        again = ec2.terminate_instances(InstanceIds=[self.instance])["TerminatingInstances"]
        seen = [i["CurrentState"]["Name"] for i in again]
        same("terminating twice is no error", seen, ["terminated"], lax=MOTO)
        ec2.deregister_image(ImageId=self.image)
        same("the image's snapshot stays", self.one("snapshot", self.snapshot)["State"],
             "completed")

    # --- Taking down --------------------------------------------------------------------------

    def teardown(self):
        self.delete_nat()
        self.delete_loose_ends()
        self.delete_network()

    def delete_nat(self):
        ec2, that, same, refused = (
            self.ec2, self.checks.that, self.checks.same, self.checks.refused)

        same("the NAT gateway that goes", ec2.delete_nat_gateway(NatGatewayId=self.nat).get(
            "NatGatewayId"), self.nat)
        seen = [g["State"] for g in self.see("nat", {"nat-gateway-id": self.nat})]
        that("its state", seen in (["deleting"], ["deleted"]), seen, lax=MOTO)
        self.wait("nat_gateway_deleted", NatGatewayIds=[self.nat])
        seen = [g["State"] for g in self.see("nat", {"nat-gateway-id": self.nat})]
        same("it stays in sight", seen, ["deleted"], lax=MOTO)
        seen = [r["State"] for r in self.one("table", self.private_table)["Routes"]
                if r["DestinationCidrBlock"] == "0.0.0.0/0"]
        same("its route is a black hole", seen, ["blackhole"], lax=MOTO)
        refused("its interface is gone", "InvalidNetworkInterfaceID.NotFound",
                ec2.describe_network_interfaces, NetworkInterfaceIds=[self.nat_interface],
                lax=MOTO)
        freed = self.one("address", self.address)
        that("its address is free", not freed.get("AssociationId"), freed, lax=MOTO)
        ec2.release_address(AllocationId=self.address)
        refused("ReleaseAddress twice", "InvalidAllocationID.NotFound", ec2.release_address,
                AllocationId=self.address)

    def delete_loose_ends(self):
        ec2, that, same, refused = (
            self.ec2, self.checks.that, self.checks.same, self.checks.refused)

        ec2.disassociate_address(AssociationId=self.address_association)
        freed = self.one("address", self.second_address)
        that("a disassociated address is free", not freed.get("AssociationId"), freed)
        ec2.release_address(AllocationId=self.second_address)
        ec2.delete_network_interface(NetworkInterfaceId=self.interface)
        refused("DeleteNetworkInterface twice", "InvalidNetworkInterfaceID.NotFound",
                ec2.delete_network_interface, NetworkInterfaceId=self.interface)

        ec2.delete_volume(VolumeId=self.volume)
        self.wait("volume_deleted", VolumeIds=[self.volume])
        refused("DeleteVolume twice", "InvalidVolume.NotFound", ec2.delete_volume,
                VolumeId=self.volume)
        same("a snapshot outlives its volume", self.ids("snapshot", {"volume-id": self.volume}),
             {self.snapshot})
        ec2.delete_snapshot(SnapshotId=self.snapshot)
        refused("DeleteSnapshot twice", "InvalidSnapshot.NotFound", ec2.delete_snapshot,
                SnapshotId=self.snapshot)

    def delete_network(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused

        ec2.revoke_security_group_ingress(GroupId=self.db, IpPermissions=self.from_web)
        same("a revoked rule is gone", self.one("group", self.db)["IpPermissions"], [])
        ec2.delete_security_group(GroupId=self.web)
        ec2.disassociate_route_table(AssociationId=self.public_association)
        ec2.disassociate_route_table(AssociationId=self.private_association)
        ec2.delete_route_table(RouteTableId=self.public_table)
        for subnet in sorted(self.subnets):
            ec2.delete_subnet(SubnetId=subnet)
        refused("DeleteSubnet twice", "InvalidSubnetID.NotFound", ec2.delete_subnet,
                SubnetId=self.spare)

        # What is left blocks the VPC, one after the other.
        refused("DeleteVpc with a route table", BLOCKED, ec2.delete_vpc, VpcId=self.vpc)
        ec2.delete_route(RouteTableId=self.private_table, DestinationCidrBlock="0.0.0.0/0")
        ec2.delete_route_table(RouteTableId=self.private_table)
        refused("DeleteVpc with a group", BLOCKED, ec2.delete_vpc, VpcId=self.vpc, lax=MOTO)
        ec2.delete_security_group(GroupId=self.db)
        refused("DeleteVpc with an internet gateway", BLOCKED, ec2.delete_vpc, VpcId=self.vpc,
                lax=MOTO)
        ec2.detach_internet_gateway(InternetGatewayId=self.igw, VpcId=self.vpc)
        refused("DetachInternetGateway twice", "Gateway.NotAttached", ec2.detach_internet_gateway,
                InternetGatewayId=self.igw, VpcId=self.vpc)
        ec2.delete_internet_gateway(InternetGatewayId=self.igw)
        ec2.delete_vpc(VpcId=self.vpc)
        refused("DeleteVpc twice", "InvalidVpcID.NotFound", ec2.delete_vpc, VpcId=self.vpc)
        for kind in ("group", "table", "subnet", "interface"):
            left = self.ids(kind, {"vpc-id": self.vpc}) - self.forgotten()
            same(f"no {kind} of it is left", left, set())

    def forgotten(self):
        return self.leftovers if self.checks.lax else set()

    def end(self):
        after = self.inventory() - self.forgotten()
        self.checks.same("the account is as it was: too much", after - self.before, set())
        self.checks.same("the account is as it was: too little", self.before - after, set())


SECTIONS = ["start", "build", "look", "tag", "page", "unknown", "dry", "refuse", "endpoints",
            "instances", "teardown", "end"]
ESSENTIAL = ["start", "build", "teardown", "end"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--account", default="123456789012")
    parser.add_argument("--lax", choices=MOTO, help="leave out the rows where it is laxer than AWS")
    parser.add_argument("--without", action="append", default=[], help="leave out a section",
                        choices=[s for s in SECTIONS if s not in ESSENTIAL])
    run = Lifecycle(parser.parse_args())
    checks = run.checks
    for section in SECTIONS:
        if section in run.options.without:
            continue
        try:
            getattr(run, section)()
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            here = [frame for frame in frames if frame.filename == __file__][-1]
            print(f"ABORTED in section {section}, line {here.lineno}: {here.line}\n"
                  f"  {type(error).__name__}: {error}", file=sys.stderr)
            return 2
    if checks.left_out:
        print(f"left out where {checks.lax} is laxer: {checks.left_out}", file=sys.stderr)
    if checks.failed:
        print(f"failed: {checks.failed} of {checks.failed + checks.passed} checks")
        return 1
    print(f"ok: {checks.passed} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
