//! Flow logs: making and deleting them. Records are never written: what a flow log is for the twin
//! is that it is there, what it records, and where it delivers to.
//!
//! Deliberately absent: whether buckets, log groups and roles are there (other services), and tags
//! in records (`TagFieldSpecifications`).

use sandtable_model::resource::{DestinationOptions, FlowLog};
use sandtable_model::{FlowLogId, Kind, ResourceId};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::endpoint_delete::UnsuccessfulItem;
use super::request::{answers, requests};
use super::{Transition, refusal};
use crate::rules::{TagSpecification, invalid_value, parse, required, tags_for, unknown};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateFlowLogs.
    CreateFlowLogsRequest {
        resource_ids: Vec<String>,
        resource_type: String,
        traffic_type: Option<String>,
        log_destination_type: Option<String>,
        log_destination: Option<String>,
        log_group_name: Option<String>,
        log_format: Option<String>,
        deliver_logs_permission_arn: Option<String>,
        deliver_cross_account_role: Option<String>,
        max_aggregation_interval: Option<i64>,
        destination_options: Option<WantedDestinationOptions>,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteFlowLogs.
    DeleteFlowLogsRequest { flow_log_ids: Vec<String> }
}

answers! {
    /// The answer of DeleteFlowLogs: what could not be deleted.
    DeletedFlowLogs { unsuccessful: Vec<UnsuccessfulItem> }
}

/// The answer of CreateFlowLogs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedFlowLogs {
    /// The flow logs, in the order of the resources.
    pub flow_log_ids: Vec<ResourceId>,
    /// Resources for which none could be made.
    pub unsuccessful: Vec<UnsuccessfulItem>,
    /// The token of the request, when it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

/// How files shall be written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedDestinationOptions {
    /// `plain-text` or `parquet`.
    pub file_format: Option<String>,
    /// Whether prefixes are Hive's.
    pub hive_compatible_partitions: Option<bool>,
    /// Whether there is a folder an hour.
    pub per_hour_partition: Option<bool>,
}

/// The most resources of a call, transit gateways and others.
const TRANSIT_MAX: usize = 25;
const RESOURCES_MAX: usize = 300;
/// The most flow logs that a call may delete.
const DELETED_MAX: usize = 1000;
/// The fields of a record when none are named (VPC user guide, "Flow log records").
const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/// Makes a flow log for each of some resources. What is wrong with one of them is told per item and
/// does not keep the others (EC2 API reference, CreateFlowLogs).
///
/// # Errors
/// `InvalidParameter` and `InvalidParameterValue` for what does not go together,
/// `FlowLogAlreadyExists` for the same records to the same place.
pub fn create_flow_logs(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateFlowLogsRequest,
) -> Result<CreatedFlowLogs, ApiError> {
    const NAME: &str = "CreateFlowLogs";
    let kind = read_kind(&request)?;
    let blank = read(twin, &request)?;
    let tags = tags_for(Kind::FlowLog, &[Kind::FlowLog], &request.tag_specifications)?;
    for text in &request.resource_ids {
        parse(&twin.state, kind, text)?;
    }
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)? {
        return Ok(CreatedFlowLogs {
            flow_log_ids: made,
            unsuccessful: Vec::new(),
            client_token: request.client_token,
        });
    }
    let mut found = Vec::new();
    let mut unsuccessful = Vec::new();
    for text in &request.resource_ids {
        let id = parse(&twin.state, kind, text)?;
        let resource = twin.state.get_in(&ctx.region, &id);
        if resource.is_none_or(|it| it.is_gone()) {
            unsuccessful.push(UnsuccessfulItem::new(text, unknown(kind, &[text])));
        } else if records_already(twin, &id, &blank) {
            return Err(ApiError::new(
                "FlowLogAlreadyExists",
                "Error. There is an existing Flow Log with the same configuration and log destination.",
            ));
        } else if !found.contains(&id) {
            found.push(id);
        }
    }
    let mut flow_log_ids: Vec<ResourceId> = Vec::with_capacity(found.len());
    for id in found {
        let log = FlowLog {
            flow_log_id: twin.fresh(FlowLogId::from_number),
            resource_id: id.as_str().into(),
            tags: tags.clone(),
            ..blank.clone()
        };
        flow_log_ids.push((&log.flow_log_id).into());
        twin.state.insert(&ctx.region, log);
    }
    twin.remember(ctx, NAME, token, &request, flow_log_ids.clone());
    Ok(CreatedFlowLogs {
        flow_log_ids,
        unsuccessful,
        client_token: request.client_token,
    })
}

