//! G26: VPN connections of which every tunnel is down.

use sandtable_model::Kind;
use sandtable_model::resource::{VpnConnection, VpnState};

use crate::care::standby_tag;
use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

/// How long every tunnel must have been down.
const DAYS_MIN: i64 = 30;

const DOC: RuleDoc = RuleDoc {
    id: "G26",
    aliases: &["N18"],
    title: "VPN connection of which every tunnel is down",
    finds: "An available VPN connection of which every tunnel has been down for at least 30 days.",
    costs: "A VPN connection is billed by the hour for as long as it exists, up or down.",
    proof: "`VgwTelemetry` tells `DOWN` for every tunnel, and when that last changed.",
    wrong: "- It is a cold spare for Direct Connect: tags that say so are heeded.\n\
            - A tunnel that was never told of: nothing is said.\n\
            - The other side is being repaired: 30 days are waited for.",
    remedy: "Left to its owner: take its routes and propagation away, watch, then \
             `DeleteVpnConnection`. A new connection has other outside addresses and other keys, so \
             the other side must be set up anew.",
    example: "A tunnel to an office that has closed: $36.50 a month in us-east-1.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::VpnConnection,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[], look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, VpnConnection>) -> Look {
    let connection = subject.it;
    if connection.state != VpnState::Available {
        return unmet(format!("state {}", connection.state));
    }
    let tunnels = &connection.vgw_telemetry;
    if tunnels.is_empty() {
        return Look::Blind(format!("the tunnels of {} were not told of", subject.id));
    }
    let up = tunnels
        .iter()
        .find(|it| it.status.as_deref() != Some("DOWN"));
    if let Some(up) = up {
        let status = up.status.as_deref().unwrap_or("not told");
        return unmet(format!("a tunnel's status is {status}"));
    }
    for tunnel in tunnels {
        if let Some(reason) = scene.too_young(tunnel.last_status_change, DAYS_MIN) {
            return Look::Spared("down only now", format!("a tunnel's status is {reason}"));
        }
    }
    if let Some(reason) = standby_tag(&connection.tags) {
        return Look::Spared("standby", reason);
    }
    let since = tunnels.iter().filter_map(|it| it.last_status_change).max();
    subject
        .draft(DOC.id, format!("every tunnel of the VPN connection {} is down", subject.id))
        .observed(subject.id.clone(), format!("{} tunnels, every one DOWN", tunnels.len()))
        .observed(subject.id.clone(), format!("the last change is {}", scene.age(since)))
        .cleared("down only now", format!("at least {DAYS_MIN} days"))
        .cleared("standby", "no tag says so")
        .price(&subject.id, &scene.price(&subject.id))
        .advise("take its routes away, watch, then DeleteVpnConnection: addresses and keys do not come back")
        .into()
}
