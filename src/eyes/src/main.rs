//! `sandtable-eyes`: looks at an AWS account and writes a snapshot. `sandtable scan` runs it.

mod args;
mod exit;
mod output;

use std::process::ExitCode;

use clap::Parser;
use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_eyes::{Access, ConnectError, Progress, Request, Scan, ScanError, connect, scan};
use sandtable_model::{Document, Timestamp};

use crate::args::Args;
use crate::exit::Exit;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(exit) => exit.into(),
        Err((exit, report)) => {
            output::say(&format!("{report:?}"));
            exit.into()
        }
    }
}

type Failure = (Exit, miette::Report);

fn run(args: &Args) -> Result<Exit, Failure> {
    let taken_at = args.now.map_or_else(now, Ok).map_err(internal)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .into_diagnostic()
        .wrap_err("cannot start the runtime")
        .map_err(internal)?;
    let seen = runtime.block_on(look(args, taken_at))?;
    let text = seen
        .snapshot
        .to_file(&args.output)
        .into_diagnostic()
        .map_err(internal)?;
    output::write(&args.output, &text).map_err(internal)?;
    output::summarize(args, &seen).map_err(internal)?;
    Ok(if seen.incomplete.is_empty() {
        Exit::Success
    } else {
        Exit::Partial
    })
}

async fn look(args: &Args, taken_at: Timestamp) -> Result<Scan, Failure> {
    let access = Access {
        profile: args.profile.clone(),
        regions: args.region.clone(),
        endpoint: args.endpoint.clone(),
        account: args.account.clone(),
    };
    let connection = connect(&access)
        .await
        .map_err(|error: ConnectError| (Exit::Input, miette!(help = error.help(), "{error}")))?;
    let progress = Progress::on_stderr();
    if let Err(why) = &connection.identity {
        progress.note(&format!(
            "STS does not tell whose credentials these are: {why}"
        ));
    }
    let request = Request {
        clients: connection.clients,
        account: args.account.clone(),
        identity: connection.identity.ok(),
        emulated: args.endpoint.is_some(),
        taken_at,
        origin: connection.origin,
        attributes: args.attributes,
    };
    let seen = scan(request, &progress).await;
    seen.map_err(|error| match error {
        ScanError::Account(_) => {
            let help = "name it with `--account`";
            (Exit::Input, miette!(help = help, "{error}"))
        }
        ScanError::Nothing { .. } => {
            let help = "check the endpoint, the Region and the credentials";
            (Exit::Input, miette!(help = help, "{error}"))
        }
        other => (Exit::Input, miette!("{other}")),
    })
}

fn internal(report: miette::Report) -> Failure {
    (Exit::Internal, report)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a snapshot of a real account is taken at a real moment; `--now` replaces it"
)]
fn now() -> miette::Result<Timestamp> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let since = since
        .into_diagnostic()
        .wrap_err("the clock stands before 1970")?;
    let millis = i64::try_from(since.as_millis()).into_diagnostic()?;
    Ok(Timestamp::from_millis(millis))
}
