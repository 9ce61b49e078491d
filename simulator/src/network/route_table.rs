//! Route tables and what uses them.

use sandtable_model::resource::{
    AssociationState, InternetGateway, RouteTable, RouteTableAssociation, Subnet, Vpc, VpcEndpoint,
    VpnGateway,
};
use sandtable_model::{
    Kind, ResourceId, RouteTableAssociationId, RouteTableId, SubnetId, VpcEndpointId, VpcId,
};
use smol_str::SmolStr;

use super::request::{answers, requests};
use super::{blockers, refusal, vpc};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, required, tags_for,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateRouteTable.
    CreateRouteTableRequest {
        vpc_id: String,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteRouteTable.
    DeleteRouteTableRequest { route_table_id: String }
    /// AssociateRouteTable.
    AssociateRouteTableRequest {
        route_table_id: String,
        subnet_id: Option<String>,
        gateway_id: Option<String>,
    }
    /// DisassociateRouteTable.
    DisassociateRouteTableRequest { association_id: String }
    /// ReplaceRouteTableAssociation.
    ReplaceRouteTableAssociationRequest { association_id: String, route_table_id: String }
}

answers! {
    /// The answer of CreateRouteTable.
    CreatedRouteTable { route_table: RouteTable }
    /// The answer of AssociateRouteTable.
    AssociatedRouteTable {
        association_id: RouteTableAssociationId,
        association_state: AssociationState,
    }
    /// The answer of ReplaceRouteTableAssociation.
    ReplacedRouteTableAssociation {
        new_association_id: RouteTableAssociationId,
        association_state: AssociationState,
    }
}

/// Makes a route table with the local routes of its VPC.
///
/// # Errors
/// `RouteTableLimitExceeded`.
pub fn create_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateRouteTableRequest,
) -> Result<CreatedRouteTable, ApiError> {
    const NAME: &str = "CreateRouteTable";
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?.clone();
    let tags = tags_for(
        Kind::RouteTable,
        &[Kind::RouteTable],
        &request.tag_specifications,
    )?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(table) = made
            .first()
            .and_then(|it| twin.state.one::<RouteTable>(it.clone()))
    {
        return Ok(CreatedRouteTable {
            route_table: table.clone(),
        });
    }
    let tables = blockers::tables_of(&twin.state, &vpc.vpc_id).count();
    if tables >= twin.network.choices.quotas.route_tables_per_vpc {
        return Err(refusal::over_quota(
            "RouteTableLimitExceeded",
            "route tables",
        ));
    }
    let route_table = RouteTable {
        route_table_id: twin.fresh(RouteTableId::from_number),
        routes: vpc::local_routes(&vpc),
        vpc_id: vpc.vpc_id,
        associations: Vec::new(),
        propagating_vgws: Vec::new(),
        owner_id: Some(ctx.account.clone()),
        tags,
    };
    twin.state.insert(&ctx.region, route_table.clone());
    let made = vec![ResourceId::from(&route_table.route_table_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedRouteTable { route_table })
}

/// Deletes a route table.
///
/// # Errors
/// `DependencyViolation` for the main table and one that is associated (facts: ec2-semantics.md,
/// section 3, Route table). Whether a gateway endpoint keeps its tables is not documented: see
/// [`super::Choices`].
pub fn delete_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteRouteTableRequest,
) -> Result<(), ApiError> {
    let table = require::<RouteTable>(&twin.state, ctx, "routeTableId", &request.route_table_id)?;
    let table = table.clone();
    ctx.end_dry_run()?;
    let keeps = twin.network.choices.endpoints_keep_route_tables
        && blockers::endpoints_on(&twin.state, &table).next().is_some();
    if blockers::route_table_is_blocked(&table) || keeps {
        return Err(refusal::has_dependencies(
            "routeTable",
            &table.route_table_id,
        ));
    }
    let endpoints: Vec<VpcEndpointId> = blockers::endpoints_on(&twin.state, &table)
        .map(|it| it.vpc_endpoint_id.clone())
        .collect();
    for endpoint in &endpoints {
        twin.state.update(endpoint, |it: &mut VpcEndpoint| {
            it.route_table_ids.retain(|id| *id != table.route_table_id);
        });
    }
    twin.state.remove(&table.route_table_id);
    Ok(())
}

