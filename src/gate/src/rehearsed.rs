//! Whether a plan and a receipt belong together, and the receipt speaks for the plan.

use std::collections::BTreeSet;

use sandtable_model::{
    AccountId, Digest, Document, DocumentError, Plan, Receipt, StepId, StepOutcome, Verdict,
};
use thiserror::Error;

/// Why a receipt does not speak for a plan.
#[derive(Debug, Error)]
pub enum RehearsalFault {
    /// A document without canonical bytes.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Another document, or another version of it.
    #[error("the {document} says that it is `{found}`, but `{expected}` is needed")]
    Format {
        /// Which document.
        document: &'static str,
        /// The `format` found.
        found: String,
        /// The `format` expected.
        expected: &'static str,
    },
    /// Two steps with one id.
    #[error("the plan has two steps `{step}`")]
    DuplicateStep {
        /// The step.
        step: StepId,
    },
    /// A step stands before one that it comes after.
    #[error("step {step} comes after step {needs} but the plan does not list that before it")]
    Order {
        /// The step.
        step: StepId,
        /// The step that must be earlier.
        needs: StepId,
    },
    /// The receipt is of another plan.
    #[error("the receipt is for the plan {named} but the plan given is {given}")]
    OtherPlan {
        /// The plan that the receipt names.
        named: Digest,
        /// The plan given.
        given: Digest,
    },
    /// The rehearsal started from something else than the plan.
    #[error("the plan was made from snapshot {planned} but rehearsed on snapshot {rehearsed}")]
    OtherSnapshot {
        /// The plan's.
        planned: Digest,
        /// The receipt's.
        rehearsed: Digest,
    },
    /// The receipt is of another account.
    #[error("the plan is for account {planned} but the receipt for account {rehearsed}")]
    OtherAccount {
        /// The plan's.
        planned: AccountId,
        /// The receipt's.
        rehearsed: AccountId,
    },
    /// The plan failed its rehearsal.
    #[error("the plan did not pass its rehearsal: {}", reasons(.problems))]
    NotPassed {
        /// The receipt's reasons.
        problems: Vec<String>,
    },
    /// The receipt says that all went well, and that something did not.
    #[error("the receipt says `pass`, but also that step {step} {what}")]
    Contradiction {
        /// The step.
        step: StepId,
        /// What it says of it.
        what: &'static str,
    },
}

fn reasons(problems: &[String]) -> String {
    match problems {
        [] => "the receipt gives no reason".to_owned(),
        some => some.join("; "),
    }
}

/// Checks the plan's shape, and that the receipt is of this plan and passed.
pub(crate) fn check(plan: &Plan, receipt: &Receipt) -> Result<(), RehearsalFault> {
    check_format(Plan::NAME, &plan.format, Plan::FORMAT)?;
    check_format(Receipt::NAME, &receipt.format, Receipt::FORMAT)?;
    check_steps(plan)?;
    if plan.account != receipt.account {
        return Err(RehearsalFault::OtherAccount {
            planned: plan.account.clone(),
            rehearsed: receipt.account.clone(),
        });
    }
    let given = plan.digest()?;
    if receipt.plan != given {
        return Err(RehearsalFault::OtherPlan {
            named: receipt.plan,
            given,
        });
    }
    if plan.snapshot != receipt.snapshot {
        return Err(RehearsalFault::OtherSnapshot {
            planned: plan.snapshot,
            rehearsed: receipt.snapshot,
        });
    }
    check_verdict(receipt)
}

/// The steps that the rehearsal carried out: those that it left out were not rehearsed.
pub(crate) fn rehearsed_steps(receipt: &Receipt) -> BTreeSet<StepId> {
    let done = |outcome| matches!(outcome, StepOutcome::Done | StepOutcome::AlreadyDone);
    let steps = receipt.steps.iter().filter(|it| done(it.outcome));
    steps.map(|it| it.step.clone()).collect()
}

fn check_format(
    document: &'static str,
    found: &str,
    expected: &'static str,
) -> Result<(), RehearsalFault> {
    if found == expected {
        return Ok(());
    }
    Err(RehearsalFault::Format {
        document,
        found: found.to_owned(),
        expected,
    })
}

fn check_steps(plan: &Plan) -> Result<(), RehearsalFault> {
    let mut earlier: BTreeSet<&StepId> = BTreeSet::new();
    for step in &plan.steps {
        if let Some(needs) = step.after.iter().find(|needs| !earlier.contains(needs)) {
            return Err(RehearsalFault::Order {
                step: step.id.clone(),
                needs: needs.clone(),
            });
        }
        if !earlier.insert(&step.id) {
            return Err(RehearsalFault::DuplicateStep {
                step: step.id.clone(),
            });
        }
    }
    Ok(())
}

fn check_verdict(receipt: &Receipt) -> Result<(), RehearsalFault> {
    if receipt.verdict != Verdict::Pass {
        return Err(RehearsalFault::NotPassed {
            problems: receipt.problems.clone(),
        });
    }
    let failed = receipt
        .steps
        .iter()
        .find(|it| it.outcome == StepOutcome::Failed)
        .map(|it| (&it.step, "failed"));
    let unsafe_run = || {
        let run = receipt.fault_runs.iter().find(|run| !run.safe)?;
        Some((&run.step, "did not meet a fault safely"))
    };
    match failed.or_else(unsafe_run) {
        None => Ok(()),
        Some((step, what)) => Err(RehearsalFault::Contradiction {
            step: step.clone(),
            what,
        }),
    }
}
