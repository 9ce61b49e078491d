//! The command line, as typed.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use sandtable_describe::Endpoint;
use sandtable_model::{AccountId, Region, Timestamp};

/// Look at an AWS account, read-only, and write a snapshot of it.
///
/// Reads what EC2 has and what stands around it: load balancers, Auto Scaling groups, databases and
/// stacks. Needs the permissions of `src/eyes/iam-policy.json`, all of them reads, and refuses to call
/// anything else. What it may not see is recorded as unknown.
#[derive(Debug, Parser)]
#[command(name = "sandtable-eyes", version, max_term_width = 100, after_help = crate::exit::HELP)]
pub(crate) struct Args {
    /// The profile of the AWS configuration
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// A Region to look at; may be given several times (default: the configured one)
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<Region>,
    /// An endpoint instead of AWS: LocalStack, moto, or `sandtable serve`
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<Endpoint>,
    /// The account, where the answers do not tell it; another account's answers are refused
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<AccountId>,
    /// Also ask every instance whether it is protected from termination and stop (two calls each)
    #[arg(long)]
    pub(crate) attributes: bool,
    /// The moment of the snapshot instead of the present one (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
    /// The snapshot to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// How the summary is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object, for programs.
    Json,
}
