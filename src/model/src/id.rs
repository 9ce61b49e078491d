//! The registry of typed ids: no bare strings past the edge.
//!
//! An id in a document may have any form behind its prefix, since recorded answers and emulators
//! carry odd ones; [`is_well_formed`] says whether AWS would take it in a call (prefix, hyphen, 8 or
//! 17 lower-case hexadecimal digits; EC2 error list, "Invalid…ID.Malformed").

use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;
use thiserror::Error;

use crate::Region;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// The prefix is not that of the expected kind.
    #[error("`{text}` is not {expected} id: it must begin with `{prefix}-`")]
    Prefix {
        /// What was given.
        text: String,
        /// The kind expected, with its article.
        expected: &'static str,
        /// The prefix expected.
        prefix: &'static str,
    },
    /// A character that no id has.
    #[error(
        "`{text}` is not an id: only letters, digits, `-`, `_`, `.` and `/` may follow the prefix"
    )]
    Character {
        /// What was given.
        text: String,
    },
    /// No known kind of resource has this prefix.
    #[error("`{text}` is not the id of a kind of resource known here")]
    UnknownKind {
        /// What was given.
        text: String,
    },
}

/// Whether AWS would accept `text` as an id with `prefix`: 8 or 17 lower-case hexadecimal digits.
pub fn is_well_formed(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|digits| {
            (digits.len() == 8 || digits.len() == 17)
                && digits
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
}

/// Prefixes that go on where a shorter one ends: `tgw-rtb-…` is no transit gateway.
const COMPOUND_PREFIXES: &[&str] = &["tgw-attach", "tgw-rtb", "vpce-svc"];

/// What is behind a prefix and its hyphen; nothing when `text` has another, or a longer one.
fn behind<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(prefix)?.strip_prefix('-')?;
    let is_longer = |other: &&&str| other.len() > prefix.len() && behind(text, other).is_some();
    match COMPOUND_PREFIXES.iter().find(is_longer) {
        Some(_) => None,
        None => Some(rest),
    }
}

fn check(text: &str, prefix: &'static str, expected: &'static str) -> Result<SmolStr, IdError> {
    let rest = behind(text, prefix).ok_or_else(|| IdError::Prefix {
        text: text.to_owned(),
        expected,
        prefix,
    })?;
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
    if text.len() > 255 || !rest.bytes().all(fine) {
        return Err(IdError::Character {
            text: text.to_owned(),
        });
    }
    Ok(SmolStr::new(text))
}

macro_rules! typed_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal, $expected:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// What every id of this kind begins with, without the hyphen.
            pub const PREFIX: &'static str = $prefix;

            /// Reads an id; any form behind the prefix is accepted.
            pub fn new(text: &str) -> Result<Self, IdError> {
                check(text, $prefix, $expected).map(Self)
            }

            /// The id with `digits` as 17 lower-case hexadecimal digits behind the prefix.
            pub fn from_number(digits: u64) -> Self {
                Self(SmolStr::from(format!(concat!($prefix, "-{:017x}"), digits)))
            }

            /// The id as AWS writes it.
            pub fn as_str(&self) -> &str { &self.0 }

            /// Whether AWS would accept the form of this id in a call.
            pub fn is_well_formed(&self) -> bool { is_well_formed(&self.0, $prefix) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> { Self::new(text) }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                crate::text::from_text(d, Self::new)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "-"),
                })
            }
        }
    };
}

