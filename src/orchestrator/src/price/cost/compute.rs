//! Instances, and capacity that is kept for them.

use sandtable_model::resource::{
    CapacityReservation, CapacityReservationState, Instance, InstanceStateName,
};

use super::Priced;
use super::sum::Sum;

pub(super) fn instance(instance: &Instance, sum: Sum<'_>) -> Priced {
    if !matches!(
        instance.state.name,
        InstanceStateName::Running | InstanceStateName::Pending
    ) {
        return Priced::Free;
    }
    let unknown = |what: &str| Priced::Unknown {
        reason: format!("the price table holds shared Linux instances on demand, not {what}"),
    };
    if let Some(platform) = &instance.platform {
        return unknown(&format!("platform `{platform}`"));
    }
    if let Some(lifecycle) = &instance.instance_lifecycle {
        return unknown(&format!("`{lifecycle}` instances"));
    }
    match instance.placement.tenancy.as_deref() {
        None | Some("default") => {}
        Some(tenancy) => return unknown(&format!("tenancy `{tenancy}`")),
    }
    let kind = &instance.instance_type;
    let sku = format!("ec2:linux:shared:{kind}");
    sum.per_hour(&sku, 1, &format!("{kind} at the Linux price"))
        .done()
}

/// Reserved capacity costs what the instances would, as far as none runs in it.
pub(super) fn capacity_reservation(it: &CapacityReservation, sum: Sum<'_>) -> Priced {
    if it.state != CapacityReservationState::Active {
        return Priced::Free;
    }
    let kind = &it.instance_type;
    let (platform, tenancy) = (it.instance_platform.as_str(), it.tenancy.as_str());
    if platform != "Linux/UNIX" || tenancy != "default" {
        let reason = format!(
            "the price table holds shared Linux capacity, not `{platform}` on `{tenancy}` hosts"
        );
        return Priced::Unknown { reason };
    }
    let unused = u64::from(it.available_instance_count);
    let what = format!("unused {kind} at the Linux price");
    sum.per_hour(&format!("ec2:linux:shared:{kind}"), unused, &what)
        .done()
}

/// Hosts are billed by their family, which the price table does not have.
pub(super) fn dedicated_host() -> Priced {
    Priced::Unknown {
        reason: "Dedicated Hosts are not in the price table".to_owned(),
    }
}
