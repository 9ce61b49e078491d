//! A run on the twin: what happens, and how it ended.

use sandtable_model::Step;

use super::{count, is_rehearsed};
use crate::session::{StepState, TwinRun};
use crate::state::{Run, State, Work};
use crate::text::Paragraph;
use crate::theme::Tone;

pub(super) fn details(state: &State) -> Vec<Paragraph> {
    let Some(run) = &state.run else {
        return invitation(state);
    };
    let mut text = Vec::new();
    let (over, all) = (run.steps_over(), count(run.steps.len(), "step"));
    match (&run.end, state.work) {
        (None, Work::Running(so_far)) => text.push(Paragraph::toned(
            Tone::Warn,
            format!("Running on the twin: {over} of {all} over … {so_far}"),
        )),
        _ => text.push(Paragraph::heading(format!(
            "Run on the twin: {over} of {all} over"
        ))),
    }
    text.extend(steps(state, run));
    let others = run.progress.iter().filter(|it| it.step.is_none());
    text.extend(others.map(|it| Paragraph::field("", format!("{} : {}", it.at, it.text))));
    text.extend(run.end.iter().flat_map(|end| ended(run, end)));
    text
}

fn invitation(state: &State) -> Vec<Paragraph> {
    let approved = state.approved();
    let how = if approved.is_empty() {
        "Approve steps on screen 2, rehearse them with t, then press x.".to_owned()
    } else if is_rehearsed(state, &approved) {
        format!(
            "Press x to run the approved {} on the twin.",
            count(approved.len(), "step")
        )
    } else {
        "Press t to rehearse the approved steps first, then x to run them.".to_owned()
    };
    vec![
        Paragraph::heading("Nothing was run yet."),
        Paragraph::plain(how),
        Paragraph::plain("A run here changes the twin alone, never a real account."),
    ]
}

/// A row per step, in the order of the plan, with what was told of it last.
fn steps(state: &State, run: &Run) -> Vec<Paragraph> {
    let plan = state.scene.plan.steps.iter();
    let to_run = plan.filter(|step| run.steps.contains(&step.id));
    let row = |step: &Step| {
        let told = run.progress.iter().rev();
        let last = told.clone().find(|it| it.step.as_ref() == Some(&step.id));
        let (word, tone) = match last.map(|it| it.state) {
            None => ("waiting", Tone::Dim),
            Some(StepState::Running) => ("running", Tone::Warn),
            Some(StepState::Done) => ("done", Tone::Good),
            Some(StepState::Skipped) => ("skipped", Tone::Warn),
            Some(StepState::Failed) => ("FAILED", Tone::Bad),
        };
        let mut text = format!("{} {}", step.action.name(), step.target());
        if let Some(last) = last {
            text.push_str(&format!("  {}", last.at));
            if last.state != StepState::Done && !last.text.is_empty() {
                text.push_str(&format!("  {}", last.text));
            }
        }
        Paragraph::labelled(
            tone,
            &format!("{:<4} {word:<8} ", step.id.0),
            Tone::Plain,
            text,
        )
    };
    to_run.map(row).collect()
}

/// The text down to the step that was told of last: what is to be in sight during the run.
pub(crate) fn down_to_current(state: &State) -> Vec<Paragraph> {
    let mut text = details(state);
    let Some(run) = &state.run else { return text };
    let current = run.progress.iter().rev().find_map(|it| it.step.as_ref());
    let in_order = state.scene.plan.steps.iter().map(|step| &step.id);
    let place = in_order
        .filter(|id| run.steps.contains(*id))
        .position(|id| Some(id) == current);
    if run.end.is_none()
        && let Some(place) = place
    {
        // The row of the headline, and the rows of the steps up to this one.
        text.truncate(place + 2);
    }
    text
}

fn ended(run: &Run, end: &Result<TwinRun, String>) -> Vec<Paragraph> {
    let mut text = vec![Paragraph::blank()];
    match end {
        Err(error) => {
            text.push(Paragraph::toned(Tone::Bad, "The run could not be made."));
            text.push(Paragraph::plain(error.clone()));
        }
        Ok(end) => {
            let (tone, result) = match end.succeeded {
                true => (Tone::Good, "succeeded"),
                false => (Tone::Bad, "stopped"),
            };
            let saving = end.saving_usd_month.to_cents_string();
            text.push(Paragraph::labelled(Tone::Dim, "result      ", tone, result));
            text.push(Paragraph::field("steps", super::names(&run.steps)));
            text.push(Paragraph::field("saving", format!("{saving} a month")));
            text.push(Paragraph::field(
                "took",
                format!("{} on the twin's clock", end.duration),
            ));
            text.extend(end.lines.iter().map(Paragraph::plain));
        }
    }
    text
}
