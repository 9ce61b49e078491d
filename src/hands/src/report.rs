//! What a run came to, on standard output.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use miette::IntoDiagnostic;
use sandtable_executor::{Amendment, Failure as Stop, FailureClass, Run, RunOutcome, Undoing};
use sandtable_model::{Digest, Duration, StepId, StepOutcome, StepReceipt, Timestamp};
use serde::Serialize;

use crate::args::Format;
use crate::exit::Exit;

/// Prints what a run came to, and gives the exit code for it.
pub(crate) fn run(
    format: Format,
    journal: &Path,
    warrant: Digest,
    run: &Run,
) -> miette::Result<Exit> {
    let (outcome, stopped) = match &run.outcome {
        RunOutcome::Completed => ("completed", None),
        RunOutcome::Stopped { step, failure } => {
            ("stopped", Some(Stopped::new(step.as_ref(), failure)))
        }
        RunOutcome::BrokenOff => ("broken-off", None),
    };
    let result = RunResult {
        outcome,
        journal: journal.display().to_string(),
        warrant,
        started_at: run.started_at,
        duration_ms: run.duration,
        steps: &run.steps,
        stopped,
    };
    print(format, &result, RunResult::human)?;
    Ok(if run.is_completed() {
        Exit::Success
    } else {
        Exit::Stopped
    })
}

/// Prints what taking back came to, and gives the exit code for it.
pub(crate) fn undo(format: Format, journal: &Path, undoing: &Undoing) -> miette::Result<Exit> {
    let kept = undoing
        .kept
        .iter()
        .map(|(step, reason)| Kept { step, reason });
    let stopped = undoing.stopped.as_ref();
    let result = UndoResult {
        outcome: if stopped.is_none() {
            "completed"
        } else {
            "stopped"
        },
        journal: journal.display().to_string(),
        undone: &undoing.undone,
        kept: kept.collect(),
        stopped: stopped.map(|(step, failure)| Stopped::new(Some(step), failure)),
    };
    print(format, &result, UndoResult::human)?;
    Ok(if result.stopped.is_none() {
        Exit::Success
    } else {
        Exit::Stopped
    })
}

#[derive(Serialize)]
struct RunResult<'a> {
    /// `completed`, `stopped` or `broken-off`.
    outcome: &'static str,
    journal: String,
    warrant: Digest,
    started_at: Timestamp,
    duration_ms: Duration,
    steps: &'a [StepReceipt],
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<Stopped<'a>>,
}

#[derive(Serialize)]
struct Stopped<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'a StepId>,
    class: FailureClass,
    explanation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amendment: Option<&'a Amendment>,
}

#[derive(Serialize)]
struct UndoResult<'a> {
    /// `completed` or `stopped`.
    outcome: &'static str,
    journal: String,
    undone: &'a [StepId],
    kept: Vec<Kept<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<Stopped<'a>>,
}

#[derive(Serialize)]
struct Kept<'a> {
    step: &'a StepId,
    reason: &'a str,
}

impl<'a> Stopped<'a> {
    fn new(step: Option<&'a StepId>, failure: &'a Stop) -> Self {
        Stopped {
            step,
            class: failure.class,
            explanation: &failure.explanation,
            amendment: failure.amendment.as_ref(),
        }
    }

    fn human(&self, into: &mut String) {
        let at = self
            .step
            .map(|step| format!(" at step {step}"))
            .unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(into, "stopped{at} ({}): {}", self.class, self.explanation);
        if let Some(amendment) = self.amendment {
            let _ = writeln!(into, "what could be done: {}", amendment.text);
            for action in &amendment.actions {
                let _ = writeln!(into, "  {} on {}", action.name(), action.target());
            }
        }
    }
}

impl RunResult<'_> {
    fn human(&self) -> String {
        let count = |outcome| self.steps.iter().filter(|it| it.outcome == outcome).count();
        let mut text = format!(
            "{}: {} done, {} found done, {} left out, in {}\n",
            self.outcome,
            count(StepOutcome::Done),
            count(StepOutcome::AlreadyDone),
            count(StepOutcome::Skipped),
            self.duration_ms
        );
        if let Some(stopped) = &self.stopped {
            stopped.human(&mut text);
        }
        let _ = writeln!(text, "journal: {}", self.journal);
        text
    }
}

impl UndoResult<'_> {
    fn human(&self) -> String {
        let mut text = format!("{}: {} taken back\n", self.outcome, self.undone.len());
        for kept in &self.kept {
            let _ = writeln!(text, "step {} stays: {}", kept.step, kept.reason);
        }
        if let Some(stopped) = &self.stopped {
            stopped.human(&mut text);
        }
        let _ = writeln!(text, "journal: {}", self.journal);
        text
    }
}

fn print<T: Serialize>(
    format: Format,
    value: &T,
    human: impl FnOnce(&T) -> String,
) -> miette::Result<()> {
    let text = match format {
        Format::Human => human(value),
        Format::Json => serde_json::to_string_pretty(value).into_diagnostic()? + "\n",
    };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that went away is no error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.into_diagnostic(),
    }
}
