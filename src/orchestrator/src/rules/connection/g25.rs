//! G25: transit gateway attachments of VPCs that send nothing there.

use sandtable_model::resource::{
    RouteTable, Toggle, TransitAttachmentState, TransitGatewayAttachment, TransitResourceType, Vpc,
};
use sandtable_model::{Kind, ResourceId};

use crate::rules::judge::{DAYS_MIN, Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G25",
    aliases: &["N17"],
    title: "Transit gateway attachment of a VPC that no route leads out of",
    finds: "An available transit gateway attachment of a VPC, none of whose route tables has a route \
            to the transit gateway.",
    costs: "An attachment is billed by the hour to the owner of the VPC, with or without traffic.",
    proof: "No route of a table of the VPC names the transit gateway, so that no packet, and no reply \
            to one, can leave the VPC that way. Route tables were listed completely.",
    wrong: "- It inspects what passes (appliance mode): left alone.\n\
            - It is being set up: at least 7 days old.\n\
            - The VPC is another account's, whose tables are not seen: nothing is said.\n\
            - A stack or tool owns it: tagged owners are left alone.",
    remedy: "Left to its owner: take the attachment out of the transit gateway's route tables, watch, \
             then `DeleteTransitGatewayVpcAttachment`, and the static routes that name it. It is made \
             anew with the same subnets, under another id.",
    example: "A spoke that was moved to peering: $36.50 a month in us-east-1.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::TransitGatewayAttachment,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[Kind::RouteTable], look);
}

fn look(
    scene: &Scene<'_>,
    _: &Verdicts<'_>,
    subject: &Subject<'_, TransitGatewayAttachment>,
) -> Look {
    let it = subject.it;
    if it.state != TransitAttachmentState::Available {
        return unmet(format!("state {}", it.state));
    }
    let vpc = match it.resource_type {
        TransitResourceType::Vpc => it.resource_id.parse::<ResourceId>().ok(),
        _ => None,
    };
    let Some(vpc) = vpc else {
        return unmet(format!("it attaches a {}", it.resource_type));
    };
    let Some(seen) = scene.graph.get::<Vpc>(&vpc) else {
        return Look::Blind(format!("{vpc} , which it attaches, was not seen"));
    };
    if scene.graph.main_table(seen).is_none() {
        return Look::Blind(format!("the main route table of {vpc} was not seen"));
    }
    let gateway = it.transit_gateway_id.as_str();
    let tables = scene.graph.within::<RouteTable>(&vpc);
    let routed = tables.iter().find(|table| {
        let mut targets = table.routes.iter();
        targets.any(|it| {
            it.transit_gateway_id
                .as_deref()
                .is_some_and(|it| it == gateway)
        })
    });
    if let Some(table) = routed {
        return unmet(format!("a route of {} leads there", table.route_table_id));
    }
    let options = it.options.as_ref();
    if options.is_some_and(|it| it.appliance_mode_support == Toggle::Enable) {
        let reason = "its appliance mode is on".to_owned();
        return Look::Spared("inspection VPC", reason);
    }
    if let Some(reason) = scene.too_young(it.creation_time, DAYS_MIN) {
        return Look::Spared("age", reason);
    }
    let title = format!("no route of {vpc} leads to its attachment {}", subject.id);
    subject
        .draft(DOC.id, title)
        .related([vpc.clone(), (&it.transit_gateway_id).into()])
        .observed(
            subject.id.clone(),
            format!("{vpc} is attached to {gateway}"),
        )
        .derived(
            vpc,
            format!("no route of its tables leads to {gateway} (complete list)"),
        )
        .cleared("inspection VPC", "its appliance mode is off")
        .cleared("age", scene.age(it.creation_time))
        .price(&subject.id, &scene.price(&subject.id))
        .advise(
            "take it out of the transit gateway's route tables, watch, then \
             DeleteTransitGatewayVpcAttachment",
        )
        .into()
}
