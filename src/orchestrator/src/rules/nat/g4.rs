//! G4: NAT gateways that only dead route tables name.

use sandtable_model::Kind;
use sandtable_model::resource::AsResource;

use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene, nat};

const DOC: RuleDoc = RuleDoc {
    id: "G4",
    aliases: &[],
    title: "NAT gateway referenced only by route tables that nothing uses",
    finds: "An available NAT gateway with routes to it, all of them in route tables that no subnet \
            and no gateway uses. Checks that ask whether any table names the gateway think it used.",
    costs: "A NAT gateway is billed by the hour, with or without traffic, and so is each of its \
            public addresses.",
    proof: "Each table with a route to it has no association, and, if it is a main table, every \
            subnet of its VPC has a table of its own. Subnets and route tables were listed \
            completely.",
    wrong: "- A main table serves every subnet that has no table of its own: such subnets count.\n\
            - What would make N5 wrong holds here too.",
    remedy: "Delete the routes (taken back by `CreateRoute`), then `DeleteNatGateway`, release its \
             addresses unless they must be kept, and delete the dead tables that are not main ones.",
    example: "A table that was replaced by another and kept `just in case`: $36.50 a month.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::NatGateway,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for it in nat::candidates(scene, verdicts, DOC.id, &[Kind::RouteTable, Kind::Subnet]) {
        if it.routes.is_empty() {
            verdicts.unmet(DOC.id, &it.id, || {
                "no route leads to it (see N5)".to_owned()
            });
            continue;
        }
        let used = it.routes.iter().map(|it| it.table).find_map(|table| {
            let subnet = scene
                .graph
                .subnets_using(&table.resource_id())
                .into_iter()
                .next();
            let by = subnet.map(|it| it.subnet.to_string());
            let by = by.or_else(|| scene.graph.gateways_using(table).into_iter().next())?;
            Some(format!(
                "{by} uses {} , which leads to it",
                table.route_table_id
            ))
        });
        if let Some(reason) = used {
            verdicts.unmet(DOC.id, &it.id, || reason);
            continue;
        }
        if nat::spared(scene, verdicts, DOC.id, &it) {
            continue;
        }
        let title = format!(
            "only route tables that nothing uses lead to the NAT gateway {}",
            it.id
        );
        let mut draft = nat::draft(scene, DOC.id, &it, title);
        for hit in &it.routes {
            let (table, to) = (hit.table.resource_id(), hit.route.destination());
            draft = draft
                .observed(
                    table.clone(),
                    format!("a route for {to} leads to the gateway"),
                )
                .derived(table, "no subnet and no gateway uses the table");
        }
        verdicts.find(draft.done());
    }
}
