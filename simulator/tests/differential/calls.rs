//! The calls that sequences are made of.

use proptest::prelude::*;

/// What a call makes or names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    Vpc,
    Subnet,
    Gateway,
    Table,
    Association,
    Group,
    Volume,
    Snapshot,
    Address,
    Interface,
    Nat,
    Acl,
    Template,
    Key,
    Instance,
}

/// A kind of call: fixed parameters, the things it names, and the thing it makes with the element of
/// the answer that holds its id.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) action: &'static str,
    pub(crate) fixed: &'static [(&'static str, &'static str)],
    pub(crate) names: &'static [(&'static str, Thing)],
    pub(crate) makes: Option<(Thing, &'static str)>,
}

macro_rules! forms {
    ($($action:literal [$($key:literal = $value:literal),*] ($($name:literal: $thing:ident),*) $(-> $makes:ident $element:literal)?;)+) => {
        &[$(Form {
            action: $action,
            fixed: &[$(($key, $value)),*],
            names: &[$(($name, Thing::$thing)),*],
            makes: forms!(@ $($makes $element)?),
        }),+]
    };
    (@ $makes:ident $element:literal) => { Some((Thing::$makes, $element)) };
    (@) => { None };
}

pub(crate) const FORMS: &[Form] = forms! {
    "CreateVpc"["CidrBlock" = "10.0.0.0/16"]() -> Vpc "vpcId";
    "CreateSubnet"["CidrBlock" = "10.0.1.0/24", "AvailabilityZone" = "us-east-1a"]("VpcId": Vpc) -> Subnet "subnetId";
    "CreateSubnet"["CidrBlock" = "10.0.2.0/24", "AvailabilityZone" = "us-east-1b"]("VpcId": Vpc) -> Subnet "subnetId";
    "DeleteSubnet"[]("SubnetId": Subnet);
    "DeleteVpc"[]("VpcId": Vpc);
    "CreateInternetGateway"[]() -> Gateway "internetGatewayId";
    "AttachInternetGateway"[]("InternetGatewayId": Gateway, "VpcId": Vpc);
    "DetachInternetGateway"[]("InternetGatewayId": Gateway, "VpcId": Vpc);
    "DeleteInternetGateway"[]("InternetGatewayId": Gateway);
    "CreateRouteTable"[]("VpcId": Vpc) -> Table "routeTableId";
    "CreateRoute"["DestinationCidrBlock" = "0.0.0.0/0"]("RouteTableId": Table, "GatewayId": Gateway);
    "DeleteRoute"["DestinationCidrBlock" = "0.0.0.0/0"]("RouteTableId": Table);
    "AssociateRouteTable"[]("RouteTableId": Table, "SubnetId": Subnet) -> Association "associationId";
    "DisassociateRouteTable"[]("AssociationId": Association);
    "DeleteRouteTable"[]("RouteTableId": Table);
    "CreateSecurityGroup"["GroupName" = "web", "GroupDescription" = "web"]("VpcId": Vpc) -> Group "groupId";
    "AuthorizeSecurityGroupIngress"["IpPermissions.1.IpProtocol" = "tcp", "IpPermissions.1.FromPort" = "443", "IpPermissions.1.ToPort" = "443", "IpPermissions.1.IpRanges.1.CidrIp" = "10.0.0.0/8"]("GroupId": Group);
    "RevokeSecurityGroupIngress"["IpPermissions.1.IpProtocol" = "tcp", "IpPermissions.1.FromPort" = "443", "IpPermissions.1.ToPort" = "443", "IpPermissions.1.IpRanges.1.CidrIp" = "10.0.0.0/8"]("GroupId": Group);
    "DeleteSecurityGroup"[]("GroupId": Group);
    "CreateVolume"["Size" = "8", "AvailabilityZone" = "us-east-1a"]() -> Volume "volumeId";
    "DeleteVolume"[]("VolumeId": Volume);
    "CreateSnapshot"[]("VolumeId": Volume) -> Snapshot "snapshotId";
    "DeleteSnapshot"[]("SnapshotId": Snapshot);
    "AllocateAddress"["Domain" = "vpc"]() -> Address "allocationId";
    "AssociateAddress"[]("AllocationId": Address, "NetworkInterfaceId": Interface);
    "ReleaseAddress"[]("AllocationId": Address);
    "CreateNetworkInterface"[]("SubnetId": Subnet) -> Interface "networkInterfaceId";
    "DeleteNetworkInterface"[]("NetworkInterfaceId": Interface);
    "CreateNatGateway"[]("SubnetId": Subnet, "AllocationId": Address) -> Nat "natGatewayId";
    "DeleteNatGateway"[]("NatGatewayId": Nat);
    "CreateNetworkAcl"[]("VpcId": Vpc) -> Acl "networkAclId";
    "DeleteNetworkAcl"[]("NetworkAclId": Acl);
    "CreateNetworkAclEntry"["RuleNumber" = "100", "Protocol" = "-1", "RuleAction" = "allow", "Egress" = "false", "CidrBlock" = "0.0.0.0/0"]("NetworkAclId": Acl);
    "DeleteNetworkAclEntry"["RuleNumber" = "100", "Egress" = "false"]("NetworkAclId": Acl);
    "CreateLaunchTemplate"["LaunchTemplateName" = "web", "LaunchTemplateData.InstanceType" = "t3.micro"]() -> Template "launchTemplateId";
    "DeleteLaunchTemplate"[]("LaunchTemplateId": Template);
    "CreateKeyPair"["KeyName" = "ops"]() -> Key "keyPairId";
    "DeleteKeyPair"["KeyName" = "ops"]();
    "AttachVolume"["Device" = "/dev/sdf"]("VolumeId": Volume, "InstanceId": Instance);
    "DetachVolume"[]("VolumeId": Volume);
    "DetachVolume"[]("VolumeId": Volume, "InstanceId": Instance);
    "RunInstances"["InstanceType" = "t3.micro", "MinCount" = "1", "MaxCount" = "1", "ImageId" = "{image}"]("SubnetId": Subnet) -> Instance "instanceId";
    "StopInstances"[]("InstanceId.1": Instance);
    "StartInstances"[]("InstanceId.1": Instance);
    "TerminateInstances"[]("InstanceId.1": Instance);
    "CreateTags"["Tag.1.Key" = "Team", "Tag.1.Value" = "ops"]("ResourceId.1": Volume);
    "DeleteTags"["Tag.1.Key" = "Team"]("ResourceId.1": Volume);
};

/// A call of a sequence: its form, and which of the things made so far it names.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) form: usize,
    pub(crate) picks: [usize; 2],
}

impl Step {
    pub(crate) fn form(&self) -> &'static Form {
        &FORMS[self.form]
    }
}

/// Things first, so that the random calls have something to name.
pub(crate) fn sequence() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..FORMS.len(), [0..4_usize, 0..4_usize]);
    let step = step.prop_map(|(form, picks)| Step { form, picks });
    prop::collection::vec(step, 30).prop_map(|steps| {
        let first = [
            "CreateVpc",
            "CreateSubnet",
            "CreateInternetGateway",
            "CreateVolume",
            "AllocateAddress",
        ];
        let begin = first.iter().filter_map(|name| {
            let form = FORMS.iter().position(|it| it.action == *name)?;
            Some(Step {
                form,
                picks: [0, 0],
            })
        });
        begin.chain(steps).collect()
    })
}
