use sandtable_model::resource::{NetworkAcl, RuleAction};

use super::super::request::requests;
use super::{PAGES, flag, number};
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeNetworkAcls.
    DescribeNetworkAclsRequest {
        network_acl_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

/// A filter on something that some entries have.
macro_rules! of_entries {
    ($entry:ident => $value:expr) => {
        |_, it, out| {
            let values = it.entries.iter().filter_map(|$entry| $value);
            values.for_each(|it| number(it, out));
        }
    };
}

const NETWORK_ACLS: FilterTable<NetworkAcl> = &[
    ("association.association-id", |_, it, out| {
        let associations = it.associations.iter();
        associations.for_each(|it| out(&it.network_acl_association_id));
    }),
    ("association.network-acl-id", |_, it, out| {
        let associations = it.associations.iter();
        associations.for_each(|_| out(it.network_acl_id.as_str()));
    }),
    ("association.subnet-id", |_, it, out| {
        let associations = it.associations.iter();
        associations.for_each(|it| out(it.subnet_id.as_str()));
    }),
    ("default", |_, it, out| flag(it.is_default, out)),
    ("entry.cidr", of_entries!(it => it.cidr_block.as_ref())),
    (
        "entry.icmp.code",
        of_entries!(it => Some(it.icmp_type_code?.code)),
    ),
    (
        "entry.icmp.type",
        of_entries!(it => Some(it.icmp_type_code?.r#type)),
    ),
    (
        "entry.ipv6-cidr",
        of_entries!(it => it.ipv6_cidr_block.as_ref()),
    ),
    (
        "entry.port-range.from",
        of_entries!(it => Some(it.port_range?.from)),
    ),
    (
        "entry.port-range.to",
        of_entries!(it => Some(it.port_range?.to)),
    ),
    // AWS takes names and numbers of protocols here (EC2 API reference, DescribeNetworkAcls).
    ("entry.protocol", |_, it, out| {
        for entry in &it.entries {
            out(&entry.protocol);
            match entry.protocol.as_str() {
                "6" => out("tcp"),
                "17" => out("udp"),
                "1" => out("icmp"),
                _ => {}
            }
        }
    }),
    ("entry.rule-action", |_, it, out| {
        let actions = it.entries.iter().map(|it| &it.rule_action);
        actions.map(RuleAction::as_str).for_each(out);
    }),
    ("entry.rule-number", of_entries!(it => Some(it.rule_number))),
    ("network-acl-id", |_, it, out| {
        out(it.network_acl_id.as_str())
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("vpc-id", |_, it, out| out(it.vpc_id.as_str())),
];

/// Lists network ACLs.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_network_acls(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeNetworkAclsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.network_acl_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, NETWORK_ACLS)
}
