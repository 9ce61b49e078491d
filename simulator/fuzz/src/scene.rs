//! The accounts on which calls are made.

use std::sync::OnceLock;

use sandtable_model::{AccountId, Duration, Region, Snapshot};
use sandtable_simulator::{Twin, TwinOptions, dispatch, estate, wire::Api};
use serde_json::Value;

use crate::vocabulary::Vocabulary;

/// Where most calls are made, and another Region that some of them name.
pub(crate) const REGIONS: [&str; 2] = ["eu-central-1", "eu-west-1"];

/// An account, and the words that mean something in it.
pub(crate) struct Scene {
    pub(crate) twin: Twin,
    /// What the twin's changes are counted from.
    pub(crate) base: Snapshot,
    pub(crate) vocabulary: Vocabulary,
}

/// An account that began empty and has at least one of nearly everything.
pub(crate) fn furnished() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let account = AccountId::new("123456789012").expect("twelve digits");
        let mut twin = Twin::empty(account, estate::TAKEN_AT, options());
        for region in REGIONS {
            twin.ensure_region(&self::region(region));
        }
        let mut scene = Scene::of(twin);
        for line in include_str!("furniture.txt").lines() {
            if !line.is_empty() && !line.starts_with('#') {
                scene.furnish(line);
            }
        }
        scene
    })
}

/// A small generated estate.
pub(crate) fn estate() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let snapshot = estate::generate(11, 100);
        Scene::of(Twin::from_snapshot(&snapshot, options()))
    })
}

/// No time passes with a call, so that nothing else happens during one.
fn options() -> TwinOptions {
    TwinOptions {
        seed: 1,
        call_time: Duration::ZERO,
        ..TwinOptions::default()
    }
}

pub(crate) fn region(name: &str) -> Region {
    Region::new(name).expect("a Region")
}

impl Scene {
    fn of(twin: Twin) -> Self {
        let mut vocabulary = Vocabulary::read(include_str!("words.txt"));
        for (_, resource) in twin.state().everything() {
            vocabulary.learn(&resource.to_value().expect("a resource is JSON"));
        }
        let base = twin.snapshot();
        Scene {
            twin,
            base,
            vocabulary,
        }
    }

    /// Makes a call: service, operation, input. `$Name` in the input is the word of that name that was
    /// learnt last.
    fn furnish(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ');
        let mut next = || {
            words
                .next()
                .unwrap_or_else(|| panic!("`{line}` is too short"))
        };
        let (api, action, input) = (next(), next(), next());
        let api: Api = api.parse().unwrap_or_else(|_| panic!("no service `{api}`"));
        let mut input: Value =
            serde_json::from_str(input).unwrap_or_else(|it| panic!("{line}: {it}"));
        self.fill(&mut input);
        let ctx = self.twin.context(&region(REGIONS[0]));
        let said = dispatch::call_of(&mut self.twin, &ctx, api, action, input);
        let said = said.unwrap_or_else(|error| panic!("{line}: {error}"));
        self.vocabulary.learn(&said);
        self.twin.advance(Duration::from_secs(600));
    }

    /// Puts words in the place of `$Name`.
    pub(crate) fn fill(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(name) = text.strip_prefix('$') {
                    let word = self.vocabulary.last(name);
                    *text = word.unwrap_or_else(|| panic!("no {name}")).to_owned();
                }
            }
            Value::Array(all) => all.iter_mut().for_each(|it| self.fill(it)),
            Value::Object(all) => all.values_mut().for_each(|it| self.fill(it)),
            _ => {}
        }
    }
}
