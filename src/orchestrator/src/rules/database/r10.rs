//! R10: DB subnet groups that no database uses.

use sandtable_model::Kind;
use sandtable_model::resource::{DbInstance, DbSubnetGroup};

use crate::graph::Relation;
use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "R10",
    aliases: &[],
    title: "DB subnet group that no database uses",
    finds: "A DB subnet group that no DB instance is in.",
    costs: "Nothing by itself: but it names subnets, so that a VPC where nothing runs counts as one \
            where a database may be started, and is not cleaned up.",
    proof: "No DB instance names the group; DB instances were listed completely.",
    wrong: "- An Aurora cluster without instances, or another service (DMS, Neptune, DocumentDB), uses \
            the group: these are not read, so confidence is medium.\n\
            - It is the group `default`, which AWS makes: left alone.\n\
            - A stack or tool owns it: tagged owners are left alone.",
    remedy: "Left to its owner: `DeleteDBSubnetGroup`, which RDS refuses while anything is in the \
             group. It is made anew with the same subnets.",
    example: "The group of a database that was moved to another VPC.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::DbSubnetGroup,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[Kind::DbInstance], look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, DbSubnetGroup>) -> Look {
    let name = &subject.it.db_subnet_group_name;
    let users = scene
        .graph
        .dependents_of::<DbInstance>(&subject.id, Relation::AttachedTo);
    if let Some(user) = users.first() {
        return unmet(format!(
            "the database {} is in it",
            user.db_instance_identifier
        ));
    }
    if name == "default" {
        let reason = "AWS makes the group `default` by itself".to_owned();
        return Look::Spared("default", reason);
    }
    subject
        .draft(
            DOC.id,
            format!("no database is in the DB subnet group {name}"),
        )
        .derived(
            subject.id.clone(),
            "no DB instance names it (complete list)",
        )
        .cleared("default", "it is not the group that AWS makes")
        .open(
            "other services",
            "clusters and other services that use it are not read",
        )
        .advise("DeleteDBSubnetGroup; it is made anew with the same subnets")
        .into()
}
