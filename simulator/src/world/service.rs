//! A world behind the wire: its forks, its keys and the pages on which people steer it.

use std::collections::BTreeMap;
use std::fmt;

use http::StatusCode;
use sandtable_model::{AccountId, Document, Duration, Timestamp};
use serde_json::{Value, json};

use super::World;
use crate::wire::control::{Ask, Page, Step, Trouble, What};
use crate::wire::{Call, Caller, Proof, Refused, Service, Signer, timestamp};
use crate::{ApiError, Output, Twin};

/// How many forks are held at once. They cost nothing until something is changed in them.
pub const MAX_FORKS: usize = 1000;

/// The last moment that AWS's timestamps can name, 9999-12-31T23:59:59.999Z.
const LAST: Timestamp = Timestamp::from_millis(253_402_300_799_999);

/// How real time passes, for those who serve in it.
pub trait Time: Send + 'static {
    /// How much virtual time has passed since the start, beside that which calls take and pages let
    /// pass.
    fn elapsed(&mut self) -> Duration;

    /// What the clocks of clients show, by which they sign.
    fn clients(&mut self) -> Option<Timestamp>;
}

/// Time that passes with calls alone, so much before each.
#[derive(Clone, Debug, Default)]
pub struct VirtualTime {
    passed: Duration,
    pace: Duration,
}

impl VirtualTime {
    /// `pace` passes whenever somebody asks.
    pub const fn new(pace: Duration) -> Self {
        VirtualTime {
            passed: Duration::ZERO,
            pace,
        }
    }
}

impl Time for VirtualTime {
    fn elapsed(&mut self) -> Duration {
        self.passed = self.passed.plus(self.pace);
        self.passed
    }

    fn clients(&mut self) -> Option<Timestamp> {
        None
    }
}

/// A world that answers calls of the wire, with forks of it.
pub struct WorldService {
    loaded: Branch,
    forks: BTreeMap<String, Branch>,
    time: Box<dyn Time>,
}

impl fmt::Debug for WorldService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorldService")
            .field("loaded", &self.loaded.now)
            .field("forks", &self.forks.keys())
            .finish_non_exhaustive()
    }
}

/// A world, and what it was at first.
#[derive(Clone, Debug)]
struct Branch {
    origin: World,
    now: World,
    /// Up to when the passing of real time has been passed on.
    passed: Duration,
}

impl Branch {
    fn new(world: World, passed: Duration) -> Self {
        Branch {
            origin: world.clone(),
            now: world,
            passed,
        }
    }

    fn catch_up(&mut self, elapsed: Duration) {
        let missing = elapsed.millis().saturating_sub(self.passed.millis());
        self.passed = elapsed;
        self.now.advance(Duration::from_millis(missing));
    }
}

impl WorldService {
    /// Serves a world; a reset brings back the state that it has now.
    pub fn new(world: World, mut time: impl Time) -> Self {
        let passed = time.elapsed();
        WorldService {
            loaded: Branch::new(world, passed),
            forks: BTreeMap::new(),
            time: Box::new(time),
        }
    }

    /// The world that is served, or a fork of it.
    pub fn world(&self, fork: Option<&str>) -> Option<&World> {
        let branch = match fork {
            None => Some(&self.loaded),
            Some(name) => self.forks.get(name),
        };
        branch.map(|it| &it.now)
    }

    /// A branch, at the time that it is now.
    fn branch(&mut self, fork: Option<&str>) -> Option<&mut Branch> {
        let elapsed = self.time.elapsed();
        let branch = match fork {
            None => &mut self.loaded,
            Some(name) => self.forks.get_mut(name)?,
        };
        branch.catch_up(elapsed);
        Some(branch)
    }

    fn asked(&mut self, fork: Option<&str>) -> Result<&mut Branch, Trouble> {
        let name = fork.unwrap_or_default();
        self.branch(fork).ok_or_else(|| Trouble::no_fork(name))
    }

    fn fork(&mut self, name: &str, of: Option<&str>) -> Result<Page, Trouble> {
        let conflict = |code, message| Trouble::new(StatusCode::CONFLICT, code, message);
        if self.forks.contains_key(name) {
            let message =
                format!("There is a fork `{name}` already. Drop it, or take another name.");
            return Err(conflict("ForkExists", message));
        }
        if self.forks.len() >= MAX_FORKS {
            let message = format!("There are {MAX_FORKS} forks, and no more are held. Drop some.");
            return Err(conflict("TooManyForks", message));
        }
        let branch = self.asked(of)?;
        let fork = Branch::new(branch.now.clone(), branch.passed);
        let page = shown(name, &fork);
        self.forks.insert(name.to_owned(), fork);
        Ok(Page::Made(page))
    }
}

/// A fork, as pages tell of it.
fn shown(name: &str, fork: &Branch) -> Value {
    json!({
        "name": name,
        "path": format!("/_sandtable/forks/{name}"),
        "since": timestamp(fork.origin.now().millis()),
        "now": timestamp(fork.now.now().millis()),
    })
}

fn advance(branch: &mut Branch, step: Step) -> Result<Page, Trouble> {
    let now = branch.now.now();
    let span = match step {
        Step::By(span) => span,
        Step::Until(at) if at < now => {
            let now = timestamp(now.millis());
            let message = format!("Virtual time is at {now} already, and does not go back.");
            return Err(Trouble::bad("InThePast", message));
        }
        Step::Until(at) => at.since(now),
    };
    if span > Step::MAX || now.plus(span) > LAST {
        return Err(Trouble::bad(
            "TooFar",
            "Time goes on by at most ten years at once, and not beyond the year 9999.",
        ));
    }
    branch.now.advance(span);
    let now = timestamp(branch.now.now().millis());
    Ok(Page::Json(json!({ "now": now })))
}