macro_rules! resource_ids {
    ($($kind:ident, $name:ident, $prefix:literal, $aws:literal, $expected:literal, $noun:literal;)+) => {
        $(typed_id!(
            #[doc = concat!("The id of ", $expected, " (`", $prefix, "-…`).")]
            $name, $prefix, $expected
        );)+

        /// A kind of resource, in the order in which documents list them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!("`", $aws, "`")] $kind,)+
        }

        impl Kind {
            /// Every kind, in order.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)+];

            /// AWS's resource type, as in tag specifications (`natgateway`, `elastic-ip`).
            pub const fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => $aws,)+ }
            }

            /// The kind in words for people, singular (`NAT gateway`).
            pub const fn noun(self) -> &'static str {
                match self { $(Kind::$kind => $noun,)+ }
            }

            /// What ids of this kind begin with, without the hyphen.
            pub const fn prefix(self) -> &'static str {
                match self { $(Kind::$kind => $prefix,)+ }
            }
        }

        impl FromStr for Kind {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                match text {
                    $($aws => Ok(Kind::$kind),)+
                    _ => Err(IdError::UnknownKind { text: text.to_owned() }),
                }
            }
        }

        /// The id of a resource of any kind; ordered by kind, then by id.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ResourceId {
            $(#[doc = concat!("The id of ", $expected, ".")] $kind($name),)+
        }

        impl ResourceId {
            /// Reads the id of a resource, telling the kind by the prefix.
            pub fn new(text: &str) -> Result<Self, IdError> {
                let unknown = || IdError::UnknownKind { text: text.to_owned() };
                let compound = COMPOUND_PREFIXES.iter().find(|it| behind(text, it).is_some());
                let prefix = match compound {
                    Some(prefix) => prefix,
                    None => text.split('-').next().ok_or_else(unknown)?,
                };
                match prefix {
                    $($prefix => $name::new(text).map(ResourceId::$kind),)+
                    _ => Err(unknown()),
                }
            }

            /// The kind of the resource.
            pub const fn kind(&self) -> Kind {
                match self { $(ResourceId::$kind(_) => Kind::$kind,)+ }
            }

            /// The id as AWS writes it.
            pub fn as_str(&self) -> &str {
                match self { $(ResourceId::$kind(id) => id.as_str(),)+ }
            }

            /// The least id of `kind` in the order of ids: the start of a range over one kind.
            pub fn first_of(kind: Kind) -> Self {
                match kind { $(Kind::$kind => ResourceId::$kind($name(SmolStr::new_static(""))),)+ }
            }
        }

        $(
            impl From<$name> for ResourceId {
                fn from(id: $name) -> Self { ResourceId::$kind(id) }
            }
            impl From<&$name> for ResourceId {
                fn from(id: &$name) -> Self { ResourceId::$kind(id.clone()) }
            }
            impl TryFrom<ResourceId> for $name {
                type Error = IdError;
                fn try_from(id: ResourceId) -> Result<Self, IdError> {
                    match id {
                        ResourceId::$kind(id) => Ok(id),
                        other => Err(IdError::Prefix {
                            text: other.to_string(), expected: $expected, prefix: $prefix,
                        }),
                    }
                }
            }
        )+
    };
}

resource_ids! {
    Vpc, VpcId, "vpc", "vpc", "a VPC", "VPC";
    Subnet, SubnetId, "subnet", "subnet", "a subnet", "subnet";
    RouteTable, RouteTableId, "rtb", "route-table", "a route table", "route table";
    InternetGateway, InternetGatewayId, "igw", "internet-gateway", "an internet gateway", "internet gateway";
    NatGateway, NatGatewayId, "nat", "natgateway", "a NAT gateway", "NAT gateway";
    Address, AllocationId, "eipalloc", "elastic-ip", "an Elastic IP address", "Elastic IP address";
    NetworkInterface, NetworkInterfaceId, "eni", "network-interface", "a network interface", "network interface";
    SecurityGroup, SecurityGroupId, "sg", "security-group", "a security group", "security group";
    Instance, InstanceId, "i", "instance", "an instance", "instance";
    Volume, VolumeId, "vol", "volume", "an EBS volume", "EBS volume";
    EbsSnapshot, SnapshotId, "snap", "snapshot", "an EBS snapshot", "EBS snapshot";
    Image, ImageId, "ami", "image", "an AMI", "AMI";
    VpcEndpoint, VpcEndpointId, "vpce", "vpc-endpoint", "a VPC endpoint", "VPC endpoint";
    AutoScalingGroup, AutoScalingGroupId, "asg", "auto-scaling-group", "an Auto Scaling group", "Auto Scaling group";
    NetworkAcl, NetworkAclId, "acl", "network-acl", "a network ACL", "network ACL";
    DhcpOptions, DhcpOptionsId, "dopt", "dhcp-options", "a DHCP options set", "DHCP options set";
    EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, "eigw", "egress-only-internet-gateway", "an egress-only internet gateway", "egress-only internet gateway";
    ManagedPrefixList, PrefixListId, "pl", "prefix-list", "a prefix list", "prefix list";
    FlowLog, FlowLogId, "fl", "vpc-flow-log", "a flow log", "flow log";
    SubnetCidrReservation, SubnetCidrReservationId, "scr", "subnet-cidr-reservation", "a subnet CIDR reservation", "subnet CIDR reservation";
    VpcPeeringConnection, VpcPeeringConnectionId, "pcx", "vpc-peering-connection", "a VPC peering connection", "VPC peering connection";
    TransitGateway, TransitGatewayId, "tgw", "transit-gateway", "a transit gateway", "transit gateway";
    TransitGatewayAttachment, TransitGatewayAttachmentId, "tgw-attach", "transit-gateway-attachment", "a transit gateway attachment", "transit gateway attachment";
    TransitGatewayRouteTable, TransitGatewayRouteTableId, "tgw-rtb", "transit-gateway-route-table", "a transit gateway route table", "transit gateway route table";
    VpnGateway, VpnGatewayId, "vgw", "vpn-gateway", "a virtual private gateway", "virtual private gateway";
    CustomerGateway, CustomerGatewayId, "cgw", "customer-gateway", "a customer gateway", "customer gateway";
    VpnConnection, VpnConnectionId, "vpn", "vpn-connection", "a VPN connection", "VPN connection";
    VpcEndpointService, VpcEndpointServiceId, "vpce-svc", "vpc-endpoint-service", "an endpoint service", "endpoint service";
    LaunchTemplate, LaunchTemplateId, "lt", "launch-template", "a launch template", "launch template";
    KeyPair, KeyPairId, "key", "key-pair", "a key pair", "key pair";
    PlacementGroup, PlacementGroupId, "pg", "placement-group", "a placement group", "placement group";
    CapacityReservation, CapacityReservationId, "cr", "capacity-reservation", "a capacity reservation", "capacity reservation";
    DedicatedHost, HostId, "h", "dedicated-host", "a Dedicated Host", "Dedicated Host";
    LoadBalancer, LoadBalancerId, "lb", "load-balancer", "a load balancer", "load balancer";
    TargetGroup, TargetGroupId, "tg", "target-group", "a target group", "target group";
    ClassicLoadBalancer, ClassicLoadBalancerId, "clb", "classic-load-balancer", "a Classic Load Balancer", "Classic Load Balancer";
    DbInstance, DbInstanceId, "db", "db-instance", "a DB instance", "DB instance";
    DbSnapshot, DbSnapshotId, "dbsnap", "db-snapshot", "a DB snapshot", "DB snapshot";
    DbSubnetGroup, DbSubnetGroupId, "dbsubnet", "db-subnet-group", "a DB subnet group", "DB subnet group";
    Stack, StackId, "stack", "cloudformation-stack", "a CloudFormation stack", "CloudFormation stack";
}

