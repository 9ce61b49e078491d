//! Actions as calls of the SDK: every variant, one call each, nothing else.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::create_route::builders::CreateRouteFluentBuilder;
use aws_sdk_ec2::operation::delete_route::builders::DeleteRouteFluentBuilder;
use aws_sdk_ec2::types;
use sandtable_cloud::Performed;
use sandtable_describe::{CallFailure, failure_of};
use sandtable_model::resource::IpPermission;
use sandtable_model::{Action, Destination, RouteTarget, SnapshotId, Tags};

/// The operations that change something and that the hands may call: those of [`Action`], and no
/// other.
pub const OPERATIONS: &[&str] = &[
    "AssociateAddress",
    "AssociateRouteTable",
    "AttachInternetGateway",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateRoute",
    "CreateSnapshot",
    "DeleteInternetGateway",
    "DeleteNatGateway",
    "DeleteNetworkInterface",
    "DeleteRoute",
    "DeleteRouteTable",
    "DeleteSecurityGroup",
    "DeleteSnapshot",
    "DeleteSubnet",
    "DeleteVolume",
    "DeleteVpc",
    "DeleteVpcEndpoints",
    "DetachInternetGateway",
    "DisassociateAddress",
    "DisassociateRouteTable",
    "ReleaseAddress",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
];

