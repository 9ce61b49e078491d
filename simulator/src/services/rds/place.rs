//! Where a DB instance stands: subnet group, zones, security groups, interfaces.

use sandtable_model::resource::{
    DbSecurityGroup, DbSubnet, DbSubnetGroup, DbZone, GroupRef, InterfaceType, NetworkInterface,
    SecurityGroup, Subnet, Vpc,
};
use sandtable_model::{DbInstanceId, DbSubnetGroupId, NetworkInterfaceId, Tags, VpcId};
use smol_str::format_smolstr;

use super::{DESCRIPTION, SERVICE, invalid_value, subnet_group};
use crate::network::managed::{self, Public, Wanted};
use crate::rules::invalid_combination;
use crate::services::common::group;
use crate::{ApiError, Ctx, Twin};

/// The subnet group of a request: that of a name, else `default`, which is made of the default VPC
/// when it is first needed.
///
/// # Errors
/// `DBSubnetGroupNotFoundFault`.
pub(super) fn group_of(
    twin: &mut Twin,
    ctx: &Ctx,
    name: Option<&str>,
) -> Result<DbSubnetGroup, ApiError> {
    if let Some(name) = name {
        return subnet_group(twin, ctx, name).cloned();
    }
    if let Ok(present) = subnet_group(twin, ctx, "default") {
        return Ok(present.clone());
    }
    let vpc = {
        let mut vpcs = twin.state.all::<Vpc>(&ctx.region);
        vpcs.find(|it| it.is_default).map(|it| it.vpc_id.clone())
    };
    let vpc = vpc.ok_or_else(none)?;
    let subnets = twin.state.referring::<Subnet>(&vpc);
    let subnets: Vec<Subnet> = subnets.filter(|it| it.default_for_az).cloned().collect();
    let (region, account) = (&ctx.region, &ctx.account);
    let made = DbSubnetGroup {
        db_subnet_group_id: DbSubnetGroupId::from_name(region, "default"),
        db_subnet_group_name: "default".into(),
        db_subnet_group_description: "default".into(),
        db_subnet_group_arn: format_smolstr!("arn:aws:rds:{region}:{account}:subgrp:default"),
        vpc_id: Some(vpc),
        subnet_group_status: "Complete".into(),
        subnets: members(&subnets),
        tags: Tags::new(),
    };
    twin.state.insert(region, made.clone());
    Ok(made)
}

fn none() -> ApiError {
    ApiError::new(
        "DBSubnetGroupNotFoundFault",
        "DB subnet group 'default' does not exist.",
    )
}

/// Subnets as a subnet group has them.
pub(super) fn members(subnets: &[Subnet]) -> Vec<DbSubnet> {
    let member = |it: &Subnet| DbSubnet {
        subnet_identifier: it.subnet_id.clone(),
        subnet_availability_zone: DbZone {
            name: it.availability_zone.as_str().into(),
        },
        subnet_status: "Active".into(),
    };
    subnets.iter().map(member).collect()
}

/// The subnets in which an instance shall have interfaces: one, or two in different zones.
///
/// # Errors
/// `InvalidVPCNetworkStateFault` when there are none such, `InvalidSubnet` when they are full.
pub(super) fn choose(
    twin: &Twin,
    group: &DbSubnetGroup,
    zone: Option<&str>,
    multi_az: bool,
) -> Result<Vec<Subnet>, ApiError> {
    let members = group.subnets.iter();
    let present = members.filter_map(|it| twin.state.one::<Subnet>(&it.subnet_identifier));
    let mut fitting: Vec<&Subnet> = present
        .filter(|it| zone.is_none_or(|zone| it.availability_zone.as_str() == zone))
        .collect();
    if fitting.is_empty() {
        let name = &group.db_subnet_group_name;
        return Err(ApiError::new(
            "InvalidVPCNetworkStateFault",
            format!("The DB subnet group {name} has no subnet in the requested availability zone"),
        ));
    }
    fitting.retain(|it| it.available_ip_address_count > 0);
    fitting.sort_by(|one, other| {
        let order = |it: &Subnet| (it.availability_zone.clone(), it.subnet_id.clone());
        order(one).cmp(&order(other))
    });
    fitting.dedup_by(|one, other| one.availability_zone == other.availability_zone);
    let count = if multi_az { 2 } else { 1 };
    if fitting.len() < count {
        return Err(ApiError::new(
            "InvalidSubnet",
            "The subnets of the DB subnet group do not have enough free addresses in enough availability zones",
        ));
    }
    Ok(fitting.into_iter().take(count).cloned().collect())
}

