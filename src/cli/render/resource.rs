//! Everything known of a resource, in words.

use sandtable_orchestrator::{Link, ResourceReport};

use super::finding::{findings, not_flagged};
use super::text::{heading, wrap};

/// A resource: its place, cost, relations, what deleting it would do, and what the rules say.
pub(crate) fn resource(report: &ResourceReport) -> String {
    let name = report
        .name
        .as_deref()
        .map(|it| format!(" ({it})"))
        .unwrap_or_default();
    let (id, kind, region) = (&report.resource, report.kind.noun(), &report.region);
    let mut out = heading(&format!("{id}{name}"));
    out.push_str(&format!("{kind} in {region}\n"));
    let cost = match report.cost_usd_month {
        Some(usd) => format!("costs {} a month", usd.to_cents_string()),
        None => "price not known".to_owned(),
    };
    out.push_str(&format!("{cost}\n"));
    for line in &report.pricing {
        out.push_str(&wrap("  ", line));
    }
    out.push_str(&links("Depends on", &report.depends_on));
    out.push_str(&links("What depends on it", &report.dependents));
    let radius = &report.blast_radius;
    out.push('\n');
    out.push_str(&heading(&format!(
        "Deleting it (blast radius {})",
        radius.score
    )));
    if radius.harms.is_empty() {
        out.push_str("Nothing else is affected.\n");
    }
    for harm in &radius.harms {
        out.push_str(&wrap("  ", &format!("{} : {}", harm.resource, harm.reason)));
    }
    out.push('\n');
    out.push_str(&findings(&report.findings));
    out.push('\n');
    out.push_str(&not_flagged(&report.not_flagged));
    out
}

fn links(title: &str, links: &[Link]) -> String {
    if links.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}", heading(title));
    for link in links {
        let (relation, other, note) = (link.relation.as_str(), &link.other, &link.note);
        let note = if note.is_empty() {
            String::new()
        } else {
            format!(" ({note})")
        };
        out.push_str(&format!("  {relation:<16} {other}{note}\n"));
    }
    out
}
