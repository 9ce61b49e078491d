//! G39: reserved capacity that nobody uses.

use sandtable_model::Kind;
use sandtable_model::resource::{
    CapacityReservation, CapacityReservationState, DedicatedHost, HostState, Instance,
};

use crate::rules::judge::{DAYS_MIN, Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G39",
    aliases: &[],
    title: "Reserved capacity that nothing uses",
    finds: "An active capacity reservation of which every instance is available, or a Dedicated Host \
            without instances.",
    costs: "A reservation costs what its instances would cost on demand, used or not. A Dedicated \
            Host is billed as a whole.",
    proof: "`AvailableInstanceCount` equals `TotalInstanceCount`; or no instance has the host in its \
            placement, and all instances were listed. At least 7 days old.",
    wrong: "- It is kept for an event: reservations that end by themselves are left alone.\n\
            - It is kept for a failover: tags that say so are heeded.\n\
            - It was used until a moment ago: EC2 tells what is used now, not since when, so confidence \
            is medium.\n\
            - Capacity that is given back may not be had again.",
    remedy: "Left to its owner: `CancelCapacityReservation`, `ReleaseHosts`. AWS may not have the \
             capacity when it is asked for again.",
    example: "Four m5.large in us-east-1 that were reserved for a launch: $280.32 a month.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::CapacityReservation,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[], reservation);
    each(scene, verdicts, DOC.id, &[Kind::Instance], host);
}

fn reservation(
    scene: &Scene<'_>,
    _: &Verdicts<'_>,
    subject: &Subject<'_, CapacityReservation>,
) -> Look {
    let it = subject.it;
    if it.state != CapacityReservationState::Active {
        return unmet(format!("state {}", it.state));
    }
    let (total, free) = (it.total_instance_count, it.available_instance_count);
    if free < total || total == 0 {
        return unmet(format!("{free} of {total} instances are available"));
    }
    if it.end_date_type == "limited" {
        let when = it
            .end_date
            .map_or_else(String::new, |it| format!(" at {it}"));
        return Look::Spared("event", format!("it ends by itself{when}"));
    }
    if let Some(reason) = scene.too_young(it.create_date, DAYS_MIN) {
        return Look::Spared("age", reason);
    }
    if let Some(reason) = crate::care::standby_tag(&it.tags) {
        return Look::Spared("standby", reason);
    }
    let kind = &it.instance_type;
    let title = format!(
        "{total} {kind} are reserved by {} , and none of them is used",
        subject.id
    );
    subject
        .draft(DOC.id, title)
        .observed(subject.id.clone(), format!("{free} of {total} available"))
        .cleared("event", "it does not end by itself")
        .cleared("age", scene.age(it.create_date))
        .cleared("standby", "no tag says so")
        .open(
            "used now and then",
            "since when it is unused is not told by EC2",
        )
        .price(&subject.id, &scene.price(&subject.id))
        .advise(
            "CancelCapacityReservation; AWS may not have the capacity when it is asked for again",
        )
        .into()
}

fn host(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, DedicatedHost>) -> Look {
    let host = subject.it;
    if host.state != HostState::Available {
        return unmet(format!("state {}", host.state));
    }
    let mut instances = scene.snapshot.all::<Instance>();
    let guest = instances.find(|it| it.placement.host_id.as_ref() == Some(&host.host_id));
    if let Some(guest) = guest {
        return unmet(format!("{} is placed on it", guest.instance_id));
    }
    if let Some(reason) = scene.too_young(host.allocation_time, DAYS_MIN) {
        return Look::Spared("age", reason);
    }
    if let Some(reason) = crate::care::standby_tag(&host.tags) {
        return Look::Spared("standby", reason);
    }
    subject
        .draft(
            DOC.id,
            format!("no instance is placed on the Dedicated Host {}", subject.id),
        )
        .derived(
            subject.id.clone(),
            "no instance has it in its placement (complete list)",
        )
        .cleared("age", scene.age(host.allocation_time))
        .cleared("standby", "no tag says so")
        .open(
            "used now and then",
            "since when it is empty is not told by EC2",
        )
        .price(&subject.id, &scene.price(&subject.id))
        .advise("ReleaseHosts; AWS may not have the capacity when it is asked for again")
        .into()
}