typed_id!(
    /// The association of an Elastic IP address (`eipassoc-…`).
    AssociationId, "eipassoc", "an address association"
);
typed_id!(
    /// The association of a route table (`rtbassoc-…`).
    RouteTableAssociationId, "rtbassoc", "a route table association"
);
typed_id!(
    /// The attachment of a network interface (`eni-attach-…`, `ela-attach-…` when AWS manages it).
    AttachmentId, "eni-attach", "a network interface attachment"
);

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        crate::text::from_text(d, str::parse)
    }
}

impl schemars::JsonSchema for Kind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Kind".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        schemars::json_schema!({ "type": "string", "enum": names })
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ResourceId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::new(text)
    }
}

impl serde::Serialize for ResourceId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for ResourceId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        crate::text::from_text(d, Self::new)
    }
}

impl schemars::JsonSchema for ResourceId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ResourceId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "examples": ["vpc-0123456789abcdef0"] })
    }
}

impl Kind {
    /// Whether resources of this kind are known to AWS by name alone, so that their ids are made
    /// here (see the `from_name` of their ids) and have no hexadecimal digits.
    pub const fn is_named(self) -> bool {
        matches!(
            self,
            Kind::AutoScalingGroup
                | Kind::LoadBalancer
                | Kind::TargetGroup
                | Kind::ClassicLoadBalancer
                | Kind::DbInstance
                | Kind::DbSnapshot
                | Kind::DbSubnetGroup
                | Kind::Stack
        )
    }

    /// Whether the kind belongs to EC2: the kinds that other services have are known by name.
    pub const fn is_of_ec2(self) -> bool {
        !self.is_named()
    }
}

/// The id under which documents name what AWS knows by a name that is unique in a Region: prefix,
/// Region and name. Characters that ids do not have become `_`.
fn named(prefix: &str, region: &Region, name: &str) -> SmolStr {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let name: String = name
        .chars()
        .map(|c| if fine(c) { c } else { '_' })
        .collect();
    SmolStr::from(format!("{prefix}-{region}/{name}"))
}

macro_rules! named_ids {
    ($($name:ident)+) => {
        $(impl $name {
            /// The id of the resource that AWS knows by `name` in `region`.
            pub fn from_name(region: &Region, name: &str) -> Self {
                Self(named(Self::PREFIX, region, name))
            }
        })+

        impl ResourceId {
            /// The id of a resource of a kind that AWS knows by name; nothing for other kinds.
            pub fn from_name(kind: Kind, region: &Region, name: &str) -> Option<Self> {
                $(if kind.prefix() == $name::PREFIX {
                    return Some($name::from_name(region, name).into());
                })+
                None
            }
        }
    };
}

named_ids! {
    AutoScalingGroupId LoadBalancerId TargetGroupId ClassicLoadBalancerId DbInstanceId DbSnapshotId
    DbSubnetGroupId StackId
}
