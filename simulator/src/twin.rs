//! The twin itself: state, clock, seed and what no describe answer carries, in one value.

use std::sync::Arc;

use rpds::RedBlackTreeMapSync;
use sandtable_model::{AccountId, Diff, Duration, Region, ResourceId, Snapshot, Timestamp};
use smol_str::SmolStr;

use crate::admission::{Past, Stale, Stretch};
use crate::clock::Timers;
use crate::fault::Faults;
use crate::quota::Quotas;
use crate::shared::Shared;
use crate::state::State;
use crate::sts::{Principal, Sessions};
use crate::wire::Pieces;
use crate::{
    ApiError, Ctx, IdSource, MissingPermission, Permissions, Timings, Transition, compute,
    connectivity, metrics, network, services, storage,
};

/// How a twin behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinOptions {
    /// What new ids are drawn from.
    pub seed: u64,
    /// How long things take.
    pub timings: Timings,
    /// The virtual time that passes with every call.
    pub call_time: Duration,
    /// Whether request quotas apply.
    pub quotas: bool,
}

impl Default for TwinOptions {
    fn default() -> Self {
        TwinOptions {
            seed: 0,
            timings: Timings::default(),
            call_time: Duration::from_millis(120),
            quotas: false,
        }
    }
}

/// A simulated account with all its Regions.
#[derive(Clone, Debug)]
pub struct Twin {
    account: AccountId,
    origin: Shared<String>,
    pub(crate) options: Shared<TwinOptions>,
    pub(crate) state: State,
    pub(crate) timers: Timers,
    pub(crate) ids: IdSource,
    /// What ids of things that someone else makes are drawn from.
    pub(crate) foreign_ids: IdSource,
    pub(crate) tokens: RedBlackTreeMapSync<TokenKey, Remembered>,
    pub(crate) quotas: Shared<Quotas>,
    pub(crate) faults: Shared<Faults>,
    /// What callers may do; everything when there are none.
    pub(crate) permissions: Option<Arc<Permissions>>,
    /// What calls lacked, while they are let through all the same.
    pub(crate) missing: Option<Shared<Vec<MissingPermission>>>,
    /// How long what is begun now takes, by a fault.
    pub(crate) stretch: Option<Stretch>,
    /// What was before the last change; kept only where a fault needs it.
    pub(crate) before_last: Option<Past>,
    pub(crate) stale: Option<Stale>,
    /// Whether Regions come with their default VPC when they are first asked for.
    pub(crate) grows: bool,
    /// The temporary credentials that were given out.
    pub(crate) sessions: Shared<Sessions>,
    /// The metrics of CloudWatch.
    pub(crate) metrics: Shared<metrics::Side>,
    /// What no describe answer of volumes, snapshots and images carries.
    pub(crate) storage: Shared<storage::Side>,
    /// What no describe answer of instances carries.
    pub(crate) compute: Shared<compute::Side>,
    /// What no describe answer of network resources carries.
    pub(crate) network: Shared<network::Side>,
    /// What no describe answer of peerings, transit gateways and VPNs carries.
    pub(crate) connectivity: Shared<connectivity::Side>,
    /// What no describe answer of the services beside EC2 carries.
    pub(crate) services: Shared<services::Side>,
    /// What was written of resources, which forks share.
    pub(crate) pieces: Arc<Pieces>,
}

/// What a client token belongs to: Region, operation, token.
pub(crate) type TokenKey = (Region, &'static str, SmolStr);

/// What was asked under a client token, and what it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) asked: String,
    pub(crate) made: Vec<ResourceId>,
}

/// A moment of a twin to which it can be taken back.
#[derive(Clone, Debug)]
pub struct Checkpoint(Box<Twin>);

impl Twin {
    /// A twin of what a snapshot shows, at the time it was taken. What was under way then goes on.
    pub fn from_snapshot(snapshot: &Snapshot, options: TwinOptions) -> Self {
        let mut twin = Twin {
            account: snapshot.account.clone(),
            origin: Shared::new(snapshot.origin.clone()),
            state: State::of(snapshot),
            timers: Timers::new(snapshot.taken_at),
            ids: IdSource::new(options.seed),
            foreign_ids: IdSource::new(!options.seed),
            tokens: RedBlackTreeMapSync::new_sync(),
            quotas: Shared::default(),
            faults: Shared::default(),
            permissions: None,
            missing: None,
            stretch: None,
            before_last: None,
            stale: None,
            grows: false,
            sessions: Shared::new(Sessions::new(options.seed)),
            metrics: Shared::default(),
            storage: Shared::default(),
            compute: Shared::default(),
            network: Shared::default(),
            connectivity: Shared::default(),
            services: Shared::default(),
            pieces: Arc::default(),
            options: Shared::new(options),
        };
        storage::resume_lifecycles(&mut twin);
        compute::resume_lifecycles(&mut twin);
        network::resume_lifecycles(&mut twin);
        connectivity::resume_lifecycles(&mut twin);
        services::resume_lifecycles(&mut twin);
        twin
    }

