//! A run on the twin: what happens, and how it ended.

use super::{count, is_rehearsed};
use crate::session::{Progress, StepState, TwinRun};
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
    text.extend(run.progress.iter().map(line));
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

fn line(progress: &Progress) -> Paragraph {
    let (word, tone) = match progress.state {
        StepState::Running => ("running", Tone::Plain),
        StepState::Done => ("done", Tone::Good),
        StepState::Skipped => ("skipped", Tone::Warn),
        StepState::Failed => ("FAILED", Tone::Bad),
    };
    let step = progress.step.as_ref().map_or("", |id| id.0.as_str());
    let label = format!("{:>12} {step:<4} {word:<8} ", progress.at.to_string());
    Paragraph::labelled(tone, &label, Tone::Plain, progress.text.clone())
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