/// Associates a subnet, or an internet gateway for traffic that comes in, with a route table. What
/// is associated with the same table already stays so, under the same id.
///
/// # Errors
/// `Resource.AlreadyAssociated` when it is associated with another table; `InvalidParameterValue`
/// when the two belong to different VPCs.
pub fn associate_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssociateRouteTableRequest,
) -> Result<AssociatedRouteTable, ApiError> {
    let table = require::<RouteTable>(&twin.state, ctx, "routeTableId", &request.route_table_id)?;
    let table = table.clone();
    let user = User::read(twin, ctx, &table, &request)?;
    ctx.end_dry_run()?;
    let vpc = user.vpc(twin);
    if vpc.as_ref() != Some(&table.vpc_id) {
        let (one, other) = (
            format!("route table {}", table.route_table_id),
            user.words(),
        );
        return Err(refusal::different_networks(&one, &other));
    }
    let present = blockers::tables_of(&twin.state, &table.vpc_id)
        .find_map(|it| it.associations.iter().find(|other| user.is_of(other)));
    if let Some(present) = present {
        if present.route_table_id.as_ref() == Some(&table.route_table_id)
            || table.associations.contains(present)
        {
            return Ok(AssociatedRouteTable {
                association_id: present.route_table_association_id.clone(),
                association_state: present.association_state.clone(),
            });
        }
        return Err(ApiError::new(
            "Resource.AlreadyAssociated",
            format!(
                "the specified association for route table {} conflicts with an existing association",
                table.route_table_id
            ),
        ));
    }
    let id = RouteTableAssociationId::from_number(twin.ids.next_number());
    let association = user.association(&id, &table.route_table_id);
    twin.state
        .update(&table.route_table_id, |it: &mut RouteTable| {
            it.associations.push(association);
        });
    Ok(AssociatedRouteTable {
        association_id: id,
        association_state: AssociationState::default(),
    })
}

fn is_vpn_gateway(twin: &Twin, text: &str) -> bool {
    ResourceId::new(text).is_ok_and(|id| {
        let found = twin.state.get(&id);
        found.is_some_and(|it| it.get::<VpnGateway>().is_some())
    })
}

/// What uses a route table by an explicit association.
enum User {
    Subnet(SubnetId),
    Gateway(SmolStr),
}

impl User {
    fn read(
        twin: &Twin,
        ctx: &Ctx,
        table: &RouteTable,
        request: &AssociateRouteTableRequest,
    ) -> Result<Self, ApiError> {
        match (&request.subnet_id, &request.gateway_id) {
            (Some(subnet), None) => {
                let subnet = require::<Subnet>(&twin.state, ctx, "subnetId", subnet)?;
                Ok(Self::Subnet(subnet.subnet_id.clone()))
            }
            (None, Some(gateway)) if is_vpn_gateway(twin, gateway) => {
                let gateway = require::<VpnGateway>(&twin.state, ctx, "gatewayId", gateway)?;
                Ok(Self::Gateway(gateway.vpn_gateway_id.as_str().into()))
            }
            // One that the snapshot does not show is known by its use.
            (None, Some(gateway))
                if table
                    .propagating_vgws
                    .iter()
                    .any(|it| it.gateway_id == *gateway) =>
            {
                Ok(Self::Gateway(gateway.into()))
            }
            (None, Some(gateway)) => {
                let gateway = require::<InternetGateway>(&twin.state, ctx, "gatewayId", gateway)?;
                Ok(Self::Gateway(gateway.internet_gateway_id.as_str().into()))
            }
            (None, None) => Err(required("subnetId", "")
                .err()
                .unwrap_or_else(|| invalid_value("a subnet or gateway must be named"))),
            (Some(_), Some(_)) => Err(invalid_combination(
                "The parameters subnetId and gatewayId cannot be used together",
            )),
        }
    }