/// Makes the call of an action once, or asks whether it would be allowed. A table: an arm for each
/// action, so that the compiler misses none.
pub(crate) async fn send(
    client: &Client,
    action: &Action,
    dry_run: bool,
) -> Result<Performed, CallFailure> {
    macro_rules! call {
        ($operation:ident $(, $parameter:ident($value:expr))*) => {
            answered(
                client.$operation()$(.$parameter($value))*.dry_run(dry_run).send().await,
            )
        };
    }
    match action {
        Action::CreateSnapshot {
            volume_id,
            description,
            tags,
        } => {
            let answer = call!(
                create_snapshot,
                volume_id(volume_id.as_str()),
                description(description.as_str()),
                set_tag_specifications(tagged(types::ResourceType::Snapshot, tags))
            )?;
            let created = answer.snapshot_id().and_then(|id| SnapshotId::new(id).ok());
            return Ok(Performed {
                created: created.map(Into::into),
            });
        }
        Action::DeleteVolume { volume_id } => {
            drop(call!(delete_volume, volume_id(volume_id.as_str()))?);
        }
        Action::DeleteSnapshot { snapshot_id } => {
            drop(call!(delete_snapshot, snapshot_id(snapshot_id.as_str()))?);
        }
        Action::DisassociateAddress { association_id, .. } => {
            drop(call!(
                disassociate_address,
                association_id(association_id.as_str())
            )?);
        }
        Action::AssociateAddress {
            allocation_id,
            network_interface_id,
            private_ip_address,
        } => drop(call!(
            associate_address,
            allocation_id(allocation_id.as_str()),
            network_interface_id(network_interface_id.as_str()),
            set_private_ip_address(private_ip_address.as_ref().map(ToString::to_string)),
            // An address that is in use by now must not be pulled away from its user.
            allow_reassociation(false)
        )?),
        Action::ReleaseAddress { allocation_id } => {
            drop(call!(
                release_address,
                allocation_id(allocation_id.as_str())
            )?);
        }
        Action::DeleteNetworkInterface {
            network_interface_id: id,
        } => drop(call!(
            delete_network_interface,
            network_interface_id(id.as_str())
        )?),
        Action::DeleteRoute {
            route_table_id,
            destination,
        } => {
            let call = client
                .delete_route()
                .route_table_id(route_table_id.as_str());
            drop(answered(
                from(call, destination).dry_run(dry_run).send().await,
            )?);
        }
        Action::CreateRoute {
            route_table_id,
            destination,
            target,
        } => {
            let call = client
                .create_route()
                .route_table_id(route_table_id.as_str());
            let call = to(call, destination, target).dry_run(dry_run);
            drop(answered(call.send().await)?);
        }
        Action::DeleteNatGateway { nat_gateway_id } => {
            drop(call!(
                delete_nat_gateway,
                nat_gateway_id(nat_gateway_id.as_str())
            )?);
        }
        Action::DeleteVpcEndpoints { vpc_endpoint_id } => {
            let answer = call!(
                delete_vpc_endpoints,
                vpc_endpoint_ids(vpc_endpoint_id.as_str())
            )?;
            all_successful(answer.unsuccessful())?;
        }
        Action::DetachInternetGateway {
            internet_gateway_id: id,
            vpc_id,
        } => drop(call!(
            detach_internet_gateway,
            internet_gateway_id(id.as_str()),
            vpc_id(vpc_id.as_str())
        )?),
        Action::AttachInternetGateway {
            internet_gateway_id: id,
            vpc_id,
        } => drop(call!(
            attach_internet_gateway,
            internet_gateway_id(id.as_str()),
            vpc_id(vpc_id.as_str())
        )?),
        Action::DeleteInternetGateway {
            internet_gateway_id: id,
        } => drop(call!(
            delete_internet_gateway,
            internet_gateway_id(id.as_str())
        )?),
        Action::DisassociateRouteTable { association_id, .. } => {
            drop(call!(
                disassociate_route_table,
                association_id(association_id.as_str())
            )?);
        }
        Action::AssociateRouteTable {
            route_table_id,
            subnet_id,
        } => drop(call!(
            associate_route_table,
            route_table_id(route_table_id.as_str()),
            subnet_id(subnet_id.as_str())
        )?),
        Action::DeleteRouteTable { route_table_id } => {
            drop(call!(
                delete_route_table,
                route_table_id(route_table_id.as_str())
            )?);
        }
        Action::DeleteSubnet { subnet_id } => {
            drop(call!(delete_subnet, subnet_id(subnet_id.as_str()))?);
        }
        Action::RevokeSecurityGroupIngress {
            group_id,
            ip_permissions,
        } => drop(call!(
            revoke_security_group_ingress,
            group_id(group_id.as_str()),
            set_ip_permissions(rules(ip_permissions))
        )?),
        Action::RevokeSecurityGroupEgress {
            group_id,
            ip_permissions,
        } => drop(call!(
            revoke_security_group_egress,
            group_id(group_id.as_str()),
            set_ip_permissions(rules(ip_permissions))
        )?),
        Action::AuthorizeSecurityGroupIngress {
            group_id,
            ip_permissions,
        } => drop(call!(
            authorize_security_group_ingress,
            group_id(group_id.as_str()),
            set_ip_permissions(rules(ip_permissions))
        )?),
        Action::AuthorizeSecurityGroupEgress {
            group_id,
            ip_permissions,
        } => drop(call!(
            authorize_security_group_egress,
            group_id(group_id.as_str()),
            set_ip_permissions(rules(ip_permissions))
        )?),
        Action::DeleteSecurityGroup { group_id } => {
            drop(call!(delete_security_group, group_id(group_id.as_str()))?);
        }
        Action::DeleteVpc { vpc_id } => drop(call!(delete_vpc, vpc_id(vpc_id.as_str()))?),
    }
    Ok(Performed::default())
}

fn answered<O, E>(answer: Result<O, SdkError<E>>) -> Result<O, CallFailure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    answer.map_err(|error| failure_of(&error))
}

/// Bulk deletions answer 200 and tell failures by item (facts: wire).
fn all_successful(unsuccessful: &[types::UnsuccessfulItem]) -> Result<(), CallFailure> {
    let Some(item) = unsuccessful.first() else {
        return Ok(());
    };
    let error = item.error();
    let of = |text: Option<&str>, otherwise: &str| text.unwrap_or(otherwise).to_owned();
    Err(CallFailure::Refused {
        code: of(error.and_then(|it| it.code()), "Unsuccessful"),
        message: of(
            error.and_then(|it| it.message()),
            "the item failed without a reason",
        ),
        status: 200,
    })
}

