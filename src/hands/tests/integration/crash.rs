//! The hands are killed, and go on as if nothing had happened.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use sandtable_model::{Diff, Document, Snapshot, StepId, StepOutcome, Timestamp};
use sandtable_scenario::Rehearsal;

use crate::support::{Files, Server, apply, approval, now, program, rehearsed, scenario, state_of};

/// How many runs are killed at the same time; most of the time they wait.
const AT_ONCE: usize = 8;

/// Waits until the journal is like that, then kills the program (SIGKILL). Gives whether it came to that
/// before the program ended.
fn kill_when(mut child: Child, files: &Files, reached: impl Fn(&str) -> bool) -> bool {
    loop {
        let journal = fs::read_to_string(files.path("run.journal")).unwrap_or_default();
        if reached(&journal) {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process is watched, in real time"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}

/// How often each operation must be answered with success in all.
fn planned(rehearsal: &Rehearsal) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for receipt in rehearsal
        .receipt
        .steps
        .iter()
        .filter(|it| it.outcome == StepOutcome::Done)
    {
        let step = rehearsal.plan.step(&receipt.step).unwrap();
        *calls.entry(step.action.name().to_owned()).or_insert(0) += 1;
    }
    calls
}

fn killed_and_resumed(snapshot: &Snapshot, rehearsal: &Rehearsal, at: &Moment) {
    let server = Server::of(snapshot);
    let files = Files::of(rehearsal, now());
    let mut command = apply(&files, &server.url);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let killed = kill_when(command.spawn().unwrap(), &files, |it| at.reached(it));
    assert!(killed, "{at:?}: the run ended before it was to be killed");
    let mut command = program();
    let resumed = command
        .arg("resume")
        .arg(files.path("run.journal"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&resumed.stderr);
    assert_eq!(resumed.status.code(), Some(0), "{at:?}: {said}");
    let diff = Diff::between(&rehearsal.after, &state_of(&server.served));
    assert_eq!(diff, Diff::default(), "{at:?}: {said}");
    assert_eq!(server.changes(), planned(rehearsal), "{at:?}: {said}");
}

/// When a run is killed.
#[derive(Debug)]
enum Moment {
    /// As soon as the journal has this many lines.
    Lines(usize),
    /// As soon as the journal has the intent of the step: its call may be on its way, or answered.
    Intent(StepId),
}

impl Moment {
    fn reached(&self, journal: &str) -> bool {
        match self {
            Moment::Lines(count) => journal.matches('\n').count() >= *count,
            Moment::Intent(step) => {
                let intent = "\"record\":{\"intent\":{";
                let step = format!("\"step\":\"{step}\"");
                journal
                    .lines()
                    .any(|line| line.contains(intent) && line.contains(&step))
            }
        }
    }
}

fn all(snapshot: &Snapshot, moments: &[Moment]) {
    let rehearsal = rehearsed(snapshot);
    for some in moments.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            for moment in some {
                scope.spawn(|| killed_and_resumed(snapshot, &rehearsal, moment));
            }
        });
    }
}

#[test]
fn killed_at_every_record_of_a_short_run() {
    let snapshot = scenario("nat/no-route");
    let records = rehearsed(&snapshot)
        .journal
        .iter()
        .filter(|it| **it == b'\n')
        .count();
    assert!(records > 8, "{records}");
    // The last record is followed by the end of the program, which cannot be caught in time.
    let moments: Vec<Moment> = (1..records).map(Moment::Lines).collect();
    all(&snapshot, &moments);
}

#[test]
fn killed_at_every_step_of_a_teardown() {
    let snapshot = scenario("nat/empty-vpc");
    let steps = rehearsed(&snapshot).plan.steps;
    assert!(steps.len() > 10, "{}", steps.len());
    let moments: Vec<Moment> = steps.into_iter().map(|it| Moment::Intent(it.id)).collect();
    all(&snapshot, &moments);
}

#[test]
fn approvals_that_expired_are_renewed_to_go_on() {
    let snapshot = scenario("addresses/idle");
    let rehearsal = rehearsed(&snapshot);
    let server = Server::of(&snapshot);
    // Approvals made here hold for two days: this one for ten seconds more.
    let days = sandtable_model::Duration::from_days(2).millis() - 10_000;
    let expiring = Timestamp::from_millis(now().millis() - days);
    let expires_at = expiring.plus(sandtable_model::Duration::from_days(2));
    let files = Files::of(&rehearsal, expiring);
    let mut command = apply(&files, &server.url);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Moment::Lines(2);
    assert!(kill_when(command.spawn().unwrap(), &files, |it| begun.reached(it)));
    while now() < expires_at {
        pause();
    }
    let resume = || {
        let mut command = program();
        command.arg("resume").arg(files.path("run.journal"));
        command
    };
    let refused = resume().output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("expired"), "{said}");

    let renewed = files.path("renewed.json");
    fs::write(&renewed, approval(&rehearsal, now()).to_pretty().unwrap()).unwrap();
    let resumed = resume().arg("--approval").arg(renewed).output().unwrap();
    let said = String::from_utf8_lossy(&resumed.stderr);
    assert_eq!(resumed.status.code(), Some(0), "{said}");
    let diff = Diff::between(&rehearsal.after, &state_of(&server.served));
    assert_eq!(diff, Diff::default(), "{said}");
}
