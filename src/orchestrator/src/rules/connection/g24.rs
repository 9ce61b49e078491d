//! G24: peering connections that no route uses.

use sandtable_model::Kind;
use sandtable_model::resource::{PeeringState, RouteTable, VpcPeeringConnection};

use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G24",
    aliases: &["N16"],
    title: "Peering connection that no route uses",
    finds: "An active VPC peering connection to which no route table of this account leads.",
    costs: "Nothing by itself: but it counts as a way into its VPCs, which are then not cleaned up.",
    proof: "No route of any route table that was seen names the connection; route tables were listed \
            completely. Traffic needs a route on each side, and this side has none.",
    wrong: "- It is being set up: the routes come last.\n\
            - Security groups name groups of the other side: they must go first, and are not looked \
            at here.\n\
            - A stack or tool owns it: tagged owners are left alone.",
    remedy: "Left to its owner: `DeleteVpcPeeringConnection`. It is made anew by a request that the \
             other side must accept.",
    example: "The peering of a migration that is over.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::VpcPeeringConnection,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[Kind::RouteTable], look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, VpcPeeringConnection>) -> Look {
    let peering = subject.it;
    if peering.status.code != PeeringState::Active {
        return unmet(format!("status {}", peering.status.code));
    }
    let text = subject.id.as_str();
    let mut tables = scene.snapshot.all::<RouteTable>();
    let routed = tables.find(|table| {
        let mut targets = table.routes.iter();
        targets.any(|it| {
            it.vpc_peering_connection_id
                .as_deref()
                .is_some_and(|it| it == text)
        })
    });
    if let Some(table) = routed {
        return unmet(format!("a route of {} leads to it", table.route_table_id));
    }
    let sides = peering.sides();
    let sides: Vec<_> = sides.into_iter().map(|it| (&it.vpc_id).into()).collect();
    subject
        .draft(
            DOC.id,
            format!("no route leads to the peering connection {}", subject.id),
        )
        .related(sides)
        .observed(subject.id.clone(), "status active")
        .derived(
            subject.id.clone(),
            "no route table of this account names it (complete list)",
        )
        .open("being set up", "when it was made is not told by EC2")
        .advise("DeleteVpcPeeringConnection; a new one must be accepted by the other side")
        .into()
}
