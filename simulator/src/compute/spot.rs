//! Spot requests: those that launches make, and their end.
//!
//! Deliberately absent: requests without a launch (`RequestSpotInstances`, fleets), interruptions by
//! AWS, and requests that launch again by themselves (`persistent`), which are refused.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{Instance, InstanceStateName};
use sandtable_model::{AvailabilityZone, InstanceId, Timestamp};

use crate::rules::{self, Extract, Filter, Filters, invalid_combination, invalid_value, required};
use crate::{ApiError, Ctx, Twin};

/// On which market an instance is to be had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct MarketOptions {
    /// `spot`.
    pub market_type: Option<SmolStr>,
    /// How, on the Spot market.
    pub spot_options: Option<SpotOptions>,
}

/// How an instance is to be had on the Spot market.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct SpotOptions {
    /// The most that an hour may cost; the price on demand when absent.
    pub max_price: Option<SmolStr>,
    /// `one-time`.
    pub spot_instance_type: Option<SmolStr>,
    /// `terminate`: the twin does not interrupt, and one-time requests allow nothing else.
    pub instance_interruption_behavior: Option<SmolStr>,
}

impl MarketOptions {
    /// Whether a Spot Instance is wanted, and up to which price.
    ///
    /// # Errors
    /// `InvalidParameterValue`, `InvalidParameterCombination`, `UnsupportedOperation`.
    pub(super) fn checked(&self) -> Result<Option<Option<SmolStr>>, ApiError> {
        match self.market_type.as_deref() {
            Some("spot") => {}
            None | Some("on-demand") if self.spot_options.is_none() => return Ok(None),
            None | Some("on-demand") => {
                return Err(invalid_combination(
                    "SpotOptions may be used with the market type 'spot' only.",
                ));
            }
            Some(other @ ("capacity-block" | "interruptible-capacity-reservation")) => {
                return Err(not_modelled(&format!("MarketType={other}")));
            }
            Some(other) => {
                return Err(invalid_value(format!(
                    "Value ({other}) for parameter MarketType is invalid."
                )));
            }
        }
        let options = self.spot_options.clone().unwrap_or_default();
        match options.spot_instance_type.as_deref() {
            None | Some("one-time") => {}
            Some("persistent") => return Err(not_modelled("SpotInstanceType=persistent")),
            Some(other) => {
                return Err(invalid_value(format!(
                    "Value ({other}) for parameter SpotInstanceType is invalid."
                )));
            }
        }
        match options.instance_interruption_behavior.as_deref() {
            None | Some("terminate") => {}
            Some(other) => {
                return Err(invalid_combination(format!(
                    "The interruption behavior '{other}' may be used with persistent Spot requests only."
                )));
            }
        }
        let price = options.max_price;
        let is_price = |it: &SmolStr| it.parse::<f64>().is_ok_and(|it| it > 0.0 && it.is_finite());
        match price {
            Some(text) if !is_price(&text) => Err(invalid_value(format!(
                "Invalid value for 'MaxPrice': {text}"
            ))),
            price => Ok(Some(price)),
        }
    }
}

fn not_modelled(what: &str) -> ApiError {
    ApiError::new(
        "UnsupportedOperation",
        format!("The twin does not model {what} of RunInstances: nothing was done."),
    )
}

/// A Spot request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SpotRequest {
    /// The id.
    pub spot_instance_request_id: SmolStr,
    /// The instance that was launched for it.
    pub instance_id: InstanceId,
    /// `active`, `closed` or `cancelled`.
    pub state: SmolStr,
    /// Why, in AWS's words.
    pub status: SpotStatus,
    /// `one-time`.
    pub r#type: SmolStr,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// The zone of the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launched_availability_zone: Option<AvailabilityZone>,
    /// The platform.
    pub product_description: &'static str,
    /// The most that an hour may cost, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_price: Option<SmolStr>,
    /// What happens when AWS wants the instance back.
    pub instance_interruption_behavior: SmolStr,
}

/// Why a Spot request is in its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SpotStatus {
    /// AWS's code (user guide, "Spot request status").
    pub code: SmolStr,
    /// The same in words.
    pub message: SmolStr,
}

