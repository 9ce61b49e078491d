//! Going on with a run that was broken off or had stopped.

use sandtable_cloud::{Act, Clock};
use sandtable_gate::Warrant;

use crate::failure::RunError;
use crate::journal::{Journal, Opened, Record, Storage};
use crate::run::{EXECUTOR, Mandate};
use crate::state::State;
use crate::{Options, Run};

/// Goes on with the run that the journal tells of, under a warrant for the same plan and receipt.
/// Its approvals may be newer ones, since those of the beginning may have expired.
///
/// What is done stays done. A step of which the journal has an intent but no outcome is settled by
/// looking: its call is made again only when no trace of it is found. A step at which the run had
/// stopped is taken up again from the beginning, preconditions included.
///
/// # Errors
///
/// When the journal tells of no run, of a finished one, or of one for another plan, receipt or
/// world; or when it cannot be written.
pub fn resume<C, S>(
    warrant: &Warrant<C::World>,
    cloud: &mut C,
    journal: &mut Journal<S>,
    options: &Options,
) -> Result<Run, RunError>
where
    C: Act + Clock,
    S: Storage,
{
    let mandate = Mandate::of(warrant);
    mandate.same_as(journal.opened())?;
    let state = State::of(journal.entries());
    if state.undoing {
        return Err(RunError::BeingUndone);
    }
    if state.finished {
        return Err(RunError::Finished);
    }
    let resumed = Record::Resumed {
        warrant: mandate.digest,
        executor: EXECUTOR.to_owned(),
    };
    journal.append(cloud.now(), resumed)?;
    mandate.go_on(cloud, journal, options)
}

impl Mandate<'_> {
    /// Checks that the journal was begun for the plan, the receipt and the world that the warrant
    /// is for. The approvals may be others: expired ones can be renewed.
    pub(crate) fn same_as(&self, opened: Option<&Opened>) -> Result<(), RunError> {
        let begun = opened.ok_or(RunError::NotBegun)?;
        let now = self.opened(&Options::default())?;
        let receipt = |it: &Opened| match it.receipt {
            Some(digest) => digest.to_string(),
            None => "none".to_owned(),
        };
        let pairs = [
            ("plan", begun.plan.to_string(), now.plan.to_string()),
            ("receipt", receipt(begun), receipt(&now)),
            ("world", begun.world.clone(), now.world.clone()),
        ];
        match pairs
            .into_iter()
            .find(|(_, journal, warrant)| journal != warrant)
        {
            None => Ok(()),
            Some((what, journal, warrant)) => Err(RunError::OtherWarrant {
                what,
                journal,
                warrant,
            }),
        }
    }
}
