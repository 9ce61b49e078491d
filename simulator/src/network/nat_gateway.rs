//! Making NAT gateways: `pending`, then `available` or `failed`.

use sandtable_model::resource::{
    Address, ConnectivityType, InterfaceType, NatGateway, NatGatewayAddress, NatGatewayState,
    Subnet,
};
use sandtable_model::{Kind, NatGatewayId, ResourceId};
use smol_str::{SmolStr, format_smolstr};

use super::interface::{self, Fresh};
use super::request::{answers, requests};
use super::{Transition, addressing, blockers, nat_gateway_address as further, refusal};
use crate::rules::{TagSpecification, invalid_combination, require, required, tags_for};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateNatGateway.
    CreateNatGatewayRequest {
        subnet_id: String,
        allocation_id: Option<String>,
        connectivity_type: Option<String>,
        availability_mode: Option<String>,
        private_ip_address: Option<String>,
        secondary_allocation_ids: Vec<String>,
        secondary_private_ip_addresses: Vec<String>,
        secondary_private_ip_address_count: Option<i64>,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
}

answers! {
    /// The answer of CreateNatGateway.
    CreatedNatGateway { nat_gateway: NatGateway }
}

/// Why a NAT gateway could not be made: code and message, as the gateway itself tells them later.
type Failure = (&'static str, String);

/// Makes a NAT gateway. What is wrong with its surroundings is no error of the call: the gateway
/// becomes `failed` and says why (facts: ec2-semantics.md, section 3, NAT gateway).
///
/// # Errors
/// `NatGatewayLimitExceeded`, `MissingParameter` for a public gateway without an address,
/// `AddressLimitExceeded` and `PrivateIpAddressLimitExceeded` for too many secondary addresses,
/// `InvalidParameterValue` and `InvalidIPAddress.InUse` for private addresses that it cannot have.
pub fn create_nat_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateNatGatewayRequest,
) -> Result<CreatedNatGateway, ApiError> {
    const NAME: &str = "CreateNatGateway";
    let subnet = require::<Subnet>(&twin.state, ctx, "SubnetId", &request.subnet_id)?.clone();
    let connectivity = read_connectivity(&request)?;
    let count = read_secondary(&request, &connectivity)?;
    let tags = tags_for(
        Kind::NatGateway,
        &[Kind::NatGateway],
        &request.tag_specifications,
    )?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(nat) = made
            .first()
            .and_then(|it| twin.state.one::<NatGateway>(it.clone()))
    {
        return Ok(CreatedNatGateway {
            nat_gateway: nat.clone(),
        });
    }
    check_quota(twin, ctx, &subnet)?;
    match connectivity {
        ConnectivityType::Private => further::check_private_quota(twin, 1 + count)?,
        _ => further::check_elastic_quota(twin, 1 + count)?,
    }
    let addresses = choose_addresses(twin, &subnet, &request, count)?;
    let nat_gateway_id = twin.fresh(NatGatewayId::from_number);
    let mut nat = NatGateway {
        nat_gateway_id: nat_gateway_id.clone(),
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet.subnet_id.clone(),
        state: NatGatewayState::Pending,
        connectivity_type: connectivity,
        nat_gateway_addresses: Vec::new(),
        create_time: Some(twin.now()),
        delete_time: None,
        failure_code: None,
        failure_message: None,
        tags,
    };
    match prepare(twin, ctx, &nat, &subnet, &request, addresses) {
        Ok(places) => {
            nat.nat_gateway_addresses = places;
            twin.state.insert(&ctx.region, nat.clone());
            let created = Transition::NatCreated(nat_gateway_id.clone());
            twin.schedule(twin.options.timings.nat_create, created);
        }
        Err((code, message)) => {
            twin.state.insert(&ctx.region, nat.clone());
            let failed = Transition::NatFailed(nat_gateway_id.clone(), code, message.into());
            twin.schedule(twin.options.timings.nat_create, failed);
        }
    }
    let made = vec![ResourceId::from(&nat_gateway_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedNatGateway { nat_gateway: nat })
}

fn read_connectivity(request: &CreateNatGatewayRequest) -> Result<ConnectivityType, ApiError> {
    match request.availability_mode.as_deref() {
        None | Some("zonal") => {}
        Some("regional") => return Err(refusal::not_modelled("regional NAT gateways")),
        Some(other) => return Err(refusal::not_a_value("AvailabilityMode", other)),
    }
    match request.connectivity_type.as_deref().unwrap_or("public") {
        "public" => {
            required(
                "AllocationId",
                request.allocation_id.as_deref().unwrap_or_default(),
            )?;
            Ok(ConnectivityType::Public)
        }
        "private"
            if request.allocation_id.is_some() || !request.secondary_allocation_ids.is_empty() =>
        {
            Err(invalid_combination(
                "AllocationId cannot be used with the connectivity type private",
            ))
        }
        "private" => Ok(ConnectivityType::Private),
        other => Err(refusal::not_a_value("ConnectivityType", other)),
    }
}

/// How many addresses there shall be beside the primary one.
fn read_secondary(
    request: &CreateNatGatewayRequest,
    connectivity: &ConnectivityType,
) -> Result<usize, ApiError> {
    let listed = request.secondary_private_ip_addresses.len();
    let elastic = request.secondary_allocation_ids.len();
    match (request.secondary_private_ip_address_count, connectivity) {
        (Some(_), ConnectivityType::Public) => Err(invalid_combination(
            "SecondaryPrivateIpAddressCount can only be used with the connectivity type private",
        )),
        (Some(_), _) if listed > 0 => Err(invalid_combination(
            "The parameters SecondaryPrivateIpAddresses and SecondaryPrivateIpAddressCount cannot be used together",
        )),
        (Some(count), _) => further::read_count("SecondaryPrivateIpAddressCount", count),
        (None, ConnectivityType::Public) if listed > elastic => Err(further::too_many_private()),
        (None, ConnectivityType::Public) => Ok(elastic),
        (None, _) => Ok(listed),
    }
}

/// The private addresses of a new gateway, the primary one first. That the subnet is full is no
/// error of the call.
fn choose_addresses(
    twin: &Twin,
    subnet: &Subnet,
    request: &CreateNatGatewayRequest,
    secondary: usize,
) -> Result<Result<Vec<SmolStr>, Failure>, ApiError> {
    let further = &request.secondary_private_ip_addresses;
    let wanted = request.private_ip_address.iter().chain(further);
    let wanted: Vec<&str> = wanted.map(String::as_str).collect();
    let chosen = addressing::choose(&twin.state, subnet, &wanted, 1 + secondary);
    match chosen {
        Ok(mut addresses) => {
            if request.private_ip_address.is_none() && !further.is_empty() {
                // What was not asked for comes last: one of them is the primary address.
                let primary = addresses.remove(further.len());
                addresses.insert(0, primary);
            }
            Ok(Ok(addresses))
        }
        Err(error) if error.code == "InsufficientFreeAddressesInSubnet" => {
            let message = "Subnet has insufficient free addresses to create this NAT gateway";
            Ok(Err((
                "InsufficientFreeAddressesInSubnet",
                message.to_owned(),
            )))
        }
        Err(error) => Err(error),
    }
}

/// Gateways that are pending, available or deleting count, per zone (facts: ec2-semantics.md,
/// section 5).
fn check_quota(twin: &Twin, ctx: &Ctx, subnet: &Subnet) -> Result<(), ApiError> {
    let most = twin.network.choices.quotas.nat_gateways_per_zone;
    let here = twin.state.all::<NatGateway>(&ctx.region).filter(|nat| {
        let beside = twin.state.one::<Subnet>(&nat.subnet_id);
        blockers::holds(nat)
            && beside.is_some_and(|it| it.availability_zone == subnet.availability_zone)
    });
    if here.count() < most {
        return Ok(());
    }
    Err(ApiError::new(
        "NatGatewayLimitExceeded",
        format!("Performing this operation would exceed the limit of {most} NAT gateways"),
    ))
}

/// Makes the interface of a gateway and maps its addresses. Codes and messages are those of the EC2
/// API reference, NatGateway, `FailureCode` and `FailureMessage`.
fn prepare(
    twin: &mut Twin,
    ctx: &Ctx,
    nat: &NatGateway,
    subnet: &Subnet,
    request: &CreateNatGatewayRequest,
    addresses: Result<Vec<SmolStr>, Failure>,
) -> Result<Vec<NatGatewayAddress>, Failure> {
    let mut elastic: Vec<Address> = Vec::new();
    let named = request.allocation_id.iter();
    for text in named.chain(&request.secondary_allocation_ids) {
        let address = usable_address(twin, ctx, text)?;
        if elastic.contains(&address) {
            return Err(already_associated(text));
        }
        elastic.push(address);
    }
    let vpc = &nat.vpc_id;
    if !elastic.is_empty() && blockers::gateway_of(&twin.state, vpc).is_none() {
        let message = format!("Network {vpc} has no Internet gateway attached");
        return Err(("Gateway.NotAttached", message));
    }
    let addresses = addresses?;
    let fresh = Fresh {
        interface_type: InterfaceType::NatGateway,
        description: format_smolstr!("Interface for NAT Gateway {}", nat.nat_gateway_id),
        addresses: addresses.clone(),
        requester: Some(ctx.account.as_str().into()),
        ..Fresh::default()
    };
    let interface = interface::insert(twin, ctx, subnet, fresh).network_interface_id;
    interface::attach_to_service(twin, &interface);
    let mut elastic = elastic.into_iter();
    let mut places = Vec::with_capacity(addresses.len());
    for (at, ip) in addresses.into_iter().enumerate() {
        let place = match elastic.next() {
            Some(address) => further::map(twin, ctx, &interface, address, ip, "succeeded"),
            None => further::entry(&interface, ip, false, "succeeded"),
        };
        places.push(NatGatewayAddress {
            is_primary: Some(at == 0),
            ..place
        });
    }
    Ok(places)
}

fn already_associated(text: &str) -> Failure {
    let message = format!("Elastic IP address {text} is already associated");
    ("Resource.AlreadyAssociated", message)
}

fn usable_address(twin: &Twin, ctx: &Ctx, text: &str) -> Result<Address, Failure> {
    let found = require::<Address>(&twin.state, ctx, "AllocationId", text).map_err(|_| {
        let message =
            format!("Elastic IP address {text} could not be associated with this NAT gateway");
        ("InvalidAllocationID.NotFound", message)
    })?;
    if is_taken(twin, found) {
        return Err(already_associated(text));
    }
    Ok(found.clone())
}

/// Whether an address is associated with something, or a gateway that is being made or deleted
/// holds it.
pub(super) fn is_taken(twin: &Twin, address: &Address) -> bool {
    address.association_id.is_some() || blockers::nat_holding(&twin.state, address).is_some()
}
