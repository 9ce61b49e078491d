//! R8: databases that are stopped.

use sandtable_model::Kind;
use sandtable_model::resource::DbInstance;

use crate::care::standby_tag;
use crate::rules::judge::{DAYS_MIN, Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "R8",
    aliases: &["G42"],
    title: "Database that is stopped",
    finds: "A DB instance in status `stopped`.",
    costs: "A stopped database bills its storage, twice with Multi-AZ, and its snapshots. After seven \
            days AWS starts it again, and it bills instance hours until somebody stops it.",
    proof: "`DBInstanceStatus` is `stopped`. At least 7 days old.",
    wrong: "- It is needed now and then, a season or a quarter's end: tags that say it is a spare are \
            heeded, nothing else tells, so confidence is medium.\n\
            - A schedule stops it at night: it would be started again in the morning.\n\
            - A stack or tool owns it: tagged owners are left alone.",
    remedy: "Left to its owner: take a final snapshot, restore it once to see that it works, then \
             `DeleteDBInstance` with a final snapshot's identifier. It comes back from the snapshot \
             under the same identifier.",
    example: "A stopped db.m5.large with 200 GiB of gp2 in us-east-1: $23.00 a month for the storage.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::DbInstance,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[], look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, DbInstance>) -> Look {
    let database = subject.it;
    if database.db_instance_status != "stopped" {
        return unmet(format!("status {}", database.db_instance_status));
    }
    if let Some(reason) = scene.too_young(database.instance_create_time, DAYS_MIN) {
        return Look::Spared("age", reason);
    }
    if let Some(reason) = standby_tag(&database.tags) {
        return Look::Spared("standby", reason);
    }
    let name = &database.db_instance_identifier;
    subject
        .draft(
            DOC.id,
            format!("the database {name} is stopped, and its storage is paid for"),
        )
        .observed(subject.id.clone(), "status stopped")
        .cleared("age", scene.age(database.instance_create_time))
        .cleared("standby", "no tag says so")
        .open("seasonal", "how often it is started is not told")
        .price(&subject.id, &scene.price(&subject.id))
        .advise(
            "take a final snapshot, restore it once, then DeleteDBInstance with a final snapshot",
        )
        .into()
}
