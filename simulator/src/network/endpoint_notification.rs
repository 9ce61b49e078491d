//! Notifications of what happens to connections: kept and told, never sent, since the twin has no
//! topics.

use sandtable_model::resource::{EndpointType, VpcEndpoint, VpcEndpointService};
use sandtable_model::{Kind, Region, ResourceId, VpcEndpointId, VpcEndpointServiceId};
use serde::Serialize;
use smol_str::SmolStr;

use super::describe::page_of;
use super::endpoint::invalid;
use super::endpoint_delete::UnsuccessfulItem;
use super::endpoint_service_modify::Unsuccessful;
use super::refusal;
use super::request::{answers, requests};
use crate::rules::{Extract, Filter, Filters, NO_TAGS, page_size, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateVpcEndpointConnectionNotification.
    CreateVpcEndpointConnectionNotificationRequest {
        service_id: Option<String>,
        vpc_endpoint_id: Option<String>,
        connection_notification_arn: String,
        connection_events: Vec<String>,
        client_token: Option<String>,
    }
    /// ModifyVpcEndpointConnectionNotification.
    ModifyVpcEndpointConnectionNotificationRequest {
        connection_notification_id: String,
        connection_notification_arn: Option<String>,
        connection_events: Vec<String>,
    }
    /// DeleteVpcEndpointConnectionNotifications.
    DeleteVpcEndpointConnectionNotificationsRequest { connection_notification_ids: Vec<String> }
    /// DescribeVpcEndpointConnectionNotifications.
    DescribeVpcEndpointConnectionNotificationsRequest {
        connection_notification_id: Option<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of CreateVpcEndpointConnectionNotification.
    CreatedConnectionNotification { connection_notification: ConnectionNotification }
    /// The answer of ModifyVpcEndpointConnectionNotification.
    ModifiedConnectionNotification { return_value: bool }
}

/// The answer of DescribeVpcEndpointConnectionNotifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedConnectionNotifications {
    /// The notifications, by id.
    pub connection_notification_set: Vec<ConnectionNotification>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConnectionNotification {
    /// The id.
    pub connection_notification_id: SmolStr,
    /// The service whose connections it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<VpcEndpointServiceId>,
    /// The endpoint that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_endpoint_id: Option<VpcEndpointId>,
    /// `Topic`.
    pub connection_notification_type: SmolStr,
    /// The topic.
    pub connection_notification_arn: SmolStr,
    /// `Accept`, `Connect`, `Delete`, `Reject`.
    pub connection_events: Vec<SmolStr>,
    /// `Enabled`.
    pub connection_notification_state: SmolStr,
    /// The Region.
    pub service_region: Region,
}

/// What was asked under a client token, and the id of what was made.
pub(super) type Tokens = std::collections::BTreeMap<(Region, SmolStr), (String, SmolStr)>;

const EVENTS: [&str; 4] = ["Accept", "Connect", "Delete", "Reject"];

fn check_events(events: &[String]) -> Result<Vec<SmolStr>, ApiError> {
    match events.iter().find(|it| !EVENTS.contains(&it.as_str())) {
        Some(other) => Err(refusal::not_a_value("ConnectionEvents", other)),
        None => Ok(events.iter().map(SmolStr::from).collect()),
    }
}

fn check_topic(arn: &str) -> Result<SmolStr, ApiError> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "sns", region, account, name]
            if ![region, account, name].iter().any(|it| it.is_empty()) =>
        {
            Ok(arn.into())
        }
        _ => Err(refusal::not_a_value("ConnectionNotificationArn", arn)),
    }
}

