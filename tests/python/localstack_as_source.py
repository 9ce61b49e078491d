#!/usr/bin/env python3
"""A twin loaded from a running LocalStack: it answers what LocalStack answers.

    localstack_as_source.py make URL            a small account in the LocalStack at URL
    localstack_as_source.py compare URL TWIN    the answers of both to every describe call

Wherever the answers differ, the difference stands in KNOWN with a reason; one that does not, and one
of KNOWN that is none any more, fails. The last line on stdout is `ok: ...`.
"""

import collections
import re
import sys

import boto3
from botocore.config import Config

ACCOUNT, REGION = "111122223333", "us-east-1"

# Members that are the answer's own, not the account's.
PASSED_OVER = {"ResponseMetadata", "NextToken"}


def client(url):
    return boto3.client(
        "ec2", endpoint_url=url, region_name=REGION,
        aws_access_key_id=ACCOUNT, aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 1}))


def make(ec2):
    def tags(kind, name):
        return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]

    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=tags("vpc", "shop"))["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")
               ["Subnet"]["SubnetId"] for n, zone in enumerate("ab")]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
    group = ec2.create_security_group(GroupName="web", Description="of the web", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
         "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}], "UserIdGroupPairs": [{"GroupId": group}]}])
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Protocol="6", RuleAction="allow",
                                 Egress=False, CidrBlock="0.0.0.0/0", PortRange={"From": 443, "To": 443})
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["shop.test"]}])
    ec2.associate_dhcp_options(DhcpOptionsId=options["DhcpOptions"]["DhcpOptionsId"], VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.allocate_address(Domain="vpc")
    ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)
    ec2.create_network_interface(SubnetId=subnets[1], Groups=[group], Description="spare")
    volume = ec2.create_volume(Size=8, AvailabilityZone=f"{REGION}a", VolumeType="gp3",
                               TagSpecifications=tags("volume", "data"))["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="of the data")["SnapshotId"]
    image = ec2.register_image(Name="base", RootDeviceName="/dev/xvda", Architecture="x86_64", VirtualizationType="hvm",
                               BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}])["ImageId"]
    instance = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnets[0],
                                 SecurityGroupIds=[group])["Instances"][0]["InstanceId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[table])
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={
        "ImageId": image, "InstanceType": "t3.micro", "SecurityGroupIds": [group]})["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData={"ImageId": image, "InstanceType": "t3.small"})
    ec2.create_key_pair(KeyName="ops")
    ec2.create_managed_prefix_list(PrefixListName="offices", MaxEntries=5, AddressFamily="IPv4",
                                   Entries=[{"Cidr": "192.0.2.0/24", "Description": "Berlin"}])
    ec2.create_egress_only_internet_gateway(VpcId=vpc)
    ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)
    vgw = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpnGatewayId=vgw, VpcId=other)
    cgw = ec2.create_customer_gateway(BgpAsn=65000, PublicIp="203.0.113.9", Type="ipsec.1")["CustomerGateway"]["CustomerGatewayId"]
    ec2.create_vpn_connection(CustomerGatewayId=cgw, VpnGatewayId=vgw, Type="ipsec.1")
    tgw = ec2.create_transit_gateway(Description="hub")["TransitGateway"]["TransitGatewayId"]
    ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=tgw, VpcId=vpc, SubnetIds=subnets)
    ec2.allocate_hosts(AvailabilityZone=f"{REGION}a", InstanceType="m5.large", Quantity=1)


# Operation, arguments, and the list of the answer.
CALLS = [
    ("describe_vpcs", {}, "Vpcs"),
    ("describe_subnets", {}, "Subnets"),
    ("describe_route_tables", {}, "RouteTables"),
    ("describe_internet_gateways", {}, "InternetGateways"),
    ("describe_nat_gateways", {}, "NatGateways"),
    ("describe_addresses", {}, "Addresses"),
    ("describe_network_interfaces", {}, "NetworkInterfaces"),
    ("describe_security_groups", {}, "SecurityGroups"),
    ("describe_instances", {}, "Reservations"),
    ("describe_volumes", {}, "Volumes"),
    ("describe_snapshots", {"OwnerIds": ["self"]}, "Snapshots"),
    ("describe_images", {"Owners": ["self"]}, "Images"),
    ("describe_vpc_endpoints", {}, "VpcEndpoints"),
    ("describe_network_acls", {}, "NetworkAcls"),
    ("describe_dhcp_options", {}, "DhcpOptions"),
    ("describe_egress_only_internet_gateways", {}, "EgressOnlyInternetGateways"),
    ("describe_managed_prefix_lists", {"Filters": [{"Name": "owner-id", "Values": [ACCOUNT]}]}, "PrefixLists"),
    ("describe_flow_logs", {}, "FlowLogs"),
    ("describe_vpc_peering_connections", {}, "VpcPeeringConnections"),
    ("describe_transit_gateways", {}, "TransitGateways"),
    ("describe_transit_gateway_attachments", {}, "TransitGatewayAttachments"),
    ("describe_transit_gateway_vpc_attachments", {}, "TransitGatewayVpcAttachments"),
    ("describe_transit_gateway_route_tables", {}, "TransitGatewayRouteTables"),
    ("describe_vpn_gateways", {}, "VpnGateways"),
    ("describe_customer_gateways", {}, "CustomerGateways"),
    ("describe_vpn_connections", {}, "VpnConnections"),
    ("describe_launch_templates", {}, "LaunchTemplates"),
    ("describe_launch_template_versions", {"LaunchTemplateName": "web"}, "LaunchTemplateVersions"),
    ("describe_key_pairs", {}, "KeyPairs"),
    ("describe_hosts", {}, "Hosts"),
]

