use sandtable_model::resource::{
    TransitAssociation, TransitAttachmentState, TransitGatewayAttachment, TransitResourceType,
};
use sandtable_model::{
    AccountId, Kind, Tags, Timestamp, TransitGatewayAttachmentId, TransitGatewayId,
};
use smol_str::SmolStr;

use super::super::transit_attachment::VpcAttachmentAnswer;
use super::super::transit_peering::PeeringAttachmentAnswer;
use super::listing;
use crate::network::request::{answers, requests};
use crate::rules::{Filter, FilterTable, describe_chosen};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeTransitGatewayAttachments, DescribeTransitGatewayVpcAttachments and
    /// DescribeTransitGatewayPeeringAttachments.
    DescribeAttachmentsRequest {
        transit_gateway_attachment_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// An attachment of any kind.
    AttachmentAnswer {
        transit_gateway_attachment_id: TransitGatewayAttachmentId,
        transit_gateway_id: TransitGatewayId,
        transit_gateway_owner_id: Option<AccountId>,
        resource_owner_id: Option<AccountId>,
        resource_type: TransitResourceType,
        resource_id: SmolStr,
        state: TransitAttachmentState,
        association: Option<TransitAssociation>,
        creation_time: Option<Timestamp>,
        tags: Tags,
    }
    /// The answer of DescribeTransitGatewayAttachments.
    DescribedAttachments {
        transit_gateway_attachments: Vec<AttachmentAnswer>,
        next_token: Option<String>,
    }
    /// The answer of DescribeTransitGatewayVpcAttachments.
    DescribedVpcAttachments {
        transit_gateway_vpc_attachments: Vec<VpcAttachmentAnswer>,
        next_token: Option<String>,
    }
    /// The answer of DescribeTransitGatewayPeeringAttachments.
    DescribedPeeringAttachments {
        transit_gateway_peering_attachments: Vec<PeeringAttachmentAnswer>,
        next_token: Option<String>,
    }
}

impl From<&TransitGatewayAttachment> for AttachmentAnswer {
    fn from(it: &TransitGatewayAttachment) -> Self {
        AttachmentAnswer {
            transit_gateway_attachment_id: it.transit_gateway_attachment_id.clone(),
            transit_gateway_id: it.transit_gateway_id.clone(),
            transit_gateway_owner_id: it.transit_gateway_owner_id.clone(),
            resource_owner_id: it.resource_owner_id.clone(),
            resource_type: it.resource_type.clone(),
            resource_id: it.resource_id.clone(),
            state: it.state.clone(),
            association: it.association.clone(),
            creation_time: it.creation_time,
            tags: it.tags.clone(),
        }
    }
}

/// Filters that every kind of attachment has, and those of one.
macro_rules! filters {
    ($($row:expr,)*) => {
        &[
            ("state", |_, it, out| out(it.state.as_str())),
            ("transit-gateway-attachment-id", |_, it, out| {
                out(it.transit_gateway_attachment_id.as_str());
            }),
            ("transit-gateway-id", |_, it, out| {
                out(it.transit_gateway_id.as_str());
            }),
            $($row,)*
        ]
    };
}

const ATTACHMENTS: FilterTable<TransitGatewayAttachment> = filters![
    ("association.state", |_, it, out| {
        it.association.iter().for_each(|it| out(&it.state));
    }),
    (
        "association.transit-gateway-route-table-id",
        |_, it, out| {
            let association = it.association.iter();
            association.for_each(|it| out(it.transit_gateway_route_table_id.as_str()));
        }
    ),
    ("resource-id", |_, it, out| out(&it.resource_id)),
    ("resource-owner-id", |_, it, out| {
        it.resource_owner_id.iter().for_each(|it| out(it.as_str()));
    }),
    ("resource-type", |_, it, out| out(it.resource_type.as_str())),
    ("transit-gateway-owner-id", |_, it, out| {
        let owner = it.transit_gateway_owner_id.iter();
        owner.for_each(|it| out(it.as_str()));
    }),
];

const OF_VPCS: FilterTable<TransitGatewayAttachment> =
    filters![("vpc-id", |_, it, out| out(&it.resource_id)),];

const OF_PEERINGS: FilterTable<TransitGatewayAttachment> = filters![
    ("local-owner-id", |_, it, out| {
        let owner = it.transit_gateway_owner_id.iter();
        owner.for_each(|it| out(it.as_str()));
    }),
    ("remote-owner-id", |_, it, out| {
        it.resource_owner_id.iter().for_each(|it| out(it.as_str()));
    }),
];

/// Lists the attachments of one kind, or of all.
fn list<A: for<'a> From<&'a TransitGatewayAttachment>>(
    twin: &Twin,
    ctx: &Ctx,
    request: &DescribeAttachmentsRequest,
    table: FilterTable<TransitGatewayAttachment>,
    kind: Option<&TransitResourceType>,
) -> Result<(Vec<A>, Option<String>), ApiError> {
    let listing = listing(
        &request.transit_gateway_attachment_ids,
        &request.filters,
        request.max_results,
        request.next_token.as_deref(),
    );
    let state = &twin.state;
    let all = state.list(&ctx.region, Kind::TransitGatewayAttachment);
    let chosen = all.filter(|it| {
        let it = it.get::<TransitGatewayAttachment>();
        it.is_some_and(|it| kind.is_none_or(|kind| it.resource_type == *kind))
    });
    let page = describe_chosen(state, ctx, &listing, table, chosen)?;
    let found = page.all::<TransitGatewayAttachment>().map(A::from);
    Ok((found.collect(), page.next_token.clone()))
}

/// Lists attachments of every kind.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_transit_gateway_attachments(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAttachmentsRequest,
) -> Result<DescribedAttachments, ApiError> {
    let (transit_gateway_attachments, next_token) = list(twin, ctx, &request, ATTACHMENTS, None)?;
    Ok(DescribedAttachments {
        transit_gateway_attachments,
        next_token,
    })
}

/// Lists VPC attachments.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_transit_gateway_vpc_attachments(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAttachmentsRequest,
) -> Result<DescribedVpcAttachments, ApiError> {
    let kind = Some(&TransitResourceType::Vpc);
    let (transit_gateway_vpc_attachments, next_token) = list(twin, ctx, &request, OF_VPCS, kind)?;
    Ok(DescribedVpcAttachments {
        transit_gateway_vpc_attachments,
        next_token,
    })
}

/// Lists peerings of transit gateways.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_transit_gateway_peering_attachments(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAttachmentsRequest,
) -> Result<DescribedPeeringAttachments, ApiError> {
    let kind = Some(&TransitResourceType::Peering);
    let (transit_gateway_peering_attachments, next_token) =
        list(twin, ctx, &request, OF_PEERINGS, kind)?;
    Ok(DescribedPeeringAttachments {
        transit_gateway_peering_attachments,
        next_token,
    })
}