/// Makes a notification about a service or about an interface endpoint.
///
/// # Errors
/// `MissingParameter`; `InvalidParameter` for both or neither, and for endpoints of other kinds;
/// `IdempotentParameterMismatch`.
pub fn create_vpc_endpoint_connection_notification(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpcEndpointConnectionNotificationRequest,
) -> Result<CreatedConnectionNotification, ApiError> {
    let topic = required(
        "ConnectionNotificationArn",
        &request.connection_notification_arn,
    )?;
    let topic = check_topic(topic)?;
    let events = &request.connection_events;
    required(
        "ConnectionEvents",
        events.first().map_or("", String::as_str),
    )?;
    let connection_events = check_events(events)?;
    let (service_id, vpc_endpoint_id) = subject(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let key = request
        .client_token
        .as_deref()
        .map(|it| (ctx.region.clone(), SmolStr::new(it)));
    let asked = format!("{request:?}");
    if let Some((earlier, id)) = key
        .as_ref()
        .and_then(|it| twin.network.notification_tokens.get(it))
    {
        if *earlier != asked {
            return Err(ApiError::new(
                "IdempotentParameterMismatch",
                "The client token was used before with other parameters",
            ));
        }
        if let Some(made) = twin.network.notifications.get(id).cloned() {
            return Ok(CreatedConnectionNotification {
                connection_notification: made,
            });
        }
    }
    let id = SmolStr::from(twin.ids.text("vpce-nfn"));
    let made = ConnectionNotification {
        connection_notification_id: id.clone(),
        service_id,
        vpc_endpoint_id,
        connection_notification_type: SmolStr::new_static("Topic"),
        connection_notification_arn: topic,
        connection_events,
        connection_notification_state: SmolStr::new_static("Enabled"),
        service_region: ctx.region.clone(),
    };
    twin.network.notifications.insert(id.clone(), made.clone());
    if let Some(key) = key {
        twin.network.notification_tokens.insert(key, (asked, id));
    }
    Ok(CreatedConnectionNotification {
        connection_notification: made,
    })
}

type Subject = (Option<VpcEndpointServiceId>, Option<VpcEndpointId>);

fn subject(
    twin: &Twin,
    ctx: &Ctx,
    request: &CreateVpcEndpointConnectionNotificationRequest,
) -> Result<Subject, ApiError> {
    match (&request.service_id, &request.vpc_endpoint_id) {
        (Some(id), None) => {
            let service = require::<VpcEndpointService>(&twin.state, ctx, "ServiceId", id)?;
            Ok((Some(service.service_id.clone()), None))
        }
        (None, Some(id)) => {
            let endpoint = require::<VpcEndpoint>(&twin.state, ctx, "VpcEndpointId", id)?;
            if endpoint.vpc_endpoint_type != EndpointType::Interface {
                return Err(invalid(
                    "Connection notifications are only supported for Interface type VPC Endpoint.",
                ));
            }
            Ok((None, Some(endpoint.vpc_endpoint_id.clone())))
        }
        _ => Err(invalid(
            "Exactly one of ServiceId and VpcEndpointId must be specified.",
        )),
    }
}

/// The code that hashicorp/terraform-provider-aws knows for notifications that are not there.
fn unknown(id: &str) -> ApiError {
    ApiError::new(
        "InvalidConnectionNotification",
        format!("The connection notification {id} does not exist"),
    )
}

fn find(twin: &Twin, ctx: &Ctx, id: &str) -> Result<ConnectionNotification, ApiError> {
    let found = twin.network.notifications.get(id).cloned();
    let found = found.filter(|it| it.service_region == ctx.region);
    found.ok_or_else(|| unknown(id))
}

/// Changes the topic or the events of a notification.
///
/// # Errors
/// `InvalidConnectionNotification`, `MissingParameter`, `InvalidParameterValue`.
pub fn modify_vpc_endpoint_connection_notification(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpcEndpointConnectionNotificationRequest,
) -> Result<ModifiedConnectionNotification, ApiError> {
    let id = required(
        "ConnectionNotificationId",
        &request.connection_notification_id,
    )?;
    let mut changed = find(twin, ctx, id)?;
    if request.connection_notification_arn.is_none() && request.connection_events.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter ConnectionNotificationArn or ConnectionEvents",
        ));
    }
    if let Some(arn) = &request.connection_notification_arn {
        changed.connection_notification_arn = check_topic(arn)?;
    }
    if !request.connection_events.is_empty() {
        changed.connection_events = check_events(&request.connection_events)?;
    }
    ctx.end_dry_run()?;
    twin.network.notifications.insert(id.into(), changed);
    Ok(ModifiedConnectionNotification { return_value: true })
}

/// Deletes notifications. What is wrong with one is told per item.
///
/// # Errors
/// `MissingParameter`.
pub fn delete_vpc_endpoint_connection_notifications(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteVpcEndpointConnectionNotificationsRequest,
) -> Result<Unsuccessful, ApiError> {
    let ids = &request.connection_notification_ids;
    required(
        "ConnectionNotificationId",
        ids.first().map_or("", String::as_str),
    )?;
    ctx.end_dry_run()?;
    let mut unsuccessful = Vec::new();
    for id in ids {
        match find(twin, ctx, id) {
            Ok(_) => drop(twin.network.notifications.remove(id.as_str())),
            Err(error) => unsuccessful.push(UnsuccessfulItem::new(id, error)),
        }
    }
    Ok(Unsuccessful { unsuccessful })
}

/// Notifications go with the service or endpoint that they are about.
pub(super) fn forget(twin: &mut Twin, subject: &ResourceId) {
    twin.network.notifications.retain(|_, it| {
        let id = match subject.kind() {
            Kind::VpcEndpoint => it.vpc_endpoint_id.as_ref().map(VpcEndpointId::as_str),
            _ => it.service_id.as_ref().map(VpcEndpointServiceId::as_str),
        };
        id != Some(subject.as_str())
    });
}

const FILTERS: &[(&str, Extract<ConnectionNotification>)] = &[
    ("connection-notification-arn", |_, it, out| {
        out(&it.connection_notification_arn)
    }),
    ("connection-notification-id", |_, it, out| {
        out(&it.connection_notification_id)
    }),
    ("connection-notification-state", |_, it, out| {
        out(&it.connection_notification_state)
    }),
    ("connection-notification-type", |_, it, out| {
        out(&it.connection_notification_type)
    }),
    ("service-id", |_, it, out| {
        it.service_id.iter().for_each(|it| out(it.as_str()));
    }),
    ("vpc-endpoint-id", |_, it, out| {
        it.vpc_endpoint_id.iter().for_each(|it| out(it.as_str()));
    }),
];

/// Lists notifications.
///
/// # Errors
/// `InvalidConnectionNotification`, and what every describe operation refuses.
pub fn describe_vpc_endpoint_connection_notifications(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcEndpointConnectionNotificationsRequest,
) -> Result<DescribedConnectionNotifications, ApiError> {
    let most = page_size(request.max_results, &(1..=1000))?;
    let filters = Filters::new(&request.filters, FILTERS)?;
    let all: Vec<ConnectionNotification> = match &request.connection_notification_id {
        Some(id) => vec![find(twin, ctx, id)?],
        None => {
            let all = twin.network.notifications.values();
            all.filter(|it| it.service_region == ctx.region)
                .cloned()
                .collect()
        }
    };
    ctx.end_dry_run()?;
    let all = all
        .into_iter()
        .filter(|it| filters.pass(&twin.state, it, &NO_TAGS));
    let (connection_notification_set, next_token) =
        page_of(all.collect(), most, request.next_token.as_deref())?;
    Ok(DescribedConnectionNotifications {
        connection_notification_set,
        next_token,
    })
}
