//! S2: snapshots whose volume and image are gone.

use sandtable_model::resource::{
    AsResource, EbsSnapshot, Image, LaunchTemplate, SnapshotState, Volume,
};
use sandtable_model::{ImageId, Kind};

use crate::care::hands_off;
use crate::graph::Relation;
use crate::rules::guards::templates_guard;
use crate::rules::verdicts::{Draft, Verdicts};
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "S2",
    aliases: &[],
    title: "EBS snapshot whose volume is gone",
    finds: "A completed snapshot of the account's own, of a volume that no longer exists, of which \
            no registered image is made.",
    costs: "Snapshots are billed by the stored gigabyte and month for ever. EC2 tells the size of \
            the volume, an upper bound of what is stored.",
    proof: "The snapshot names its volume; the complete list of volumes does not have it; no image \
            in the complete list of images names the snapshot. It is at least \
            `snapshot_age_days_min` days old (30 unless the policy says otherwise).",
    wrong: "- A copied or imported snapshot names `vol-ffffffff`, which says nothing: left alone.\n\
            - AWS Backup, Data Lifecycle Manager or a stack owns it: left alone.\n\
            - Its description names an image that is still registered: left alone.\n\
            - It is the safety snapshot of an earlier plan: left alone until its tag is removed.\n\
            - Volumes or images could not all be listed: nothing is said.\n\
            - A version of a launch template names it: left alone.\n\
            - It may be shared with other accounts, locked, or named by a disabled image; describe \
            answers do not tell. Hence never more than medium confidence.",
    remedy: "`DeleteSnapshot`. It cannot be taken back, unless a Recycle Bin rule matched before.",
    example: "A 200 GiB snapshot of `vol-0aaa…`, deleted in spring: at most $10.00 a month.",
};

/// The tag on snapshots that a plan takes before it deletes a volume.
pub(crate) const SAFETY_TAG: &str = "sandtable:safety-snapshot-of";

/// What EC2 writes for a volume that it does not know (copied and imported snapshots).
const UNKNOWN_VOLUME: &str = "vol-ffffffff";

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::EbsSnapshot,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for snapshot in scene.snapshot.all::<EbsSnapshot>() {
        look(scene, verdicts, snapshot);
    }
}

fn look(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>, snapshot: &EbsSnapshot) {
    let id = snapshot.resource_id();
    let Some(region) = scene.region(&id) else {
        return;
    };
    let account = scene.snapshot.account.as_str();
    if let Some(owner) = snapshot
        .owner_id
        .as_deref()
        .filter(|owner| *owner != account)
    {
        verdicts.unmet(DOC.id, &id, || format!("it belongs to the account {owner}"));
        return;
    }
    if snapshot.state != SnapshotState::Completed {
        verdicts.unmet(DOC.id, &id, || format!("state {}", snapshot.state));
        return;
    }
    let Some(volume) = &snapshot.volume_id else {
        verdicts.unmet(DOC.id, &id, || "it names no volume".to_owned());
        return;
    };
    if scene.graph.get::<Volume>(&volume.into()).is_some() {
        verdicts.unmet(DOC.id, &id, || format!("its volume {volume} exists"));
        return;
    }
    // From here on the pattern is there, as far as it was seen.
    if let Some(gap) = scene.gap(region, &[Kind::Volume, Kind::Image]) {
        verdicts.blind(DOC.id, &id, gap);
        return;
    }
    if let Some((guard, reason)) = spared(scene, snapshot) {
        verdicts.suppress(DOC.id, &id, guard, reason);
        return;
    }
    let size = snapshot.volume_size;
    let title = format!("{size} GiB snapshot {id} of a volume that is gone");
    let mut draft = Draft::new(DOC.id, id.clone(), region, title)
        .observed(
            id.clone(),
            format!("made of {volume} , {}", scene.age(snapshot.start_time)),
        )
        .derived(
            id.clone(),
            format!("{volume} is not in the complete list of volumes"),
        )
        .derived(id.clone(), "no registered image is made of it");
    for image in named_images(&snapshot.description) {
        draft = draft.derived(
            id.clone(),
            format!("it was made for {image} , which is gone"),
        );
    }
    let finding = templates_guard(scene, draft, region)
        .cleared(
            "backup service",
            "no tag or description of AWS Backup or Data Lifecycle Manager",
        )
        .cleared("age", scene.age(snapshot.start_time))
        .open(
            "shared or locked",
            "who else may use it is not told by describe answers",
        )
        .unknown("disabled images are not listed")
        .unknown("what is really stored, and billed, may be less than the volume's size")
        .price(&id, &scene.price(&id))
        .done();
    verdicts.find(finding);
}

/// Why an orphan is left alone.
fn spared(scene: &Scene<'_>, snapshot: &EbsSnapshot) -> Option<(&'static str, String)> {
    let id = snapshot.resource_id();
    if snapshot
        .volume_id
        .as_ref()
        .is_some_and(|it| it.as_str() == UNKNOWN_VOLUME)
    {
        let reason = "copied or imported: EC2 does not tell which volume it was made of";
        return Some(("origin not known", reason.to_owned()));
    }
    let users = scene.graph.dependents_of::<Image>(&id, Relation::MadeFrom);
    if let Some(image) = users.first() {
        return Some((
            "in use by an image",
            format!("the image {} is made of it", image.image_id),
        ));
    }
    let templates = scene
        .graph
        .dependents_of::<LaunchTemplate>(&id, Relation::MadeFrom);
    if let Some(template) = templates.first() {
        let name = &template.launch_template_name;
        return Some((
            "in use by a launch template",
            format!("the launch template {name} makes disks of it"),
        ));
    }
    let named = named_images(&snapshot.description);
    if let Some(image) = named
        .iter()
        .find(|it| scene.graph.get::<Image>(&(*it).into()).is_some())
    {
        return Some((
            "in use by an image",
            format!("it was made for {image} , which is registered"),
        ));
    }
    if let Some(volume) = snapshot.tags.get(SAFETY_TAG) {
        let reason = format!("taken before {volume} was deleted; remove the tag to give it up");
        return Some(("safety snapshot", reason));
    }
    if snapshot.description.contains("AWS Backup service") {
        return Some((
            "backup service",
            "its description names AWS Backup".to_owned(),
        ));
    }
    if snapshot.description.starts_with("Created for policy:") {
        let reason = "its description names a Data Lifecycle Manager policy";
        return Some(("backup service", reason.to_owned()));
    }
    if let Some(found) = scene
        .graph
        .resource(&id)
        .and_then(|it| hands_off(it, scene.policy))
    {
        return Some(found);
    }
    let days = scene.policy.snapshot_age_days_min;
    scene
        .too_young(snapshot.start_time, days)
        .map(|reason| ("age", reason))
}

/// The image ids in a description such as CreateImage's `Created by CreateImage(i-…) for ami-…`.
fn named_images(description: &str) -> Vec<ImageId> {
    let words = description.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let mut images: Vec<ImageId> = words
        .filter(|word| {
            word.strip_prefix("ami-")
                .is_some_and(|rest| !rest.is_empty())
        })
        .filter_map(|word| ImageId::new(word).ok())
        .collect();
    images.sort();
    images.dedup();
    images
}
