//! What stands between a caller and an operation: time passes, quotas, faults and permissions apply.
//!
//! Every way in goes through [`Twin::admit`], so that the direct port, HTTP and the SDK see the same.

use sandtable_cloud::Struck;
use sandtable_model::{Duration, Effect, FaultPlan};
use serde_json::Value;

use crate::fault::{Due, Faults, Seen, answer};
use crate::shared::Shared;
use crate::wire::Api;
use crate::{
    ApiError, Ctx, State, Twin, compute, connectivity, dispatch, network, quota, services, storage,
};

/// How long what a call begins takes, when a fault says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stretch {
    Never,
    Takes(Duration),
}

/// All that answers of reads are made of, as it was before a change. Copying it costs next to nothing.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    state: State,
    storage: Shared<storage::Side>,
    compute: Shared<compute::Side>,
    network: Shared<network::Side>,
    connectivity: Shared<connectivity::Side>,
    services: Shared<services::Side>,
}

impl Past {
    fn of(twin: &Twin) -> Self {
        Past {
            state: twin.state.clone(),
            storage: twin.storage.clone(),
            compute: twin.compute.clone(),
            network: twin.network.clone(),
            connectivity: twin.connectivity.clone(),
            services: twin.services.clone(),
        }
    }

    fn swap(&mut self, twin: &mut Twin) {
        std::mem::swap(&mut self.state, &mut twin.state);
        std::mem::swap(&mut self.storage, &mut twin.storage);
        std::mem::swap(&mut self.compute, &mut twin.compute);
        std::mem::swap(&mut self.network, &mut twin.network);
        std::mem::swap(&mut self.connectivity, &mut twin.connectivity);
        std::mem::swap(&mut self.services, &mut twin.services);
    }
}

/// Reads that show an earlier state.
#[derive(Clone, Debug)]
pub(crate) struct Stale {
    past: Past,
    reads: u32,
}

/// What the faults at a call leave of it.
#[derive(Clone, Copy, Debug, Default)]
struct Troubled {
    /// Its answer is lost.
    is_lost: bool,
    /// How many reads are stale.
    stale_reads: u32,
    /// How long what it begins takes.
    stretch: Option<Stretch>,
}

impl Twin {
    /// Sets the faults of a run and begins counting calls.
    pub fn set_faults(&mut self, plan: impl Into<FaultPlan>) {
        self.faults = Shared::new(Faults::new(plan.into(), self.now()));
        self.before_last = None;
        self.stale = None;
    }

    /// The faults that happened so far, in order.
    pub fn struck(&self) -> &[Struck] {
        &self.faults.struck
    }

    /// Why a fault that was told did not strike although its call was made: what someone else was to do
    /// was not possible. `index` is its position among [`FaultPlan::faults`].
    pub fn missed(&self, index: usize) -> Option<&str> {
        self.faults.missed.get(&index).map(String::as_str)
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
        let troubled = match self.faults.is_empty() {
            true => Troubled::default(),
            false => self.trouble(ctx, api, action, input)?,
        };
        // Of this call alone: neither of what someone else does before it, nor of the next one.
        self.stretch = troubled.stretch;
        let result = match self.authorize(ctx, api, action, input) {
            Err(denied) => Err(denied),
            Ok(()) if quota::is_read(action) => self.read(ctx, troubled.stale_reads, act),
            Ok(()) => self.change(ctx, troubled.stale_reads, act),
        };
        self.stretch = None;
        match troubled.is_lost {
            true => Err(ApiError::no_answer()),
            false => result,
        }
    }

    /// Lets the faults strike that are due at a call.
    ///
    /// # Errors
    /// What the caller sees of one that keeps the call from being made.
    fn trouble(
        &mut self,
        ctx: &Ctx,
        api: Api,
        action: &str,
        input: &Value,
    ) -> Result<Troubled, ApiError> {
        let name = dispatch::full_name(api, action);
        let call = Seen {
            name: &name,
            input,
            is_dry_run: ctx.dry_run,
            now: self.now(),
        };
        let due = self.faults.at(&call, &self.state);
        let mut troubled = Troubled::default();
        for due in due {
            let touched = match self.drift(ctx, &due.fault.effect)? {
                Ok(touched) => touched,
                Err(no_way) => {
                    self.faults.miss(&due, no_way.0);
                    continue;
                }
            };
            let Due { entry, fault } = due;
            let effect = fault.effect.clone();
            self.faults.strike(Struck {
                entry,
                fault,
                at: call.now,
                action: name.clone().into_owned(),
                touched,
            });
            match effect {
                Effect::Throttle => return Err(answer::throttled(api)),
                Effect::InternalError => return Err(answer::internal_error(api)),
                Effect::Unavailable => return Err(answer::unavailable(api)),
                Effect::Denied => return Err(answer::denied(api)),
                Effect::InsufficientCapacity => {
                    let error = answer::no_capacity(api, action);
                    return Err(error.unwrap_or_else(|| answer::unavailable(api)));
                }
                Effect::TimeoutBefore => return Err(ApiError::no_answer()),
                Effect::ConnectionReset => {
                    let message = "the connection was reset before a response";
                    return Err(ApiError::new(ApiError::NO_ANSWER, message));
                }
                Effect::TimeoutAfter => troubled.is_lost = true,
                Effect::StaleRead { count } => troubled.stale_reads = count,
                Effect::Stuck { millis } => {
                    let span = millis.map(Duration::from_millis);
                    troubled.stretch = Some(span.map_or(Stretch::Never, Stretch::Takes));
                }
                Effect::Drift { .. }
                | Effect::DriftDeleted { .. }
                | Effect::DriftInUse { .. }
                | Effect::DriftTagged { .. } => {}
            }
        }
        Ok(troubled)
    }

    fn read<A>(
        &mut self,
        ctx: &Ctx,
        stale_reads: u32,
        act: impl FnOnce(&mut Twin, &Ctx) -> Result<A, ApiError>,
    ) -> Result<A, ApiError> {
        if stale_reads > 0
            && let Some(past) = self.before_last.clone()
        {
            let reads = stale_reads;
            self.stale = Some(Stale { past, reads });
        }
        let Some(mut stale) = self.stale.take() else {
            return act(self, ctx);
        };
        stale.past.swap(self);
        let result = act(self, ctx);
        stale.past.swap(self);
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
        let past = self.faults.keep_the_past().then(|| Past::of(self));
        let target = self.faults.target.clone();
        let target = target.map(|id| (self.state.get(&id).cloned(), id));
        let answer = act(self, ctx)?;
        if let Some((before, id)) = target {
            self.faults.has_passed = true;
            self.faults.has_changed = before.as_ref() != self.state.get(&id);
        }
        if let Some(past) = past {
            if stale_reads > 0 {
                let (past, reads) = (past.clone(), stale_reads);
                self.stale = Some(Stale { past, reads });
            }
            self.before_last = Some(past);
        }
        Ok(answer)
    }
}
