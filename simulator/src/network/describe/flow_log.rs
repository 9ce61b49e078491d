use sandtable_model::resource::FlowLog;

use super::super::request::requests;
use super::texts;
use crate::rules::{Filter, FilterTable, Listing, Page, UNCONSTRAINED, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeFlowLogs. Note AWS's name of the filters.
    DescribeFlowLogsRequest {
        flow_log_ids: Vec<String>,
        filter: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

const FLOW_LOGS: FilterTable<FlowLog> = &[
    ("deliver-log-status", |_, it, out| {
        texts(&it.deliver_logs_status, out)
    }),
    ("flow-log-id", |_, it, out| out(it.flow_log_id.as_str())),
    ("log-destination-type", |_, it, out| {
        out(&it.log_destination_type)
    }),
    ("log-group-name", |_, it, out| {
        texts(&it.log_group_name, out)
    }),
    ("resource-id", |_, it, out| out(&it.resource_id)),
    ("traffic-type", |_, it, out| texts(&it.traffic_type, out)),
];

/// Lists flow logs.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_flow_logs(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeFlowLogsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.flow_log_ids,
        filters: &request.filter,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(UNCONSTRAINED),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, FLOW_LOGS)
}
