//! The command line, as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sandtable_describe::Endpoint;
use sandtable_executor::Laxness;
use sandtable_model::Region;

/// Carry out an approved plan on an AWS account.
///
/// Verifies plan, receipt and approvals itself, looks at every precondition again, makes one call at a
/// time, journals it before and after, and stops at the first difference from the rehearsal.
#[derive(Debug, Parser)]
#[command(name = "sandtable-hands", version, max_term_width = 100, after_help = crate::exit::HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Carry out the approved steps of a plan
    Apply(Box<ApplyArgs>),
    /// Go on with a run that was interrupted or had stopped
    Resume(JournalArgs),
    /// Take back what a run did, as far as it can be restored exactly
    Undo(JournalArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The plan
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,
    /// The receipt of its rehearsal
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: PathBuf,
    /// An approval; may be given several times
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) approval: Vec<PathBuf>,
    /// Who may approve: an OpenSSH `allowed_signers` file
    #[arg(long, value_name = "FILE")]
    pub(crate) allowed_signers: PathBuf,
    /// Digests and key fingerprints that are void
    #[arg(long, value_name = "FILE")]
    pub(crate) revoked: Option<PathBuf>,
    /// The journal to write (default: beside the plan, `PLAN.journal`)
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// The profile of the AWS configuration
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Refuse a plan with steps in other Regions than these; may be given several times
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<Region>,
    /// An endpoint instead of AWS: LocalStack, moto, or `sandtable serve`
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<Endpoint>,
    /// A documented laxness of an emulator to put up with; may be given several times, and only with
    /// `--endpoint` [address-keeps-association, nat-interface-stays, routes-stay-active]
    #[arg(long, value_name = "LAXNESS", value_parser = laxness, requires = "endpoint")]
    pub(crate) tolerate: Vec<Laxness>,
    /// Dry-run calls first although an endpoint is given; several emulators make the call instead
    #[arg(long, requires = "endpoint")]
    pub(crate) dry_run_first: bool,
    #[command(flatten)]
    pub(crate) manner: MannerArgs,
}

#[derive(Debug, Args)]
pub(crate) struct JournalArgs {
    /// The journal of the run
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,
    /// An approval instead of those that the run was begun with, which may have expired; may be
    /// given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) approval: Vec<PathBuf>,
    /// The profile of the AWS configuration, instead of the one that the run was begun with
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) manner: MannerArgs,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MannerArgs {
    /// Do not ask at the terminal before the first call
    #[arg(long)]
    pub(crate) yes: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// How the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object, for programs.
    Json,
}

fn laxness(text: &str) -> Result<Laxness, String> {
    let known = Laxness::ALL.iter().find(|it| it.to_string() == text);
    known.copied().ok_or_else(|| {
        let names: Vec<String> = Laxness::ALL.iter().map(ToString::to_string).collect();
        format!("it must be one of {}", names.join(", "))
    })
}
