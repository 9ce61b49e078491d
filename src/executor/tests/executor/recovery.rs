//! Crashes and resumption, on the scripted cloud.

use std::collections::BTreeMap;
use std::io;

use sandtable_executor::{
    Entry, Journal, MemoryStorage, Options, ReadError, Run, RunError, Storage, read_journal,
    render_timeline, resume, run, timeline,
};
use sandtable_gate::StepSelection;
use sandtable_model::{Observed, Plan, ResourceId, Simulated, facts_of};

use crate::support::*;

/// A storage that dies after some bytes.
pub(crate) struct Mortal {
    pub(crate) bytes: Vec<u8>,
    life: usize,
}

impl Mortal {
    /// A storage with these bytes, that dies when it has `life` of them.
    pub(crate) const fn with_bytes(bytes: Vec<u8>, life: usize) -> Self {
        Mortal { bytes, life }
    }
}

impl Storage for Mortal {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let left = self.life - self.bytes.len();
        let kept = left.min(line.len());
        self.bytes.extend_from_slice(&line[..kept]);
        if kept < line.len() || left == line.len() {
            return Err(io::Error::other("killed"));
        }
        Ok(())
    }
}

/// What the cloud came to, without what differs between two runs without meaning anything.
fn state(cloud: &Fake<Simulated>) -> BTreeMap<ResourceId, Observed> {
    let alive = cloud.resources.iter().filter(|(_, it)| !it.is_gone());
    alive
        .map(|(id, it)| {
            (
                id.clone(),
                Observed::Present {
                    facts: facts_of(it),
                },
            )
        })
        .collect()
}

/// Runs until the journal has `life` bytes, then goes on with it.
fn crash_and_resume(plan: &Plan, cloud: &mut Fake<Simulated>, life: usize) -> (Run, Vec<Entry>) {
    let warrant = warrant(plan.clone());
    let options = Options::default();
    let mut journal = Journal::new(Mortal::with_bytes(Vec::new(), life));
    let crashed = run(&warrant, cloud, &mut journal, &options);
    assert!(matches!(crashed, Err(RunError::Journal(_))), "{crashed:?}");
    let bytes = journal.into_storage().bytes;
    match read_journal(&bytes) {
        Ok(history) => {
            let mut journal = Journal::reopened(MemoryStorage::with_bytes(bytes), history);
            let run = match resume(&warrant, cloud, &mut journal, &options) {
                Err(RunError::Finished) => sandtable_executor::summarize(journal.entries()),
                other => other.unwrap(),
            };
            (run, journal.entries().to_vec())
        }
        Err(ReadError::Empty) => run_on(&warrant, cloud),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_crash_at_any_byte_ends_in_the_same_state() {
    for plan in [delete_nat(), snapshot_and_delete()] {
        let fresh = || {
            let mut all = nat_cloud();
            all.push(volume(VOLUME));
            Fake::<Simulated>::of(all)
        };
        let mut undisturbed = fresh();
        let mut journal = Journal::new(MemoryStorage::new());
        let options = Options::default();
        run(
            &warrant(plan.clone()),
            &mut undisturbed,
            &mut journal,
            &options,
        )
        .unwrap();
        let length = journal.into_storage().into_bytes().len();
        for life in (0..length).step_by(29) {
            let mut cloud = fresh();
            let (run, _) = crash_and_resume(&plan, &mut cloud, life);
            assert!(run.is_completed(), "after {life} bytes: {run:?}");
            assert_eq!(state(&cloud), state(&undisturbed), "after {life} bytes");
            assert_eq!(cloud.effects, undisturbed.effects, "after {life} bytes");
        }
    }
}

/// The transcript of a crash right before and right after every record, and of what happens then.
#[test]
fn recovery_transcript() {
    let plan = snapshot_and_delete();
    let mut journal = Journal::new(MemoryStorage::new());
    let mut cloud = Fake::of(vec![volume(VOLUME)]);
    let options = Options::default();
    run(&warrant(plan.clone()), &mut cloud, &mut journal, &options).unwrap();
    let bytes = journal.into_storage().into_bytes();
    let ends = bytes.iter().enumerate().filter(|(_, it)| **it == b'\n');
    let mut transcript = String::new();
    for (record, (end, _)) in ends.enumerate() {
        for (life, when) in [(end, "in the middle of"), (end + 1, "right after")] {
            let mut cloud = Fake::of(vec![volume(VOLUME)]);
            let (_, entries) = crash_and_resume(&plan, &mut cloud, life);
            let text = render_timeline(&timeline(&entries, &plan));
            transcript.push_str(&format!("== killed {when} record {record}\n{text}\n"));
            assert_eq!(cloud.effects.len(), 2);
        }
    }
    insta::assert_snapshot!("recovery", transcript);
}

#[test]
fn a_stopped_run_goes_on_once_what_stopped_it_is_gone() {
    let plan = delete_nat();
    let warrant = warrant(plan.clone());
    let options = Options::default();
    let mut cloud =
        Fake::of(nat_cloud()).reply([Reply::Apply, Reply::Refuse(error("UnauthorizedOperation"))]);
    let mut journal = Journal::new(MemoryStorage::new());
    let stopped = run(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!(stop(&stopped).0, "s02");
    let run = resume(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert!(run.is_completed(), "{run:?}");
    assert_eq!((cloud.calls, cloud.effects.len()), (4, 3));
    assert_eq!(run.steps.len(), 3);
}

#[test]
fn a_run_goes_on_under_renewed_approvals_but_not_under_another_plan() {
    let plan = delete_nat();
    let mut twin = Fake::<Simulated>::of(nat_cloud());
    let rehearsal = sandtable_executor::rehearse(&warrant(plan.clone()), &mut twin).unwrap();
    let receipt = receipt_of(&plan, &rehearsal);
    let short = real_warrant(&plan, &receipt, StepSelection::All, 1);
    let options = Options::default();
    let mut cloud = Fake::of(nat_cloud());
    let mut journal = Journal::new(MemoryStorage::new());
    let expired = run(&short, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!(stop(&expired).0, "s03");

    let other = sandtable_gate::Warrant::for_rehearsal(plan.clone());
    let mut simulated = Fake::<Simulated>::of(nat_cloud());
    let refused = resume(&other, &mut simulated, &mut journal, &options);
    assert!(
        matches!(refused, Err(RunError::OtherWarrant { .. })),
        "{refused:?}"
    );

    let renewed = real_warrant(&plan, &receipt, StepSelection::All, 60);
    let run = resume(&renewed, &mut cloud, &mut journal, &options).unwrap();
    assert!(run.is_completed(), "{run:?}");
}

#[test]
fn there_is_nothing_to_resume_in_an_empty_journal() {
    let mut journal = Journal::new(MemoryStorage::new());
    let mut cloud = Fake::of(nat_cloud());
    let warrant = warrant(delete_nat());
    let nothing = resume(&warrant, &mut cloud, &mut journal, &Options::default());
    assert!(matches!(nothing, Err(RunError::NotBegun)));
}
