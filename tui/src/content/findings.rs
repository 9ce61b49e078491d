//! What was found, what supports it, and what was looked at and not flagged.

use sandtable_model::{Finding, Grade, GuardOutcome, Suppressed};

use super::{Entry, count, names};
use crate::state::State;
use crate::text::Paragraph;
use crate::theme::Tone;

pub(super) fn title(state: &State) -> String {
    let (found, not) = (state.scene.findings.len(), state.scene.suppressed.len());
    format!(
        "{}, {not} looked at and not flagged",
        count(found, "finding")
    )
}

pub(super) fn entries(state: &State) -> Vec<Entry> {
    let found = state.scene.findings.iter().map(|finding| Entry {
        left: format!("{:<4} {}", finding.rule.0, subject(finding)),
        right: format!(
            "{:>10} {:<6}",
            saving(finding),
            finding.confidence.to_string()
        ),
        tone: Tone::Plain,
    });
    let not = state.scene.suppressed.iter().map(|it| Entry {
        left: format!("{:<4} {} {}", it.rule.0, it.resource, it.guard),
        right: "not flagged".to_owned(),
        tone: Tone::Dim,
    });
    found.chain(not).collect()
}

pub(super) fn details(state: &State) -> Vec<Paragraph> {
    let (findings, selected) = (&state.scene.findings, state.position().selected);
    if let Some(finding) = findings.get(selected) {
        return finding_details(state, finding);
    }
    match state
        .scene
        .suppressed
        .get(selected - findings.len().min(selected))
    {
        Some(suppressed) => suppressed_details(suppressed),
        None => vec![Paragraph::plain("Nothing wasteful was found.")],
    }
}

/// The title, with the resource before it when it does not name it.
fn subject(finding: &Finding) -> String {
    match finding.title.contains(finding.resource.as_str()) {
        true => finding.title.clone(),
        false => format!("{} {}", finding.resource, finding.title),
    }
}

fn saving(finding: &Finding) -> String {
    match finding.saving_usd_month {
        Some(usd) => usd.to_cents_string(),
        None => "no price".to_owned(),
    }
}

fn finding_details(state: &State, finding: &Finding) -> Vec<Paragraph> {
    let mut text = vec![
        Paragraph::heading(finding.title.clone()),
        Paragraph::field("finding", finding.id.to_string()),
        Paragraph::field(
            "resource",
            format!("{} in {}", finding.resource, finding.region),
        ),
        Paragraph::field("confidence", finding.confidence.to_string()),
        Paragraph::field("saving", format!("{} a month", saving(finding))),
    ];
    text.extend(
        finding
            .pricing
            .iter()
            .map(|line| Paragraph::field("price", line.clone())),
    );
    for evidence in &finding.evidence {
        let (label, tone) = match evidence.grade {
            Grade::Observed => ("seen", Tone::Good),
            Grade::Derived => ("derived", Tone::Plain),
            Grade::Unknown => ("unknown", Tone::Warn),
        };
        let label = format!("{label:<11} ");
        let resource = evidence
            .resource
            .as_ref()
            .filter(|it| **it != finding.resource);
        let claim = match resource {
            Some(resource) => format!("{} ({resource})", evidence.claim),
            None => evidence.claim.clone(),
        };
        text.push(Paragraph::labelled(tone, &label, Tone::Plain, claim));
    }
    for guard in &finding.guards {
        let (label, tone) = match guard.outcome {
            GuardOutcome::Cleared => ("cleared", Tone::Good),
            GuardOutcome::Unknown => ("not cleared", Tone::Warn),
        };
        let claim = format!("{}: {}", guard.name, guard.reason);
        text.push(Paragraph::labelled(
            tone,
            &format!("{label:<11} "),
            Tone::Plain,
            claim,
        ));
    }
    if !finding.related.is_empty() {
        let related: Vec<&str> = finding.related.iter().map(|id| id.as_str()).collect();
        text.push(Paragraph::field("related", related.join(" ")));
    }
    text.push(in_plan(state, finding));
    text
}

/// Which steps serve the finding, or why none does.
fn in_plan(state: &State, finding: &Finding) -> Paragraph {
    let plan = &state.scene.plan;
    let serving = plan
        .steps
        .iter()
        .filter(|step| step.findings.contains(&finding.id));
    let steps = names(serving.map(|step| &step.id));
    if !steps.is_empty() {
        return Paragraph::field("plan", format!("served by {steps}"));
    }
    if let Some(advice) = &finding.advice {
        return Paragraph::field("advice", advice.clone());
    }
    let dropped = plan
        .report
        .dropped
        .iter()
        .find(|it| it.finding == finding.id);
    let why = match dropped {
        Some(dropped) => format!("left out: {}", dropped.reason),
        None => "no step serves it".to_owned(),
    };
    Paragraph::field("plan", why)
}

fn suppressed_details(suppressed: &Suppressed) -> Vec<Paragraph> {
    vec![
        Paragraph::heading(format!(
            "Looked at and not flagged: {}",
            suppressed.resource
        )),
        Paragraph::field("rule", suppressed.rule.to_string()),
        Paragraph::field("guard", suppressed.guard.clone()),
        Paragraph::field("because", suppressed.reason.clone()),
    ]
}