# Operation, path, who alone has it (`twin`, `localstack`), and why.
KNOWN = [
    # The twin tells what AWS tells and LocalStack leaves out: members that AWS always gives, with the
    # value that they have when nobody chose one (EC2 API reference, the type of the entry).
    ("describe_subnets", r"Subnets\[\]\.EnableDns64", "twin", "Subnet: always told"),
    ("describe_subnets", r"Subnets\[\]\.PrivateDnsNameOptionsOnLaunch\..*", "twin", "Subnet: always told"),
    ("describe_instances", r".*\.HibernationOptions\.Configured", "twin", "Instance: always told"),
    ("describe_instances", r".*\.VirtualizationType", "twin", "Instance: always told"),
    ("describe_volumes", r".*\.MultiAttachEnabled", "twin", "Volume: always told"),
    ("describe_vpc_endpoints", r".*\.VpcEndpointType", "twin", "VpcEndpoint: Gateway when nobody chose"),
    ("describe_transit_gateways", r".*\.SecurityGroupReferencingSupport", "twin", "TransitGatewayOptions: always told"),
    ("describe_vpn_connections", r".*\.Options\.StaticRoutesOnly", "twin", "VpnConnectionOptions: always told"),
    ("describe_key_pairs", r".*\.KeyType", "twin", "KeyPairInfo: always told"),
    ("describe_hosts", r".*\.(AllowsMultipleInstanceTypes|HostMaintenance|AvailabilityZoneId)", "twin", "Host: always told"),
    # LocalStack writes empty elements where AWS writes none.
    ("describe_addresses", r".*\.(InstanceId|NetworkInterfaceId)", "localstack", "Address: absent when nothing is associated"),
    ("describe_volumes", r".*\.SnapshotId", "localstack", "Volume: empty text and absence are read alike"),
    ("describe_images", r".*\.Description", "localstack", "Image: absent when nobody gave one"),
    ("describe_instances", r".*\.Placement\.GroupName", "localstack", "Placement: absent without a group"),
    ("describe_instances", r".*\.(StateReason\.(Code|Message)|StateTransitionReason)", "localstack",
     "Instance: told when the state was changed by somebody"),
    # LocalStack makes it up.
    ("describe_instances", r".*\.SriovNetSupport", "localstack", "Instance: absent for types with ENA"),
    ("describe_hosts", r".*\.HostReservationId", "localstack", "Host: absent without a reservation"),
    ("describe_transit_gateway_vpc_attachments", r".*\.CreationTime", "*",
     "LocalStack tells another moment than in describe_transit_gateway_attachments"),
    # The model does not keep it.
    ("describe_subnets", r".*\.(SubnetArn|Ipv6Native)", "localstack", "not modelled"),
    ("describe_security_groups", r".*\.SecurityGroupArn", "localstack", "not modelled"),
    ("describe_instances", r".*\.(ClientToken|SourceDestCheck)", "localstack", "not modelled"),
    ("describe_vpc_endpoints", r".*\.DnsOptions\.DnsRecordIpType", "localstack", "not modelled"),
    ("describe_vpn_connections", r".*\.CustomerGatewayConfiguration", "localstack", "holds secrets, which no snapshot has"),
    # The same moment, told less finely.
    ("describe_images", r".*\.CreationDate", "*", "with thousandths or without, as AWS does both"),
    ("describe_hosts", r".*\.AllocationTime", "*", "snapshots have milliseconds"),
]


def flat(value, path=""):
    """Every text of an answer with the path that leads to it; lists have no order."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in PASSED_OVER:
                yield from flat(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for entry in value:
            yield from flat(entry, f"{path}[]")
    else:
        yield path, str(value)


def compare(theirs, ours):
    found, unknown, used = 0, [], set()
    for operation, arguments, key in CALLS:
        sides = []
        for ec2 in (theirs, ours):
            answer = getattr(ec2, operation)(**arguments)
            sides.append(collections.Counter(flat({key: answer[key]})))
        found += sum((sides[0] & sides[1]).values())
        for who, more in (("localstack", sides[0] - sides[1]), ("twin", sides[1] - sides[0])):
            for path, text in sorted(more):
                rows = [row for row in KNOWN
                        if row[0] in (operation, "*") and row[2] in (who, "*") and re.fullmatch(row[1], path)]
                used.update(rows)
                if not rows:
                    unknown.append(f"{operation}: only the {who} says {path} = {text}")
    for line in unknown:
        print(f"FAIL {line}", file=sys.stderr)
    stale = [row for row in KNOWN if row not in used]
    for row in stale:
        print(f"FAIL no longer a difference: {row}", file=sys.stderr)
    if unknown or stale:
        sys.exit(1)
    print(f"ok: {found} members are the same")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(client(sys.argv[2]))
        print("ok: made")
    else:
        compare(client(sys.argv[2]), client(sys.argv[3]))
