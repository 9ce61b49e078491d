//! Nobody but the executor writes into a journal.

use sandtable_executor::{Journal, MemoryStorage, Record};
use sandtable_model::{StepId, Timestamp};

fn forge(journal: &mut Journal<MemoryStorage>, step: StepId) {
    let _ = journal.append(Timestamp::from_millis(0), Record::Begun { step });
}

fn main() {}
