#!/usr/bin/env python3
"""The life of what joins networks, seen by boto3: peerings, transit gateways, VPNs.

    boto3_connectivity.py URL

Each kind is made, described by ids, filters and pages, changed, refused what AWS refuses, and taken
down until the account is as it was. Prints `ok: N checks` as the last line; any failed check ends
the run with exit status 1.
"""

import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

NOBODY = "0123456789abcdef0"
STEP, STEPS = 0.5, 400


class Run:
    def __init__(self, url):
        self.url = url
        self.ec2 = self.client("us-east-1")
        self.passed = 0

    def client(self, region):
        return boto3.client(
            "ec2", endpoint_url=self.url, region_name=region, aws_access_key_id="test",
            aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}))

    def same(self, what, seen, expected):
        if seen != expected:
            sys.exit(f"FAIL {what}: saw {seen!r}, expected {expected!r}")
        self.passed += 1

    def refused(self, what, code, call, says="", **arguments):
        try:
            call(**arguments)
        except ClientError as error:
            seen = error.response["Error"]
            self.same(what, seen["Code"], code)
            self.same(f"{what}: its words", says in seen["Message"] or seen["Message"], True)
        else:
            sys.exit(f"FAIL {what}: was allowed, expected {code}")

    def until(self, what, look, wanted):
        """Asks until an answer is there; the twin's clock goes on with the real one."""
        for _ in range(STEPS):
            seen = look()
            if seen == wanted:
                self.passed += 1
                return
            time.sleep(STEP)
        sys.exit(f"FAIL {what}: saw {seen!r} to the end, expected {wanted!r}")

    def route(self, table, destination):
        (found,) = self.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
        routes = [r for r in found["Routes"] if r.get("DestinationCidrBlock") == destination]
        return routes[0] if routes else {}

    def vpc(self, block):
        vpc = self.ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
        (table,) = self.ec2.describe_route_tables(
            Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        return vpc, table["RouteTableId"]


def tagged(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def peering(run):
    ec2 = run.ec2
    one, table = run.vpc("10.60.0.0/16")
    other, _ = run.vpc("10.61.0.0/16")
    made = ec2.create_vpc_peering_connection(
        VpcId=one, PeerVpcId=other,
        TagSpecifications=tagged("vpc-peering-connection", "pcx"))["VpcPeeringConnection"]
    pcx = made["VpcPeeringConnectionId"]
    run.same("a peering begins", made["Status"]["Code"], "initiating-request")
    run.same("its tags", made["Tags"], [{"Key": "Name", "Value": "pcx"}])

    def status():
        (it,) = ec2.describe_vpc_peering_connections(
            VpcPeeringConnectionIds=[pcx])["VpcPeeringConnections"]
        return it["Status"]["Code"]

    ec2.get_waiter("vpc_peering_connection_exists").wait(VpcPeeringConnectionIds=[pcx])
    run.until("it waits", status, "pending-acceptance")
    run.refused("a second one", "VpcPeeringConnectionAlreadyExists",
                ec2.create_vpc_peering_connection, VpcId=one, PeerVpcId=other)
    run.refused("options before acceptance", "OperationNotPermitted",
                ec2.modify_vpc_peering_connection_options, VpcPeeringConnectionId=pcx,
                RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True},
                says="is not active")
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.61.0.0/16",
                     VpcPeeringConnectionId=pcx)
    run.same("a route to it", run.route(table, "10.61.0.0/16")["State"], "blackhole")
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=pcx)
    run.until("it becomes active", status, "active")
    run.same("then the route is", run.route(table, "10.61.0.0/16")["State"], "active")
    for vpc in (one, other):
        run.refused("DeleteVpc with a peering", "DependencyViolation", ec2.delete_vpc, VpcId=vpc)
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=pcx,
        AccepterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True})
    found = ec2.describe_vpc_peering_connections(
        Filters=[{"Name": "requester-vpc-info.vpc-id", "Values": [one]}])
    (it,) = found["VpcPeeringConnections"]
    run.same("its options", it["AccepterVpcInfo"]["PeeringOptions"][
        "AllowDnsResolutionFromRemoteVpc"], True)
    run.same("its blocks", it["AccepterVpcInfo"]["CidrBlockSet"], [{"CidrBlock": "10.61.0.0/16"}])
    run.refused("an unknown one", "InvalidVpcPeeringConnectionID.NotFound",
                ec2.delete_vpc_peering_connection, VpcPeeringConnectionId=f"pcx-{NOBODY}")
    run.refused("a dry run", "DryRunOperation", ec2.delete_vpc_peering_connection,
                VpcPeeringConnectionId=pcx, DryRun=True)
    ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=pcx)
    run.until("it goes", status, "deleted")
    run.refused("DeleteVpcPeeringConnection twice", "InvalidStateTransition",
                ec2.delete_vpc_peering_connection, VpcPeeringConnectionId=pcx,
                says="from deleted to deleting")
    run.same("the route is a black hole", run.route(table, "10.61.0.0/16")["State"], "blackhole")

    made = ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=other)["VpcPeeringConnection"]
    pcx = made["VpcPeeringConnectionId"]
    run.until("a second request", status, "pending-acceptance")
    ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=pcx)
    run.same("is rejected", status(), "rejected")
    foreign = ec2.create_vpc_peering_connection(
        VpcId=one, PeerVpcId=f"vpc-{NOBODY}", PeerOwnerId="210987654321")["VpcPeeringConnection"]
    pcx = foreign["VpcPeeringConnectionId"]
    run.until("a request to another account", status, "pending-acceptance")
    run.refused("is not ours to accept", "OperationNotPermitted",
                ec2.accept_vpc_peering_connection, VpcPeeringConnectionId=pcx)
    ec2.delete_vpc(VpcId=other)
    ec2.delete_vpc(VpcId=one)
    run.same("it goes with its VPC", status(), "deleted")


