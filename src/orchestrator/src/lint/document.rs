//! Rules over the plan as a document: lineage, sums, and what each step must say.

use std::collections::BTreeSet;

use sandtable_model::{Action, Condition, Document, FindingId, Reversibility, Step, Usd};

use super::{Linter, Severity};

impl Linter<'_> {
    pub(super) fn document(&mut self) {
        let (plan, snapshot) = (self.plan, self.snapshot);
        if plan.account != snapshot.account {
            let (of, is) = (&plan.account, &snapshot.account);
            let message = format!("the plan is for the account {of} , the snapshot is of {is}");
            self.complain(Severity::Fatal, "lineage", None, message);
        }
        let digest = snapshot.digest().ok();
        if digest != Some(plan.snapshot) || plan.as_of != snapshot.taken_at {
            let message = "the plan was made from another snapshot";
            self.complain(Severity::Fatal, "lineage", None, message);
        }
        let sum: Usd = plan.steps.iter().map(|step| step.saving_usd_month).sum();
        if sum != plan.saving_usd_month {
            let says = plan.saving_usd_month;
            let message = format!("the steps save {sum} a month, the plan says {says}");
            self.complain(Severity::Fatal, "sum", None, message);
        }
        if plan.approvals_required == 0 {
            let message = "a plan must ask for at least one approval";
            self.complain(Severity::Fatal, "approvals", None, message);
        }
        self.founding();
        self.repetition();
    }

    /// Every step serves a finding of the plan, and every finding is served.
    fn founding(&mut self) {
        let plan = self.plan;
        let named: BTreeSet<&FindingId> = plan.findings.iter().collect();
        let served: BTreeSet<&FindingId> =
            plan.steps.iter().flat_map(|step| &step.findings).collect();
        for finding in named.difference(&served) {
            let message = format!("no step serves the finding {finding}");
            self.complain(Severity::Warning, "unserved", None, message);
        }
        for step in &plan.steps {
            if step.findings.is_empty() {
                self.fatal("unfounded", step, "it serves no finding");
            }
            for finding in step.findings.iter().filter(|it| !named.contains(it)) {
                let message = format!("it serves {finding} , which the plan does not name");
                self.fatal("unfounded", step, message);
            }
        }
    }

    fn repetition(&mut self) {
        let mut calls = BTreeSet::new();
        let plan = self.plan;
        for step in &plan.steps {
            if !calls.insert(format!("{} {:?}", step.region, step.action)) {
                self.fatal(
                    "same-call-twice",
                    step,
                    "an earlier step makes the same call",
                );
            }
        }
    }

    /// What a step must say by itself.
    pub(super) fn one(&mut self, step: &Step) {
        let target = step.target();
        match self.snapshot.region_of(&target) {
            None => self.fatal(
                "unknown-target",
                step,
                format!("{target} is not in the snapshot"),
            ),
            Some(region) if *region != step.region => {
                let message = format!("{target} is in {region} , not in {}", step.region);
                self.fatal("wrong-region", step, message);
            }
            Some(_) => {}
        }
        if step.effects.is_empty() {
            self.fatal(
                "no-effect",
                step,
                "it says nothing of what holds once it is done",
            );
        }
        let gone = Condition::Gone {
            resource: target.clone(),
        };
        if step.action.deletes_target() != step.effects.contains(&gone) {
            let message = format!("deleting {target} and its being gone do not go together");
            self.fatal("no-effect", step, message);
        }
        let exists = Condition::Exists {
            resource: target.clone(),
        };
        if !step.preconditions.contains(&exists) {
            let message = format!("it does not ask that {target} exists");
            self.complain(Severity::Warning, "no-precondition", Some(step), message);
        }
        self.undo(step);
    }

    fn undo(&mut self, step: &Step) {
        let undo = &step.undo;
        match (undo.reversibility, undo.actions.as_slice()) {
            (Reversibility::Reversible, []) => {
                self.fatal(
                    "undo",
                    step,
                    "it claims to be reversible and names no call for it",
                );
            }
            (Reversibility::Recoverable | Reversibility::Irreversible, [_, ..]) => {
                let message = "it names calls that take it back, and claims that none can";
                self.complain(Severity::Warning, "undo", Some(step), message);
            }
            _ => {}
        }
        if let Some(other) = undo.actions.iter().find(|it| it.target() != step.target()) {
            let message = format!("its undo changes {} , which it does not", other.target());
            self.complain(Severity::Warning, "undo", Some(step), message);
        }
        if let Action::DeleteVolume { volume_id } = &step.action
            && undo.reversibility == Reversibility::Irreversible
        {
            let message = format!("the data of {volume_id} is lost for ever");
            self.complain(Severity::Note, "data-loss", Some(step), message);
        }
    }
}
