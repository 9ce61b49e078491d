//! The three commands: from documents to a warrant, from a warrant to a run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_describe::Endpoint;
use sandtable_executor::{
    FileStorage, Journal, Laxness, Options, RunError, StorageError, read_journal, summarize,
};
use sandtable_gate::Warrant;
use sandtable_hands::{Access, Aws, ConnectError, SystemClock, connect};
use sandtable_model::{Real, Region};
use tokio::runtime::Runtime;

use crate::args::{ApplyArgs, JournalArgs};
use crate::documents::Documents;
use crate::exit::Exit;
use crate::failure::{Failure, input, internal, refused};
use crate::progress::{listener, say};
use crate::{interrupt, report};

const ENDPOINT: &str = "endpoint";
const PROFILE: &str = "profile";
const DRY_RUN: &str = "dry-run";

/// Begins a run.
pub(crate) fn apply(args: &ApplyArgs) -> Result<Exit, Failure> {
    let documents = Documents {
        plan: args.plan.clone(),
        receipt: args.receipt.clone(),
        approvals: args.approval.clone(),
        allowed_signers: args.allowed_signers.clone(),
        revoked: args.revoked.clone(),
    };
    let manner = Manner {
        profile: args.profile.clone(),
        endpoint: args.endpoint.clone(),
        tolerate: args.tolerate.clone(),
        // Several emulators make the call that they are asked to dry-run (facts: twin-conformance).
        dry_run: args.endpoint.is_none() || args.dry_run_first,
    };
    let warrant = documents.warrant()?;
    only_in(&args.region, &warrant)?;
    let mut account = Account::reach(&warrant, &manner)?;
    confirm("carry out", &warrant, &manner, args.manner.yes)?;
    let path = args.journal.clone().unwrap_or_else(|| beside(&args.plan));
    let storage = FileStorage::create(&path).map_err(storage_failure)?;
    documents.keep(&path)?;
    let mut started_with = manner.remembered();
    documents.remember(&mut started_with)?;
    let options = account.options(&manner, started_with);
    let listener = listener(warrant.plan().clone(), Vec::new());
    let mut journal = Journal::new(storage).with_listener(listener);
    let run = sandtable_executor::run(&warrant, &mut account.cloud, &mut journal, &options);
    let run = run.map_err(run_failure)?;
    report::run(args.manner.format, &path, warrant.digest(), &run).map_err(internal)
}

/// Goes on with a run.
pub(crate) fn resume(args: &JournalArgs) -> Result<Exit, Failure> {
    let reopened = Reopened::of(args)?;
    let warrant = reopened.documents.warrant()?;
    let mut account = Account::reach(&warrant, &reopened.manner)?;
    confirm("go on with", &warrant, &reopened.manner, args.manner.yes)?;
    let options = account.options(&reopened.manner, BTreeMap::new());
    let entries = reopened.journal.entries().to_vec();
    let listener = listener(warrant.plan().clone(), entries);
    let mut journal = reopened.journal.with_listener(listener);
    let run = sandtable_executor::resume(&warrant, &mut account.cloud, &mut journal, &options);
    let run = match run {
        // Whoever resumes after every crash need not ask first whether there is anything left.
        Err(RunError::Finished) => summarize(journal.entries()),
        other => other.map_err(run_failure)?,
    };
    report::run(args.manner.format, &args.journal, warrant.digest(), &run).map_err(internal)
}

/// Takes a run back.
pub(crate) fn undo(args: &JournalArgs) -> Result<Exit, Failure> {
    let reopened = Reopened::of(args)?;
    let warrant = reopened.documents.warrant()?;
    let mut account = Account::reach(&warrant, &reopened.manner)?;
    confirm("take back", &warrant, &reopened.manner, args.manner.yes)?;
    let options = account.options(&reopened.manner, BTreeMap::new());
    let entries = reopened.journal.entries().to_vec();
    let listener = listener(warrant.plan().clone(), entries);
    let mut journal = reopened.journal.with_listener(listener);
    let undoing = sandtable_executor::undo(&warrant, &mut account.cloud, &mut journal, &options);
    let undoing = undoing.map_err(run_failure)?;
    report::undo(args.manner.format, &args.journal, &undoing).map_err(internal)
}

/// How a run is made; what a resumed run has in common with its beginning.
struct Manner {
    profile: Option<String>,
    endpoint: Option<Endpoint>,
    tolerate: Vec<Laxness>,
    dry_run: bool,
}

impl Manner {
    /// What the journal must tell for the run to be resumed in the same manner.
    fn remembered(&self) -> BTreeMap<String, String> {
        let mut members = BTreeMap::new();
        if let Some(endpoint) = &self.endpoint {
            members.insert(ENDPOINT.to_owned(), endpoint.to_string());
        }
        if let Some(profile) = &self.profile {
            members.insert(PROFILE.to_owned(), profile.clone());
        }
        members.insert(DRY_RUN.to_owned(), self.dry_run.to_string());
        members
    }
}

/// A journal that is gone on with.
struct Reopened {
    journal: Journal<FileStorage>,
    documents: Documents,
    manner: Manner,
}