    /// The account.
    pub const fn account(&self) -> &AccountId {
        &self.account
    }

    /// What there is.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The temporary credentials that were given out.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// How the twin behaves.
    pub fn options(&self) -> &TwinOptions {
        &self.options
    }

    /// The virtual time.
    pub const fn now(&self) -> Timestamp {
        self.timers.now()
    }

    /// The circumstances of a call in `region` by the account itself.
    pub fn context(&self, region: &Region) -> Ctx {
        Ctx {
            account: self.account.clone(),
            principal: Principal::Root,
            session: None,
            region: region.clone(),
            dry_run: false,
        }
    }

    /// A copy that lives on its own. Costs the same whatever there is and has changed.
    pub fn fork(&self) -> Self {
        self.clone()
    }

    /// What differs from the snapshot.
    pub fn diff(&self) -> Diff {
        self.state.diff()
    }

    /// Remembers this moment.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint(Box::new(self.clone()))
    }

    /// Goes back to a moment; state, clock and the numbers that ids are drawn from return to it.
    pub fn restore(&mut self, checkpoint: &Checkpoint) {
        self.clone_from(&checkpoint.0);
    }

    /// A snapshot of what there is now.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new(self.account.clone(), self.now(), self.origin.as_str());
        self.state.fill(&mut snapshot);
        snapshot
    }

    /// Lets time pass; what falls due happens in its order.
    pub fn advance(&mut self, duration: Duration) {
        let until = self.now().plus(duration);
        while let Some(transition) = self.timers.pop_due(until) {
            self.fire(transition);
        }
        self.timers.set_now(until);
    }

    /// When something is next due to happen by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.timers.next_due()
    }

    fn fire(&mut self, transition: Transition) {
        match transition {
            Transition::Storage(it) => storage::fire(self, it),
            Transition::Compute(it) => {
                compute::fire(self, it.clone());
                services::observe(self, &it);
            }
            Transition::Network(it) => network::fire(self, it),
            Transition::Connectivity(it) => connectivity::fire(self, it),
            Transition::Services(it) => services::fire(self, it),
        }
    }

    /// Lets `transition` happen after `delay`; at once when there is none.
    pub(crate) fn schedule(&mut self, delay: Duration, transition: impl Into<Transition>) {
        let transition = transition.into();
        let delay = match self.stretch {
            None => delay,
            Some(Stretch::Takes(least)) => delay.max(least),
            Some(Stretch::Never) => return,
        };
        if delay == Duration::ZERO {
            self.fire(transition);
        } else {
            let at = self.now().plus(delay);
            self.timers.schedule(at, transition);
        }
    }

    /// A number for a new id that no resource has, for the typed id's `from_number`.
    pub(crate) fn fresh<T: Into<ResourceId> + Clone>(&mut self, make: fn(u64) -> T) -> T {
        loop {
            let id = make(self.ids.next_number());
            if self.state.get(&id.clone().into()).is_none() {
                return id;
            }
        }
    }

    /// What an earlier call under the same client token made, if there was one.
    ///
    /// # Errors
    /// `IdempotentParameterMismatch` when that call asked for something else.
    pub(crate) fn replayed(
        &self,
        ctx: &Ctx,
        operation: &'static str,
        token: Option<&str>,
        request: &impl std::fmt::Debug,
    ) -> Result<Option<Vec<ResourceId>>, ApiError> {
        let Some(token) = token else {
            return Ok(None);
        };
        let key = (ctx.region.clone(), operation, SmolStr::new(token));
        match self.tokens.get(&key) {
            None => Ok(None),
            Some(earlier) if earlier.asked == format!("{request:?}") => {
                Ok(Some(earlier.made.clone()))
            }
            Some(_) => Err(ApiError::new(
                "IdempotentParameterMismatch",
                format!(
                    "The client token '{token}' was used before with other parameters of {operation}"
                ),
            )),
        }
    }

    /// Remembers what a call under a client token made.
    pub(crate) fn remember(
        &mut self,
        ctx: &Ctx,
        operation: &'static str,
        token: Option<&str>,
        request: &impl std::fmt::Debug,
        made: Vec<ResourceId>,
    ) {
        if let Some(token) = token {
            let key = (ctx.region.clone(), operation, SmolStr::new(token));
            let asked = format!("{request:?}");
            self.tokens.insert_mut(key, Remembered { asked, made });
        }
    }
}
