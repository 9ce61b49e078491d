//! N5 (G3): NAT gateways to which no route leads.

use sandtable_model::Kind;

use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene, nat};

const DOC: RuleDoc = RuleDoc {
    id: "N5",
    aliases: &["G3"],
    title: "NAT gateway without a route",
    finds: "An available NAT gateway to which no route of any route table leads, the main tables and \
            those of gateways included.",
    costs: "A NAT gateway is billed by the hour, with or without traffic, and so is each of its \
            public addresses.",
    proof: "No route in the complete list of route tables names the gateway. It is at least \
            `nat_gateway_age_days_min` days old (7 unless the policy says otherwise).",
    wrong: "- It is being set up and the routes come later: young gateways are left alone.\n\
            - It is a private NAT gateway that other networks reach: left alone where its VPC has a \
            transit gateway, peering or VPN.\n\
            - A stack or tool owns it: left alone.\n\
            - Route tables could not all be listed: nothing is said.",
    remedy: "`DeleteNatGateway`, wait until it is deleted, then `ReleaseAddress` for its addresses, \
             unless they are allow-listed, named in DNS or the account's own. A new gateway can take \
             its place, with another id; kept addresses can be used again, released ones cannot.",
    example: "A gateway left by a migration, in us-east-1: $32.85 a month and $3.65 for its address.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::NatGateway,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for it in nat::candidates(scene, verdicts, DOC.id, &[Kind::RouteTable]) {
        if !it.routes.is_empty() {
            let count = it.routes.len();
            verdicts.unmet(DOC.id, &it.id, || {
                format!("routes that lead to it: {count}")
            });
            continue;
        }
        if nat::spared(scene, verdicts, DOC.id, &it) {
            continue;
        }
        let title = format!("no route leads to the NAT gateway {}", it.id);
        let finding = nat::draft(scene, DOC.id, &it, title)
            .derived(
                it.id.clone(),
                "no route of the complete list of route tables names it",
            )
            .done();
        verdicts.find(finding);
    }
}
