//! Where detectors put what they decide, and how a finding is put together.

use std::collections::BTreeSet;

use sandtable_model::{
    Confidence, Evidence, Finding, FindingId, Grade, Guard, GuardOutcome, NatGatewayId, Region,
    ResourceId, RuleId, Suppressed, Usd,
};

use crate::price::Priced;

/// What the detectors decided so far.
#[derive(Debug, Default)]
pub(crate) struct Verdicts<'a> {
    pub(crate) findings: Vec<Finding>,
    pub(crate) suppressed: Vec<Suppressed>,
    pub(crate) not_evaluated: BTreeSet<String>,
    /// NAT gateways that a finding over a whole VPC covers.
    pub(crate) covered: BTreeSet<NatGatewayId>,
    found: BTreeSet<FindingId>,
    focus: Option<&'a ResourceId>,
}

impl<'a> Verdicts<'a> {
    pub(crate) fn new(focus: Option<&'a ResourceId>) -> Self {
        Verdicts {
            focus,
            ..Verdicts::default()
        }
    }

    /// Records that the pattern was there, but that a guard spoke against flagging it.
    pub(crate) fn suppress(
        &mut self,
        rule: &str,
        resource: &ResourceId,
        guard: &str,
        reason: impl Into<String>,
    ) {
        self.suppressed.push(Suppressed {
            rule: rule.into(),
            resource: resource.clone(),
            guard: guard.to_owned(),
            reason: reason.into(),
        });
    }

    /// Records that a condition of the pattern does not hold. Kept only for the resource in focus:
    /// said of every resource it would be noise.
    pub(crate) fn unmet(
        &mut self,
        rule: &str,
        resource: &ResourceId,
        reason: impl FnOnce() -> String,
    ) {
        if self.focus == Some(resource) {
            self.suppress(rule, resource, "condition not met", reason());
        }
    }

    /// Records that a rule could not judge a resource because of missing data.
    pub(crate) fn blind(&mut self, rule: &str, resource: &ResourceId, gap: String) {
        self.not_evaluated.insert(format!("{rule}: {gap}"));
        self.suppress(rule, resource, "missing data", gap);
    }

    /// Records a finding.
    pub(crate) fn find(&mut self, finding: Finding) {
        self.found.insert(finding.id.clone());
        self.findings.push(finding);
    }

    /// Whether a rule found something about the resource.
    pub(crate) fn found(&self, rule: &str, resource: &ResourceId) -> bool {
        self.found.contains(&finding_id(rule, resource))
    }
}

fn finding_id(rule: &str, resource: &ResourceId) -> FindingId {
    FindingId(format!("{rule}/{resource}"))
}

/// A finding being put together. Its confidence follows from its guards: high while all of them are
/// cleared, medium as soon as one could not be looked at.
pub(crate) struct Draft(Finding);

impl Draft {
    pub(crate) fn new(rule: &str, resource: ResourceId, region: &Region, title: String) -> Self {
        Draft(Finding {
            id: finding_id(rule, &resource),
            rule: RuleId(rule.to_owned()),
            resource,
            region: region.clone(),
            title,
            related: Vec::new(),
            evidence: Vec::new(),
            guards: Vec::new(),
            confidence: Confidence::High,
            saving_usd_month: Some(Usd::ZERO),
            pricing: Vec::new(),
            advice: None,
        })
    }

    /// Leaves it to the owner: the planner takes no such finding up, and says what is advised.
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Sets the saving where it is another sum than that of the parts; unknown where there is none.
    pub(crate) fn saves(mut self, usd: Option<Usd>, line: impl Into<String>) -> Self {
        self.0.saving_usd_month = usd;
        self.0.pricing.push(line.into());
        self
    }

    pub(crate) fn related(mut self, ids: impl IntoIterator<Item = ResourceId>) -> Self {
        self.0.related.extend(ids);
        self.0.related.sort();
        self.0.related.dedup();
        self
    }

    fn evidence(mut self, grade: Grade, on: Option<ResourceId>, claim: String) -> Self {
        self.0.evidence.push(Evidence {
            resource: on,
            claim,
            grade,
        });
        self
    }

    pub(crate) fn observed(self, on: impl Into<ResourceId>, claim: impl Into<String>) -> Self {
        self.evidence(Grade::Observed, Some(on.into()), claim.into())
    }

    pub(crate) fn derived(self, on: impl Into<ResourceId>, claim: impl Into<String>) -> Self {
        self.evidence(Grade::Derived, Some(on.into()), claim.into())
    }

    pub(crate) fn unknown(self, claim: impl Into<String>) -> Self {
        self.evidence(Grade::Unknown, None, claim.into())
    }

    fn guard(mut self, outcome: GuardOutcome, name: &str, reason: String) -> Self {
        self.0.guards.push(Guard {
            name: name.to_owned(),
            outcome,
            reason,
        });
        self
    }

    pub(crate) fn cleared(self, name: &str, reason: impl Into<String>) -> Self {
        self.guard(GuardOutcome::Cleared, name, reason.into())
    }

    /// A guard that could not be looked at.
    pub(crate) fn open(mut self, name: &str, reason: impl Into<String>) -> Self {
        self.0.confidence = self.0.confidence.min(Confidence::Medium);
        self.guard(GuardOutcome::Unknown, name, reason.into())
    }

    /// Adds what an item costs; one item of unknown price makes the saving unknown.
    pub(crate) fn price(mut self, item: &ResourceId, priced: &Priced) -> Self {
        let usd = priced.usd();
        self.0.saving_usd_month = self
            .0
            .saving_usd_month
            .and_then(|sum| usd.map(|usd| sum + usd));
        self.0.pricing.extend(
            priced
                .lines()
                .into_iter()
                .map(|line| format!("{item} : {line}")),
        );
        self
    }

    pub(crate) fn done(self) -> Finding {
        self.0
    }
}

/// A count and its noun, in the plural where it must be.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
