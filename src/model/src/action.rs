//! The closed set of what may be done to a cloud. No free-form command can exist: what has no variant
//! here cannot be planned, consented to or carried out.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use thiserror::Error;

use crate::resource::{IpPermission, Route};
use crate::{
    AllocationId, AssociationId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, ResourceId,
    RouteTableAssociationId, RouteTableId, SecurityGroupId, SnapshotId, SubnetId, Tags, VolumeId,
    VpcEndpointId, VpcId,
};

/// One call that changes a cloud, named as AWS names the operation, with AWS's parameter names.
///
/// In documents it is two members side by side: `action` with the name and `parameters` with an
/// object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", content = "parameters", deny_unknown_fields)]
pub enum Action {
    /// Makes a snapshot of a volume, so that deleting the volume can be taken back.
    #[serde(rename_all = "PascalCase")]
    CreateSnapshot {
        /// The volume.
        volume_id: VolumeId,
        /// What the snapshot says of itself.
        description: SmolStr,
        /// The tags it gets.
        #[serde(default, skip_serializing_if = "Tags::is_empty")]
        tags: Tags,
    },
    /// Deletes a volume.
    #[serde(rename_all = "PascalCase")]
    DeleteVolume {
        /// The volume.
        volume_id: VolumeId,
    },
    /// Deletes an EBS snapshot.
    #[serde(rename_all = "PascalCase")]
    DeleteSnapshot {
        /// The snapshot.
        snapshot_id: SnapshotId,
    },
    /// Takes an Elastic IP address off what it is associated with.
    #[serde(rename_all = "PascalCase")]
    DisassociateAddress {
        /// The address, for the record; AWS is told the association.
        allocation_id: AllocationId,
        /// The association.
        association_id: AssociationId,
    },
    /// Associates an Elastic IP address with an interface.
    #[serde(rename_all = "PascalCase")]
    AssociateAddress {
        /// The address.
        allocation_id: AllocationId,
        /// The interface.
        network_interface_id: NetworkInterfaceId,
        /// The private address to map it to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        private_ip_address: Option<SmolStr>,
    },
    /// Gives an Elastic IP address back to AWS.
    #[serde(rename_all = "PascalCase")]
    ReleaseAddress {
        /// The address.
        allocation_id: AllocationId,
    },
    /// Deletes a network interface.
    #[serde(rename_all = "PascalCase")]
    DeleteNetworkInterface {
        /// The interface.
        network_interface_id: NetworkInterfaceId,
    },
    /// Deletes a route.
    #[serde(rename_all = "PascalCase")]
    DeleteRoute {
        /// The table.
        route_table_id: RouteTableId,
        /// The destination.
        #[serde(flatten)]
        destination: Destination,
    },
    /// Creates a route.
    #[serde(rename_all = "PascalCase")]
    CreateRoute {
        /// The table.
        route_table_id: RouteTableId,
        /// The destination.
        #[serde(flatten)]
        destination: Destination,
        /// The target.
        #[serde(flatten)]
        target: RouteTarget,
    },
    /// Deletes a NAT gateway; its routes become blackholes and its addresses stay allocated.
    #[serde(rename_all = "PascalCase")]
    DeleteNatGateway {
        /// The gateway.
        nat_gateway_id: NatGatewayId,
    },
    /// Deletes a VPC endpoint. One id a step, though AWS takes several.
    #[serde(rename_all = "PascalCase")]
    DeleteVpcEndpoints {
        /// The endpoint.
        vpc_endpoint_id: VpcEndpointId,
    },
    /// Detaches an internet gateway from its VPC.
    #[serde(rename_all = "PascalCase")]
    DetachInternetGateway {
        /// The gateway.
        internet_gateway_id: InternetGatewayId,
        /// The VPC.
        vpc_id: VpcId,
    },
    /// Attaches an internet gateway to a VPC.
    #[serde(rename_all = "PascalCase")]
    AttachInternetGateway {
        /// The gateway.
        internet_gateway_id: InternetGatewayId,
        /// The VPC.
        vpc_id: VpcId,
    },
    /// Deletes a detached internet gateway.
    #[serde(rename_all = "PascalCase")]
    DeleteInternetGateway {
        /// The gateway.
        internet_gateway_id: InternetGatewayId,
    },
    /// Takes a subnet (or gateway) off a route table; a subnet falls back to the main table.
    #[serde(rename_all = "PascalCase")]
    DisassociateRouteTable {
        /// The table, for the record; AWS is told the association.
        route_table_id: RouteTableId,
        /// The association.
        association_id: RouteTableAssociationId,
    },
    /// Associates a subnet with a route table.
    #[serde(rename_all = "PascalCase")]
    AssociateRouteTable {
        /// The table.
        route_table_id: RouteTableId,
        /// The subnet.
        subnet_id: SubnetId,
    },
    /// Deletes a route table that nothing uses.
    #[serde(rename_all = "PascalCase")]
    DeleteRouteTable {
        /// The table.
        route_table_id: RouteTableId,
    },
    /// Deletes an empty subnet.
    #[serde(rename_all = "PascalCase")]
    DeleteSubnet {
        /// The subnet.
        subnet_id: SubnetId,
    },
    /// Takes inbound rules out of a security group.
    #[serde(rename_all = "PascalCase")]
    RevokeSecurityGroupIngress {
        /// The group.
        group_id: SecurityGroupId,
        /// The rules.
        ip_permissions: Vec<IpPermission>,
    },
    /// Takes outbound rules out of a security group.
    #[serde(rename_all = "PascalCase")]
    RevokeSecurityGroupEgress {
        /// The group.
        group_id: SecurityGroupId,
        /// The rules.
        ip_permissions: Vec<IpPermission>,
    },
    /// Adds inbound rules to a security group.
    #[serde(rename_all = "PascalCase")]
    AuthorizeSecurityGroupIngress {
        /// The group.
        group_id: SecurityGroupId,
        /// The rules.
        ip_permissions: Vec<IpPermission>,
    },
    /// Adds outbound rules to a security group.
    #[serde(rename_all = "PascalCase")]
    AuthorizeSecurityGroupEgress {
        /// The group.
        group_id: SecurityGroupId,
        /// The rules.
        ip_permissions: Vec<IpPermission>,
    },
    /// Deletes a security group that nothing uses.
    #[serde(rename_all = "PascalCase")]
    DeleteSecurityGroup {
        /// The group.
        group_id: SecurityGroupId,
    },
    /// Deletes an empty VPC, with its default security group, network ACL and main route table.
    #[serde(rename_all = "PascalCase")]
    DeleteVpc {
        /// The VPC.
        vpc_id: VpcId,
    },
}

