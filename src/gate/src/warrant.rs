//! The capability to run a plan.
//!
//! **The digest of a warrant, byte for byte.** It is SHA-256 over the canonical bytes (see
//! [`sandtable_model::canonical_bytes`]: members sorted, no white space) of the object
//!
//! ```json
//! {"approvals":["sha256:…"],"format":"sandtable/warrant/1","plan":"sha256:…",
//!  "receipt":"sha256:…","steps":["s01"],"world":"real"}
//! ```
//!
//! with the digests of the approvals in ascending order of their text, the ids of the steps that the
//! warrant covers in the order of the plan, and `world` either `real` or `simulated`. A warrant for a
//! rehearsal has no receipt (the member is left out) and no approvals (the list is empty). A journal
//! names its warrant by this digest.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use sandtable_model::{
    Approval, Digest, Document, Plan, Receipt, Simulated, StepId, Timestamp, World, canonical_bytes,
};
use serde::Serialize;

use crate::scope::{ScopeError, check_closed};

/// The capability to run the covered steps of one plan in one kind of world.
///
/// Invariants: the covered steps exist in the plan, and the predecessors of a covered step are
/// covered too. Of a `Warrant<Real>` in addition: everything that [`crate::assemble`] checks held at
/// the moment it was made.
///
/// It cannot be made in any other way: the fields are private, and it implements neither
/// `Deserialize` nor `Default`.
pub struct Warrant<W: World> {
    plan: Plan,
    steps: BTreeSet<StepId>,
    consent: Option<Consent>,
    digest: Digest,
    world: PhantomData<W>,
}

/// What a warrant for a real cloud rests on.
pub(crate) struct Consent {
    pub(crate) receipt: Receipt,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) approvers: BTreeSet<String>,
    pub(crate) signed_at_max: Timestamp,
    pub(crate) expires_at: Timestamp,
}

#[derive(Serialize)]
struct WarrantBytes<'a> {
    approvals: Vec<String>,
    format: &'a str,
    plan: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Digest>,
    steps: Vec<&'a StepId>,
    world: &'a str,
}

impl<W: World> Warrant<W> {
    /// The plan that may run.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The receipt of the plan's rehearsal; none when this warrant is for a rehearsal.
    pub fn receipt(&self) -> Option<&Receipt> {
        self.consent.as_ref().map(|consent| &consent.receipt)
    }

    /// The warrant's own digest; the module's text says of what.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether the step may be done.
    pub fn approves(&self, step: &StepId) -> bool {
        self.steps.contains(step)
    }

    /// The steps that may be done.
    pub const fn steps(&self) -> &BTreeSet<StepId> {
        &self.steps
    }

    /// From when on the warrant is void: the earliest expiry among its approvals. None for a
    /// rehearsal.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.consent.as_ref().map(|consent| consent.expires_at)
    }

    /// Who consented, by name. Nobody has to for a rehearsal.
    pub fn approvers(&self) -> impl Iterator<Item = &str> {
        let consent = self.consent.iter();
        consent.flat_map(|it| it.approvers.iter().map(String::as_str))
    }

    /// The approvals that the warrant rests on; empty for a rehearsal.
    pub fn approvals(&self) -> &[Approval] {
        self.consent.as_ref().map_or(&[], |it| &it.approvals)
    }

    pub(crate) const fn consent(&self) -> Option<&Consent> {
        self.consent.as_ref()
    }

    /// The only constructor; the callers uphold the invariants of the type.
    pub(crate) fn new(plan: Plan, steps: BTreeSet<StepId>, consent: Option<Consent>) -> Self {
        // A document without canonical bytes cannot be named, hence not warranted: the warrant then
        // covers no step at all. No plan that the types allow is of this kind.
        let (digest, steps) = match digest_of(&plan, &steps, consent.as_ref(), W::NAME) {
            Some(digest) => (digest, steps),
            None => (Digest::of(b""), BTreeSet::new()),
        };
        Warrant {
            plan,
            steps,
            consent,
            digest,
            world: PhantomData,
        }
    }
}

impl Warrant<Simulated> {
    /// A warrant to rehearse every step of the plan on a twin. It takes nobody's consent, and no
    /// real cloud accepts it: that is a matter of types.
    pub fn for_rehearsal(plan: Plan) -> Self {
        let steps = plan.steps.iter().map(|step| step.id.clone()).collect();
        Self::new(plan, steps, None)
    }

    /// The same, for these steps alone. They must exist and need no step outside the selection; an
    /// empty selection rehearses nothing.
    pub fn with_steps(self, steps: impl IntoIterator<Item = StepId>) -> Result<Self, ScopeError> {
        let steps = steps.into_iter().collect();
        check_closed(&self.plan, &steps)?;
        Ok(Self::new(self.plan, steps, None))
    }
}

impl<W: World> fmt::Debug for Warrant<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warrant")
            .field("world", &W::NAME)
            .field("digest", &self.digest)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

fn digest_of(
    plan: &Plan,
    steps: &BTreeSet<StepId>,
    consent: Option<&Consent>,
    world: &str,
) -> Option<Digest> {
    let mut approvals = Vec::new();
    for approval in consent.iter().flat_map(|consent| &consent.approvals) {
        approvals.push(approval.digest().ok()?.to_string());
    }
    approvals.sort();
    let receipt = match consent {
        Some(consent) => Some(consent.receipt.digest().ok()?),
        None => None,
    };
    let in_order = plan.steps.iter().map(|step| &step.id);
    let parts = WarrantBytes {
        approvals,
        format: "sandtable/warrant/1",
        plan: plan.digest().ok()?,
        receipt,
        steps: in_order.filter(|id| steps.contains(*id)).collect(),
        world,
    };
    canonical_bytes(&parts).ok().map(|bytes| Digest::of(&bytes))
}
