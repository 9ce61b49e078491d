//! One look at an account: every kind in every Region, some at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sandtable_describe::{Clients, Listing, READ_KINDS, ReadError, protection};
use sandtable_model::resource::InstanceStateName;
use sandtable_model::{
    AccountId, Coverage, Kind, Region, Resource, ResourceId, Snapshot, SnapshotError, Timestamp,
};
use serde::Serialize;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Progress;
use crate::account::account_of;

/// Reads under way at once. Each operation has its own throttle bucket (facts: ec2-throttling), so
/// that reading kinds side by side costs no patience; the limit is for the connections.
const CONCURRENT_READS: usize = 8;

/// What to look at.
#[derive(Debug)]
pub struct Request {
    /// The clients of each Region.
    pub clients: Vec<Clients>,
    /// The account that was asked for; answers of another one are refused.
    pub account: Option<AccountId>,
    /// The account of the credentials, where it is known.
    pub identity: Option<AccountId>,
    /// Whether an emulator answers: it takes any credentials, so that the owners in its answers tell
    /// the account better than the identity does.
    pub emulated: bool,
    /// When the snapshot is taken.
    pub taken_at: Timestamp,
    /// Where the answers come from, in words.
    pub origin: String,
    /// Whether to ask each instance from what it is protected.
    pub attributes: bool,
}

/// What was seen.
#[derive(Debug)]
pub struct Scan {
    /// The snapshot, with what was not seen recorded as unknown.
    pub snapshot: Snapshot,
    /// What was not, or not wholly, seen though this version would read it.
    pub incomplete: Vec<Incomplete>,
}

/// A kind that was not wholly seen in a Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incomplete {
    /// The Region.
    pub region: Region,
    /// The kind.
    pub kind: Kind,
    /// Why.
    pub reason: String,
}