impl Reopened {
    fn of(args: &JournalArgs) -> Result<Self, Failure> {
        let path = &args.journal;
        let (storage, bytes) = FileStorage::reopen(path).map_err(storage_failure)?;
        let history = read_journal(&bytes)
            .map_err(|error| input(miette!("`{}`: {error}", path.display())))?;
        let journal = Journal::reopened(storage, history);
        let opened = journal.opened().cloned();
        let opened =
            opened.ok_or_else(|| input(miette!("`{}` tells of no run", path.display())))?;
        let told = opened.started_with;
        let endpoint = told.get(ENDPOINT).map(|url| url.parse());
        let endpoint = endpoint
            .transpose()
            .map_err(|error| input(miette!("`{}`: {error}", path.display())))?;
        let mut documents = Documents::of_run(path, &told)?;
        if !args.approval.is_empty() {
            documents.approvals = args.approval.clone();
        }
        Ok(Reopened {
            documents,
            manner: Manner {
                profile: args.profile.clone().or_else(|| told.get(PROFILE).cloned()),
                tolerate: opened.tolerate,
                dry_run: told.get(DRY_RUN).is_none_or(|it| it != "false"),
                endpoint,
            },
            journal,
        })
    }
}

/// The account that a run works on.
struct Account {
    cloud: Aws<SystemClock>,
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Account {
    /// Connects to the warrant's account, and makes sure that it is the warrant's.
    fn reach(warrant: &Warrant<Real>, manner: &Manner) -> Result<Self, Failure> {
        if manner.endpoint.is_none() && !manner.tolerate.is_empty() {
            return Err(input(miette!(
                "on AWS nothing is tolerated: `--tolerate` is for emulators"
            )));
        }
        let runtime = runtime()?;
        let access = Access {
            profile: manner.profile.clone(),
            endpoint: manner.endpoint.clone(),
            account: warrant.plan().account.clone(),
            regions: regions(warrant),
        };
        let connection = runtime
            .block_on(connect(&access))
            .map_err(|error| match error {
                ConnectError::OtherAccount { .. } => refused(miette!("{error}")),
                ConnectError::Identity(_) => {
                    let help = "check the endpoint, the profile and the credentials";
                    input(miette!(help = help, "{error}"))
                }
            })?;
        let stop = interrupt::stop_flag(runtime.handle());
        let cloud = Aws::new(runtime, connection.clients, SystemClock);
        Ok(Account { cloud, stop })
    }

    fn options(&self, manner: &Manner, started_with: BTreeMap<String, String>) -> Options {
        Options {
            tolerate: manner.tolerate.clone(),
            dry_run: manner.dry_run,
            started_with,
            stop: Some(std::sync::Arc::clone(&self.stop)),
        }
    }
}

fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .into_diagnostic()
        .wrap_err("cannot start the runtime")
        .map_err(internal)
}

fn regions(warrant: &Warrant<Real>) -> BTreeSet<Region> {
    warrant
        .plan()
        .steps
        .iter()
        .map(|step| step.region.clone())
        .collect()
}

fn only_in(allowed: &[Region], warrant: &Warrant<Real>) -> Result<(), Failure> {
    let elsewhere = regions(warrant)
        .into_iter()
        .find(|it| !allowed.contains(it));
    match elsewhere {
        Some(region) if !allowed.is_empty() => Err(refused(miette!(
            "the plan has steps in {region} and `--region` does not name it"
        ))),
        _ => Ok(()),
    }
}

/// Asks at the terminal before anything is done. Where nobody sits, the approvals are the consent.
fn confirm(what: &str, warrant: &Warrant<Real>, manner: &Manner, yes: bool) -> Result<(), Failure> {
    let plan = warrant.plan();
    let steps = warrant.steps().len();
    let place = match &manner.endpoint {
        Some(endpoint) => format!(" at {endpoint}"),
        None => String::new(),
    };
    let approvers: Vec<&str> = warrant.approvers().collect();
    let approvers = approvers.join(", ");
    say(&format!(
        "{what} {steps} of {} steps approved by {approvers} in account {}{place}",
        plan.steps.len(),
        plan.account
    ));
    if yes || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(());
    }
    let ask = || -> io::Result<String> {
        let mut stderr = io::stderr().lock();
        write!(stderr, "go on? [y/N] ")?;
        stderr.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().into_diagnostic().map_err(internal)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(refused(miette!("not confirmed; nothing was done"))),
    }
}

/// `plan.json` gets `plan.journal`.
fn beside(plan: &Path) -> PathBuf {
    plan.with_extension("journal")
}

fn storage_failure(error: StorageError) -> Failure {
    match error {
        StorageError::Exists { .. } | StorageError::Locked { .. } => input(miette!("{error}")),
        // Whoever named the file can name another one; a full disk is nobody's mistake.
        StorageError::Io { ref source, .. }
            if matches!(
                source.kind(),
                ErrorKind::NotFound | ErrorKind::PermissionDenied
            ) =>
        {
            input(miette!("{error}"))
        }
        StorageError::Io { .. } => internal(miette!("{error}")),
    }
}

fn run_failure(error: RunError) -> Failure {
    match error {
        RunError::Journal(_) | RunError::Document(_) => internal(miette!("{error}")),
        RunError::OtherWarrant { .. } => refused(miette!("{error}")),
        RunError::AlreadyBegun
        | RunError::NotBegun
        | RunError::Finished
        | RunError::BeingUndone => input(miette!("{error}")),
    }
}
