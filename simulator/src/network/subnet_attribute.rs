//! Attributes of subnets, and what instances are called within their VPC.
//!
//! Deliberately absent, and refused by name: what subnets on Outposts have.

use sandtable_model::resource::{
    HostnameType, Instance, InstanceStateName, NetworkInterface, PrivateDnsNameOptions, Subnet,
};
use sandtable_model::{InstanceId, Region};
use smol_str::{SmolStr, format_smolstr};

use super::request::{Done, Flag, requests};
use super::{addressing, refusal};
use crate::rules::{invalid_combination, invalid_value, require};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ModifySubnetAttribute.
    ModifySubnetAttributeRequest {
        subnet_id: String,
        map_public_ip_on_launch: Option<Flag>,
        assign_ipv6_address_on_creation: Option<Flag>,
        enable_dns64: Option<Flag>,
        private_dns_hostname_type_on_launch: Option<String>,
        #[serde(rename = "EnableResourceNameDnsARecordOnLaunch")]
        enable_resource_name_dns_a_record_on_launch: Option<Flag>,
        #[serde(rename = "EnableResourceNameDnsAAAARecordOnLaunch")]
        enable_resource_name_dns_aaaa_record_on_launch: Option<Flag>,
    }
    /// ModifyPrivateDnsNameOptions.
    ModifyPrivateDnsNameOptionsRequest {
        instance_id: String,
        private_dns_hostname_type: Option<String>,
        #[serde(rename = "EnableResourceNameDnsARecord")]
        enable_resource_name_dns_a_record: Option<bool>,
        #[serde(rename = "EnableResourceNameDnsAAAARecord")]
        enable_resource_name_dns_aaaa_record: Option<bool>,
    }
}

/// What a call changes of a subnet.
enum Change {
    PublicIp(bool),
    Ipv6Address(bool),
    Dns64(bool),
    Hostname(HostnameType),
    ARecord(bool),
    AaaaRecord(bool),
}

/// Changes one attribute of a subnet.
///
/// # Errors
/// `MissingParameter` when there is nothing to change, `InvalidParameterCombination` for several at
/// once, `InvalidParameterValue` for IPv6 addresses in a subnet without an IPv6 block.
pub fn modify_subnet_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifySubnetAttributeRequest,
) -> Result<(), ApiError> {
    let subnet = require::<Subnet>(&twin.state, ctx, "subnetId", &request.subnet_id)?.clone();
    let change = read(&request)?;
    if let Change::Ipv6Address(true) = change
        && subnet.ipv6_cidr_block_association_set.is_empty()
    {
        return Err(invalid_value(format!(
            "Invalid value 'true' for assignIpv6AddressOnCreation. The subnet {} has no IPv6 CIDR block",
            subnet.subnet_id
        )));
    }
    ctx.end_dry_run()?;
    twin.state.update(&subnet.subnet_id, |it: &mut Subnet| {
        let names = &mut it.private_dns_name_options_on_launch;
        match change {
            Change::PublicIp(value) => it.map_public_ip_on_launch = value,
            Change::Ipv6Address(value) => it.assign_ipv6_address_on_creation = value,
            Change::Dns64(value) => it.enable_dns64 = value,
            Change::Hostname(value) => names.get_or_insert_default().hostname_type = value,
            Change::ARecord(value) => {
                names
                    .get_or_insert_default()
                    .enable_resource_name_dns_a_record = value;
            }
            Change::AaaaRecord(value) => {
                names
                    .get_or_insert_default()
                    .enable_resource_name_dns_aaaa_record = value;
            }
        }
    });
    Ok(())
}

fn read(request: &ModifySubnetAttributeRequest) -> Result<Change, ApiError> {
    let value = |flag: &Option<Flag>| flag.as_ref().and_then(|it| it.value);
    let hostname = request.private_dns_hostname_type_on_launch.as_deref();
    let hostname = match hostname {
        Some(text) => Some(hostname_type("PrivateDnsHostnameTypeOnLaunch", text)?),
        None => None,
    };
    let asked = [
        value(&request.map_public_ip_on_launch).map(Change::PublicIp),
        value(&request.assign_ipv6_address_on_creation).map(Change::Ipv6Address),
        value(&request.enable_dns64).map(Change::Dns64),
        hostname.map(Change::Hostname),
        value(&request.enable_resource_name_dns_a_record_on_launch).map(Change::ARecord),
        value(&request.enable_resource_name_dns_aaaa_record_on_launch).map(Change::AaaaRecord),
    ];
    let mut asked = asked.into_iter().flatten();
    let change = asked.next().ok_or_else(nothing)?;
    if asked.next().is_some() {
        return Err(invalid_combination(
            "Fields for multiple attribute types specified: one attribute can be changed at a time",
        ));
    }
    Ok(change)
}

