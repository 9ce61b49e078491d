//! Plans in words.

use sandtable_model::{Plan, Step};

use super::text::{heading, wrap};

/// The steps of a plan and what it saves.
pub(crate) fn plan(plan: &Plan) -> String {
    let mut out = heading(&format!("Plan ({} steps)", plan.steps.len()));
    if plan.steps.is_empty() {
        out.push_str("Nothing to do.\n");
    }
    for step in &plan.steps {
        out.push_str(&one(step));
    }
    let (saving, approvals) = (
        plan.saving_usd_month.to_cents_string(),
        plan.approvals_required,
    );
    let people = if approvals == 1 {
        "one approval"
    } else {
        "approvals by different people"
    };
    let count = if approvals == 1 {
        String::new()
    } else {
        format!("{approvals} ")
    };
    out.push_str(&format!(
        "\nSaves {saving} a month; asks for {count}{people}.\n"
    ));
    out
}

/// What the planner left out, and what it could not look at.
pub(crate) fn plan_report(plan: &Plan) -> String {
    let report = &plan.report;
    let mut out = String::new();
    for dropped in &report.dropped {
        let text = format!("{}: {}", dropped.finding, dropped.reason);
        out.push_str(&wrap("left out     ", &text));
    }
    for line in &report.not_evaluated {
        out.push_str(&wrap("not checked  ", line));
    }
    for line in &report.notes {
        out.push_str(&wrap("note         ", line));
    }
    if out.is_empty() {
        out
    } else {
        format!("{}{out}", heading("Planning report"))
    }
}

fn one(step: &Step) -> String {
    let mut out = format!(
        "{:<4} {:<26} {}\n",
        step.id.0,
        step.action.name(),
        step.target()
    );
    out.push_str(&wrap("     ", &step.reason));
    let after: Vec<&str> = step.after.iter().map(|id| id.0.as_str()).collect();
    let mut facts = vec![
        format!("risk {}", step.risk),
        step.undo.reversibility.to_string(),
        format!("blast radius {}", step.blast_radius.score),
    ];
    if step.saving_usd_month.micros() != 0 {
        facts.push(format!("saves {}", step.saving_usd_month.to_cents_string()));
    }
    if !after.is_empty() {
        facts.push(format!("after {}", after.join(" ")));
    }
    out.push_str(&wrap("     ", &facts.join(" · ")));
    out
}
