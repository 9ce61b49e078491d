//! A journal as people read it: what changed, when.

use std::fmt::Write as _;

use sandtable_model::{Action, Duration, Plan, ResourceId, StepId, StepOutcome, Timestamp};
use serde::Serialize;

use crate::journal::{CallResult, Entry, Record};

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimelineEntry {
    /// When, after the start of the run, in milliseconds.
    pub at_ms: Duration,
    /// When.
    pub at: Timestamp,
    /// The step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// AWS's name of the operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'static str>,
    /// The resource that the operation changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<ResourceId>,
    /// What kind of event it is.
    pub event: Event,
    /// What happened, in words.
    pub text: String,
}

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The run began, or went on.
    Start,
    /// A crash had left a record that was not completed.
    Torn,
    /// A call was made; whether it was answered is told by the next event.
    Call,
    /// The cloud accepted the call.
    Accepted,
    /// The call failed, or no answer came.
    Failed,
    /// A call whose outcome was not known was settled by looking.
    Settled,
    /// A step is done and its effects were seen.
    Done,
    /// A step's effects were there before its call.
    AlreadyDone,
    /// A step was left out.
    Skipped,
    /// Something differs from the rehearsal.
    Difference,
    /// A step was taken back.
    Undone,
    /// A step was not taken back.
    Kept,
    /// The run stopped.
    Stop,
    /// The run finished.
    Finish,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Torn => "torn",
            Self::Call => "call",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Settled => "settled",
            Self::Done => "done",
            Self::AlreadyDone => "already-done",
            Self::Skipped => "skipped",
            Self::Difference => "difference",
            Self::Undone => "undone",
            Self::Kept => "kept",
            Self::Stop => "stop",
            Self::Finish => "finish",
        }
    }
}

/// The events that a journal tells of, in order. What only serves the record (preconditions that
/// were looked at, resources that were observed) is left out.
pub fn timeline(entries: &[Entry], plan: &Plan) -> Vec<TimelineEntry> {
    let Some(first) = entries.first() else {
        return Vec::new();
    };
    let started_at = first.at;
    let mut lines = Vec::new();
    let mut begun = started_at;
    for entry in entries {
        if matches!(entry.record, Record::Begun { .. }) {
            begun = entry.at;
        }
        let Some((event, text)) = event_of(entry, begun) else {
            continue;
        };
        let step = entry.record.step().cloned();
        let action = action_of(&entry.record, plan);
        lines.push(TimelineEntry {
            at_ms: entry.at.since(started_at),
            at: entry.at,
            step,
            action: action.map(Action::name),
            target: action.map(Action::target),
            event,
            text,
        });
    }
    lines
}

/// A timeline as text, a line an event, in columns: the time since the start
/// (`hours:minutes:seconds. milliseconds`), the step, the event, the operation, its target, and
/// what happened. A column that does not apply holds `-`.
pub fn render_timeline(lines: &[TimelineEntry]) -> String {
    let width = |cell: fn(&TimelineEntry) -> usize| lines.iter().map(cell).max().unwrap_or(1);
    let steps = width(|it| it.step.as_ref().map_or(1, |step| step.0.len()));
    let events = width(|it| it.event.as_str().len());
    let actions = width(|it| it.action.map_or(1, str::len));
    let targets = width(|it| it.target.as_ref().map_or(1, |id| id.as_str().len()));
    let mut text = String::new();
    for line in lines {
        let step = line.step.as_ref().map_or("-", |step| step.0.as_str());
        let target = line.target.as_ref().map_or("-", ResourceId::as_str);
        let row = format!(
            "{}  {step:steps$}  {:events$}  {:actions$}  {target:targets$}  {}",
            stopwatch(line.at_ms),
            line.event.as_str(),
            line.action.unwrap_or("-"),
            line.text
        );
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

fn stopwatch(after: Duration) -> String {
    let millis = after.millis();
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
}

/// The call that a record is about: one of the step's undo calls, or the step's own.
fn action_of<'a>(record: &'a Record, plan: &'a Plan) -> Option<&'a Action> {
    let step = plan.step(record.step()?)?;
    let undo = match record {
        Record::Intent { call, .. } => return Some(call),
        Record::Outcome { undo, .. } | Record::Settled { undo, .. } => *undo,
        _ => None,
    };
    match undo {
        None => Some(&step.action),
        Some(index) => step.undo.actions.get(usize::try_from(index).ok()?),
    }
}

fn event_of(entry: &Entry, begun: Timestamp) -> Option<(Event, String)> {
    Some(match &entry.record {
        Record::Opened(opened) => {
            let steps = opened.approved.len();
            let text = format!("run of {steps} steps in the {} world", opened.world);
            (Event::Start, text)
        }
        Record::Resumed { .. } => (Event::Start, "resumed".to_owned()),
        Record::UndoOpened { .. } => (Event::Start, "taking back".to_owned()),
        Record::Torn { bytes, .. } => {
            let text = format!("a crash had left {bytes} bytes of a record that was not completed");
            (Event::Torn, text)
        }
        Record::Intent { attempt, undo, .. } => {
            let what = if undo.is_some() { "to take back, " } else { "" };
            (Event::Call, format!("{what}try {attempt}"))
        }
        Record::Outcome { result, .. } => outcome(result),
        Record::Settled { happened, seen, .. } => {
            let verdict = if *happened {
                "took effect"
            } else {
                "did not happen"
            };
            (Event::Settled, format!("{verdict}: {seen}"))
        }
        Record::Difference {
            resource,
            tolerated,
            ..
        } => {
            let text = match tolerated {
                Some(lax) => format!("{resource} differs from the rehearsal; tolerated: {lax}"),
                None => format!("{resource} differs from the rehearsal"),
            };
            (Event::Difference, text)
        }
        Record::Ended { outcome, .. } => ended(*outcome, entry.at.since(begun))?,
        Record::Skipped { reason, .. } => (Event::Skipped, reason.clone()),
        Record::Undone { .. } => (Event::Undone, "taken back".to_owned()),
        Record::Kept { reason, .. } => (Event::Kept, reason.clone()),
        Record::Halted {
            class, explanation, ..
        } => (Event::Stop, format!("{class}: {explanation}")),
        Record::Finished { done, skipped } => {
            (Event::Finish, format!("{done} done, {skipped} left out"))
        }
        Record::Begun { .. } | Record::Checked { .. } | Record::Observed { .. } => return None,
    })
}

fn outcome(result: &CallResult) -> (Event, String) {
    match result {
        CallResult::Accepted { created: Some(id) } => (Event::Accepted, format!("made {id}")),
        CallResult::Accepted { created: None } => (Event::Accepted, String::new()),
        CallResult::Failed {
            class,
            code,
            message,
        } => (Event::Failed, format!("{class}: {code}: {message}")),
    }
}

/// A failed step has no line of its own: the stop that follows says why.
fn ended(outcome: StepOutcome, took: Duration) -> Option<(Event, String)> {
    match outcome {
        StepOutcome::Done => Some((Event::Done, format!("effects seen after {took}"))),
        StepOutcome::AlreadyDone => Some((
            Event::AlreadyDone,
            "its effects were there; no call was needed".to_owned(),
        )),
        StepOutcome::Skipped | StepOutcome::Failed => None,
    }
}