    fn vpc(&self, twin: &Twin) -> Option<VpcId> {
        match self {
            Self::Subnet(id) => twin.state.one::<Subnet>(id).map(|it| it.vpc_id.clone()),
            Self::Gateway(id) => {
                let gateway = twin.state.get(&ResourceId::new(id).ok()?)?;
                if let Some(gateway) = gateway.get::<VpnGateway>() {
                    return gateway.attachment().map(|it| it.vpc_id.clone());
                }
                let gateway = gateway.get::<InternetGateway>()?;
                gateway.attachments.first().map(|it| it.vpc_id.clone())
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Subnet(id) => format!("subnet {id}"),
            Self::Gateway(id) => format!("gateway {id}"),
        }
    }

    fn is_of(&self, association: &RouteTableAssociation) -> bool {
        match self {
            Self::Subnet(id) => association.subnet_id.as_ref() == Some(id),
            Self::Gateway(id) => association.gateway_id.as_ref() == Some(id),
        }
    }

    fn association(
        self,
        id: &RouteTableAssociationId,
        table: &RouteTableId,
    ) -> RouteTableAssociation {
        let (subnet_id, gateway_id) = match self {
            Self::Subnet(id) => (Some(id), None),
            Self::Gateway(id) => (None, Some(id)),
        };
        RouteTableAssociation {
            route_table_association_id: id.clone(),
            route_table_id: Some(table.clone()),
            subnet_id,
            gateway_id,
            main: false,
            association_state: AssociationState::default(),
        }
    }
}

/// The association with this id, and its table.
fn find_association(
    twin: &Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<(RouteTable, RouteTableAssociation), ApiError> {
    required("associationId", text)?;
    let found = twin.state.all::<RouteTable>(&ctx.region).find_map(|table| {
        let mut associations = table.associations.iter();
        let found = associations.find(|it| it.route_table_association_id.as_str() == text)?;
        Some((table.clone(), found.clone()))
    });
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{text}' does not exist"),
        )
    })
}

/// Takes a subnet or gateway off a route table.
///
/// # Errors
/// `InvalidParameterValue` for the main association, `InvalidAssociationID.NotFound`.
pub fn disassociate_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisassociateRouteTableRequest,
) -> Result<(), ApiError> {
    let (table, association) = find_association(twin, ctx, &request.association_id)?;
    ctx.end_dry_run()?;
    let id = association.route_table_association_id;
    if association.main {
        return Err(invalid_value(format!(
            "cannot disassociate the main route table association {id}"
        )));
    }
    twin.state
        .update(&table.route_table_id, |it: &mut RouteTable| {
            it.associations
                .retain(|other| other.route_table_association_id != id);
        });
    Ok(())
}

/// Moves an association to another table; moving the main association makes the other table the
/// main one. The association gets a new id.
///
/// # Errors
/// `InvalidAssociationID.NotFound`; `InvalidParameterValue` when the tables belong to different
/// VPCs.
pub fn replace_route_table_association(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ReplaceRouteTableAssociationRequest,
) -> Result<ReplacedRouteTableAssociation, ApiError> {
    let (old, association) = find_association(twin, ctx, &request.association_id)?;
    let new = require::<RouteTable>(&twin.state, ctx, "routeTableId", &request.route_table_id)?;
    let new = new.clone();
    ctx.end_dry_run()?;
    if old.vpc_id != new.vpc_id {
        let one = format!("route table {}", old.route_table_id);
        let other = format!("route table {}", new.route_table_id);
        return Err(refusal::different_networks(&one, &other));
    }
    let id = RouteTableAssociationId::from_number(twin.ids.next_number());
    twin.state
        .update(&old.route_table_id, |it: &mut RouteTable| {
            let gone = &association.route_table_association_id;
            it.associations
                .retain(|other| other.route_table_association_id != *gone);
        });
    let moved = RouteTableAssociation {
        route_table_association_id: id.clone(),
        route_table_id: Some(new.route_table_id.clone()),
        ..association
    };
    twin.state
        .update(&new.route_table_id, |it: &mut RouteTable| {
            it.associations.push(moved)
        });
    Ok(ReplacedRouteTableAssociation {
        new_association_id: id,
        association_state: AssociationState::default(),
    })
}
