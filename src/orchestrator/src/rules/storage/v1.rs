//! V1: volumes attached to nothing.

use sandtable_model::Kind;
use sandtable_model::resource::{AsResource, Volume, VolumeState};

use crate::care::hands_off;
use crate::rules::verdicts::{Draft, Verdicts};
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "V1",
    aliases: &[],
    title: "EBS volume attached to nothing",
    finds: "A volume in state `available` without attachments: no instance can read or write it.",
    costs: "EBS bills the provisioned size (and IOPS and throughput) by the hour, attached or not.",
    proof: "`State` is `available` and `Attachments` is empty in the describe answer. The volume is \
            at least `volume_age_days_min` days old (7 unless the policy says otherwise).",
    wrong: "- A Kubernetes volume waits for its pod: volumes with tags of Kubernetes or its CSI \
            driver are left alone.\n\
            - A stack, a tool or a backup service owns it: tagged owners are left alone.\n\
            - It was detached a moment ago: EC2 tells when a volume was made, not when it was \
            detached, so its age is all there is to go by.\n\
            - Someone keeps it as a backup: a snapshot is taken first, at a lower price.",
    remedy: "`CreateSnapshot`, wait until it is completed, `DeleteVolume`. To take it back, make a \
             volume of the snapshot: the data is the same, the id is another. Without the snapshot \
             (`snapshot_before_delete: false`) the data is lost. Nothing is proposed where the \
             snapshot may cost more than the volume.",
    example: "A 500 GiB gp3 volume in us-east-1 left by a terminated instance: $40.00 a month, \
              against at most $25.00 for its snapshot.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::Volume,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for volume in scene.snapshot.all::<Volume>() {
        look(scene, verdicts, volume);
    }
}

fn look(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>, volume: &Volume) {
    let id = volume.resource_id();
    let Some(region) = scene.region(&id) else {
        return;
    };
    if volume.state != VolumeState::Available || !volume.attachments.is_empty() {
        let (state, count) = (&volume.state, volume.attachments.len());
        verdicts.unmet(DOC.id, &id, || {
            format!("state {state}, attachments: {count}")
        });
        return;
    }
    let days = scene.policy.volume_age_days_min;
    if let Some(reason) = scene.too_young(volume.create_time, days) {
        verdicts.suppress(DOC.id, &id, "age", reason);
        return;
    }
    if let Some((guard, reason)) = scene
        .graph
        .resource(&id)
        .and_then(|it| hands_off(it, scene.policy))
    {
        verdicts.suppress(DOC.id, &id, guard, reason);
        return;
    }
    let priced = scene.price(&id);
    let (size, kind) = (volume.size, &volume.volume_type);
    let title = format!("{size} GiB {kind} volume {id} is attached to nothing");
    let finding = Draft::new(DOC.id, id.clone(), region, title)
        .observed(id.clone(), "state available, no attachments")
        .observed(id.clone(), scene.age(volume.create_time))
        .unknown("when it was last attached is not told by EC2")
        .cleared(
            "Kubernetes volume",
            "no tag of Kubernetes or its CSI driver",
        )
        .cleared(
            "managed by something else",
            "no tag of a stack, tool or backup service",
        )
        .cleared("age", scene.age(volume.create_time))
        .price(&id, &priced)
        .done();
    verdicts.find(finding);
}
