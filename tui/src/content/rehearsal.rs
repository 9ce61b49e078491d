//! What the approved steps came to on a fork of the twin.

use std::collections::BTreeSet;

use sandtable_model::{Diff, FaultRun, ResourceChange, StepId, Verdict};

use super::{count, names};
use crate::session::Rehearsal;
use crate::state::{State, Work};
use crate::text::Paragraph;
use crate::theme::Tone;

/// How far in a line of the timeline goes on: below its step.
const TIMELINE_HANG: u16 = 14;

/// Whether the rehearsal passed.
pub(crate) fn passed(rehearsal: &Rehearsal) -> bool {
    rehearsal.receipt.verdict == Verdict::Pass
}

/// Whether exactly these steps passed a rehearsal.
pub(crate) fn is_rehearsed(state: &State, steps: &BTreeSet<StepId>) -> bool {
    let last = state.rehearsal();
    last.is_some_and(|rehearsal| passed(rehearsal) && rehearsal.steps == *steps)
}

pub(super) fn details(state: &State) -> Vec<Paragraph> {
    let mut text = Vec::new();
    let approved = state.approved();
    if let Work::Rehearsing(so_far, steps) = state.work {
        let steps = count(steps, "step");
        text.push(Paragraph::toned(
            Tone::Warn,
            format!("Rehearsing {steps} on a fork of the twin … {so_far}"),
        ));
        return text;
    }
    match &state.rehearsal {
        None => text.extend(invitation(&approved)),
        Some(Err(error)) => {
            text.push(Paragraph::toned(
                Tone::Bad,
                "The rehearsal could not be made.",
            ));
            text.push(Paragraph::plain(error.clone()));
        }
        Some(Ok(rehearsal)) => {
            if rehearsal.steps != approved {
                text.push(stale(rehearsal, &approved));
                text.push(Paragraph::blank());
            }
            text.extend(result(rehearsal));
        }
    }
    text
}

fn invitation(approved: &BTreeSet<StepId>) -> Vec<Paragraph> {
    let how = match approved.len() {
        0 => "Approve steps on screen 2, then press t to rehearse them.".to_owned(),
        number => format!(
            "Press t to rehearse the approved {}.",
            count(number, "step")
        ),
    };
    vec![
        Paragraph::heading("Nothing was rehearsed yet."),
        Paragraph::plain(how),
    ]
}

fn stale(rehearsal: &Rehearsal, approved: &BTreeSet<StepId>) -> Paragraph {
    let (here, there) = (names(&rehearsal.steps), names(approved));
    let text = match approved.is_empty() {
        true => format!("! This rehearsal is of {here} ; no step is approved."),
        false => {
            format!("! This rehearsal is of {here} ; approved are {there} . Press t for those.")
        }
    };
    Paragraph::toned(Tone::Warn, text)
}

fn result(rehearsal: &Rehearsal) -> Vec<Paragraph> {
    let receipt = &rehearsal.receipt;
    let (tone, verdict) = match passed(rehearsal) {
        true => (Tone::Good, "passed"),
        false => (Tone::Bad, "failed"),
    };
    let mut text = vec![
        Paragraph::labelled(Tone::Dim, "verdict     ", tone, verdict),
        Paragraph::field(
            "saving",
            format!("{} a month", receipt.saving_usd_month.to_cents_string()),
        ),
        Paragraph::field("steps", names(&rehearsal.steps)),
        Paragraph::field(
            "took",
            format!("{} on the twin's clock", receipt.duration_ms),
        ),
        Paragraph::field("seed", format!("{}, twin {}", receipt.seed, receipt.twin)),
    ];
    let problems = receipt.problems.iter();
    text.extend(problems.map(|problem| {
        Paragraph::labelled(Tone::Bad, "problem     ", Tone::Plain, problem.clone())
    }));
    text.extend([Paragraph::blank(), Paragraph::heading("Timeline")]);
    let lines = rehearsal.timeline.iter();
    text.extend(lines.map(|line| Paragraph::table_row(line, TIMELINE_HANG)));
    text.extend([
        Paragraph::blank(),
        Paragraph::heading("Difference, before and after"),
    ]);
    text.extend(difference(&rehearsal.diff));
    text.extend([Paragraph::blank(), Paragraph::heading("With faults")]);
    text.extend(faults(&receipt.fault_runs));
    text
}

fn difference(diff: &Diff) -> Vec<Paragraph> {
    if diff.is_empty() {
        return vec![Paragraph::plain("Nothing differs.")];
    }
    let mut text = Vec::new();
    for (id, change) in &diff.resources {
        let what = format!("{} {id}", id.kind().noun());
        match change {
            ResourceChange::Created { .. } => {
                text.push(Paragraph::labelled(Tone::Good, "+ ", Tone::Plain, what));
            }
            ResourceChange::Deleted { .. } => {
                text.push(Paragraph::labelled(Tone::Bad, "- ", Tone::Plain, what));
            }
            ResourceChange::Changed { facts } => {
                text.push(Paragraph::labelled(Tone::Warn, "~ ", Tone::Plain, what));
                text.extend(facts.iter().map(|(name, change)| {
                    let side = |value: &Option<String>| value.clone().unwrap_or("(none)".into());
                    let (before, after) = (side(&change.before), side(&change.after));
                    Paragraph::labelled(
                        Tone::Dim,
                        "    ",
                        Tone::Plain,
                        format!("{name}: {before} -> {after}"),
                    )
                }));
            }
        }
    }
    text
}

fn faults(runs: &[FaultRun]) -> Vec<Paragraph> {
    if runs.is_empty() {
        return vec![Paragraph::plain("No fault was tried.")];
    }
    let line = |run: &FaultRun| {
        let (label, tone) = match (run.safe, run.completed) {
            (false, _) => ("UNSAFE", Tone::Bad),
            (true, true) => ("completed", Tone::Good),
            (true, false) => ("stopped", Tone::Good),
        };
        let words = format!("{} {} : {}", run.step, run.fault, run.outcome);
        Paragraph::labelled(tone, &format!("{label:<11} "), Tone::Plain, words)
    };
    runs.iter().map(line).collect()
}
