//! The health of volumes.
//!
//! Volumes of the twin are well unless they are impaired with [`Twin::impair_volume`].

use sandtable_model::resource::{Volume, VolumeState, VolumeType};
use sandtable_model::{AvailabilityZone, InstanceId, Timestamp, VolumeId};

use crate::network::request::{answers, requests};
use crate::rules::{self, Extract, Filter, Filters, Slice, require_all};
use crate::{ApiError, Ctx, Twin, place};

/// That a volume's data may be inconsistent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Impairment {
    pub(super) is_io_enabled: bool,
    event: String,
    since: Timestamp,
}

requests! {
    /// `DescribeVolumeStatus`.
    DescribeVolumeStatusRequest {
        max_results: Option<i64>,
        next_token: Option<String>,
        volume_ids: Vec<String>,
        filters: Vec<Filter>,
    }
}

answers! {
    /// A page of volumes' health.
    DescribedVolumeStatus { volume_statuses: Vec<VolumeStatusItem>, next_token: Option<String> }
    /// A volume's health.
    VolumeStatusItem {
        actions: Vec<VolumeStatusAction>,
        availability_zone: AvailabilityZone,
        availability_zone_id: String,
        events: Vec<VolumeStatusEvent>,
        volume_id: VolumeId,
        volume_status: VolumeStatusInfo,
        attachment_statuses: Vec<VolumeStatusAttachment>,
    }
    /// What is to be done.
    VolumeStatusAction {
        code: &'static str,
        description: &'static str,
        event_id: String,
        event_type: &'static str,
    }
    /// What happened.
    VolumeStatusEvent {
        description: &'static str,
        event_id: String,
        event_type: &'static str,
        not_before: Timestamp,
    }
    /// The checks.
    VolumeStatusInfo { details: Vec<VolumeStatusDetail>, status: &'static str }
    /// A check.
    VolumeStatusDetail { name: &'static str, status: &'static str }
    /// How input and output perform at an instance.
    VolumeStatusAttachment { instance_id: Option<InstanceId>, io_performance: &'static str }
}

const EVENT_TYPE: &str = "potential-data-inconsistency";

const FILTERS: &[(&str, Extract<VolumeStatusItem>)] = &[
    ("action.code", |_, it, out| {
        it.actions.iter().for_each(|it| out(it.code));
    }),
    ("action.description", |_, it, out| {
        it.actions.iter().for_each(|it| out(it.description));
    }),
    ("action.event-id", |_, it, out| {
        it.actions.iter().for_each(|it| out(&it.event_id));
    }),
    ("availability-zone", |_, it, out| {
        out(it.availability_zone.as_str());
    }),
    ("event.description", |_, it, out| {
        it.events.iter().for_each(|it| out(it.description));
    }),
    ("event.event-id", |_, it, out| {
        it.events.iter().for_each(|it| out(&it.event_id));
    }),
    ("event.event-type", |_, it, out| {
        it.events.iter().for_each(|it| out(it.event_type));
    }),
    // The twin's events have no end.
    ("event.not-after", |_, _, _| {}),
    ("event.not-before", |_, it, out| {
        it.events
            .iter()
            .for_each(|it| out(&it.not_before.to_wire()));
    }),
    ("volume-status.details-name", |_, it, out| {
        it.volume_status.details.iter().for_each(|it| out(it.name));
    }),
    ("volume-status.details-status", |_, it, out| {
        it.volume_status
            .details
            .iter()
            .for_each(|it| out(it.status));
    }),
    ("volume-status.status", |_, it, out| {
        out(it.volume_status.status);
    }),
];

/// Lists the health of volumes.
///
/// # Errors
/// Unknown ids, `InvalidParameterValue` for unknown filters and page sizes, `InvalidNextToken`.
pub fn describe_volume_status(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVolumeStatusRequest,
) -> Result<DescribedVolumeStatus, ApiError> {
    let named = require_all::<Volume>(&twin.state, ctx, &request.volume_ids)?;
    let filters = Filters::untagged(&request.filters, FILTERS)?;
    let token = request.next_token.as_deref();
    let slice = Slice::new(request.max_results, token, &rules::UNCONSTRAINED)?;
    ctx.end_dry_run()?;
    let all: Vec<&Volume> = match named.is_empty() {
        true => twin.state.all::<Volume>(&ctx.region).collect(),
        false => named,
    };
    let items = all.into_iter().map(|volume| item(twin, volume));
    let wanted = items.filter(|it| filters.pass(&twin.state, it, &rules::NO_TAGS));
    let (volume_statuses, next_token) = slice.of(wanted.collect());
    Ok(DescribedVolumeStatus {
        volume_statuses,
        next_token,
    })
}

fn item(twin: &Twin, volume: &Volume) -> VolumeStatusItem {
    let impairment = twin.storage.impaired.get(&volume.volume_id);
    let is_io_enabled = impairment.is_none_or(|it| it.is_io_enabled);
    let performs = match volume.volume_type {
        VolumeType::Io1 | VolumeType::Io2 | VolumeType::Gp3 if !is_io_enabled => "stalled",
        VolumeType::Io1 | VolumeType::Io2 | VolumeType::Gp3 if !volume.attachments.is_empty() => {
            "normal"
        }
        _ => "not-applicable",
    };
    let (status, io, performance) = match volume.state {
        VolumeState::Creating => (
            "insufficient-data",
            "insufficient-data",
            "insufficient-data",
        ),
        _ if !is_io_enabled => ("impaired", "failed", performs),
        _ => ("ok", "passed", performs),
    };
    let action = impairment.filter(|it| !it.is_io_enabled);
    VolumeStatusItem {
        actions: action.into_iter().map(action_of).collect(),
        availability_zone: volume.availability_zone.clone(),
        availability_zone_id: place::zone_id(&volume.availability_zone),
        events: impairment.into_iter().map(event_of).collect(),
        volume_id: volume.volume_id.clone(),
        volume_status: VolumeStatusInfo {
            details: vec![
                VolumeStatusDetail {
                    name: "io-enabled",
                    status: io,
                },
                VolumeStatusDetail {
                    name: "io-performance",
                    status: performance,
                },
            ],
            status,
        },
        attachment_statuses: volume
            .attachments
            .iter()
            .map(|it| VolumeStatusAttachment {
                instance_id: it.instance_id.clone(),
                io_performance: performance,
            })
            .collect(),
    }
}

fn action_of(it: &Impairment) -> VolumeStatusAction {
    VolumeStatusAction {
        code: "enable-volume-io",
        description: "Enable volume I/O",
        event_id: it.event.clone(),
        event_type: EVENT_TYPE,
    }
}

fn event_of(it: &Impairment) -> VolumeStatusEvent {
    VolumeStatusEvent {
        description: "The data of the volume may be inconsistent",
        event_id: it.event.clone(),
        event_type: EVENT_TYPE,
        not_before: it.since,
    }
}

impl Twin {
    /// Makes the data of a volume potentially inconsistent, as after a failure of its host: its input
    /// and output stop until they are enabled, unless it is set to go on by itself. Says whether there
    /// is such a volume.
    pub fn impair_volume(&mut self, id: &VolumeId) -> bool {
        if self.state.one::<Volume>(id).is_none() {
            return false;
        }
        let impairment = Impairment {
            is_io_enabled: self.storage.auto_enable_io.contains(id),
            event: self.ids.text("evol"),
            since: self.now(),
        };
        self.storage.impaired.insert(id.clone(), impairment);
        true
    }
}