/// Why there is no snapshot.
#[derive(Debug, Error)]
pub enum ScanError {
    /// Not one kind could be read.
    #[error("nothing could be read; the first of {attempts} reads failed with: {first}")]
    Nothing {
        /// How many reads were tried.
        attempts: usize,
        /// Why the first one failed.
        first: String,
    },
    /// The answers name no owner, or several.
    #[error("the answers do not tell the account: they name {}", named(.0))]
    Account(BTreeSet<AccountId>),
    /// The answers are another account's.
    #[error("the answers are those of account {found} but {given} was asked for")]
    OtherAccount {
        /// The account asked for.
        given: AccountId,
        /// The account read.
        found: AccountId,
    },
    /// An id in two Regions.
    #[error("the answers of different Regions hold the same resource: {0}")]
    Duplicate(#[from] SnapshotError),
}

fn named(accounts: &BTreeSet<AccountId>) -> String {
    let accounts: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
    match accounts.as_slice() {
        [] => "no owner".to_owned(),
        some => some.join(", "),
    }
}

type Answers = BTreeMap<(Region, Kind), Result<Listing, ReadError>>;

/// Looks at every kind in every Region. Reads that fail leave their kind unknown.
pub async fn scan(request: Request, progress: &Progress) -> Result<Scan, ScanError> {
    let mut answers = read_all(&request.clients, progress).await;
    if answers.values().all(Result::is_err)
        && let Some(Err(first)) = answers.values().next()
    {
        let (attempts, first) = (answers.len(), first.to_string());
        return Err(ScanError::Nothing { attempts, first });
    }
    if request.attributes {
        ask_instances(&request.clients, &mut answers, progress).await;
    }
    let account = account(&request, &answers)?;
    let mut snapshot = Snapshot::new(account, request.taken_at, &*request.origin);
    let mut incomplete = Vec::new();
    for Clients { region, .. } in &request.clients {
        for kind in Kind::ALL.iter().filter(|kind| !READ_KINDS.contains(kind)) {
            let reason = format!("no {} is read by this version", kind.noun());
            snapshot.set_coverage(region, *kind, Coverage::Unknown { reason });
        }
    }
    for ((region, kind), answer) in answers {
        let (resources, coverage) = judged(answer);
        if let Coverage::Partial { reason } | Coverage::Unknown { reason } = &coverage {
            let (region, reason) = (region.clone(), reason.clone());
            incomplete.push(Incomplete {
                region,
                kind,
                reason,
            });
        }
        snapshot.set_coverage(&region, kind, coverage);
        for resource in resources.into_values() {
            snapshot.insert(&region, resource)?;
        }
    }
    Ok(Scan {
        snapshot,
        incomplete,
    })
}

async fn read_all(clients: &[Clients], progress: &Progress) -> Answers {
    let slots = Arc::new(Semaphore::new(CONCURRENT_READS));
    let mut reads = JoinSet::new();
    for clients in clients {
        for kind in READ_KINDS {
            let (clients, kind) = (clients.clone(), *kind);
            let slots = Arc::clone(&slots);
            reads.spawn(async move {
                // The semaphore is never closed; should it be, reading unbounded does no harm.
                let _slot = slots.acquire().await;
                let answer = clients.list(kind).await;
                ((clients.region, kind), answer)
            });
        }
    }
    progress.begin(reads.len());
    let mut answers = Answers::new();
    while let Some(done) = reads.join_next().await {
        match done {
            Ok(((region, kind), answer)) => {
                progress.read(&line(&region, kind, &answer));
                answers.insert((region, kind), answer);
            }
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
    progress.end();
    answers
}

fn line(region: &Region, kind: Kind, answer: &Result<Listing, ReadError>) -> String {
    let noun = kind.noun();
    match answer {
        Ok(listing) => format!("{region}  {noun}: {}", listing.resources.len()),
        Err(error) => format!("{region}  {noun}: not seen: {error}"),
    }
}

/// The resources by id, and how well the kind was seen. A resource that moved from one page to
/// another while it was being read stands in both; the later word counts.
fn judged(answer: Result<Listing, ReadError>) -> (BTreeMap<ResourceId, Resource>, Coverage) {
    let listing = match answer {
        Ok(listing) => listing,
        Err(error) => {
            let reason = match &error {
                ReadError::Call { operation, failure } if failure.is_denied() => {
                    format!("not permitted to call {operation}: {failure}")
                }
                other => other.to_string(),
            };
            return (BTreeMap::new(), Coverage::Unknown { reason });
        }
    };
    let coverage = match listing.left_out.as_slice() {
        [] => Coverage::Complete,
        [first, ..] => {
            let count = listing.left_out.len();
            let reason = format!("{count} could not be read, the first: {first}");
            Coverage::Partial { reason }
        }
    };
    let resources = listing.resources.into_iter().map(|it| (it.id(), it));
    (resources.collect(), coverage)
}

fn account(request: &Request, answers: &Answers) -> Result<AccountId, ScanError> {
    let resources = answers.values().flatten().flat_map(|it| &it.resources);
    let found = match &request.identity {
        Some(identity) if !request.emulated => Ok(identity.clone()),
        Some(identity) => Ok(account_of(resources).unwrap_or_else(|_| identity.clone())),
        None => account_of(resources),
    };
    match (request.account.clone(), found) {
        (Some(given), Ok(found)) if given != found => Err(ScanError::OtherAccount { given, found }),
        (Some(given), _) => Ok(given),
        (None, found) => found.map_err(ScanError::Account),
    }
}

/// Adds the protection of every instance that is not over, some at a time. What cannot be asked stays
/// unknown, which the model counts as "may be protected".
async fn ask_instances(clients: &[Clients], answers: &mut Answers, progress: &Progress) {
    let slots = Arc::new(Semaphore::new(CONCURRENT_READS));
    for Clients { region, ec2, .. } in clients {
        let Some(Ok(listing)) = answers.get_mut(&(region.clone(), Kind::Instance)) else {
            continue;
        };
        let mut asked = JoinSet::new();
        for (index, resource) in listing.resources.iter().enumerate() {
            let Resource::Instance(instance) = resource else {
                continue;
            };
            if instance.state.name == InstanceStateName::Terminated {
                continue;
            }
            let (client, id) = (ec2.clone(), instance.instance_id.clone());
            let slots = Arc::clone(&slots);
            asked.spawn(async move {
                let _slot = slots.acquire().await;
                (index, protection(&client, &id).await)
            });
        }
        while let Some(done) = asked.join_next().await {
            let (index, answer) = match done {
                Ok(done) => done,
                Err(failed) => std::panic::resume_unwind(failed.into_panic()),
            };
            let Some(Resource::Instance(instance)) = listing.resources.get_mut(index) else {
                continue;
            };
            match answer {
                Ok(protection) => {
                    instance.disable_api_termination = protection.termination;
                    instance.disable_api_stop = protection.stop;
                }
                Err(error) => {
                    let id = &instance.instance_id;
                    progress.note(&format!("{region}  protection of {id} not seen: {error}"));
                }
            }
        }
    }
}
