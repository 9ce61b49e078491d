//! The state machine: sequences of calls that could be meant, on a small account.
//!
//! The input is a stream of choices (`arbitrary`): which operation, which of the words that its
//! parameters could mean, how much time passes before. What AWS would refuse must change nothing, what
//! only looks must change nothing, and after every call the state is sound. Then the second half is
//! undone and made again, and a fork must not have noticed.

use std::thread;

use arbitrary::{Result, Unstructured};
use http::Request;
use sandtable_model::{Diff, Document, Snapshot};
use sandtable_simulator::dispatch::modelled_operations;
use sandtable_simulator::wire::{Api, Call};
use sandtable_simulator::{Twin, TwinOptions};
use serde_json::Value;

use crate::request;
use crate::scene::{REGIONS, Scene, estate, furnished};
use crate::vocabulary::Vocabulary;
use crate::world::World;

/// The longest sequence.
const CALLS: usize = 40;
/// How many parameters of a request that the twin does not model are left out of it.
const RETRIES: usize = 4;
/// Seconds that may pass before a call.
const SECONDS: [i64; 8] = [0, 0, 1, 5, 60, 300, 3_600, 86_400 * 8];

/// Makes calls as the bytes choose them.
pub fn run(data: &[u8]) {
    play(data);
}

/// As [`run`]; gives the operations that were asked for, and whether they were allowed.
pub fn play(data: &[u8]) -> Vec<(Api, &'static str, bool)> {
    let mut choices = Unstructured::new(data);
    let scene = match choices.ratio(1, 3) {
        Ok(true) => estate(),
        _ => furnished(),
    };
    let mut play = Play::of(scene);
    // Choices that have run out end the sequence.
    while !choices.is_empty() && play.steps.len() < CALLS {
        if play.step(&mut choices).is_err() {
            break;
        }
        if play.middle.is_none() && choices.len() < data.len() / 2 {
            play.middle = Some(Middle::of(&play));
        }
    }
    play.check_ways_back();
    std::mem::take(&mut play.made)
}

/// A request that was made, when, and what came back.
struct Step {
    seconds: i64,
    request: Request<Vec<u8>>,
    body: Vec<u8>,
}

struct Play {
    /// What the overlay is counted from.
    base: &'static Snapshot,
    world: World,
    vocabulary: Vocabulary,
    steps: Vec<Step>,
    made: Vec<(Api, &'static str, bool)>,
    middle: Option<Middle>,
    /// The calls in words, told when something is wrong.
    told: Vec<String>,
}

/// A moment to come back to.
struct Middle {
    steps: usize,
    twin: Twin,
    checkpoint: sandtable_simulator::Checkpoint,
    seen: Snapshot,
}

impl Middle {
    fn of(play: &Play) -> Self {
        let twin = &play.world.twin;
        Middle {
            steps: play.steps.len(),
            twin: twin.fork(),
            checkpoint: twin.checkpoint(),
            seen: twin.snapshot(),
        }
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        if thread::panicking() {
            for call in &self.told {
                eprintln!("{call}");
            }
        }
    }
}

impl Play {
    fn of(scene: &'static Scene) -> Self {
        Play {
            base: &scene.base,
            world: World::of(&scene.twin),
            vocabulary: scene.vocabulary.clone(),
            steps: Vec::new(),
            made: Vec::new(),
            middle: None,
            told: Vec::new(),
        }
    }

    fn step(&mut self, choices: &mut Unstructured<'_>) -> Result<()> {
        let operations = modelled_operations();
        let (api, action) = *choices.choose(&operations)?;
        let region = REGIONS[usize::from(choices.ratio(1, 16)?)];
        let seconds = *choices.choose(&SECONDS)?;
        let input = request::input(choices, &self.vocabulary, api, action)?;
        let mut call = Call::of(api, action, input);
        self.told.push(format!(
            "+{seconds} s {region} {api}:{action} {}",
            call.input
        ));
        self.world.pass(seconds);
        self.world.audit();
        let mut waited = seconds;
        for _ in 0..RETRIES {
            let Some(request) = request::written(choices, region, &call)? else {
                return Ok(());
            };
            let before = self.world.twin.snapshot();
            let body = self.world.ask(&request);
            let is_allowed = self.world.said.is_some();
            self.check(&call, &before, is_allowed, &body);
            self.steps.push(Step {
                seconds: std::mem::take(&mut waited),
                request,
                body,
            });
            let body = self
                .steps
                .last()
                .map(|it| String::from_utf8_lossy(&it.body));
            let refused = body.as_deref().and_then(not_modelled);
            match refused {
                Some(name) if drop_member(&mut call.input, name) => {}
                _ => {
                    self.made.push((api, action, is_allowed));
                    break;
                }
            }
        }
        if let Some(said) = &self.world.said {
            self.vocabulary.learn(said);
        }
        Ok(())
    }

    /// What must hold after every call.
    fn check(&self, call: &Call, before: &Snapshot, is_allowed: bool, body: &[u8]) {
        self.world.audit();
        let looks = ["Describe", "Get", "List", "Search", "Export"];
        let only_looks = looks.iter().any(|it| call.action.starts_with(it));
        if is_allowed && !only_looks && !call.is_dry_run() {
            return;
        }
        let after = self.world.twin.snapshot();
        if *before != after {
            panic!(
                "{} {} changed {:?}: {}",
                call.action,
                if is_allowed {
                    "only looks and"
                } else {
                    "was refused and"
                },
                Diff::between(before, &after),
                String::from_utf8_lossy(body)
            );
        }
    }

    /// The overlay is the difference; a snapshot survives being written and is a twin again; and the
    /// second half can be undone and made again.
    fn check_ways_back(&mut self) {
        let end = self.world.twin.snapshot();
        assert_eq!(self.world.twin.diff(), Diff::between(self.base, &end));
        let text = end.to_pretty().expect("a snapshot is a document");
        let read = Snapshot::from_json(&text).expect("a snapshot that was just written");
        assert!(read == end, "the snapshot is another one once read");
        let again = Twin::from_snapshot(&read, TwinOptions::default());
        if let Err(error) = again.state().audit() {
            panic!("the twin of the snapshot is unsound: {error}");
        }
        let Some(middle) = self.middle.take() else {
            return;
        };
        let fork = middle.twin.snapshot();
        assert!(fork == middle.seen, "a fork noticed what came after it");
        self.world.twin.restore(&middle.checkpoint);
        let restored = self.world.twin.snapshot();
        assert!(restored == middle.seen, "a checkpoint is another state");
        for step in self.steps.iter().skip(middle.steps) {
            self.world.pass(step.seconds);
            let body = self.world.ask(&step.request);
            assert!(
                body == step.body,
                "the same call again: {} and {}",
                String::from_utf8_lossy(&step.body),
                String::from_utf8_lossy(&body)
            );
        }
        let twice = self.world.twin.snapshot();
        assert!(twice == end, "the same calls lead elsewhere");
    }
}

/// The parameter that a refusal names as not modelled.
fn not_modelled(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("The twin does not model the parameter ")?;
    rest.split(' ').next()
}

/// Takes a member out, wherever it is; says whether it was there.
fn drop_member(value: &mut Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            let is_there = members.shift_remove(name).is_some();
            let mut rest = members.values_mut();
            is_there
                | rest
                    .by_ref()
                    .fold(false, |found, it| drop_member(it, name) | found)
        }
        Value::Array(all) => all
            .iter_mut()
            .fold(false, |found, it| drop_member(it, name) | found),
        _ => false,
    }
}