fn read_kind(request: &CreateFlowLogsRequest) -> Result<Kind, ApiError> {
    if request.resource_ids.is_empty() {
        required("resourceId", "")?;
    }
    let (kind, most) = match required("resourceType", &request.resource_type)? {
        "VPC" => (Kind::Vpc, RESOURCES_MAX),
        "Subnet" => (Kind::Subnet, RESOURCES_MAX),
        "NetworkInterface" => (Kind::NetworkInterface, RESOURCES_MAX),
        "TransitGateway" => (Kind::TransitGateway, TRANSIT_MAX),
        "TransitGatewayAttachment" => (Kind::TransitGatewayAttachment, TRANSIT_MAX),
        "RegionalNatGateway" => (Kind::NatGateway, RESOURCES_MAX),
        other => return Err(refusal::not_a_value("resourceType", other)),
    };
    if request.resource_ids.len() > most {
        return Err(invalid_value(format!(
            "No more than {most} resources can be specified in one call"
        )));
    }
    Ok(kind)
}

/// The flow log that a request asks for, without resource and tags.
fn read(twin: &Twin, request: &CreateFlowLogsRequest) -> Result<FlowLog, ApiError> {
    let is_transit = request.resource_type.starts_with("TransitGateway");
    let traffic = request.traffic_type.as_deref();
    match (traffic, is_transit) {
        (Some("ACCEPT" | "REJECT" | "ALL"), false) | (None, true) => {}
        (None, false) => {
            required("trafficType", "")?;
        }
        (Some(_), true) => {
            return Err(invalid_value(
                "The parameter trafficType is not supported for transit gateways",
            ));
        }
        (Some(other), false) => return Err(refusal::not_a_value("trafficType", other)),
    }
    let interval = match (request.max_aggregation_interval, is_transit) {
        (None, false) | (Some(600), false) => 600,
        (None, true) | (Some(60), _) => 60,
        _ => return Err(invalid("Invalid Flow Log Max Aggregation Interval")),
    };
    let destination = read_destination(request)?;
    let text = |it: &Option<String>| it.as_deref().map(SmolStr::from);
    Ok(FlowLog {
        flow_log_id: FlowLogId::from_number(0),
        resource_id: SmolStr::default(),
        traffic_type: text(&request.traffic_type),
        flow_log_status: SmolStr::new_static("ACTIVE"),
        log_destination_type: destination.kind,
        log_destination: text(&request.log_destination),
        log_group_name: destination.group,
        deliver_logs_permission_arn: text(&request.deliver_logs_permission_arn),
        deliver_cross_account_role: text(&request.deliver_cross_account_role),
        deliver_logs_status: Some(SmolStr::new_static("SUCCESS")),
        deliver_logs_error_message: None,
        log_format: Some(text(&request.log_format).unwrap_or(SmolStr::new_static(DEFAULT_FORMAT))),
        max_aggregation_interval: Some(interval),
        destination_options: destination.options,
        creation_time: Some(twin.now()),
        tags: sandtable_model::Tags::new(),
    })
}

struct ReadDestination {
    kind: SmolStr,
    group: Option<SmolStr>,
    options: Option<DestinationOptions>,
}

fn read_destination(request: &CreateFlowLogsRequest) -> Result<ReadDestination, ApiError> {
    let kind = request
        .log_destination_type
        .as_deref()
        .unwrap_or("cloud-watch-logs");
    let group = request.log_group_name.as_deref();
    let arn = request.log_destination.as_deref();
    if group.is_some() && kind != "cloud-watch-logs" {
        return Err(invalid(
            "LogDestination type must be cloud-watch-logs if LogGroupName is provided.",
        ));
    }
    let group: Option<SmolStr> = match (kind, group, arn) {
        ("cloud-watch-logs", Some(_), Some(_)) => {
            return Err(invalid(
                "Please only provide LogGroupName or only provide LogDestination.",
            ));
        }
        ("cloud-watch-logs", None, None) => {
            return Err(invalid(
                "LogGroupName can't be empty if LogDestinationType is cloud-watch-logs.",
            ));
        }
        ("cloud-watch-logs", group, arn) => {
            if request.deliver_logs_permission_arn.is_none() {
                return Err(invalid(
                    "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
                ));
            }
            let of_arn = arn.and_then(|it| it.split(":log-group:").nth(1));
            let of_arn = of_arn.map(|it| it.trim_end_matches(":*"));
            if arn.is_some() && of_arn.is_none() {
                return Err(refusal::not_a_value("LogDestination", arn.unwrap_or("")));
            }
            group.or(of_arn).map(SmolStr::from)
        }
        ("s3", _, Some(arn)) if arn.starts_with("arn:") && arn.contains(":s3:::") => None,
        ("kinesis-data-firehose", _, Some(arn)) if arn.contains(":deliverystream/") => None,
        ("s3" | "kinesis-data-firehose", _, Some(arn)) => {
            return Err(refusal::not_a_value("LogDestination", arn));
        }
        ("s3" | "kinesis-data-firehose", _, None) => {
            return Err(invalid(format!(
                "LogDestination can't be empty if LogDestinationType is {kind}."
            )));
        }
        (other, _, _) => return Err(refusal::not_a_value("logDestinationType", other)),
    };
    Ok(ReadDestination {
        kind: kind.into(),
        group,
        options: read_options(kind, request.destination_options.as_ref())?,
    })
}