/// Where a route leads: exactly one of AWS's destination parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// An IPv4 block.
    DestinationCidrBlock(SmolStr),
    /// An IPv6 block.
    DestinationIpv6CidrBlock(SmolStr),
    /// A prefix list.
    DestinationPrefixListId(SmolStr),
}

impl Destination {
    /// The destination of an existing route, if it has one.
    pub fn of(route: &Route) -> Option<Self> {
        let cidr = route
            .destination_cidr_block
            .clone()
            .map(Self::DestinationCidrBlock);
        let ipv6 = || {
            route
                .destination_ipv6_cidr_block
                .as_deref()
                .cloned()
                .map(Self::DestinationIpv6CidrBlock)
        };
        let list = || {
            route
                .destination_prefix_list_id
                .as_deref()
                .cloned()
                .map(Self::DestinationPrefixListId)
        };
        cidr.or_else(ipv6).or_else(list)
    }

    /// The destination as AWS writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::DestinationCidrBlock(text)
            | Self::DestinationIpv6CidrBlock(text)
            | Self::DestinationPrefixListId(text) => text,
        }
    }
}

/// What a route leads to: exactly one of AWS's target parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteTarget {
    /// An internet or virtual private gateway.
    GatewayId(SmolStr),
    /// A NAT gateway.
    NatGatewayId(NatGatewayId),
    /// A network interface.
    NetworkInterfaceId(NetworkInterfaceId),
    /// A transit gateway.
    TransitGatewayId(SmolStr),
    /// A VPC peering connection.
    VpcPeeringConnectionId(SmolStr),
    /// An egress-only internet gateway.
    EgressOnlyInternetGatewayId(SmolStr),
}

