use sandtable_model::Kind;
use sandtable_model::resource::VpcPeeringConnection;

use super::super::peering::is_seen;
use super::listing;
use crate::network::request::requests;
use crate::rules::{Filter, FilterTable, Page, describe_chosen};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpcPeeringConnections.
    DescribeVpcPeeringConnectionsRequest {
        vpc_peering_connection_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

/// The IPv4 blocks of a side.
macro_rules! blocks {
    ($side:ident) => {
        |_, it, out| {
            let side = &it.$side;
            let further = side.cidr_block_set.iter().map(|it| &it.cidr_block);
            side.cidr_block
                .iter()
                .chain(further)
                .for_each(|it| out(it.as_str()));
        }
    };
}

const PEERINGS: FilterTable<VpcPeeringConnection> = &[
    ("accepter-vpc-info.cidr-block", blocks!(accepter_vpc_info)),
    ("accepter-vpc-info.owner-id", |_, it, out| {
        let owner = it.accepter_vpc_info.owner_id.iter();
        owner.for_each(|it| out(it.as_str()));
    }),
    ("accepter-vpc-info.vpc-id", |_, it, out| {
        out(it.accepter_vpc_info.vpc_id.as_str());
    }),
    ("expiration-time", |_, it, out| {
        it.expiration_time.iter().for_each(|it| out(&it.to_wire()));
    }),
    ("requester-vpc-info.cidr-block", blocks!(requester_vpc_info)),
    ("requester-vpc-info.owner-id", |_, it, out| {
        let owner = it.requester_vpc_info.owner_id.iter();
        owner.for_each(|it| out(it.as_str()));
    }),
    ("requester-vpc-info.vpc-id", |_, it, out| {
        out(it.requester_vpc_info.vpc_id.as_str());
    }),
    ("status-code", |_, it, out| out(it.status.code.as_str())),
    ("status-message", |_, it, out| {
        it.status.message.iter().for_each(|it| out(it));
    }),
    ("vpc-peering-connection-id", |_, it, out| {
        out(it.vpc_peering_connection_id.as_str());
    }),
];

/// Lists peering connections, at either end.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_vpc_peering_connections(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcPeeringConnectionsRequest,
) -> Result<Page, ApiError> {
    let listing = listing(
        &request.vpc_peering_connection_ids,
        &request.filters,
        request.max_results,
        request.next_token.as_deref(),
    );
    let state = &twin.state;
    let all = state.of_kind(Kind::VpcPeeringConnection);
    let seen = all.filter(|it| {
        let it = it.get::<VpcPeeringConnection>();
        it.is_some_and(|it| is_seen(state, ctx, it))
    });
    describe_chosen(state, ctx, &listing, PEERINGS, seen)
}
