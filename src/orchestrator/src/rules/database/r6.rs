//! R6: snapshots of databases that are gone.

use sandtable_model::resource::{DbInstance, DbSnapshot};
use sandtable_model::{DbInstanceId, Kind};

use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

/// The catalogue's threshold.
const DAYS_MIN: i64 = 30;

const DOC: RuleDoc = RuleDoc {
    id: "R6",
    aliases: &[],
    title: "Snapshot of a database that is gone",
    finds: "A manual RDS snapshot, at least 30 days old, whose DB instance does not exist.",
    costs: "While a database lives, snapshots up to its size are free in its Region; once it is gone \
            every GiB of a manual snapshot is billed.",
    proof: "`SnapshotType` is `manual`, and no DB instance of the Region has the identifier; DB \
            instances were listed completely.",
    wrong: "- It is the last copy of the data, kept on purpose: that is why nothing is deleted here.\n\
            - A backup service made it: snapshots of AWS Backup are not `manual`, and are left alone.\n\
            - A database of the same name was made since: it counts as the source, so nothing is said.",
    remedy: "Left to its owner: restore it once to see what it holds, export it if it must be kept, \
             `DeleteDBSnapshot`. A deleted snapshot is lost for ever.",
    example: "A 200 GiB snapshot in us-east-1 of a database that was deleted last year: $19.00 a month \
              at most.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::DbSnapshot,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[Kind::DbInstance], look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, DbSnapshot>) -> Look {
    let snapshot = subject.it;
    if snapshot.snapshot_type != "manual" {
        return unmet(format!("its type is {}", snapshot.snapshot_type));
    }
    if snapshot.status != "available" {
        return unmet(format!("status {}", snapshot.status));
    }
    let source = &snapshot.db_instance_identifier;
    let id = DbInstanceId::from_name(subject.region, source).into();
    if scene.graph.get::<DbInstance>(&id).is_some() {
        return unmet(format!("its database {source} is there"));
    }
    if let Some(reason) = scene.too_young(snapshot.snapshot_create_time, DAYS_MIN) {
        return Look::Spared("age", reason);
    }
    subject
        .draft(
            DOC.id,
            format!(
                "the DB snapshot {} outlives its database {source}",
                subject.id
            ),
        )
        .observed(subject.id.clone(), "a manual snapshot")
        .derived(
            subject.id.clone(),
            format!("no database {source} (complete list)"),
        )
        .unknown("what it holds, and whether it is the last copy")
        .cleared("age", scene.age(snapshot.snapshot_create_time))
        .price(&subject.id, &scene.price(&subject.id))
        .advise(
            "see what it holds, export what must be kept, then DeleteDBSnapshot: that is for ever",
        )
        .into()
}
