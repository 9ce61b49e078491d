//! The planner: findings to one plan, ordered by dependency, never in conflict with itself.
//!
//! Every finding adds its steps to one builder, which merges steps that do the same; what must come
//! before what is said by step, and the order follows. Whether a finding is taken up is decided here,
//! and why not is written into the report.

mod builder;
mod gateway;
mod group;
mod single;
mod teardown;
#[cfg(test)]
mod tests;
mod undo;

use std::collections::BTreeSet;

use sandtable_model::{
    Document, DocumentError, Dropped, Finding, FindingId, Plan, PlanReport, Policy, Snapshot, Step,
    Usd,
};
use thiserror::Error;

use crate::graph::Graph;
use crate::price::{Priced, Prices, monthly_cost_of, snapshot_of_volume};
use crate::rules::Understanding;
use builder::Builder;

/// Why no plan could be made.
#[derive(Debug, Error)]
pub enum PlanError {
    /// A digest could not be taken.
    #[error("the plan cannot name what it was made from: {0}")]
    Document(#[from] DocumentError),
    /// Steps wait for each other.
    #[error("steps wait for each other in a circle: {0}")]
    Circle(String),
}

/// Makes one plan of the findings that the policy lets through.
pub fn propose(
    snapshot: &Snapshot,
    policy: &Policy,
    prices: &Prices,
    understanding: &Understanding,
) -> Result<Plan, PlanError> {
    let digest = snapshot.digest()?;
    let mut planner = Planner {
        snapshot,
        policy,
        prices,
        graph: &understanding.graph,
        origin: digest.short(),
        builder: Builder::default(),
        taken: BTreeSet::new(),
        report: PlanReport {
            not_evaluated: understanding.not_evaluated.clone(),
            ..PlanReport::default()
        },
    };
    // Steps that others build upon come first: an interface's addresses before its VPC.
    let remedied = ["G15", "G1", "G2", "G5", "G4", "N5", "N1", "V1", "S2"];
    for rule in remedied {
        for finding in understanding.findings.iter().filter(|it| it.rule.0 == rule) {
            planner.take_up(finding);
        }
    }
    let others = understanding.findings.iter();
    for finding in others.filter(|it| !remedied.contains(&it.rule.0.as_str())) {
        planner.take_up(finding);
    }
    let steps = planner.builder.finish(planner.graph)?;
    let saving = steps.iter().map(|step| step.saving_usd_month).sum();
    let mut report = planner.report;
    report.notes.sort();
    report.notes.dedup();
    report.dropped.sort_by(|a, b| a.finding.cmp(&b.finding));
    Ok(Plan {
        format: Plan::FORMAT.to_owned(),
        account: snapshot.account.clone(),
        snapshot: digest,
        policy: policy.digest()?,
        as_of: snapshot.taken_at,
        findings: planner.taken.into_iter().collect(),
        approvals_required: approvals(&steps, saving, policy),
        steps,
        saving_usd_month: saving,
        report,
    })
}

/// Two people must approve what reaches far or saves much; else one.
fn approvals(steps: &[Step], saving: Usd, policy: &Policy) -> u32 {
    let far = steps
        .iter()
        .any(|it| it.blast_radius.score > policy.blast_radius_single_approver_max);
    let much = policy
        .usd_month_single_approver_max
        .is_some_and(|limit| saving > limit);
    if far || much { 2 } else { 1 }
}

/// A plan in the making.
struct Planner<'a> {
    snapshot: &'a Snapshot,
    policy: &'a Policy,
    prices: &'a Prices,
    graph: &'a Graph,
    /// The snapshot's digest, short: makes the descriptions of safety snapshots unique.
    origin: String,
    builder: Builder,
    taken: BTreeSet<FindingId>,
    report: PlanReport,
}

impl Planner<'_> {
    fn take_up(&mut self, finding: &Finding) {
        let (is, asked) = (finding.confidence, self.policy.confidence_min);
        let verdict = if let Some(advice) = &finding.advice {
            Err(format!("left to its owner: {advice}"))
        } else if is < asked {
            Err(format!(
                "its confidence is {is}, the policy asks for {asked}"
            ))
        } else {
            match finding.rule.0.as_str() {
                "G15" => self.held_address(finding),
                "G1" => self.empty_vpc(finding),
                "G2" => self.teardown(finding),
                "G5" | "G4" | "N5" => self.single_gateway(finding),
                "N1" => self.idle_address(finding),
                "V1" => self.volume(finding),
                "S2" => self.snapshot(finding),
                other => Err(format!("no remedy is known for the rule {other}")),
            }
        };
        match verdict {
            Ok(()) => {
                self.taken.insert(finding.id.clone());
            }
            Err(reason) => self.report.dropped.push(Dropped {
                finding: finding.id.clone(),
                rule: finding.rule.clone(),
                confidence: finding.confidence,
                reason,
            }),
        }
    }

    /// What deleting a resource saves; a price that is not known counts as nothing, and is noted.
    fn saving(&mut self, id: &sandtable_model::ResourceId) -> Usd {
        match monthly_cost_of(self.snapshot, self.prices, id) {
            Priced::Unknown { reason } => {
                self.report
                    .notes
                    .push(format!("{id} : {reason}; counted as saving nothing"));
                Usd::ZERO
            }
            priced => priced.usd().unwrap_or_default(),
        }
    }

    /// What keeping a snapshot of a volume costs at most; unknown counts as nothing, and is noted.
    fn safety_cost(
        &mut self,
        volume: &sandtable_model::resource::Volume,
        region: &sandtable_model::Region,
    ) -> Usd {
        match snapshot_of_volume(self.prices, region, volume.size) {
            Priced::Unknown { reason } => {
                let id = &volume.volume_id;
                let note =
                    format!("safety snapshot of {id} : {reason}; counted as costing nothing");
                self.report.notes.push(note);
                Usd::ZERO
            }
            priced => priced.usd().unwrap_or_default(),
        }
    }
}
