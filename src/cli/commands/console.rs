//! `console`: findings, plan, rehearsal and run in the terminal, on the twin.

use std::collections::BTreeSet;

use miette::IntoDiagnostic;
use sandtable_executor::{Event, RunOutcome, TimelineEntry, render_timeline};
use sandtable_model::{Plan, Policy, StepId};
use sandtable_orchestrator::{Prices, propose, understand};
use sandtable_scenario::{Loaded, RehearseOptions, rehearse};
use sandtable_tui::{End, Progress, Rehearsal, Scene, Session, SessionError, StepState, TwinRun};

use crate::args::ConsoleArgs;
use crate::exit::Exit;
use crate::output::say;
use crate::source;

/// Opens the console on a source.
pub(crate) fn run(args: &ConsoleArgs) -> miette::Result<Exit> {
    let opened = source::open_under(&args.source, &args.policy)?;
    let session = TwinSession {
        name: args.source.source.display().to_string(),
        policy: opened.policy,
        loaded: Loaded {
            snapshot: opened.snapshot,
            scenario: opened.scenario,
            notes: Vec::new(),
        },
        prices: Prices::embedded(),
        plan: None,
    };
    let outcome = sandtable_tui::run(Box::new(session)).into_diagnostic()?;
    let steps = |ids: &BTreeSet<StepId>| {
        ids.iter()
            .map(|id| id.0.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    if !outcome.approved.is_empty() {
        say(&format!(
            "approved in the console: {}",
            steps(&outcome.approved)
        ));
        say("nothing is signed yet: `sandtable rehearse` and `sandtable approve` do that");
    }
    if !outcome.rejected.is_empty() {
        say(&format!(
            "rejected in the console: {}",
            steps(&outcome.rejected)
        ));
    }
    Ok(match outcome.end {
        End::Quit => Exit::Success,
        End::Interrupted(signal) => Exit::from_code(128 + signal).unwrap_or(Exit::Terminated),
    })
}

/// A source and its plan, with a twin for every rehearsal and run.
struct TwinSession {
    name: String,
    loaded: Loaded,
    policy: Policy,
    prices: Prices,
    plan: Option<Plan>,
}

impl TwinSession {
    fn rehearsed(
        &self,
        steps: &BTreeSet<StepId>,
    ) -> Result<sandtable_scenario::Rehearsal, SessionError> {
        let options = RehearseOptions {
            steps: Some(steps.clone()),
            ..RehearseOptions::default()
        };
        let plan = self.plan.clone();
        Ok(rehearse(
            &self.loaded,
            &self.policy,
            &self.prices,
            plan,
            &options,
        )?)
    }
}

impl Session for TwinSession {
    fn scene(&mut self) -> Result<Scene, SessionError> {
        let (snapshot, policy, prices) = (&self.loaded.snapshot, &self.policy, &self.prices);
        let understanding = understand(snapshot, policy, prices);
        let plan = propose(snapshot, policy, prices, &understanding)?;
        self.plan = Some(plan.clone());
        Ok(Scene {
            source: self.name.clone(),
            findings: understanding.findings,
            suppressed: understanding.suppressed,
            plan,
            rehearsal: None,
        })
    }

    fn rehearse(&mut self, steps: &BTreeSet<StepId>) -> Result<Rehearsal, SessionError> {
        let rehearsal = self.rehearsed(steps)?;
        Ok(Rehearsal {
            steps: steps.clone(),
            timeline: render_timeline(&rehearsal.timeline)
                .lines()
                .map(str::to_owned)
                .collect(),
            receipt: rehearsal.receipt,
            diff: rehearsal.diff,
        })
    }

    fn run_on_twin(
        &mut self,
        steps: &BTreeSet<StepId>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<TwinRun, SessionError> {
        let rehearsal = self.rehearsed(steps)?;
        rehearsal
            .timeline
            .iter()
            .filter_map(progress_of)
            .for_each(progress);
        let lines = match &rehearsal.run.outcome {
            RunOutcome::Completed => rehearsal.receipt.problems.clone(),
            RunOutcome::Stopped { step, failure } => {
                let place = step
                    .as_ref()
                    .map(|id| format!(" at {id}"))
                    .unwrap_or_default();
                vec![format!("stopped{place}: {}", failure.explanation)]
            }
            RunOutcome::BrokenOff => vec!["the run was broken off".to_owned()],
        };
        Ok(TwinRun {
            succeeded: rehearsal.run.is_completed() && rehearsal.receipt.problems.is_empty(),
            duration: rehearsal.run.duration,
            saving_usd_month: rehearsal.saving_usd_month,
            lines,
        })
    }
}

fn progress_of(entry: &TimelineEntry) -> Option<Progress> {
    let state = match entry.event {
        Event::Call | Event::Accepted | Event::Settled => StepState::Running,
        Event::Done | Event::AlreadyDone => StepState::Done,
        Event::Skipped => StepState::Skipped,
        Event::Failed | Event::Difference | Event::Stop => StepState::Failed,
        _ => return None,
    };
    let (at, step, text) = (entry.at_ms, entry.step.clone(), entry.text.clone());
    Some(Progress {
        at,
        step,
        state,
        text,
    })
}
