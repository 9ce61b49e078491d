//! The steps, what each does and risks, and what was decided on it.

use sandtable_model::{HarmKind, Risk, Step, Usd};

use super::{Entry, names};
use crate::decisions::Decision;
use crate::state::State;
use crate::text::Paragraph;
use crate::theme::Tone;

pub(super) fn title(state: &State) -> String {
    let (plan, approved) = (&state.scene.plan, state.approved());
    let steps = plan.steps.iter().filter(|step| approved.contains(&step.id));
    let saving = steps.fold(Usd::ZERO, |sum, step| sum + step.saving_usd_month);
    format!(
        "{} of {} approved, saving {} of {} a month",
        approved.len(),
        plan.steps.len(),
        saving.to_cents_string(),
        plan.saving_usd_month.to_cents_string(),
    )
}

pub(super) fn entries(state: &State) -> Vec<Entry> {
    let decisions = state.decisions.all(&state.scene.plan);
    let steps = state.scene.plan.steps.iter();
    let entry = |step: &Step| {
        let decision = decisions.get(&step.id).unwrap_or(&Decision::Open);
        let (mark, tone) = mark(decision);
        Entry {
            left: format!(
                "{mark} {} {} {}",
                step.id,
                step.action.name(),
                step.target()
            ),
            right: format!(
                "{:>10} {:<6}",
                step.saving_usd_month.to_cents_string(),
                step.risk.to_string()
            ),
            tone,
        }
    };
    steps.map(entry).collect()
}

pub(super) fn details(state: &State) -> Vec<Paragraph> {
    let Some(step) = state.selected_step() else {
        let mut text = vec![Paragraph::plain("The plan has no steps.")];
        text.extend(report(state));
        return text;
    };
    let mut text = vec![
        Paragraph::heading(format!(
            "{} {} {}",
            step.id,
            step.action.name(),
            step.target()
        )),
        decision(state, step),
        Paragraph::field("why", step.reason.clone()),
        Paragraph::field("region", step.region.to_string()),
        Paragraph::field(
            "saving",
            format!("{} a month", step.saving_usd_month.to_cents_string()),
        ),
        Paragraph::labelled(
            Tone::Dim,
            "risk        ",
            risk_tone(step.risk),
            step.risk.to_string(),
        ),
    ];
    text.extend(blast_radius(step));
    text.extend(undo(step));
    text.extend(order(state, step));
    let conditions = [
        ("before", &step.preconditions),
        ("afterwards", &step.effects),
    ];
    for (label, conditions) in conditions {
        text.extend(
            conditions
                .iter()
                .map(|it| Paragraph::field(label, it.to_string())),
        );
    }
    if !step.watch.is_empty() {
        let watched: Vec<&str> = step.watch.iter().map(|id| id.as_str()).collect();
        text.push(Paragraph::field("watched", watched.join(" ")));
    }
    text.extend(parameters(step));
    let findings: Vec<&str> = step.findings.iter().map(|id| id.0.as_str()).collect();
    text.push(Paragraph::field("serves", findings.join(" ")));
    text.push(Paragraph::blank());
    text.extend(report(state));
    text
}

fn mark(decision: &Decision) -> (&'static str, Tone) {
    match decision {
        Decision::Open => ("[ ]", Tone::Plain),
        Decision::Approved => ("[x]", Tone::Good),
        Decision::Rejected => ("[-]", Tone::Bad),
        Decision::Follows(_) => ("[~]", Tone::Warn),
    }
}

fn decision(state: &State, step: &Step) -> Paragraph {
    let decisions = state.decisions.all(&state.scene.plan);
    let decision = decisions.get(&step.id).unwrap_or(&Decision::Open);
    let (mark, tone) = mark(decision);
    let words = match decision {
        Decision::Open => "not decided".to_owned(),
        Decision::Approved => "approved".to_owned(),
        Decision::Rejected => "rejected".to_owned(),
        Decision::Follows(root) => format!("cannot be done, because {root} was rejected"),
    };
    Paragraph::labelled(Tone::Dim, "decision    ", tone, format!("{mark} {words}"))
}

const fn risk_tone(risk: Risk) -> Tone {
    match risk {
        Risk::Low => Tone::Good,
        Risk::Medium => Tone::Warn,
        Risk::High => Tone::Bad,
    }
}

fn blast_radius(step: &Step) -> Vec<Paragraph> {
    let radius = &step.blast_radius;
    let score = match radius.harms.is_empty() {
        true => format!("{}, nothing but the target", radius.score),
        false => radius.score.to_string(),
    };
    let mut text = vec![Paragraph::field("blast radius", score)];
    text.extend(radius.harms.iter().map(|harm| {
        let (label, tone) = match harm.kind {
            HarmKind::Removed => ("removes", Tone::Bad),
            HarmKind::LosesPath => ("cuts off", Tone::Bad),
            HarmKind::Changed => ("changes", Tone::Warn),
        };
        let words = format!("{} {}", harm.resource, harm.reason);
        Paragraph::labelled(tone, &format!("{label:<11} "), Tone::Plain, words)
    }));
    text
}

fn undo(step: &Step) -> Vec<Paragraph> {
    let undo = &step.undo;
    let words = match undo.note.is_empty() {
        true => undo.reversibility.to_string(),
        false => format!("{}: {}", undo.reversibility, undo.note),
    };
    let mut text = vec![Paragraph::field("undo", words)];
    text.extend(
        undo.actions
            .iter()
            .map(|action| Paragraph::field("", format!("{} {}", action.name(), action.target()))),
    );
    text
}

fn order(state: &State, step: &Step) -> Vec<Paragraph> {
    let mut text = Vec::new();
    if !step.after.is_empty() {
        text.push(Paragraph::field("after", names(&step.after)));
    }
    let later = state
        .scene
        .plan
        .steps
        .iter()
        .filter(|it| it.after.contains(&step.id));
    let needed_by = names(later.map(|it| &it.id));
    if !needed_by.is_empty() {
        text.push(Paragraph::field("needed by", needed_by));
    }
    text
}

fn parameters(step: &Step) -> Vec<Paragraph> {
    let Ok((_, parameters)) = step.action.to_parts() else {
        return Vec::new();
    };
    let members = parameters.as_object().into_iter().flatten();
    let field = members.map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Paragraph::field("parameter", format!("{name} = {value}"))
    });
    field.collect()
}

/// What the planner has to say about the plan as a whole.
fn report(state: &State) -> Vec<Paragraph> {
    let plan = &state.scene.plan;
    let people = match plan.approvals_required {
        0 | 1 => "one person must approve".to_owned(),
        number => format!("{number} different people must approve"),
    };
    let mut text = vec![
        Paragraph::heading("The plan as a whole"),
        Paragraph::field("consent", people),
    ];
    let report = &plan.report;
    text.extend(report.dropped.iter().map(|dropped| {
        Paragraph::field(
            "left out",
            format!("{} : {}", dropped.finding, dropped.reason),
        )
    }));
    let lines = report.not_evaluated.iter();
    text.extend(lines.map(|line| Paragraph::field("not checked", line.clone())));
    text.extend(
        report
            .notes
            .iter()
            .map(|note| Paragraph::field("note", note.clone())),
    );
    text
}
