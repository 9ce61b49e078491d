//! A simulated cloud that fails where it is told to.

use std::fmt;

use sandtable_cloud::{Act, Clock, CloudError, DryRun, Observe, Performed, Query};
use sandtable_model::{Action, Duration, Region, Resource, Simulated, Step, StepId, Timestamp};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// No answer comes, and the call does not take effect. Once.
    TimeoutBefore,
    /// No answer comes, although the call takes effect. Once.
    TimeoutAfter,
    /// Too many calls. Once.
    Throttle,
    /// The cloud fails inside, before the call takes effect. Once.
    InternalError,
    /// The caller may not do this. Every time.
    Denied,
}

impl FaultKind {
    /// Every one.
    pub const ALL: &'static [FaultKind] = &[
        FaultKind::TimeoutBefore,
        FaultKind::TimeoutAfter,
        FaultKind::Throttle,
        FaultKind::InternalError,
        FaultKind::Denied,
    ];

    /// The name that receipts carry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimeoutBefore => "timeout-before",
            Self::TimeoutAfter => "timeout-after",
            Self::Throttle => "throttle",
            Self::InternalError => "internal-error",
            Self::Denied => "denied",
        }
    }

    /// The error that the caller gets (codes: ec2-semantics.md, ec2-throttling.md).
    fn error(self) -> CloudError {
        match self {
            Self::TimeoutBefore | Self::TimeoutAfter => {
                CloudError::ambiguous("the connection was lost before an answer came")
            }
            Self::Throttle => {
                CloudError::from_code("RequestLimitExceeded", "Request limit exceeded.")
            }
            Self::InternalError => {
                CloudError::from_code("InternalError", "An internal error has occurred")
            }
            Self::Denied => CloudError::from_code(
                "UnauthorizedOperation",
                "You are not authorized to perform this operation.",
            ),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault at the call of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InjectedFault {
    /// The step.
    pub step: StepId,
    /// Its Region.
    pub region: Region,
    /// Its call. No two steps of a plan make the same one.
    pub action: Action,
    /// How it fails.
    pub kind: FaultKind,
}

impl InjectedFault {
    /// A fault at the call of `step`.
    pub fn at(step: &Step, kind: FaultKind) -> Self {
        InjectedFault {
            step: step.id.clone(),
            region: step.region.clone(),
            action: step.action.clone(),
            kind,
        }
    }
}

/// A simulated cloud that fails where it is told to, and remembers which calls it accepted.
#[derive(Debug)]
pub struct FaultyCloud<C> {
    inner: C,
    /// The faults that are still to strike.
    faults: Vec<InjectedFault>,
    accepted: Vec<Action>,
}

impl<C> FaultyCloud<C> {
    /// A cloud that fails with these faults, at most one a step.
    pub const fn new(inner: C, faults: Vec<InjectedFault>) -> Self {
        FaultyCloud {
            inner,
            faults,
            accepted: Vec::new(),
        }
    }

    /// The calls that the cloud accepted, in order, answered or not.
    pub fn accepted(&self) -> &[Action] {
        &self.accepted
    }

    /// The cloud behind the faults.
    pub const fn inner(&self) -> &C {
        &self.inner
    }

    fn strike(&mut self, region: &Region, action: &Action) -> Option<FaultKind> {
        let strikes = |it: &InjectedFault| it.region == *region && it.action == *action;
        let index = self.faults.iter().position(strikes)?;
        let kind = self.faults.get(index)?.kind;
        if kind != FaultKind::Denied {
            self.faults.remove(index);
        }
        Some(kind)
    }
}

impl<C: Observe> Observe for FaultyCloud<C> {
    fn look(&mut self, region: &Region, query: &Query) -> Result<Vec<Resource>, CloudError> {
        self.inner.look(region, query)
    }
}

impl<C: Act<World = Simulated>> Act for FaultyCloud<C> {
    type World = Simulated;

    fn dry_run(&mut self, region: &Region, action: &Action) -> Result<DryRun, CloudError> {
        let denied = |it: &InjectedFault| {
            it.kind == FaultKind::Denied && it.region == *region && it.action == *action
        };
        if self.faults.iter().any(denied) {
            return Err(FaultKind::Denied.error());
        }
        self.inner.dry_run(region, action)
    }

    fn perform(&mut self, region: &Region, action: &Action) -> Result<Performed, CloudError> {
        let fault = self.strike(region, action);
        if let Some(kind) = fault
            && kind != FaultKind::TimeoutAfter
        {
            return Err(kind.error());
        }
        let answer = self.inner.perform(region, action);
        // A call that the cloud itself left unanswered may have taken effect too; whether it did
        // shows in the state, which is compared as well.
        let accepted = answer.is_ok();
        if accepted {
            self.accepted.push(action.clone());
        }
        match fault {
            Some(kind) if accepted => Err(kind.error()),
            _ => answer,
        }
    }
}

impl<C: Clock> Clock for FaultyCloud<C> {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn wait(&mut self, duration: Duration) {
        self.inner.wait(duration);
    }
}