/// Makes the request that an instance is launched for.
pub(super) fn open(twin: &mut Twin, id: &InstanceId, price: Option<SmolStr>) {
    let digits = twin.ids.next_number() >> 32;
    let request: SmolStr = format!("sir-{digits:08x}").into();
    twin.state.update(id, |it: &mut Instance| {
        it.instance_lifecycle = Some("spot".into());
        it.spot_instance_request_id = Some(request);
    });
    let made = twin.state.one::<Instance>(id).and_then(found);
    if let Some(mut made) = made {
        made.spot_price = price;
        twin.compute.spot.insert(id.clone(), made);
    }
}

/// The request of a Spot Instance, as far as the instance tells it.
fn found(instance: &Instance) -> Option<SpotRequest> {
    let is_over = matches!(
        instance.state.name,
        InstanceStateName::ShuttingDown | InstanceStateName::Terminated
    );
    let (state, status) = match is_over {
        false => ("active", fulfilled()),
        true => ("closed", terminated()),
    };
    Some(SpotRequest {
        spot_instance_request_id: instance.spot_instance_request_id.clone()?,
        instance_id: instance.instance_id.clone(),
        state: state.into(),
        status,
        r#type: "one-time".into(),
        create_time: instance.launch_time,
        launched_availability_zone: instance.placement.availability_zone.clone(),
        product_description: match instance.platform.as_deref() {
            Some("windows") => "Windows",
            _ => "Linux/UNIX",
        },
        spot_price: None,
        instance_interruption_behavior: "terminate".into(),
    })
}

fn fulfilled() -> SpotStatus {
    SpotStatus {
        code: "fulfilled".into(),
        message: "Your spot request is fulfilled.".into(),
    }
}

fn terminated() -> SpotStatus {
    SpotStatus {
        code: "instance-terminated-by-user".into(),
        message: "Spot Instance terminated due to user-initiated termination.".into(),
    }
}

/// The instance is on its way down by its owner's wish: a request that was not cancelled is closed.
pub(super) fn instance_goes(twin: &mut Twin, id: &InstanceId) {
    let known = twin.compute.spot.get(id).cloned();
    let request = known.or_else(|| twin.state.one::<Instance>(id).and_then(found));
    if let Some(mut request) = request {
        if request.state != "cancelled" {
            request.state = "closed".into();
        }
        request.status = terminated();
        twin.compute.spot.insert(id.clone(), request);
    }
}

/// Refuses to stop a Spot Instance: only those of persistent requests can be (user guide, "Stop a
/// Spot Instance").
///
/// # Errors
/// `UnsupportedOperation`.
pub(super) fn check_stoppable(instance: &Instance) -> Result<(), ApiError> {
    if instance.instance_lifecycle.as_deref() != Some("spot") {
        return Ok(());
    }
    Err(ApiError::new(
        "UnsupportedOperation",
        format!(
            "You can't stop the Spot Instance '{}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.",
            instance.instance_id
        ),
    ))
}

/// `DescribeSpotInstanceRequests`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeSpotInstanceRequestsRequest {
    /// The requests; all when there are none.
    pub spot_instance_request_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeSpotInstanceRequests`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedSpotRequests {
    /// The requests, by id.
    pub spot_instance_requests: Vec<SpotRequest>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Those of AWS's filters whose values the twin has.
const FILTERS: &[(&str, Extract<SpotRequest>)] = &[
    ("create-time", |_, it, out| {
        it.create_time.iter().for_each(|it| out(&it.to_wire()));
    }),
    ("instance-id", |_, it, out| out(it.instance_id.as_str())),
    ("launched-availability-zone", |_, it, out| {
        let zone = it.launched_availability_zone.iter();
        zone.for_each(|it| out(it.as_str()));
    }),
    ("product-description", |_, it, out| {
        out(it.product_description)
    }),
    ("spot-instance-request-id", |_, it, out| {
        out(&it.spot_instance_request_id)
    }),
    ("spot-price", |_, it, out| {
        it.spot_price.iter().for_each(|it| out(it))
    }),
    ("state", |_, it, out| out(&it.state)),
    ("status-code", |_, it, out| out(&it.status.code)),
    ("status-message", |_, it, out| out(&it.status.message)),
    ("type", |_, it, out| out(&it.r#type)),
];

/// Lists Spot requests.
///
/// # Errors
/// `InvalidSpotInstanceRequestID.NotFound`, `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_spot_instance_requests(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSpotInstanceRequestsRequest,
) -> Result<DescribedSpotRequests, ApiError> {
    let ids = &request.spot_instance_request_ids;
    let all = all(twin, ctx);
    check_ids(&all, ids)?;
    let filters = Filters::new(&request.filters, FILTERS)?;
    let most = rules::page_size(request.max_results, &rules::UNCONSTRAINED)?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    let wanted = |it: &&SpotRequest| {
        (ids.is_empty() || ids.iter().any(|id| *id == it.spot_instance_request_id))
            && filters.pass(&twin.state, it, &rules::NO_TAGS)
    };
    let mut fitting = all.iter().filter(wanted).skip(from);
    let page: Vec<SpotRequest> = fitting.by_ref().take(most).cloned().collect();
    let end = from + page.len();
    Ok(DescribedSpotRequests {
        spot_instance_requests: page,
        next_token: fitting.next().map(|_| rules::write_offset(end)),
    })
}

