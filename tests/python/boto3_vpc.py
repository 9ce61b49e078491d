#!/usr/bin/env python3
"""Addresses, interfaces, security group rules, endpoints and endpoint services, seen by boto3.

    boto3_vpc.py URL [--region REGION]

Makes them, looks at them by id, filter and page, changes them, tries what AWS refuses, and takes
them down; the account is then as it was. Prints one line per failed check on stderr and, as the last
line on stdout, `ok: N checks`. Exit status: 0 all passed, 1 some failed, 2 something unexpected.
"""

import argparse
import sys
import time
import traceback

import boto3
from boto3_lifecycle import WAIT, Checks, named, tags_of, where
from botocore.config import Config

BALANCER = ("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/{}/{}/"
            "0123456789abcdef")
FRIEND = "210987654321"


class Network:
    """One run. Each section makes what it needs within one VPC and leaves nothing behind."""

    def __init__(self, options):
        self.checks = Checks(None)
        self.ec2 = boto3.client(
            "ec2", endpoint_url=options.url, region_name=options.region,
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30))

    def wait(self, waiter, **arguments):
        self.ec2.get_waiter(waiter).wait(WaiterConfig=WAIT, **arguments)

    def until(self, what, holds):
        """Asks until something holds; states that have no waiter."""
        for _ in range(120):
            if holds():
                self.checks.passed += 1
                return
            time.sleep(0.2)
        self.checks.fail(what, "it never came")

    def start(self):
        ec2 = self.ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        zones = ec2.describe_availability_zones()["AvailabilityZones"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{at}.0/24",
                              AvailabilityZone=zones[at]["ZoneName"])["Subnet"]["SubnetId"]
            for at in (0, 1)]
        self.igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.igw, VpcId=self.vpc)
        self.table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]

    # --- NAT gateways -------------------------------------------------------------------------

    def nat_gateways(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        first, second = (ec2.allocate_address()["AllocationId"] for _ in range(2))
        nat = ec2.create_nat_gateway(SubnetId=self.subnets[0], AllocationId=first)
        nat = nat["NatGateway"]["NatGatewayId"]
        private = ec2.create_nat_gateway(
            SubnetId=self.subnets[1], ConnectivityType="private",
            SecondaryPrivateIpAddressCount=2)["NatGateway"]
        same("secondary private addresses", len(private["NatGatewayAddresses"]), 3)
        private = private["NatGatewayId"]
        self.wait("nat_gateway_available", NatGatewayIds=[nat, private])

        def addresses(gateway):
            (seen,) = ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
            return seen["NatGatewayAddresses"]

        def settled(gateway):
            return lambda: {a["Status"] for a in addresses(gateway)} == {"succeeded"}

        made = ec2.associate_nat_gateway_address(NatGatewayId=nat, AllocationIds=[second])
        (entry,) = made["NatGatewayAddresses"]
        same("it is being associated", entry["Status"], "associating")
        self.until("it is associated", settled(nat))
        refused("an address twice", "Resource.AlreadyAssociated",
                ec2.associate_nat_gateway_address, NatGatewayId=nat, AllocationIds=[second])
        refused("a public gateway has no such addresses", "InvalidParameterCombination",
                ec2.assign_private_nat_gateway_address, NatGatewayId=nat, PrivateIpAddressCount=1)
        primary = addresses(nat)[0]["AssociationId"]
        refused("the primary address stays", "InvalidParameterValue",
                ec2.disassociate_nat_gateway_address, NatGatewayId=nat, AssociationIds=[primary])
        gone = ec2.disassociate_nat_gateway_address(
            NatGatewayId=nat, AssociationIds=[entry["AssociationId"]], MaxDrainDurationSeconds=60)
        same("it drains", gone["NatGatewayAddresses"][0]["Status"], "disassociating")
        refused("one change at a time", "OperationInProgress", ec2.associate_nat_gateway_address,
                NatGatewayId=nat, AllocationIds=[second])
        self.until("it has drained", lambda: len(addresses(nat)) == 1)
        made = ec2.assign_private_nat_gateway_address(NatGatewayId=private,
                                                      PrivateIpAddressCount=1)
        ip = made["NatGatewayAddresses"][0]["PrivateIp"]
        self.until("it is assigned", settled(private))
        ec2.unassign_private_nat_gateway_address(
            NatGatewayId=private, PrivateIpAddresses=[ip], MaxDrainDurationSeconds=30)
        self.until("it is unassigned", lambda: len(addresses(private)) == 3)
        for gateway in (nat, private):
            ec2.delete_nat_gateway(NatGatewayId=gateway)
        self.wait("nat_gateway_deleted", NatGatewayIds=[nat, private])
        for address in (first, second):
            ec2.release_address(AllocationId=address)

    # --- Security groups ----------------------------------------------------------------------

    def security_groups(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        group = ec2.create_security_group(GroupName="web", Description="d", VpcId=self.vpc)
        group = group["GroupId"]
        ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
               "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "home"}]}
        made = ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[ssh],
            TagSpecifications=named("security-group-rule", "ssh"))
        (rule,) = made["SecurityGroupRules"]
        same("a rule has tags", tags_of(rule)["Name"], "ssh")
        rule = rule["SecurityGroupRuleId"]
        https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "0.0.0.0/0"}
        ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[
            {"SecurityGroupRuleId": rule, "SecurityGroupRule": https}])
        (seen,) = ec2.describe_security_group_rules(
            Filters=where({"tag:Name": "ssh"}))["SecurityGroupRules"]
        same("it kept its id", seen["SecurityGroupRuleId"], rule)
        same("it says something else", (seen["FromPort"], seen["CidrIpv4"]), (443, "0.0.0.0/0"))
        refused("another kind of source", "InvalidParameterValue", ec2.modify_security_group_rules,
                GroupId=group, SecurityGroupRules=[
                    {"SecurityGroupRuleId": rule,
                     "SecurityGroupRule": {"IpProtocol": "-1", "ReferencedGroupId": group}}])
        ec2.update_security_group_rule_descriptions_ingress(
            GroupId=group, SecurityGroupRuleDescriptions=[
                {"SecurityGroupRuleId": rule, "Description": "everyone"}])
        (seen,) = ec2.describe_security_group_rules(
            SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
        same("its description", seen["Description"], "everyone")
        ec2.create_tags(Resources=[rule], Tags=[{"Key": "more", "Value": "1"}])
        told = ec2.describe_tags(Filters=where({"resource-id": rule}))["Tags"]
        same("tags of rules are listed", {t["Key"] for t in told}, {"Name", "role", "more"})

        other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        state = ec2.associate_security_group_vpc(GroupId=group, VpcId=other)["State"]
        same("the association is being made", state, "associating")

        def states():
            found = ec2.describe_security_group_vpc_associations(
                Filters=where({"group-id": group}))
            return [a["State"] for a in found["SecurityGroupVpcAssociations"]]

        self.until("the association is there", lambda: states() == ["associated"])
        found = ec2.get_security_groups_for_vpc(VpcId=other)["SecurityGroupForVpcs"]
        same("the group serves there", group in {g["GroupId"] for g in found}, True)
        refused("it keeps the group", "DependencyViolation", ec2.delete_security_group,
                GroupId=group)
        ec2.disassociate_security_group_vpc(GroupId=group, VpcId=other)
        self.until("the association is gone", lambda: states() == [])
        stale = ec2.describe_stale_security_groups(VpcId=self.vpc)["StaleSecurityGroupSet"]
        same("no rule is stale", stale, [])
        found = ec2.describe_security_group_references(GroupId=[group])
        same("no peer names it", found["SecurityGroupReferenceSet"], [])
        ec2.delete_security_group(GroupId=group)
        ec2.delete_vpc(VpcId=other)

    # --- Interfaces and addresses -------------------------------------------------------------

    def interfaces(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        one, other = (
            ec2.create_network_interface(SubnetId=self.subnets[0])["NetworkInterface"]
            ["NetworkInterfaceId"] for _ in range(2))
        ec2.modify_network_interface_attribute(NetworkInterfaceId=one,
                                               SourceDestCheck={"Value": False})
        seen = ec2.describe_network_interface_attribute(NetworkInterfaceId=one,
                                                        Attribute="sourceDestCheck")
        same("the check is off", seen["SourceDestCheck"]["Value"], False)
        ec2.reset_network_interface_attribute(NetworkInterfaceId=one, SourceDestCheck="true")
        seen = ec2.describe_network_interface_attribute(NetworkInterfaceId=one,
                                                        Attribute="sourceDestCheck")
        same("the check is on again", seen["SourceDestCheck"]["Value"], True)
        ec2.assign_private_ip_addresses(NetworkInterfaceId=one, PrivateIpAddresses=["10.0.0.77"])
        refused("an address that is taken", "InvalidIPAddress.InUse",
                ec2.assign_private_ip_addresses, NetworkInterfaceId=other,
                PrivateIpAddresses=["10.0.0.77"])
        ec2.assign_private_ip_addresses(NetworkInterfaceId=other, AllowReassignment=True,
                                        PrivateIpAddresses=["10.0.0.77"])
        made = ec2.create_network_interface_permission(
            NetworkInterfaceId=one, AwsAccountId=FRIEND, Permission="INSTANCE-ATTACH")
        permission = made["InterfacePermission"]["NetworkInterfacePermissionId"]
        found = ec2.describe_network_interface_permissions(Filters=where(
            {"network-interface-permission.aws-account-id": FRIEND}))
        same("the permission is listed", len(found["NetworkInterfacePermissions"]), 1)
        ec2.delete_network_interface_permission(NetworkInterfacePermissionId=permission)
        refused("it is gone", "InvalidNetworkInterfacePermissionID.NotFound",
                ec2.delete_network_interface_permission, NetworkInterfacePermissionId=permission)
        for interface in (one, other):
            ec2.delete_network_interface(NetworkInterfaceId=interface)

    def addresses(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        address = ec2.allocate_address()["AllocationId"]

        def record():
            (seen,) = ec2.describe_addresses_attribute(
                AllocationIds=[address], Attribute="domain-name")["Addresses"]
            return seen.get("PtrRecord")

        made = ec2.modify_address_attribute(AllocationId=address, DomainName="mail.example.com")
        same("the record is pending", made["Address"]["PtrRecordUpdate"]["Status"], "PENDING")
        refused("a locked address", "InvalidAddress.Locked", ec2.release_address,
                AllocationId=address)
        self.until("the record is there", lambda: record() == "mail.example.com.")
        ec2.reset_address_attribute(AllocationId=address, Attribute="domain-name")
        self.until("the record is gone", lambda: record() is None)
        offer = ec2.enable_address_transfer(AllocationId=address, TransferAccountId=FRIEND)
        same("it is offered", offer["AddressTransfer"]["AddressTransferStatus"], "pending")
        offers = ec2.describe_address_transfers(AllocationIds=[address])["AddressTransfers"]
        same("offers are listed", [o["TransferAccountId"] for o in offers], [FRIEND])
        ec2.disable_address_transfer(AllocationId=address)
        refused("nobody offers anything", "InvalidTransfer.AddressNotFound",
                ec2.accept_address_transfer, Address="198.18.0.1")
        same("nothing moves", ec2.describe_moving_addresses()["MovingAddressStatuses"], [])
        ec2.release_address(AllocationId=address)

    # --- Endpoints ----------------------------------------------------------------------------

    def endpoints(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        region = ec2.meta.region_name
        s3 = f"com.amazonaws.{region}.s3"
        found = ec2.describe_vpc_endpoint_services(ServiceNames=[s3])["ServiceDetails"]
        kinds = {d["ServiceType"][0]["ServiceType"] for d in found}
        same("S3 has endpoints of two types", kinds, {"Gateway", "Interface"})
        pages = ec2.get_paginator("describe_vpc_endpoint_services").paginate(
            PaginationConfig={"PageSize": 7})
        listed = [d["ServiceId"] for page in pages for d in page["ServiceDetails"]]
        whole = ec2.describe_vpc_endpoint_services()["ServiceDetails"]
        same("pages cover every service once", listed, [d["ServiceId"] for d in whole])
        refused("no such service", "InvalidServiceName", ec2.describe_vpc_endpoint_services,
                ServiceNames=[f"com.amazonaws.{region}.nothing"])
        gateway = ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=s3)["VpcEndpoint"]
        gateway = gateway["VpcEndpointId"]

        def one(endpoint):
            (seen,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
            return seen

        ec2.modify_vpc_endpoint(VpcEndpointId=gateway, AddRouteTableIds=[self.table])
        same("it is in the table", one(gateway)["RouteTableIds"], [self.table])
        ec2.modify_vpc_endpoint(VpcEndpointId=gateway, RemoveRouteTableIds=[self.table],
                                PolicyDocument='{"Statement":[]}')
        same("it is out again", one(gateway)["RouteTableIds"], [])
        refused("a dry run", "DryRunOperation", ec2.modify_vpc_endpoint, status=412, DryRun=True,
                VpcEndpointId=gateway, ResetPolicy=True)
        refused("no policy", "InvalidPolicyDocument", ec2.modify_vpc_endpoint,
                VpcEndpointId=gateway, PolicyDocument="{")
        sqs = ec2.create_vpc_endpoint(
            VpcId=self.vpc, ServiceName=f"com.amazonaws.{region}.sqs",
            VpcEndpointType="Interface", SubnetIds=self.subnets[:1])["VpcEndpoint"]
        sqs = sqs["VpcEndpointId"]
        self.until("it is available", lambda: one(sqs)["State"].lower() == "available")
        ec2.modify_vpc_endpoint(VpcEndpointId=sqs, AddSubnetIds=self.subnets[1:],
                                RemoveSubnetIds=self.subnets[:1])
        same("it has moved", one(sqs)["SubnetIds"], self.subnets[1:])
        refused("a gateway has no subnets", "InvalidParameter", ec2.modify_vpc_endpoint,
                VpcEndpointId=gateway, AddSubnetIds=self.subnets[:1])
        nobody = "vpce-0123456789abcdef0"
        gone = ec2.delete_vpc_endpoints(VpcEndpointIds=[gateway, sqs, nobody])["Unsuccessful"]
        same("failures are told per item", [u["ResourceId"] for u in gone], [nobody])

    def services(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        refused("a service of nothing", "InvalidParameter",
                ec2.create_vpc_endpoint_service_configuration)
        made = ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[BALANCER.format("net", "shop")],
            TagSpecifications=named("vpc-endpoint-service", "shop"))["ServiceConfiguration"]
        service, name = made["ServiceId"], made["ServiceName"]
        found = ec2.describe_vpc_endpoint_service_configurations(
            Filters=where({"tag:Name": "shop"}))["ServiceConfigurations"]
        same("it is found by its tag", [s["ServiceId"] for s in found], [service])
        ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=service, AddAllowedPrincipals=[f"arn:aws:iam::{FRIEND}:root"])
        found = ec2.describe_vpc_endpoint_service_permissions(ServiceId=service)
        same("a friend may", found["AllowedPrincipals"][0]["PrincipalType"], "Account")
        told = ec2.create_vpc_endpoint_connection_notification(
            ServiceId=service, ConnectionEvents=["Accept"],
            ConnectionNotificationArn="arn:aws:sns:us-east-1:123456789012:endpoints")
        told = told["ConnectionNotification"]["ConnectionNotificationId"]
        ec2.modify_vpc_endpoint_connection_notification(
            ConnectionNotificationId=told, ConnectionEvents=["Accept", "Reject"])
        (seen,) = ec2.describe_vpc_endpoint_connection_notifications(
            Filters=where({"service-id": service}))["ConnectionNotificationSet"]
        same("its events", seen["ConnectionEvents"], ["Accept", "Reject"])
        gone = ec2.delete_vpc_endpoint_connection_notifications(
            ConnectionNotificationIds=[told])
        same("it is deleted", gone["Unsuccessful"], [])
        endpoint = ec2.create_vpc_endpoint(
            VpcId=self.vpc, ServiceName=name, VpcEndpointType="Interface",
            SubnetIds=self.subnets[:1])["VpcEndpoint"]["VpcEndpointId"]

        def state():
            (seen,) = ec2.describe_vpc_endpoint_connections(
                Filters=where({"service-id": service}))["VpcEndpointConnections"]
            return seen["VpcEndpointState"].lower()

        same("it waits", state(), "pendingacceptance")
        ec2.accept_vpc_endpoint_connections(ServiceId=service, VpcEndpointIds=[endpoint])
        self.until("it serves", lambda: state() == "available")
        kept = ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service])
        same("a connection keeps the service", kept["Unsuccessful"][0]["Error"]["Code"],
             "ExistingVpcEndpointConnections")
        ec2.reject_vpc_endpoint_connections(ServiceId=service, VpcEndpointIds=[endpoint])
        same("it is rejected", state(), "rejected")
        gone = ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service])
        same("the service is gone", gone["Unsuccessful"], [])
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])

        made = ec2.create_vpc_endpoint_service_configuration(
            GatewayLoadBalancerArns=[BALANCER.format("gwy", "inspect")],
            AcceptanceRequired=False)["ServiceConfiguration"]
        endpoint = ec2.create_vpc_endpoint(
            VpcId=self.vpc, ServiceName=made["ServiceName"], SubnetIds=self.subnets[:1],
            VpcEndpointType="GatewayLoadBalancer")["VpcEndpoint"]["VpcEndpointId"]
        ec2.create_route(RouteTableId=self.table, DestinationCidrBlock="172.16.0.0/12",
                         VpcEndpointId=endpoint)
        kept = ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])["Unsuccessful"]
        same("a route keeps the endpoint", [u["ResourceId"] for u in kept], [endpoint])
        ec2.delete_route(RouteTableId=self.table, DestinationCidrBlock="172.16.0.0/12")
        same("it goes", ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])["Unsuccessful"], [])
        self.until("all endpoints are gone",
                   lambda: ec2.describe_vpc_endpoints()["VpcEndpoints"] == [])
        ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])

    # --- Attributes and the end ---------------------------------------------------------------

    def attributes(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        subnet = self.subnets[0]
        ec2.modify_subnet_attribute(SubnetId=subnet, EnableDns64={"Value": True})
        ec2.modify_subnet_attribute(SubnetId=subnet,
                                    PrivateDnsHostnameTypeOnLaunch="resource-name")
        (seen,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
        same("it has synthetic addresses", seen["EnableDns64"], True)
        same("instances are named by id", seen["PrivateDnsNameOptionsOnLaunch"]["HostnameType"],
             "resource-name")
        refused("no IPv6 block", "InvalidParameterValue", ec2.modify_subnet_attribute,
                SubnetId=subnet, AssignIpv6AddressOnCreation={"Value": True})
        for name, expected in [("enableDnsSupport", True), ("enableDnsHostnames", False),
                               ("enableNetworkAddressUsageMetrics", False)]:
            seen = ec2.describe_vpc_attribute(VpcId=self.vpc, Attribute=name)
            same(name, seen[name[0].upper() + name[1:]]["Value"], expected)

    def end(self):
        ec2 = self.ec2
        for subnet in self.subnets:
            ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_route_table(RouteTableId=self.table)
        ec2.detach_internet_gateway(InternetGatewayId=self.igw, VpcId=self.vpc)
        ec2.delete_internet_gateway(InternetGatewayId=self.igw)
        ec2.delete_vpc(VpcId=self.vpc)
        left = ec2.describe_network_interfaces()["NetworkInterfaces"]
        self.checks.same("no interface is left", left, [])


SECTIONS = ["start", "nat_gateways", "security_groups", "interfaces", "addresses", "endpoints",
            "services", "attributes", "end"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--region", default="us-east-1")
    run = Network(parser.parse_args())
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