def transit(run):
    ec2 = run.ec2
    vpc, main = run.vpc("10.62.0.0/16")
    zones = [z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.62.{n}.0/24", AvailabilityZone=zone)
               ["Subnet"]["SubnetId"] for n, zone in enumerate(zones)]
    made = ec2.create_transit_gateway(
        Description="hub", TagSpecifications=tagged("transit-gateway", "hub"))["TransitGateway"]
    tgw, default = made["TransitGatewayId"], made["Options"]["AssociationDefaultRouteTableId"]
    run.same("a gateway begins", made["State"], "pending")

    def gateway():
        return ec2.describe_transit_gateways(TransitGatewayIds=[tgw])["TransitGateways"][0]["State"]

    run.refused("attaching to it too early", "IncorrectState",
                ec2.create_transit_gateway_vpc_attachment, TransitGatewayId=tgw, VpcId=vpc,
                SubnetIds=subnets[:1])
    run.until("it becomes available", gateway, "available")
    made = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=tgw, VpcId=vpc, SubnetIds=subnets[:1],
        Options={"ApplianceModeSupport": "enable"})["TransitGatewayVpcAttachment"]
    attachment = made["TransitGatewayAttachmentId"]
    run.same("its options", made["Options"]["ApplianceModeSupport"], "enable")

    def attached():
        return ec2.describe_transit_gateway_vpc_attachments(
            TransitGatewayAttachmentIds=[attachment])["TransitGatewayVpcAttachments"][0]["State"]

    run.until("an attachment comes", attached, "available")
    run.refused("a second attachment", "DuplicateTransitGatewayAttachment",
                ec2.create_transit_gateway_vpc_attachment, TransitGatewayId=tgw, VpcId=vpc,
                SubnetIds=subnets[1:])
    ec2.modify_transit_gateway_vpc_attachment(
        TransitGatewayAttachmentId=attachment, AddSubnetIds=subnets[1:])
    run.until("it changes", attached, "available")
    interfaces = ec2.describe_network_interfaces(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkInterfaces"]
    run.same("its interfaces", {i["InterfaceType"] for i in interfaces}, {"transit_gateway"})
    run.same("one a subnet", {i["SubnetId"] for i in interfaces}, set(subnets))
    run.refused("DeleteSubnet under it", "DependencyViolation", ec2.delete_subnet,
                SubnetId=subnets[0])
    run.refused("DeleteTransitGateway with it", "IncorrectState", ec2.delete_transit_gateway,
                TransitGatewayId=tgw, says=f"non-deleted VPC Attachments: {attachment}")

    ec2.create_route(RouteTableId=main, DestinationCidrBlock="10.0.0.0/8", TransitGatewayId=tgw)
    run.same("a VPC's route to it", run.route(main, "10.0.0.0/8")["State"], "active")

    def association():
        (it,) = ec2.describe_transit_gateway_attachments(
            Filters=[{"Name": "resource-id", "Values": [vpc]}])["TransitGatewayAttachments"]
        return it.get("Association", {}).get("State")

    run.until("its association", association, "associated")
    table = ec2.create_transit_gateway_route_table(TransitGatewayId=tgw)[
        "TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]

    def table_state():
        return ec2.describe_transit_gateway_route_tables(TransitGatewayRouteTableIds=[table])[
            "TransitGatewayRouteTables"][0]["State"]

    run.until("a table", table_state, "available")
    pair = {"TransitGatewayAttachmentId": attachment}
    ec2.disassociate_transit_gateway_route_table(TransitGatewayRouteTableId=default, **pair)
    run.until("the association goes", association, None)
    ec2.associate_transit_gateway_route_table(TransitGatewayRouteTableId=table, **pair)
    run.until("another comes", association, "associated")
    found = ec2.get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=table)
    run.same("what is associated", [a["ResourceId"] for a in found["Associations"]], [vpc])
    run.refused("DeleteTransitGatewayRouteTable of it", "IncorrectState",
                ec2.delete_transit_gateway_route_table, TransitGatewayRouteTableId=table,
                says="has associated attachments")
    run.refused("DeleteTransitGatewayRouteTable of the default", "IncorrectState",
                ec2.delete_transit_gateway_route_table, TransitGatewayRouteTableId=default,
                says="is set as default")

    ec2.enable_transit_gateway_route_table_propagation(TransitGatewayRouteTableId=table, **pair)
    ec2.create_transit_gateway_route(TransitGatewayRouteTableId=table,
                                     DestinationCidrBlock="0.0.0.0/0", **pair)
    ec2.create_transit_gateway_route(TransitGatewayRouteTableId=table,
                                     DestinationCidrBlock="192.168.0.0/16", Blackhole=True)
    ec2.replace_transit_gateway_route(TransitGatewayRouteTableId=table,
                                      DestinationCidrBlock="192.168.0.0/16", **pair)

    def routes(name, *values):
        found = ec2.search_transit_gateway_routes(
            TransitGatewayRouteTableId=table, Filters=[{"Name": name, "Values": list(values)}])
        return [(r["DestinationCidrBlock"], r["Type"], r["State"]) for r in found["Routes"]]

    run.same("static routes", routes("type", "static"), [
        ("0.0.0.0/0", "static", "active"), ("192.168.0.0/16", "static", "active")])
    run.same("propagated routes", routes("type", "propagated"),
             [("10.62.0.0/16", "propagated", "active")])
    run.same("the longest match", routes("route-search.longest-prefix-match", "10.62.0.9"),
             [("10.62.0.0/16", "propagated", "active")])
    ec2.delete_transit_gateway_route(TransitGatewayRouteTableId=table,
                                     DestinationCidrBlock="192.168.0.0/16")
    run.refused("DeleteTransitGatewayRoute twice", "InvalidRoute.NotFound",
                ec2.delete_transit_gateway_route, TransitGatewayRouteTableId=table,
                DestinationCidrBlock="192.168.0.0/16")
    found = ec2.get_transit_gateway_attachment_propagations(**pair)
    run.same("where it propagates", {p["TransitGatewayRouteTableId"] for p in found[
        "TransitGatewayAttachmentPropagations"]}, {table, default})
    found = ec2.get_transit_gateway_prefix_list_references(TransitGatewayRouteTableId=table)
    run.same("prefix lists", found["TransitGatewayPrefixListReferences"], [])

    ec2.modify_transit_gateway(TransitGatewayId=tgw, Options={"DnsSupport": "disable"})
    run.until("a change of the gateway", gateway, "available")
    run.refused("a half change", "InvalidParameterCombination", ec2.modify_transit_gateway,
                TransitGatewayId=tgw, Options={"DefaultRouteTableAssociation": "disable",
                                               "AssociationDefaultRouteTableId": default})

    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment)
    run.until("the attachment goes", attached, "deleted")
    run.same("static routes then", routes("type", "static"), [("0.0.0.0/0", "static", "blackhole")])
    run.same("the VPC's route then", run.route(main, "10.0.0.0/8")["State"], "blackhole")
    ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=table)
    run.until("the table goes", table_state, "deleted")

    made = ec2.create_transit_gateway_peering_attachment(
        TransitGatewayId=tgw, PeerTransitGatewayId=f"tgw-{NOBODY}", PeerAccountId="210987654321",
        PeerRegion="us-west-2")["TransitGatewayPeeringAttachment"]
    peer = made["TransitGatewayAttachmentId"]

    def peered():
        return ec2.describe_transit_gateway_peering_attachments(
            TransitGatewayAttachmentIds=[peer])["TransitGatewayPeeringAttachments"][0]["State"]

    run.until("a peering of gateways waits", peered, "pendingAcceptance")
    ec2.delete_transit_gateway_peering_attachment(TransitGatewayAttachmentId=peer)
    run.until("and goes", peered, "deleted")
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
    ec2.delete_transit_gateway(TransitGatewayId=tgw)
    run.until("the gateway goes", gateway, "deleted")
    run.refused("DeleteTransitGateway twice", "InvalidTransitGatewayID.NotFound",
                ec2.delete_transit_gateway, TransitGatewayId=tgw)


