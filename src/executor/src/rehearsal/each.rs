//! One fault of each kind at every step.

use sandtable_cloud::Stage;
use sandtable_model::{Duration, EffectKind, Fault, FaultPlan, Span, Step, StepId, StepOutcome};

use super::judge::{DENIED, DRIFT, Demand, GETS_OVER, STUCK, Trials};
use super::{Rehearsal, TroubleRun, rehearse};
use crate::RunError;
use crate::journal::{Entry, Record};

impl<C: Stage> Trials<'_, C> {
    pub(super) fn each(&self, baseline: &Rehearsal) -> Result<Vec<TroubleRun>, RunError> {
        let done = baseline.run.steps.iter();
        let done = done.filter(|it| it.outcome == StepOutcome::Done);
        let steps = done.filter_map(|it| self.warrant.plan().step(&it.step));
        let mut runs = Vec::new();
        for step in steps {
            for kind in EffectKind::ALL {
                runs.extend(self.at_call(baseline, step, kind)?);
                if kind.is_drift() {
                    runs.extend(self.before_step(baseline, step, kind)?);
                }
            }
        }
        let crashes = self.crashes(&baseline.entries)?.into_iter();
        runs.extend(crashes.map(|run| TroubleRun {
            run,
            seed: None,
            faults: Vec::new(),
        }));
        Ok(runs)
    }

    /// A fault at the call of a step: after all checks, when nothing more can be noticed.
    fn at_call(
        &self,
        baseline: &Rehearsal,
        step: &Step,
        kind: EffectKind,
    ) -> Result<Option<TroubleRun>, RunError> {
        let target = step.target();
        let Some(effect) = kind.effect(Some(&target)) else {
            return Ok(None);
        };
        let mut fault = Fault::new(step.action.name(), effect).on(target);
        fault.occurrence = calls_before(&baseline.entries, step) + 1;
        if kind == EffectKind::Denied {
            // Who may not do it now may not do it at another try.
            fault.times = u32::MAX;
        }
        self.with(fault, &step.id, kind.to_string(), demand(kind))
    }

    /// Someone else at work before a step looks at anything.
    fn before_step(
        &self,
        baseline: &Rehearsal,
        step: &Step,
        kind: EffectKind,
    ) -> Result<Option<TroubleRun>, RunError> {
        let (Some(effect), Some(begun)) = (
            kind.effect(Some(&step.target())),
            begun(&baseline.entries, &step.id, baseline),
        ) else {
            return Ok(None);
        };
        let mut fault = Fault::new("*", effect);
        fault.at = Some(Span(begun));
        self.with(fault, &step.id, format!("{kind}-before-step"), demand(kind))
    }

    /// A run with one fault; none when it did not strike, since it cannot come about there.
    fn with(
        &self,
        fault: Fault,
        step: &StepId,
        name: String,
        demand: &Demand,
    ) -> Result<Option<TroubleRun>, RunError> {
        let mut cloud = self.fork(FaultPlan::from(vec![fault.clone()]));
        let rehearsal = rehearse(self.warrant, &mut cloud)?;
        if cloud.struck().is_empty() {
            return Ok(None);
        }
        let trial = self.judge(&cloud, &rehearsal.run, demand);
        Ok(Some(TroubleRun {
            run: trial.into_run(step.clone(), name),
            seed: None,
            faults: vec![fault],
        }))
    }
}

const fn demand(kind: EffectKind) -> &'static Demand {
    match kind {
        EffectKind::Throttle
        | EffectKind::InternalError
        | EffectKind::Unavailable
        | EffectKind::TimeoutBefore
        | EffectKind::TimeoutAfter
        | EffectKind::ConnectionReset
        | EffectKind::InsufficientCapacity
        | EffectKind::StaleRead => &GETS_OVER,
        EffectKind::Denied => &DENIED,
        EffectKind::Stuck => &STUCK,
        EffectKind::DriftDeleted | EffectKind::DriftInUse | EffectKind::DriftTagged => &DRIFT,
    }
}

/// How many calls of the same name on the same target the undisturbed run makes before those of a step.
fn calls_before(entries: &[Entry], step: &Step) -> u32 {
    let calls = entries.iter().filter_map(|it| match &it.record {
        Record::Intent {
            step, undo, call, ..
        } if undo.is_none() => Some((step, call)),
        _ => None,
    });
    let before = calls.take_while(|(id, _)| **id != step.id);
    let (name, target) = (step.action.name(), step.target());
    let same = before.filter(|(_, call)| call.name() == name && call.target() == target);
    u32::try_from(same.count()).unwrap_or(u32::MAX - 1)
}

/// How long after its begin the undisturbed run begins a step: just after, so that the last call of the
/// step before it does not count.
fn begun(entries: &[Entry], step: &StepId, baseline: &Rehearsal) -> Option<Duration> {
    let begun = entries.iter().find_map(|it| match &it.record {
        Record::Begun { step: id } if id == step => Some(it.at),
        _ => None,
    })?;
    Some(
        begun
            .since(baseline.run.started_at)
            .plus(Duration::from_millis(1)),
    )
}
