//! The world that is served: which accounts, from which sources, under which permissions and keys.

use std::path::Path;
use std::sync::Arc;

use miette::{IntoDiagnostic, miette};
use sandtable_model::{AccountId, Timestamp};
use sandtable_simulator::{Permissions, Twin, TwinOptions, World};

use super::credentials;
use crate::args::{ReadingArgs, ServeArgs};
use crate::clock;
use crate::files::read_text;
use crate::source;

/// The account that is served when nothing says another one.
const ACCOUNT: &str = "123456789012";

/// Puts together what the command line asks for.
pub(super) fn read(args: &ServeArgs) -> miette::Result<World> {
    let mut world: Option<World> = None;
    for path in &args.sources {
        // Describe answers that do not tell their account are of the one that is given.
        let told = args.account.first().filter(|_| args.sources.len() == 1);
        add(&mut world, of_source(args, path, told)?)
            .map_err(|error| miette!("`{}`: {error}", path.display()))?;
    }
    for account in &args.account {
        let account = AccountId::new(account).into_diagnostic()?;
        let is_told = args.sources.len() == 1 && args.account.first() == Some(&account.to_string());
        let is_there = world.as_ref().is_some_and(|it| it.twin(&account).is_some());
        if is_there && is_told {
            continue;
        }
        add(&mut world, empty(args, account)?).map_err(|error| miette!("--account: {error}"))?;
    }
    let mut world = match world {
        Some(world) => world,
        None => World::new(empty(args, AccountId::new(ACCOUNT).into_diagnostic()?)?),
    };
    for told in &args.permissions {
        permit(&mut world, told)?;
    }
    if let Some(path) = &args.credentials {
        let keys = credentials::read(path, world.first())?;
        world
            .set_keys(keys)
            .map_err(|error| miette!("`{}`: {error}", path.display()))?;
    }
    Ok(world)
}

fn add(
    world: &mut Option<World>,
    twin: Twin,
) -> Result<(), sandtable_simulator::world::WorldError> {
    match world {
        Some(world) => world.add(twin),
        None => {
            *world = Some(World::new(twin));
            Ok(())
        }
    }
}

/// Options of an account's twin. Only the first one draws from the seed itself, so that what is made in
/// one account never has the id of what is made in another.
fn options(args: &ServeArgs, is_first: bool, account: &AccountId) -> TwinOptions {
    let number = account.as_str().parse().unwrap_or_default();
    TwinOptions {
        quotas: args.quotas,
        seed: if is_first { 0 } else { number },
        ..TwinOptions::default()
    }
}

fn of_source(args: &ServeArgs, path: &Path, account: Option<&String>) -> miette::Result<Twin> {
    let reading = ReadingArgs {
        region: args.region.clone(),
        account: account.cloned(),
        now: args.now.clone(),
    };
    let opened = source::open_path(path, &reading)?;
    let is_first = args.sources.first().is_some_and(|it| it == path);
    let options = options(args, is_first, &opened.snapshot.account);
    let mut twin = Twin::from_snapshot(&opened.snapshot, options);
    if let Some(scenario) = &opened.scenario {
        let metrics: Vec<_> = scenario
            .cloud
            .metrics
            .iter()
            .map(|it| it.value.clone())
            .collect();
        twin.observe_metrics(&metrics).into_diagnostic()?;
        twin.set_permissions(scenario.cloud.permissions.clone().map(Arc::new));
        twin.set_faults(scenario.fault_plan());
    }
    Ok(twin)
}

fn empty(args: &ServeArgs, account: AccountId) -> miette::Result<Twin> {
    let now: Timestamp = match &args.now {
        Some(text) => text.parse().into_diagnostic()?,
        None => clock::now(),
    };
    let first = args.account.first().map_or(ACCOUNT, String::as_str);
    let is_first = args.sources.is_empty() && account.as_str() == first;
    let options = options(args, is_first, &account);
    Ok(Twin::empty(account, now, options))
}

/// `FILE` for every account, or `ACCOUNT=FILE` for one.
fn permit(world: &mut World, told: &str) -> miette::Result<()> {
    let (accounts, path) = match told.split_once('=') {
        Some((account, path)) if AccountId::new(account).is_ok() => {
            (vec![AccountId::new(account).into_diagnostic()?], path)
        }
        _ => (world.accounts().cloned().collect(), told),
    };
    for account in &accounts {
        world.twin(account).ok_or_else(|| {
            miette!(
                help = "serve it too: name a source of it, or `--account {account}`",
                "--permissions: there is no twin of {account}"
            )
        })?;
    }
    let permissions = Arc::new(permissions(Path::new(path))?);
    for account in accounts {
        if let Some(twin) = world.twin_mut(&account) {
            twin.set_permissions(Some(Arc::clone(&permissions)));
        }
    }
    Ok(())
}

/// Permissions, or the policy document of a caller alone.
pub(super) fn permissions(path: &Path) -> miette::Result<Permissions> {
    Permissions::from_json(&read_text(path)?)
        .map_err(|error| miette!("`{}`: {error}", path.display()))
}