/// `CancelSpotInstanceRequests`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CancelSpotInstanceRequestsRequest {
    /// The requests.
    pub spot_instance_request_ids: Vec<String>,
}

/// The answer of `CancelSpotInstanceRequests`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CancelledSpotRequests {
    /// The requests.
    pub cancelled_spot_instance_requests: Vec<CancelledSpotRequest>,
}

/// A request after its cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CancelledSpotRequest {
    /// The request.
    pub spot_instance_request_id: SmolStr,
    /// Its state.
    pub state: SmolStr,
}

/// Cancels requests; their instances run on (EC2 API reference, CancelSpotInstanceRequests).
///
/// # Errors
/// `InvalidSpotInstanceRequestID.NotFound`.
pub fn cancel_spot_instance_requests(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CancelSpotInstanceRequestsRequest,
) -> Result<CancelledSpotRequests, ApiError> {
    let ids = &request.spot_instance_request_ids;
    if ids.is_empty() {
        required("spotInstanceRequestId", "")?;
    }
    let all = all(twin, ctx);
    check_ids(&all, ids)?;
    ctx.end_dry_run()?;
    let mut cancelled = Vec::new();
    for mut it in all {
        if !ids.iter().any(|id| *id == it.spot_instance_request_id) {
            continue;
        }
        if it.state == "active" {
            it.state = "cancelled".into();
            it.status = SpotStatus {
                code: "request-canceled-and-instance-running".into(),
                message: "Your Spot request is canceled, but your instance is still running."
                    .into(),
            };
            twin.compute.spot.insert(it.instance_id.clone(), it.clone());
        }
        cancelled.push(CancelledSpotRequest {
            spot_instance_request_id: it.spot_instance_request_id,
            state: it.state,
        });
    }
    Ok(CancelledSpotRequests {
        cancelled_spot_instance_requests: cancelled,
    })
}

/// The requests of a Region, by id. Those that a snapshot shows have no entry of their own.
fn all(twin: &Twin, ctx: &Ctx) -> Vec<SpotRequest> {
    let instances = twin.state.all::<Instance>(&ctx.region);
    let mut all: Vec<SpotRequest> = instances
        .filter_map(|it| match twin.compute.spot.get(&it.instance_id) {
            Some(request) => Some(request.clone()),
            None => found(it),
        })
        .collect();
    all.sort_unstable_by(|one, other| {
        one.spot_instance_request_id
            .cmp(&other.spot_instance_request_id)
    });
    all
}

fn check_ids(all: &[SpotRequest], ids: &[String]) -> Result<(), ApiError> {
    let known = |text: &&String| all.iter().any(|it| it.spot_instance_request_id == **text);
    let Some(text) = ids.iter().find(|text| !known(text)) else {
        return Ok(());
    };
    let digits = text.strip_prefix("sir-").unwrap_or_default();
    let is_formed = digits.len() == 8 && digits.bytes().all(|it| it.is_ascii_alphanumeric());
    let (code, message) = match is_formed {
        true => (
            "InvalidSpotInstanceRequestID.NotFound",
            format!("The spot instance request ID '{text}' does not exist"),
        ),
        false => (
            "InvalidSpotInstanceRequestID.Malformed",
            format!("Invalid id: \"{text}\" (expecting \"sir-...\")"),
        ),
    };
    Err(ApiError::new(code, message))
}