fn nothing() -> ApiError {
    ApiError::new(
        "MissingParameter",
        "The request must contain an attribute to change",
    )
}

fn hostname_type(parameter: &str, text: &str) -> Result<HostnameType, ApiError> {
    match HostnameType::from(text) {
        HostnameType::Other(_) => Err(refusal::not_a_value(parameter, text)),
        known => Ok(known),
    }
}

/// Changes what an instance is called within its VPC.
///
/// # Errors
/// `MissingParameter` when there is nothing to change; `IncorrectInstanceState` for another type of
/// name while the instance is not stopped (EC2 user guide, "Amazon EC2 instance hostname types").
pub fn modify_private_dns_name_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyPrivateDnsNameOptionsRequest,
) -> Result<Done, ApiError> {
    let id = &request.instance_id;
    let instance = require::<Instance>(&twin.state, ctx, "InstanceId", id)?.clone();
    let hostname = match request.private_dns_hostname_type.as_deref() {
        Some(text) => Some(hostname_type("PrivateDnsHostnameType", text)?),
        None => None,
    };
    let (a, aaaa) = (
        request.enable_resource_name_dns_a_record,
        request.enable_resource_name_dns_aaaa_record,
    );
    if hostname.is_none() && a.is_none() && aaaa.is_none() {
        return Err(nothing());
    }
    ctx.end_dry_run()?;
    let mut options = instance
        .private_dns_name_options
        .clone()
        .unwrap_or_default();
    let id = instance.instance_id;
    if hostname
        .as_ref()
        .is_some_and(|it| *it != options.hostname_type)
        && instance.state.name != InstanceStateName::Stopped
    {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'stopped' state."),
        ));
    }
    options.hostname_type = hostname.unwrap_or(options.hostname_type);
    options.enable_resource_name_dns_a_record =
        a.unwrap_or(options.enable_resource_name_dns_a_record);
    options.enable_resource_name_dns_aaaa_record =
        aaaa.unwrap_or(options.enable_resource_name_dns_aaaa_record);
    set_private_name(twin, &ctx.region, &id, options);
    Ok(Done::YES)
}

/// Gives a new instance the kind of name that its subnet gives.
pub(crate) fn name_after_subnet(twin: &mut Twin, region: &Region, id: &InstanceId) {
    let instance = twin.state.one::<Instance>(id);
    let subnet = instance.and_then(|it| it.subnet_id.as_ref());
    let subnet = subnet.and_then(|id| twin.state.one::<Subnet>(id));
    if let Some(options) = subnet.and_then(|it| it.private_dns_name_options_on_launch.clone()) {
        set_private_name(twin, region, id, options);
    }
}

/// Sets what an instance is called, on it and on its primary interface.
fn set_private_name(
    twin: &mut Twin,
    region: &Region,
    id: &InstanceId,
    options: PrivateDnsNameOptions,
) {
    let interfaces = twin.state.referring::<NetworkInterface>(id);
    let primary = interfaces
        .filter(|it| {
            it.attachment
                .as_ref()
                .is_some_and(|it| it.device_index == 0)
        })
        .map(|it| {
            (
                it.network_interface_id.clone(),
                it.private_ip_address.clone(),
            )
        })
        .next();
    let name: Option<SmolStr> = match (&options.hostname_type, &primary) {
        (HostnameType::ResourceName, _) => Some(resource_name(region, id)),
        (_, Some((_, Some(ip)))) => Some(addressing::private_name(region, ip)),
        _ => None,
    };
    if let (Some((interface, _)), Some(name)) = (&primary, &name) {
        twin.state.update(interface, |it: &mut NetworkInterface| {
            it.private_dns_name = Some(name.clone());
        });
    }
    twin.state.update(id, |it: &mut Instance| {
        it.private_dns_name_options = Some(options);
        it.private_dns_name = name.or(it.private_dns_name.take());
    });
}

/// The private name that is made of an instance's id.
fn resource_name(region: &Region, id: &InstanceId) -> SmolStr {
    match region.as_str() {
        "us-east-1" => format_smolstr!("{id}.ec2.internal"),
        other => format_smolstr!("{id}.{other}.compute.internal"),
    }
}