fn read_options(
    kind: &str,
    wanted: Option<&WantedDestinationOptions>,
) -> Result<Option<DestinationOptions>, ApiError> {
    if kind != "s3" {
        return match wanted {
            None => Ok(None),
            Some(_) => Err(invalid(format!(
                "DestinationOptions are not supported for LogDestinationType {kind}."
            ))),
        };
    }
    let mut options = DestinationOptions::default();
    if let Some(wanted) = wanted {
        match wanted.file_format.as_deref() {
            None => {}
            Some(format @ ("plain-text" | "parquet")) => options.file_format = format.into(),
            Some(other) => return Err(refusal::not_a_value("fileFormat", other)),
        }
        options.hive_compatible_partitions = wanted.hive_compatible_partitions == Some(true);
        options.per_hour_partition = wanted.per_hour_partition == Some(true);
    }
    Ok(Some(options))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameter", message)
}

fn records_already(twin: &Twin, id: &ResourceId, blank: &FlowLog) -> bool {
    let mut present = twin.state.referring::<FlowLog>(id.clone());
    present.any(|it| {
        it.traffic_type == blank.traffic_type
            && it.log_destination_type == blank.log_destination_type
            && it.log_destination == blank.log_destination
            && it.log_group_name == blank.log_group_name
            && it.log_format == blank.log_format
    })
}

/// Deletes flow logs. What is wrong with one does not keep the others: it is told per item, and the
/// call succeeds (facts: ec2-semantics.md, section 2, flow log).
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue` for ids of another form.
pub fn delete_flow_logs(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteFlowLogsRequest,
) -> Result<DeletedFlowLogs, ApiError> {
    if request.flow_log_ids.is_empty() {
        required("FlowLogId", "")?;
    }
    if request.flow_log_ids.len() > DELETED_MAX {
        return Err(invalid_value(format!(
            "No more than {DELETED_MAX} flow logs can be deleted in one call"
        )));
    }
    let mut ids = Vec::with_capacity(request.flow_log_ids.len());
    for text in &request.flow_log_ids {
        ids.push(parse(&twin.state, Kind::FlowLog, text)?);
    }
    ctx.end_dry_run()?;
    let mut unsuccessful = Vec::new();
    for id in ids {
        if twin.state.get_in(&ctx.region, &id).is_some() {
            twin.state.remove(id);
        } else {
            let error = unknown(Kind::FlowLog, &[id.as_str()]);
            unsuccessful.push(UnsuccessfulItem::new(id.as_str(), error));
        }
    }
    Ok(DeletedFlowLogs { unsuccessful })
}

/// What flow logs recorded is gone: they go too, in the course of time (EC2 API reference, DeleteVpc:
/// "flow logs for deleted VPCs are eventually automatically removed").
pub(super) fn target_gone(twin: &mut Twin, target: impl Into<ResourceId>) {
    let logs = twin.state.referring::<FlowLog>(target);
    let logs: Vec<FlowLogId> = logs.map(|it| it.flow_log_id.clone()).collect();
    for log in logs {
        let delay = twin.options.timings.lingering;
        twin.schedule(delay, Transition::FlowLogForgotten(log));
    }
}

/// A flow log of something that is gone.
pub(super) fn forgotten(twin: &mut Twin, id: &FlowLogId) {
    let target = twin.state.one::<FlowLog>(id).map(|it| &it.resource_id);
    let target = target.and_then(|it| ResourceId::new(it).ok());
    if target.is_some_and(|it| twin.state.get(&it).is_none()) {
        twin.state.remove(id);
    }
}
