//! `scan`, `apply`, `resume` and `undo`: run the two programs that may talk to AWS.
//!
//! This command holds no credentials and links no AWS client.

use std::process::Command;

#[cfg(not(unix))]
use miette::miette;
use miette::{IntoDiagnostic, WrapErr};

use crate::args::{ApplyArgs, ResumeArgs, ScanArgs};
use crate::exit::Exit;
use crate::programs::{Line, find};

/// Looks at an account with the eyes.
pub(crate) fn scan(args: &ScanArgs) -> miette::Result<Exit> {
    let mut line = Line::default();
    line.option("--profile", args.profile.as_ref());
    for region in &args.region {
        line.option("--region", Some(region));
    }
    line.option("--endpoint", args.endpoint.as_ref());
    line.option("--account", args.account.as_ref());
    line.flag("--attributes", args.attributes);
    line.option("--output", Some(&args.output));
    line.format(args.format.format);
    run("sandtable-eyes", line)
}

/// Carries out an approved plan with the hands.
pub(crate) fn apply(args: &ApplyArgs) -> miette::Result<Exit> {
    let mut line = Line::default();
    line.word("apply");
    line.option("--plan", Some(&args.plan));
    line.option("--receipt", Some(&args.receipt));
    for approval in &args.approval {
        line.option("--approval", Some(approval));
    }
    line.option("--allowed-signers", Some(&args.allowed_signers));
    line.option("--revoked", args.revoked.as_ref());
    line.option("--journal", args.journal.as_ref());
    line.option("--profile", args.profile.as_ref());
    line.option("--endpoint", args.endpoint.as_ref());
    for region in &args.region {
        line.option("--region", Some(region));
    }
    line.flag("--dry-run-first", args.dry_run_first);
    line.flag("--yes", args.yes);
    for laxness in &args.tolerate {
        line.option("--tolerate", Some(laxness));
    }
    line.format(args.format.format);
    run("sandtable-hands", line)
}

/// Goes on with an interrupted run with the hands.
pub(crate) fn resume(args: &ResumeArgs) -> miette::Result<Exit> {
    with_journal("resume", args)
}

/// Takes back the reversible steps of a run with the hands.
pub(crate) fn undo(args: &ResumeArgs) -> miette::Result<Exit> {
    with_journal("undo", args)
}

fn with_journal(verb: &str, args: &ResumeArgs) -> miette::Result<Exit> {
    let mut line = Line::default();
    line.word(verb);
    for approval in &args.approval {
        line.option("--approval", Some(approval));
    }
    line.option("--profile", args.profile.as_ref());
    line.flag("--yes", args.yes);
    line.format(args.format.format);
    // Behind `--`, so that a name that begins with a hyphen stays a name.
    line.word("--");
    line.word(&args.journal);
    run("sandtable-hands", line)
}

/// Becomes the program, so that signals and the exit code are its own: Ctrl-C must reach hands that
/// finish the call they are at, and nobody may take their prompt for theirs meanwhile.
#[cfg(unix)]
fn run(program: &str, line: Line) -> miette::Result<Exit> {
    use std::os::unix::process::CommandExt;
    let path = find(program)?;
    let error = Command::new(&path).args(line.words()).exec();
    Err(error)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run `{}`", path.display()))
}

#[cfg(not(unix))]
fn run(program: &str, line: Line) -> miette::Result<Exit> {
    let path = find(program)?;
    let status = Command::new(&path)
        .args(line.words())
        .status()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run `{}`", path.display()))?;
    let code = status.code().and_then(Exit::from_code);
    code.ok_or_else(|| miette!("`{program}` ended unexpectedly: {status}"))
}
