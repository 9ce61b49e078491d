#!/usr/bin/env python3
"""What stands around a VPC and its subnets, seen by boto3: network ACLs, DHCP options, egress-only
internet gateways, prefix lists, flow logs, CIDR reservations, IPv6.

    boto3_perimeter.py URL [--region REGION]

Makes them, looks at them by id, filter and page, changes them, tries what AWS refuses, and takes
them down; the account is then as it was. Prints one line per failed check on stderr and, as the last
line on stdout, `ok: N checks`. Exit status: 0 all passed, 1 some failed, 2 something unexpected.
"""

import argparse
import sys
import time
import traceback

import boto3
from boto3_lifecycle import BLOCKED, HAS_DEPENDENCIES, NOBODY, Checks, named, tags_of, where
from botocore.config import Config

ANYWHERE = "0.0.0.0/0"


class Perimeter:
    """One run. Each section makes what it needs within one VPC and leaves nothing behind."""

    def __init__(self, options):
        self.checks = Checks(None)
        self.region = options.region
        self.ec2 = boto3.client(
            "ec2", endpoint_url=options.url, region_name=options.region,
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30))

    def until(self, what, holds):
        """Asks until something holds; states that have no waiter."""
        for _ in range(120):
            if holds():
                self.checks.passed += 1
                return
            time.sleep(0.2)
        self.checks.fail(what, "it never came")

    def dry(self, call, **arguments):
        self.checks.refused(f"dry run of {call.__name__}", "DryRunOperation", call, status=412,
                            DryRun=True, **arguments)

    def inventory(self):
        """Every id of the kinds in question."""
        ec2, found = self.ec2, set()
        for operation, result, key in [
            ("describe_vpcs", "Vpcs", "VpcId"),
            ("describe_network_acls", "NetworkAcls", "NetworkAclId"),
            ("describe_dhcp_options", "DhcpOptions", "DhcpOptionsId"),
            ("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways",
             "EgressOnlyInternetGatewayId"),
            ("describe_managed_prefix_lists", "PrefixLists", "PrefixListId"),
            ("describe_flow_logs", "FlowLogs", "FlowLogId"),
        ]:
            # Through the paginator: what boto3 knows as one must be answered as one.
            pages = ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 5})
            found |= {item[key] for page in pages for item in page[result]}
        return found

    def start(self):
        ec2, same = self.ec2, self.checks.same
        self.before = self.inventory()
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/24")["Subnet"]
        self.subnet = subnet["SubnetId"]
        ours = where({"vpc-id": self.vpc})
        (self.table,) = ec2.describe_route_tables(Filters=ours)["RouteTables"]
        self.table = self.table["RouteTableId"]
        same("one group of its own", len(ec2.describe_security_groups(
            Filters=ours)["SecurityGroups"]), 1)

    # --- Network ACLs -------------------------------------------------------------------------

    def acls(self):
        ec2, that, same, refused = (
            self.ec2, self.checks.that, self.checks.same, self.checks.refused)
        ours = where({"vpc-id": self.vpc})
        (default,) = ec2.describe_network_acls(Filters=ours)["NetworkAcls"]
        same("the default ACL", default["IsDefault"], True)
        seen = [(e["RuleNumber"], e["Egress"], e["RuleAction"]) for e in default["Entries"]]
        same("its entries", seen, [(100, False, "allow"), (32767, False, "deny"),
                                   (100, True, "allow"), (32767, True, "deny")])
        (association,) = default["Associations"]
        same("the subnet is in it", association["SubnetId"], self.subnet)
        refused("DeleteNetworkAcl of the default one", "InvalidParameterValue",
                ec2.delete_network_acl, NetworkAclId=default["NetworkAclId"], says="default")
        refused("DeleteNetworkAcl of none", "InvalidNetworkAclID.NotFound",
                ec2.delete_network_acl, NetworkAclId=f"acl-{NOBODY}")

        self.dry(ec2.create_network_acl, VpcId=self.vpc)
        acl = ec2.create_network_acl(
            VpcId=self.vpc, TagSpecifications=named("network-acl", "acl-a"))["NetworkAcl"]
        same("tags of an ACL", tags_of(acl)["Name"], "acl-a")
        acl = acl["NetworkAclId"]
        entry = {"NetworkAclId": acl, "RuleNumber": 10, "Protocol": "6", "RuleAction": "allow",
                 "Egress": False, "CidrBlock": "10.1.2.3/8",
                 "PortRange": {"From": 443, "To": 443}}
        ec2.create_network_acl_entry(**entry)
        refused("an entry twice", "NetworkAclEntryAlreadyExists", ec2.create_network_acl_entry,
                **entry)
        refused("AWS's own number", "InvalidParameterValue", ec2.create_network_acl_entry,
                **{**entry, "RuleNumber": 32767})
        ec2.replace_network_acl_entry(**{**entry, "RuleAction": "deny"})
        (seen,) = ec2.describe_network_acls(
            Filters=where({"entry.port-range.from": "443", "entry.protocol": "tcp"}))["NetworkAcls"]
        same("ACLs by entry", seen["NetworkAclId"], acl)
        first = seen["Entries"][0]
        same("the entry", (first["CidrBlock"], first["RuleAction"], first["PortRange"]),
             ("10.0.0.0/8", "deny", {"From": 443, "To": 443}))
        where_to_delete = {"NetworkAclId": acl, "RuleNumber": 10, "Egress": False}
        ec2.delete_network_acl_entry(**where_to_delete)
        refused("an entry that is gone", "InvalidNetworkAclEntry.NotFound",
                ec2.delete_network_acl_entry, **where_to_delete)

        old = association["NetworkAclAssociationId"]
        new = ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)
        new = new["NewAssociationId"]
        again = ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)
        same("replacing again changes nothing", again["NewAssociationId"], new)
        refused("DeleteNetworkAcl in use", BLOCKED, ec2.delete_network_acl, NetworkAclId=acl,
                says=HAS_DEPENDENCIES)
        ec2.replace_network_acl_association(
            AssociationId=new, NetworkAclId=default["NetworkAclId"])
        refused("an association that is gone", "InvalidAssociationID.NotFound",
                ec2.replace_network_acl_association, AssociationId=new, NetworkAclId=acl)
        refused("DeleteVpc with an ACL and a subnet", BLOCKED, ec2.delete_vpc, VpcId=self.vpc)
        self.dry(ec2.delete_network_acl, NetworkAclId=acl)
        ec2.delete_network_acl(NetworkAclId=acl)
        that("it is gone", acl not in self.inventory())

    # --- DHCP options -------------------------------------------------------------------------

    def dhcp_options(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        (vpc,) = ec2.describe_vpcs(VpcIds=[self.vpc])["Vpcs"]
        usual = vpc["DhcpOptionsId"]
        (seen,) = ec2.describe_dhcp_options(DhcpOptionsIds=[usual])["DhcpOptions"]
        values = {o["Key"]: [v["Value"] for v in o["Values"]]
                  for o in seen["DhcpConfigurations"]}
        same("the usual servers", values["domain-name-servers"], ["AmazonProvidedDNS"])
        same("the usual domain", values["domain-name"], ["ec2.internal"])
        refused("DeleteDhcpOptions in use", BLOCKED, ec2.delete_dhcp_options,
                DhcpOptionsId=usual, says=HAS_DEPENDENCIES)
        made = ec2.create_dhcp_options(
            DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["10.0.0.5", "10.0.0.6"]},
                                {"Key": "domain-name", "Values": ["corp.example"]}],
            TagSpecifications=named("dhcp-options", "dopt-a"))["DhcpOptions"]
        own = made["DhcpOptionsId"]
        found = ec2.describe_dhcp_options(Filters=where({"key": "domain-name",
                                                         "value": "corp.*", "tag:Name": "dopt-a"}))
        same("options by key and value", [o["DhcpOptionsId"] for o in found["DhcpOptions"]], [own])
        refused("an option that is none", "InvalidParameterValue", ec2.create_dhcp_options,
                DhcpConfigurations=[{"Key": "router", "Values": ["10.0.0.1"]}])
        self.dry(ec2.associate_dhcp_options, DhcpOptionsId=own, VpcId=self.vpc)
        ec2.associate_dhcp_options(DhcpOptionsId=own, VpcId=self.vpc)
        users = ec2.describe_vpcs(Filters=where({"dhcp-options-id": own}))["Vpcs"]
        same("the VPC that uses it", [v["VpcId"] for v in users], [self.vpc])
        refused("DeleteDhcpOptions of its own", BLOCKED, ec2.delete_dhcp_options,
                DhcpOptionsId=own)
        ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=self.vpc)
        ec2.delete_dhcp_options(DhcpOptionsId=own)
        refused("DeleteDhcpOptions twice", "InvalidDhcpOptionID.NotFound",
                ec2.delete_dhcp_options, DhcpOptionsId=own)
        ec2.associate_dhcp_options(DhcpOptionsId=usual, VpcId=self.vpc)

    # --- IPv6 ---------------------------------------------------------------------------------

    def ipv6(self):
        ec2, that, same, refused = (
            self.ec2, self.checks.that, self.checks.same, self.checks.refused)
        given = ec2.associate_vpc_cidr_block(VpcId=self.vpc, AmazonProvidedIpv6CidrBlock=True)
        given = given["Ipv6CidrBlockAssociation"]
        same("a block that comes", given["Ipv6CidrBlockState"]["State"], "associating")
        block = given["Ipv6CidrBlock"]
        part = block.replace("00::/56", "07::/64")
        refused("a block elsewhere", "InvalidSubnet.Range", ec2.associate_subnet_cidr_block,
                SubnetId=self.subnet, Ipv6CidrBlock="2600::/64")
        own = ec2.associate_subnet_cidr_block(SubnetId=self.subnet, Ipv6CidrBlock=part)
        own = own["Ipv6CidrBlockAssociation"]["AssociationId"]
        seen = ec2.describe_subnets(
            Filters=where({"ipv6-cidr-block-association.ipv6-cidr-block": part}))["Subnets"]
        same("subnets by IPv6 block", [s["SubnetId"] for s in seen], [self.subnet])
        interface = ec2.create_network_interface(SubnetId=self.subnet)["NetworkInterface"]
        interface = interface["NetworkInterfaceId"]
        made = ec2.assign_ipv6_addresses(NetworkInterfaceId=interface, Ipv6AddressCount=2)
        addresses = made["AssignedIpv6Addresses"]
        same("two addresses", len(addresses), 2)
        (seen,) = ec2.describe_network_interfaces(
            NetworkInterfaceIds=[interface])["NetworkInterfaces"]
        same("its addresses", [a["Ipv6Address"] for a in seen["Ipv6Addresses"]], addresses)
        refused("a block in use", "InvalidCidrBlock.InUse", ec2.disassociate_subnet_cidr_block,
                AssociationId=own)
        ec2.unassign_ipv6_addresses(NetworkInterfaceId=interface, Ipv6Addresses=addresses)
        ec2.delete_network_interface(NetworkInterfaceId=interface)

        gateway = ec2.create_egress_only_internet_gateway(
            VpcId=self.vpc, TagSpecifications=named("egress-only-internet-gateway", "eigw-a"))
        gateway = gateway["EgressOnlyInternetGateway"]
        same("attached for life", gateway["Attachments"],
             [{"State": "attached", "VpcId": self.vpc}])
        gateway = gateway["EgressOnlyInternetGatewayId"]
        found = ec2.describe_egress_only_internet_gateways(Filters=where({"tag:Name": "eigw-*"}))
        same("gateways by tag", [g["EgressOnlyInternetGatewayId"]
                                 for g in found["EgressOnlyInternetGateways"]], [gateway])
        ec2.create_route(RouteTableId=self.table, DestinationIpv6CidrBlock="::/0",
                         EgressOnlyInternetGatewayId=gateway)
        refused("such a route for IPv4", "InvalidParameterValue", ec2.create_route,
                RouteTableId=self.table, DestinationCidrBlock=ANYWHERE,
                EgressOnlyInternetGatewayId=gateway)

        def route():
            (table,) = ec2.describe_route_tables(RouteTableIds=[self.table])["RouteTables"]
            return next(r["State"] for r in table["Routes"]
                        if r.get("DestinationIpv6CidrBlock") == "::/0")

        same("a route to it", route(), "active")
        gone = ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=gateway)
        same("it goes", gone["ReturnCode"], True)
        same("the route is left behind", route(), "blackhole")
        refused("it is gone", "InvalidGatewayID.NotFound",
                ec2.describe_egress_only_internet_gateways,
                EgressOnlyInternetGatewayIds=[gateway])
        ec2.delete_route(RouteTableId=self.table, DestinationIpv6CidrBlock="::/0")
        refused("the VPC's block in use", "InvalidCidrBlock.InUse",
                ec2.disassociate_vpc_cidr_block, AssociationId=given["AssociationId"])
        ec2.disassociate_subnet_cidr_block(AssociationId=own)
        ec2.disassociate_vpc_cidr_block(AssociationId=given["AssociationId"])
        (vpc,) = ec2.describe_vpcs(VpcIds=[self.vpc])["Vpcs"]
        that("no IPv6 is left", not vpc.get("Ipv6CidrBlockAssociationSet"), vpc)

    # --- Prefix lists -------------------------------------------------------------------------

    def state(self, prefix_list):
        (seen,) = self.ec2.describe_managed_prefix_lists(
            PrefixListIds=[prefix_list])["PrefixLists"]
        return seen["State"], seen["Version"]

    def prefix_lists(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        services = {p["PrefixListName"] for p in ec2.describe_prefix_lists()["PrefixLists"]}
        same("AWS's own", services,
             {f"com.amazonaws.{self.region}.{name}" for name in ("s3", "dynamodb")})
        own = ec2.create_managed_prefix_list(
            PrefixListName="offices", AddressFamily="IPv4", MaxEntries=3,
            Entries=[{"Cidr": "10.1.0.0/16", "Description": "here"}, {"Cidr": "10.2.0.0/16"}],
            TagSpecifications=named("prefix-list", "pl-a"))["PrefixList"]
        same("a new list", (own["State"], own["Version"]), ("create-in-progress", 1))
        own = own["PrefixListId"]
        self.until("it is made", lambda: self.state(own) == ("create-complete", 1))
        found = ec2.describe_managed_prefix_lists(Filters=where({"prefix-list-name": "off*"}))
        same("lists by name", [p["PrefixListId"] for p in found["PrefixLists"]], [own])

        def entries(**more):
            pages = ec2.get_paginator("get_managed_prefix_list_entries").paginate(
                PrefixListId=own, PaginationConfig={"PageSize": 1}, **more)
            return [e["Cidr"] for page in pages for e in page["Entries"]]

        refused("entries and size at once", "InvalidParameterCombination",
                ec2.modify_managed_prefix_list, PrefixListId=own, MaxEntries=4,
                AddEntries=[{"Cidr": "10.3.0.0/16"}], CurrentVersion=1)
        refused("another version", "PrefixListVersionMismatch", ec2.modify_managed_prefix_list,
                PrefixListId=own, CurrentVersion=4, AddEntries=[{"Cidr": "10.3.0.0/16"}])
        ec2.modify_managed_prefix_list(
            PrefixListId=own, CurrentVersion=1, AddEntries=[{"Cidr": "10.3.0.0/16"}],
            RemoveEntries=[{"Cidr": "10.1.0.0/16"}])
        self.until("it is changed", lambda: self.state(own) == ("modify-complete", 2))
        same("its entries", entries(), ["10.2.0.0/16", "10.3.0.0/16"])
        same("as they were", entries(TargetVersion=1), ["10.1.0.0/16", "10.2.0.0/16"])
        ec2.restore_managed_prefix_list_version(
            PrefixListId=own, PreviousVersion=1, CurrentVersion=2)
        self.until("it is restored", lambda: self.state(own) == ("restore-complete", 3))
        same("as they are again", entries(), ["10.1.0.0/16", "10.2.0.0/16"])

        group = ec2.create_security_group(
            GroupName="listed", Description="by list", VpcId=self.vpc)["GroupId"]
        rule = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                 "PrefixListIds": [{"PrefixListId": own}]}]
        refused("a rule by no list", "InvalidPrefixListID.NotFound",
                ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[
                    {**rule[0], "PrefixListIds": [{"PrefixListId": f"pl-{NOBODY}"}]}])
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
        users = ec2.get_managed_prefix_list_associations(PrefixListId=own)
        same("who refers to it", [a["ResourceId"] for a in users["PrefixListAssociations"]],
             [group])
        ec2.delete_managed_prefix_list(PrefixListId=own)
        self.until("its deletion fails", lambda: self.state(own) == ("delete-failed", 3))
        ec2.delete_security_group(GroupId=group)
        ec2.delete_managed_prefix_list(PrefixListId=own)
        self.until("it goes", lambda: not ec2.describe_managed_prefix_lists(
            Filters=where({"prefix-list-id": own}))["PrefixLists"])
        refused("it is gone", "InvalidPrefixListID.NotFound", ec2.get_managed_prefix_list_entries,
                PrefixListId=own)

    # --- Flow logs ----------------------------------------------------------------------------

    def flow_logs(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        where_to = {"TrafficType": "ALL", "LogDestinationType": "s3",
                    "LogDestination": "arn:aws:s3:::logs/vpc/"}
        nobody = f"vpc-{NOBODY}"
        made = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[self.vpc, nobody],
                                    TagSpecifications=named("vpc-flow-log", "fl-a"), **where_to)
        same("what was wrong", [(u["ResourceId"], u["Error"]["Code"])
                                for u in made["Unsuccessful"]], [(nobody, "InvalidVpcID.NotFound")])
        (log,) = made["FlowLogIds"]
        refused("the same again", "FlowLogAlreadyExists", ec2.create_flow_logs,
                ResourceType="VPC", ResourceIds=[self.vpc], **where_to)
        refused("a log group without a role", "InvalidParameter", ec2.create_flow_logs,
                ResourceType="VPC", ResourceIds=[self.vpc], TrafficType="ALL", LogGroupName="g")
        (seen,) = ec2.describe_flow_logs(Filter=where({"resource-id": self.vpc}))["FlowLogs"]
        same("a flow log", (seen["FlowLogId"], seen["FlowLogStatus"], tags_of(seen)["Name"]),
             (log, "ACTIVE", "fl-a"))
        gone = ec2.delete_flow_logs(FlowLogIds=[log, f"fl-{NOBODY}"])
        same("told per item", [u["Error"]["Code"] for u in gone["Unsuccessful"]],
             ["InvalidFlowLogId.NotFound"])
        refused("it is gone", "InvalidFlowLogId.NotFound", ec2.describe_flow_logs,
                FlowLogIds=[log])

    # --- CIDR reservations, and the rest ------------------------------------------------------

    def reservations(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        made = ec2.create_subnet_cidr_reservation(
            SubnetId=self.subnet, Cidr="10.0.0.0/28", ReservationType="explicit",
            Description="by hand")["SubnetCidrReservation"]
        refused("a reservation elsewhere", "InvalidParameterValue",
                ec2.create_subnet_cidr_reservation, SubnetId=self.subnet, Cidr="10.9.0.0/28",
                ReservationType="explicit")
        seen = ec2.get_subnet_cidr_reservations(SubnetId=self.subnet)
        same("the reservation", seen["SubnetIpv4CidrReservations"], [made])
        interface = ec2.create_network_interface(SubnetId=self.subnet)["NetworkInterface"]
        same("the first address after it", interface["PrivateIpAddress"], "10.0.0.16")
        ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
        refused("DeleteSubnet with a reservation", BLOCKED, ec2.delete_subnet,
                SubnetId=self.subnet, says=HAS_DEPENDENCIES)
        own = made["SubnetCidrReservationId"]
        ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=own)
        refused("DeleteSubnetCidrReservation twice", "InvalidSubnetCidrReservationID.NotFound",
                ec2.delete_subnet_cidr_reservation, SubnetCidrReservationId=own)

    def the_rest(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        zones = ec2.describe_availability_zones()["AvailabilityZones"]
        refused("a default subnet twice", "DefaultSubnetAlreadyExistsInAvailabilityZone",
                ec2.create_default_subnet, AvailabilityZone=zones[0]["ZoneName"])
        done = ec2.modify_vpc_tenancy(VpcId=self.vpc, InstanceTenancy="default")
        same("ModifyVpcTenancy", done["ReturnValue"], True)
        (seen,) = ec2.describe_vpc_classic_link(VpcIds=[self.vpc])["Vpcs"]
        same("ClassicLink", seen["ClassicLinkEnabled"], False)
        (seen,) = ec2.describe_vpc_classic_link_dns_support(VpcIds=[self.vpc])["Vpcs"]
        same("names over ClassicLink", seen["ClassicLinkDnsSupported"], False)

    def end(self):
        ec2, same = self.ec2, self.checks.same
        ec2.delete_subnet(SubnetId=self.subnet)
        ec2.delete_vpc(VpcId=self.vpc)
        after = self.inventory()
        same("too much is left", after - self.before, set())
        same("too little is left", self.before - after, set())


SECTIONS = ["start", "acls", "dhcp_options", "ipv6", "prefix_lists", "flow_logs", "reservations",
            "the_rest", "end"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--region", default="us-east-1")
    run = Perimeter(parser.parse_args())
    for section in SECTIONS:
        try:
            getattr(run, section)()
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            here = [frame for frame in frames if frame.filename == __file__][-1]
            print(f"ABORTED in section {section}, line {here.lineno}: {here.line}\n"
                  f"  {type(error).__name__}: {error}", file=sys.stderr)
            return 2
    checks = run.checks
    if checks.failed:
        print(f"failed: {checks.failed} of {checks.failed + checks.passed} checks")
        return 1
    print(f"ok: {checks.passed} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