impl RouteTarget {
    /// The target of an existing route, if CreateRoute could name it.
    pub fn of(route: &Route) -> Option<Self> {
        if let Some(id) = &route.nat_gateway_id {
            return Some(Self::NatGatewayId(id.clone()));
        }
        if let Some(id) = &route.network_interface_id {
            return Some(Self::NetworkInterfaceId(id.as_ref().clone()));
        }
        let gateway = route.gateway_id.clone().map(Self::GatewayId);
        let transit = || {
            route
                .transit_gateway_id
                .as_deref()
                .cloned()
                .map(Self::TransitGatewayId)
        };
        let peering = || {
            route
                .vpc_peering_connection_id
                .as_deref()
                .cloned()
                .map(Self::VpcPeeringConnectionId)
        };
        let egress = || {
            route
                .egress_only_internet_gateway_id
                .as_deref()
                .cloned()
                .map(Self::EgressOnlyInternetGatewayId)
        };
        gateway.or_else(transit).or_else(peering).or_else(egress)
    }

    /// The target as AWS writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::NatGatewayId(id) => id.as_str(),
            Self::NetworkInterfaceId(id) => id.as_str(),
            Self::GatewayId(id)
            | Self::TransitGatewayId(id)
            | Self::VpcPeeringConnectionId(id)
            | Self::EgressOnlyInternetGatewayId(id) => id,
        }
    }
}