/// The account that is asked for, or the only one.
fn account_of(world: &World, account: Option<&AccountId>) -> Result<AccountId, Trouble> {
    let mut all = world.accounts();
    let names = || {
        let names: Vec<&str> = world.accounts().map(AccountId::as_str).collect();
        names.join(", ")
    };
    match (account, all.next(), all.next()) {
        (Some(account), ..) if world.twin(account).is_some() => Ok(account.clone()),
        (Some(account), ..) => Err(Trouble::new(
            StatusCode::NOT_FOUND,
            "NoSuchAccount",
            format!(
                "There is no twin of {account}; there are twins of {}.",
                names()
            ),
        )),
        (None, Some(only), None) => Ok(only.clone()),
        _ => Err(Trouble::bad(
            "WhichAccount",
            format!("Say which account, as `?account=ID`: {}.", names()),
        )),
    }
}

/// A twin's state as a snapshot document, written when nobody waits for the twin any more.
fn snapshot(twin: &Twin) -> Page {
    let twin = twin.fork();
    Page::Document(Box::new(move || {
        let path = std::path::Path::new("snapshot.json");
        let bytes = twin.snapshot().to_file(path);
        bytes.map_err(|error| format!("The snapshot cannot be written: {error}."))
    }))
}

fn diff(account: &AccountId, branch: &Branch) -> Result<Page, Trouble> {
    let twins = (branch.origin.twin(account), branch.now.twin(account));
    let (Some(before), Some(after)) = twins else {
        return Err(Trouble::no_page());
    };
    let diff = after.state().diff_since(before.state());
    Ok(Page::Json(json!({
        "account": account,
        "since": timestamp(branch.origin.now().millis()),
        "now": timestamp(branch.now.now().millis()),
        "resources": diff.resources,
    })))
}

impl Service for WorldService {
    fn signer(&mut self, caller: &Caller) -> Result<Signer, Refused> {
        let fork = caller.fork.as_deref();
        let clients = self.time.clients();
        let branch = self.branch(fork);
        let branch = branch.ok_or_else(|| Refused::Fork(fork.unwrap_or_default().to_owned()))?;
        let who = branch.now.who(caller)?;
        let moments = clients.into_iter().chain([branch.now.now()]);
        let moments = moments.map(Timestamp::millis).collect();
        Ok(Signer {
            account: who.account.to_string(),
            proof: who.secret.map(|secret| Proof { secret, moments }),
        })
    }

    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        let fork = caller.fork.as_deref();
        match self.branch(fork) {
            Some(branch) => branch.now.answer(caller, call),
            None => {
                let name = fork.unwrap_or_default().to_owned();
                Err(Refused::Fork(name).error(call.api))
            }
        }
    }

    fn reset(&mut self) {
        self.forks.clear();
        self.loaded.now = self.loaded.origin.clone();
        self.loaded.passed = self.time.elapsed();
    }

    fn now_millis(&self) -> i64 {
        self.now_millis_of(None)
    }

    fn now_millis_of(&self, fork: Option<&str>) -> i64 {
        let world = self.world(fork).unwrap_or(&self.loaded.now);
        world.now().millis()
    }

    fn control(&mut self, ask: &Ask) -> Result<Page, Trouble> {
        let fork = ask.fork.as_deref();
        match &ask.what {
            What::Health => {
                let forks = self.forks.len();
                let accounts: Vec<&AccountId> = self.asked(fork)?.now.accounts().collect();
                Ok(Page::Json(json!({"accounts": accounts, "forks": forks})))
            }
            What::Reset if fork.is_none() => {
                self.reset();
                Ok(Page::Nothing)
            }
            What::Reset => {
                let branch = self.asked(fork)?;
                branch.now = branch.origin.clone();
                Ok(Page::Nothing)
            }
            What::Advance(step) => advance(self.asked(fork)?, *step),
            What::Snapshot(account) => {
                let world = &self.asked(fork)?.now;
                let account = account_of(world, account.as_ref())?;
                let twin = world.twin(&account).ok_or_else(Trouble::no_page)?;
                Ok(snapshot(twin))
            }
            What::Diff(account) => {
                let branch = self.asked(fork)?;
                diff(&account_of(&branch.now, account.as_ref())?, branch)
            }
            What::Forks => {
                let elapsed = self.time.elapsed();
                let forks = self.forks.iter_mut().map(|(name, fork)| {
                    fork.catch_up(elapsed);
                    shown(name, fork)
                });
                let forks: Vec<Value> = forks.collect();
                Ok(Page::Json(json!({ "forks": forks })))
            }
            What::Fork { name, of } => self.fork(name, of.as_deref()),
            What::Show => {
                let name = fork.unwrap_or_default().to_owned();
                Ok(Page::Json(shown(&name, self.asked(fork)?)))
            }
            What::Drop => match self.forks.remove(fork.unwrap_or_default()) {
                Some(_) => Ok(Page::Nothing),
                None => Err(Trouble::no_fork(fork.unwrap_or_default())),
            },
        }
    }
}
