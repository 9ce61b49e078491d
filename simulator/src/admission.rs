//! What stands between a caller and an operation: time passes, quotas, faults and permissions apply.
//!
//! Every way in goes through [`Twin::admit`], so that the direct port, HTTP and the SDK see the same.

use sandtable_model::Duration;
use serde_json::Value;

use crate::fault::{Effect, Fired, ForeignCall};
use crate::shared::Shared;
use crate::sts::Principal;
use crate::wire::Api;
use crate::{ApiError, Ctx, FaultPlan, State, Twin, dispatch, fault, quota};

/// How long what a call begins takes, when a fault says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stretch {
    Never,
    Takes(Duration),
}

/// Reads that show an earlier state.
#[derive(Clone, Debug)]
pub(crate) struct Stale {
    state: State,
    reads: u32,
}

impl Twin {
    /// Sets the faults of a run and begins counting calls.
    pub fn set_faults(&mut self, plan: FaultPlan) {
        self.faults = Shared::new(fault::Faults::new(plan));
        self.before_last = None;
        self.stale = None;
    }

    /// The faults that happened so far, in order.
    pub fn fired(&self) -> &[Fired] {
        &self.faults.fired
    }

    /// Switches request quotas on or off.
    pub fn set_quotas(&mut self, on: bool) {
        self.options.quotas = on;
    }

    /// How many calls the quotas have refused.
    pub fn throttled(&self) -> u64 {
        self.quotas.refused()
    }

    /// Whether quotas, permissions or faults have to know what is asked.
    pub(crate) fn must_see_inputs(&self) -> bool {
        let has_policies = self.permissions.is_some() || self.sessions.have_policies();
        self.options.quotas || has_policies || !self.faults.is_empty()
    }

    /// Lets one call from outside in: `act` carries the operation out, unless something keeps it from
    /// that.
    pub(crate) fn admit<A>(
        &mut self,
        ctx: &Ctx,
        api: Api,
        action: &str,
        input: &Value,
        act: impl FnOnce(&mut Twin, &Ctx) -> Result<A, ApiError>,
    ) -> Result<A, ApiError> {
        self.advance(self.options.call_time);
        self.ensure_region(&ctx.region);
        // The quotas of the other services are not published as EC2's are.
        if self.options.quotas && api == Api::Ec2 {
            let now = self.now();
            self.quotas.charge(&ctx.region, action, input, now)?;
        }
        let now = self.now();
        let effects = match self.faults.is_empty() {
            true => Vec::new(),
            false => {
                let name = dispatch::full_name(api, action);
                self.faults.at(&name, input, ctx.dry_run, now)
            }
        };
        let mut is_lost = false;
        let mut stale_reads = 0;
        let mut stretch = None;
        for effect in effects {
            match effect {
                Effect::Throttle => return Err(throttled(api)),
                Effect::InternalError => return Err(internal_error(api)),
                Effect::Denied => return Err(denied(api)),
                Effect::InsufficientCapacity => return Err(no_capacity()),
                Effect::TimeoutBefore => return Err(ApiError::no_answer()),
                Effect::ConnectionReset => {
                    let message = "the connection was reset before a response";
                    return Err(ApiError::new(ApiError::NO_ANSWER, message));
                }
                Effect::TimeoutAfter => is_lost = true,
                Effect::StaleRead { count } => stale_reads = count,
                Effect::Stuck { millis } => {
                    let span = millis.map(Duration::from_millis);
                    stretch = Some(span.map_or(Stretch::Never, Stretch::Takes));
                }
                Effect::Drift { calls } => self.drift(ctx, &calls)?,
            }
        }
        // Of this call alone: neither of what someone else does before it, nor of the next one.
        self.stretch = stretch;
        let result = match self.authorize(ctx, api, action, input) {
            Err(denied) => Err(denied),
            Ok(()) if quota::is_read(action) => self.read(ctx, stale_reads, act),
            Ok(()) => self.change(ctx, stale_reads, act),
        };
        self.stretch = None;
        match is_lost {
            true => Err(ApiError::no_answer()),
            false => result,
        }
    }

    fn read<A>(
        &mut self,
        ctx: &Ctx,
        stale_reads: u32,
        act: impl FnOnce(&mut Twin, &Ctx) -> Result<A, ApiError>,
    ) -> Result<A, ApiError> {
        if stale_reads > 0
            && let Some(state) = self.before_last.clone()
        {
            let reads = stale_reads;
            self.stale = Some(Stale { state, reads });
        }
        let Some(mut stale) = self.stale.take() else {
            return act(self, ctx);
        };
        std::mem::swap(&mut self.state, &mut stale.state);
        let result = act(self, ctx);
        std::mem::swap(&mut self.state, &mut stale.state);
        stale.reads -= 1;
        self.stale = Some(stale).filter(|it| it.reads > 0);
        result
    }

    fn change<A>(
        &mut self,
        ctx: &Ctx,
        stale_reads: u32,
        act: impl FnOnce(&mut Twin, &Ctx) -> Result<A, ApiError>,
    ) -> Result<A, ApiError> {
        let before = self.faults.keep_the_past().then(|| self.state.clone());
        let result = act(self, ctx);
        if result.is_ok()
            && let Some(before) = before
        {
            if stale_reads > 0 {
                self.stale = Some(Stale {
                    state: before.clone(),
                    reads: stale_reads,
                });
            }
            self.before_last = Some(before);
        }
        result
    }

    /// Someone else's calls. They meet neither faults nor quotas, but AWS's rules; a refusal is a
    /// mistake of the fault's author and must not pass for a rehearsal of it.
    fn drift(&mut self, ctx: &Ctx, calls: &[ForeignCall]) -> Result<(), ApiError> {
        for call in calls {
            let ctx = Ctx {
                account: call.account.clone().unwrap_or_else(|| ctx.account.clone()),
                principal: Principal::Root,
                session: None,
                region: call.region.clone().unwrap_or_else(|| ctx.region.clone()),
                dry_run: false,
            };
            let result = dispatch::operate(self, &ctx, &call.action, call.parameters.clone());
            result.map_err(|error| {
                let action = &call.action;
                ApiError::new(
                    "InvalidFault",
                    format!("the drift of a fault, {action}, was refused: {error}"),
                )
            })?;
        }
        Ok(())
    }
}

/// Too many calls, in the words of EC2 and in those of the other services ("Common errors").
fn throttled(api: Api) -> ApiError {
    match api {
        Api::Ec2 => quota::exceeded(),
        _ => ApiError::new("Throttling", "Rate exceeded"),
    }
}

fn internal_error(api: Api) -> ApiError {
    let message = "An internal error has occurred";
    match api {
        Api::Ec2 => ApiError::new("InternalError", message),
        _ => ApiError::new("InternalFailure", message),
    }
}

fn denied(api: Api) -> ApiError {
    let message = "You are not authorized to perform this operation.";
    match api {
        Api::Ec2 => ApiError::new("UnauthorizedOperation", message),
        _ => ApiError::new("AccessDenied", message),
    }
}

/// AWS has no room; a fault of the server's side (EC2 error codes, server errors).
fn no_capacity() -> ApiError {
    ApiError::new(
        "InsufficientInstanceCapacity",
        "There is not enough capacity to fulfill your request. Please try again later.",
    )
}