/// Why a name and parameters are no action.
#[derive(Debug, Error)]
#[error("not an action that can be planned: {0}")]
pub struct ActionError(#[from] serde_json::Error);

impl Action {
    /// Makes an action of AWS's operation name and an object of its parameters.
    pub fn from_parts(name: &str, parameters: Value) -> Result<Self, ActionError> {
        let mut members = serde_json::Map::new();
        members.insert("action".to_owned(), Value::String(name.to_owned()));
        members.insert("parameters".to_owned(), parameters);
        Ok(serde_json::from_value(Value::Object(members))?)
    }

    /// AWS's operation name and an object of the parameters.
    pub fn to_parts(&self) -> Result<(&'static str, Value), ActionError> {
        let mut value = serde_json::to_value(self)?;
        let parameters = value
            .get_mut("parameters")
            .map(Value::take)
            .unwrap_or_default();
        Ok((self.name(), parameters))
    }

    /// AWS's name of the operation.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CreateSnapshot { .. } => "CreateSnapshot",
            Self::DeleteVolume { .. } => "DeleteVolume",
            Self::DeleteSnapshot { .. } => "DeleteSnapshot",
            Self::DisassociateAddress { .. } => "DisassociateAddress",
            Self::AssociateAddress { .. } => "AssociateAddress",
            Self::ReleaseAddress { .. } => "ReleaseAddress",
            Self::DeleteNetworkInterface { .. } => "DeleteNetworkInterface",
            Self::DeleteRoute { .. } => "DeleteRoute",
            Self::CreateRoute { .. } => "CreateRoute",
            Self::DeleteNatGateway { .. } => "DeleteNatGateway",
            Self::DeleteVpcEndpoints { .. } => "DeleteVpcEndpoints",
            Self::DetachInternetGateway { .. } => "DetachInternetGateway",
            Self::AttachInternetGateway { .. } => "AttachInternetGateway",
            Self::DeleteInternetGateway { .. } => "DeleteInternetGateway",
            Self::DisassociateRouteTable { .. } => "DisassociateRouteTable",
            Self::AssociateRouteTable { .. } => "AssociateRouteTable",
            Self::DeleteRouteTable { .. } => "DeleteRouteTable",
            Self::DeleteSubnet { .. } => "DeleteSubnet",
            Self::RevokeSecurityGroupIngress { .. } => "RevokeSecurityGroupIngress",
            Self::RevokeSecurityGroupEgress { .. } => "RevokeSecurityGroupEgress",
            Self::AuthorizeSecurityGroupIngress { .. } => "AuthorizeSecurityGroupIngress",
            Self::AuthorizeSecurityGroupEgress { .. } => "AuthorizeSecurityGroupEgress",
            Self::DeleteSecurityGroup { .. } => "DeleteSecurityGroup",
            Self::DeleteVpc { .. } => "DeleteVpc",
        }
    }

    /// The resource that the call changes.
    pub fn target(&self) -> ResourceId {
        match self {
            Self::CreateSnapshot { volume_id, .. } | Self::DeleteVolume { volume_id } => {
                volume_id.into()
            }
            Self::DeleteSnapshot { snapshot_id } => snapshot_id.into(),
            Self::DisassociateAddress { allocation_id, .. }
            | Self::AssociateAddress { allocation_id, .. }
            | Self::ReleaseAddress { allocation_id } => allocation_id.into(),
            Self::DeleteNetworkInterface {
                network_interface_id,
            } => network_interface_id.into(),
            Self::DeleteRoute { route_table_id, .. }
            | Self::CreateRoute { route_table_id, .. }
            | Self::DisassociateRouteTable { route_table_id, .. }
            | Self::AssociateRouteTable { route_table_id, .. }
            | Self::DeleteRouteTable { route_table_id } => route_table_id.into(),
            Self::DeleteNatGateway { nat_gateway_id } => nat_gateway_id.into(),
            Self::DeleteVpcEndpoints { vpc_endpoint_id } => vpc_endpoint_id.into(),
            Self::DetachInternetGateway {
                internet_gateway_id,
                ..
            }
            | Self::AttachInternetGateway {
                internet_gateway_id,
                ..
            }
            | Self::DeleteInternetGateway {
                internet_gateway_id,
            } => internet_gateway_id.into(),
            Self::DeleteSubnet { subnet_id } => subnet_id.into(),
            Self::RevokeSecurityGroupIngress { group_id, .. }
            | Self::RevokeSecurityGroupEgress { group_id, .. }
            | Self::AuthorizeSecurityGroupIngress { group_id, .. }
            | Self::AuthorizeSecurityGroupEgress { group_id, .. }
            | Self::DeleteSecurityGroup { group_id } => group_id.into(),
            Self::DeleteVpc { vpc_id } => vpc_id.into(),
        }
    }

    /// Whether the call makes its target cease to exist.
    pub const fn deletes_target(&self) -> bool {
        matches!(
            self,
            Self::DeleteVolume { .. }
                | Self::DeleteSnapshot { .. }
                | Self::ReleaseAddress { .. }
                | Self::DeleteNetworkInterface { .. }
                | Self::DeleteNatGateway { .. }
                | Self::DeleteVpcEndpoints { .. }
                | Self::DeleteInternetGateway { .. }
                | Self::DeleteRouteTable { .. }
                | Self::DeleteSubnet { .. }
                | Self::DeleteSecurityGroup { .. }
                | Self::DeleteVpc { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_are_awss_names() {
        let parameters = json!({"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0",
                                "NatGatewayId": "nat-1"});
        let action = Action::from_parts("CreateRoute", parameters.clone()).unwrap();
        assert_eq!(action.name(), "CreateRoute");
        assert_eq!(action.to_parts().unwrap(), ("CreateRoute", parameters));
    }

    #[test]
    fn free_form_commands_do_not_exist() {
        assert!(Action::from_parts("DeleteEverything", json!({})).is_err());
        assert!(Action::from_parts("DeleteVpc", json!({"VpcId": "subnet-1"})).is_err());
        let extra = json!({"VpcId": "vpc-1", "Force": true});
        assert!(Action::from_parts("DeleteVpc", extra).is_err());
    }
}