/// The security groups of a request, else the default one of the VPC.
///
/// # Errors
/// `InvalidParameterValue` for groups that are not there, `InvalidParameterCombination` for those of
/// another VPC.
pub(super) fn groups(
    twin: &Twin,
    ctx: &Ctx,
    texts: &[String],
    vpc: &VpcId,
) -> Result<Vec<GroupRef>, ApiError> {
    let mut found = Vec::new();
    for text in texts {
        if let Some(it) = group(twin, ctx, text, vpc) {
            found.push(it);
            continue;
        }
        let id = sandtable_model::SecurityGroupId::new(text).ok();
        let other = id.and_then(|id| twin.state.one::<SecurityGroup>(&id));
        return Err(match other.and_then(|it| it.vpc_id.as_ref()) {
            Some(other) => invalid_combination(format!(
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in {vpc} and the EC2 security group is in {other}"
            )),
            None => invalid_value(format!(
                "Invalid security group , groupId= {text}, groupName=."
            )),
        });
    }
    if found.is_empty() {
        found.extend(managed::default_group(twin, vpc));
    }
    Ok(found)
}

/// Security groups as an instance has them.
pub(super) fn memberships(groups: &[GroupRef]) -> Vec<DbSecurityGroup> {
    let membership = |it: &GroupRef| DbSecurityGroup {
        vpc_security_group_id: it.group_id.clone(),
        status: "active".into(),
    };
    groups.iter().map(membership).collect()
}

/// Makes the interfaces of an instance.
///
/// # Errors
/// What is wrong with a subnet.
pub(super) fn settle(
    twin: &mut Twin,
    ctx: &Ctx,
    id: &DbInstanceId,
    subnets: &[Subnet],
    groups: &[GroupRef],
    is_public: bool,
) -> Result<(), ApiError> {
    let mut made: Vec<NetworkInterfaceId> = Vec::new();
    for (at, subnet) in subnets.iter().enumerate() {
        let wanted = Wanted {
            interface_type: InterfaceType::Interface,
            description: DESCRIPTION.into(),
            groups: groups.to_vec(),
            service: SERVICE,
            private_ip: None,
            // A standby is not reached from the internet.
            public: match is_public && at == 0 {
                true => Public::Lent,
                false => Public::No,
            },
        };
        match managed::make(twin, ctx, subnet, wanted) {
            Ok(interface) => made.push(interface.network_interface_id),
            Err(error) => {
                made.iter().for_each(|it| managed::remove(twin, it));
                return Err(error);
            }
        }
    }
    let interfaces = &mut twin.services.rds.interfaces;
    interfaces.entry(id.clone()).or_default().extend(made);
    Ok(())
}

/// Takes the interfaces of an instance out.
pub(super) fn leave(twin: &mut Twin, id: &DbInstanceId) {
    let interfaces = twin.services.rds.interfaces.remove(id);
    for interface in interfaces.into_iter().flatten() {
        managed::remove(twin, &interface);
    }
}

/// Gives the interfaces of an instance other security groups.
pub(super) fn regroup(twin: &mut Twin, id: &DbInstanceId, groups: &[GroupRef]) {
    let interfaces = twin.services.rds.interfaces.get(id).cloned();
    for interface in interfaces.into_iter().flatten() {
        let groups = groups.to_vec();
        twin.state
            .update(&interface, |it: &mut NetworkInterface| it.groups = groups);
    }
}