fn from(call: DeleteRouteFluentBuilder, destination: &Destination) -> DeleteRouteFluentBuilder {
    match destination {
        Destination::DestinationCidrBlock(it) => call.destination_cidr_block(it.as_str()),
        Destination::DestinationIpv6CidrBlock(it) => call.destination_ipv6_cidr_block(it.as_str()),
        Destination::DestinationPrefixListId(it) => call.destination_prefix_list_id(it.as_str()),
    }
}

fn to(
    call: CreateRouteFluentBuilder,
    destination: &Destination,
    target: &RouteTarget,
) -> CreateRouteFluentBuilder {
    let call = match destination {
        Destination::DestinationCidrBlock(it) => call.destination_cidr_block(it.as_str()),
        Destination::DestinationIpv6CidrBlock(it) => call.destination_ipv6_cidr_block(it.as_str()),
        Destination::DestinationPrefixListId(it) => call.destination_prefix_list_id(it.as_str()),
    };
    let id = target.as_str();
    match target {
        RouteTarget::GatewayId(_) => call.gateway_id(id),
        RouteTarget::NatGatewayId(_) => call.nat_gateway_id(id),
        RouteTarget::NetworkInterfaceId(_) => call.network_interface_id(id),
        RouteTarget::TransitGatewayId(_) => call.transit_gateway_id(id),
        RouteTarget::VpcPeeringConnectionId(_) => call.vpc_peering_connection_id(id),
        RouteTarget::EgressOnlyInternetGatewayId(_) => call.egress_only_internet_gateway_id(id),
    }
}

fn tagged(kind: types::ResourceType, tags: &Tags) -> Option<Vec<types::TagSpecification>> {
    if tags.is_empty() {
        return None;
    }
    let tags = tags
        .iter()
        .map(|(key, value)| types::Tag::builder().key(key).value(value).build());
    let specification = types::TagSpecification::builder()
        .resource_type(kind)
        .set_tags(Some(tags.collect()));
    Some(vec![specification.build()])
}

fn rules(permissions: &[IpPermission]) -> Option<Vec<types::IpPermission>> {
    Some(permissions.iter().map(rule).collect())
}

fn rule(it: &IpPermission) -> types::IpPermission {
    let text = |text: &Option<_>| text.as_ref().map(ToString::to_string);
    let ranges = it.ip_ranges.iter().map(|it| {
        let range = types::IpRange::builder().cidr_ip(it.cidr_ip.as_str());
        range.set_description(text(&it.description)).build()
    });
    let ipv6_ranges = it.ipv6_ranges.iter().map(|it| {
        let range = types::Ipv6Range::builder().cidr_ipv6(it.cidr_ipv6.as_str());
        range.set_description(text(&it.description)).build()
    });
    let lists = it.prefix_list_ids.iter().map(|it| {
        let list = types::PrefixListId::builder().prefix_list_id(it.prefix_list_id.as_str());
        list.set_description(text(&it.description)).build()
    });
    let groups = it.user_id_group_pairs.iter().map(|it| {
        // The name, the VPC and the peering's status are told by describe answers, not asked for:
        // beside the id, AWS refuses a name.
        types::UserIdGroupPair::builder()
            .set_group_id(it.group_id.as_ref().map(ToString::to_string))
            .set_user_id(text(&it.user_id))
            .set_vpc_peering_connection_id(text(&it.vpc_peering_connection_id))
            .set_description(text(&it.description))
            .build()
    });
    types::IpPermission::builder()
        .ip_protocol(it.ip_protocol.as_str())
        .set_from_port(it.from_port)
        .set_to_port(it.to_port)
        .set_ip_ranges(some(ranges))
        .set_ipv6_ranges(some(ipv6_ranges))
        .set_prefix_list_ids(some(lists))
        .set_user_id_group_pairs(some(groups))
        .build()
}

/// The items as a list parameter; an empty one is not sent.
fn some<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.collect();
    (!items.is_empty()).then_some(items)
}