def vpn(run):
    ec2 = run.ec2
    vpc, main = run.vpc("10.63.0.0/16")
    vgw = ec2.create_vpn_gateway(
        Type="ipsec.1", TagSpecifications=tagged("vpn-gateway", "vgw"))["VpnGateway"][
            "VpnGatewayId"]
    cgw = ec2.create_customer_gateway(
        Type="ipsec.1", IpAddress="203.0.113.9", BgpAsn=65001)["CustomerGateway"][
            "CustomerGatewayId"]
    again = ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.9", BgpAsn=65001)
    run.same("the same device", again["CustomerGateway"]["CustomerGatewayId"], cgw)
    ec2.get_waiter("customer_gateway_available").wait(CustomerGatewayIds=[cgw])

    def attachment():
        (it,) = ec2.describe_vpn_gateways(VpnGatewayIds=[vgw])["VpnGateways"]
        return [a["State"] for a in it["VpcAttachments"]]

    ec2.attach_vpn_gateway(VpnGatewayId=vgw, VpcId=vpc)
    run.until("a gateway attaches", attachment, ["attached"])
    run.refused("DeleteVpc with it", "DependencyViolation", ec2.delete_vpc, VpcId=vpc)
    run.refused("DeleteVpnGateway attached", "IncorrectState", ec2.delete_vpn_gateway,
                VpnGatewayId=vgw, says="The VPN gateway is in use.")
    ec2.enable_vgw_route_propagation(GatewayId=vgw, RouteTableId=main)
    made = ec2.create_vpn_connection(
        Type="ipsec.1", CustomerGatewayId=cgw, VpnGatewayId=vgw,
        Options={"StaticRoutesOnly": True})["VpnConnection"]
    connection = made["VpnConnectionId"]
    run.same("a connection begins", made["State"], "pending")
    run.same("its tunnels", len(made["Options"]["TunnelOptions"]), 2)

    def state():
        return ec2.describe_vpn_connections(VpnConnectionIds=[connection])["VpnConnections"][0][
            "State"]

    run.refused("a route too early", "InvalidVpnConnection.InvalidState",
                ec2.create_vpn_connection_route, VpnConnectionId=connection,
                DestinationCidrBlock="192.168.0.0/16")
    run.until("it becomes available", state, "available")
    ec2.create_vpn_connection_route(
        VpnConnectionId=connection, DestinationCidrBlock="192.168.0.0/16")
    run.until("its route is propagated", lambda: run.route(main, "192.168.0.0/16").get("Origin"),
              "EnableVgwRoutePropagation")
    found = ec2.describe_vpn_connections(
        Filters=[{"Name": "route.destination-cidr-block", "Values": ["192.168.0.0/16"]}])
    run.same("connections by route", [c["VpnConnectionId"] for c in found["VpnConnections"]],
             [connection])
    run.refused("DeleteCustomerGateway in use", "IncorrectState", ec2.delete_customer_gateway,
                CustomerGatewayId=cgw, says="The customer gateway is in use.")
    ec2.modify_vpn_connection_options(
        VpnConnectionId=connection, LocalIpv4NetworkCidr="192.168.0.0/16")
    run.until("its options change", state, "available")
    ec2.delete_vpn_connection_route(
        VpnConnectionId=connection, DestinationCidrBlock="192.168.0.0/16")
    run.same("the route is gone", run.route(main, "192.168.0.0/16"), {})
    ec2.disable_vgw_route_propagation(GatewayId=vgw, RouteTableId=main)
    ec2.delete_vpn_connection(VpnConnectionId=connection)
    run.until("the connection goes", state, "deleted")
    ec2.detach_vpn_gateway(VpnGatewayId=vgw, VpcId=vpc)
    run.until("the gateway detaches", attachment, ["detached"])
    ec2.delete_vpc(VpcId=vpc)
    ec2.delete_vpn_gateway(VpnGatewayId=vgw)
    ec2.delete_customer_gateway(CustomerGatewayId=cgw)
    run.until("the gateway goes", lambda: ec2.describe_vpn_gateways(VpnGatewayIds=[vgw])[
        "VpnGateways"][0]["State"], "deleted")
    run.until("the device goes", lambda: ec2.describe_customer_gateways(CustomerGatewayIds=[cgw])[
        "CustomerGateways"][0]["State"], "deleted")
    run.refused("an unknown gateway", "InvalidVpnGatewayID.NotFound", ec2.describe_vpn_gateways,
                VpnGatewayIds=[f"vgw-{NOBODY}"])


def main():
    run = Run(sys.argv[1])
    for part in (peering, transit, vpn):
        part(run)
    print(f"ok: {run.passed} checks")


if __name__ == "__main__":
    main()
