//! G27: virtual private gateways that are attached, and that no connection uses.

use sandtable_model::Kind;
use sandtable_model::resource::{VpnConnection, VpnGateway};

use crate::graph::Relation;
use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G27",
    aliases: &[],
    title: "Virtual private gateway without a connection",
    finds: "A virtual private gateway attached to a VPC, with no VPN connection.",
    costs: "Nothing by itself: but it counts as a way into its VPC, which is then not cleaned up.",
    proof: "`VpcAttachments` has an attached one, and no VPN connection names the gateway; VPN \
            connections were listed completely.",
    wrong: "- A Direct Connect virtual interface uses it: these are not read, so confidence is \
            medium.\n\
            - It is being set up: EC2 does not tell when it was made.\n\
            - A stack or tool owns it: tagged owners are left alone.",
    remedy: "Left to its owner: `DetachVpnGateway` (taken back by `AttachVpnGateway`), watch, \
             `DeleteVpnGateway`.",
    example: "The gateway of a VPN that has been deleted.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::VpnGateway,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[Kind::VpnConnection], look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, VpnGateway>) -> Look {
    let Some(attachment) = subject.it.attachment() else {
        return unmet("it is not attached to a VPC");
    };
    let users = scene
        .graph
        .dependents_of::<VpnConnection>(&subject.id, Relation::AttachedTo);
    if let Some(user) = users.first() {
        return unmet(format!("{} uses it", user.vpn_connection_id));
    }
    let vpc = &attachment.vpc_id;
    subject
        .draft(
            DOC.id,
            format!(
                "{} is attached to {vpc} , and no connection uses it",
                subject.id
            ),
        )
        .related([vpc.into()])
        .observed(subject.id.clone(), format!("attached to {vpc}"))
        .derived(
            subject.id.clone(),
            "no VPN connection names it (complete list)",
        )
        .open("Direct Connect", "virtual interfaces are not read")
        .advise("DetachVpnGateway, watch, then DeleteVpnGateway")
        .into()
}
