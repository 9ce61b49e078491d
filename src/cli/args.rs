//! The command line, as typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit::Exit;

/// Rehearse AWS cost remediation on a twin of the account before anything is touched.
#[derive(Debug, Parser)]
#[command(name = "sandtable", version, max_term_width = 100, after_help = after_help())]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object, for programs.
    Json,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct FormatArgs {
    /// How results are printed on standard output
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at an account (read-only) and write a snapshot
    Scan(ScanArgs),
    /// Find waste and propose a plan
    Plan(PlanArgs),
    /// Rehearse a plan on a twin of the account
    Rehearse(RehearseArgs),
    /// Sign your consent to a rehearsed plan
    Approve(ApproveArgs),
    /// Carry out an approved plan (runs sandtable-hands)
    Apply(ApplyArgs),
    /// Go on with a run that was interrupted (runs sandtable-hands)
    Resume(ResumeArgs),
    /// Take back the reversible steps of a run (runs sandtable-hands)
    Undo(ResumeArgs),
    /// Check a document: its form, digest, signature or hash chain
    Verify(VerifyArgs),
    /// Show what differs between two states of an account
    Diff(DiffArgs),
    /// Draw how the resources hang together
    Graph(GraphArgs),
    /// Explain a rule, or everything known of a resource
    Explain(ExplainArgs),
    /// Serve a twin as if it were AWS: EC2, and what remediation needs of the services beside it
    Serve(ServeArgs),
    /// Look, plan, rehearse and approve in the terminal
    Console(ConsoleArgs),
    /// Run scenario files and compare them with their expectations
    Test(TestArgs),
}

/// Where an account's state comes from, and how it is read.
#[derive(Clone, Debug, Args)]
pub(crate) struct SourceArgs {
    /// A scenario (.yaml), a snapshot (.json), a folder of `aws ec2 describe-*` answers, the URL of an
    /// emulator, which sandtable-eyes reads, or a generated estate (estate:SIZE or estate:SIZE@SEED)
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// What describe answers do not say, and what the eyes are told.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReadingArgs {
    /// The Region of describe answers that do not tell it; of an emulator, the one to look at
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The account of describe answers that do not tell it
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// The moment at which describe answers were taken (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
}

/// Under which rules the brain works.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PolicyArgs {
    /// A policy file (YAML); a scenario's own policy is used otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// The profile of the AWS configuration
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// A Region to look at; may be given several times
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,
    /// An endpoint instead of AWS: LocalStack, moto, or `sandtable serve`
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The account, where the answers do not tell it
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Also ask every instance whether it is protected against termination and stopping
    #[arg(long)]
    pub(crate) attributes: bool,
    /// The snapshot to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// Write the plan to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// The plan to rehearse; without one it is proposed from the source
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Which faults to rehearse besides: `none`, `each` (one of each kind at every step), or drawn ones:
    /// `seed:7`, `seed:1..100` (each of these), `seed:7@25%` (at a quarter of the calls; else 10%)
    #[arg(long, value_name = "FAULTS", default_value = "none")]
    pub(crate) faults: String,
    /// What whoever will carry the plan out may do: a file of permissions, or an IAM policy document
    #[arg(long, value_name = "FILE")]
    pub(crate) permissions: Option<PathBuf>,
    /// Throttle calls as EC2 does, so that the duration is that of a run in earnest
    #[arg(long)]
    pub(crate) quotas: bool,
    /// Write the receipt to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write the rehearsed plan to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) plan_output: Option<PathBuf>,
    /// Write the twin's state after the rehearsal to a file, as a snapshot
    #[arg(long, value_name = "FILE")]
    pub(crate) after: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// The plan
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,
    /// The receipt of its rehearsal
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: PathBuf,
    /// Your SSH key: a private key file, or a public key whose private part the SSH agent holds
    #[arg(long, value_name = "KEY")]
    pub(crate) key: PathBuf,
    /// Your name in the `allowed_signers` file
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) approver: String,
    /// A step to approve, with all steps it needs; may be given several times (default: all)
    #[arg(long, value_name = "STEP")]
    pub(crate) step: Vec<String>,
    /// When the approval becomes void: a duration such as `8h` or `2d`, or a time (RFC 3339)
    #[arg(long, value_name = "WHEN", default_value = "24h")]
    pub(crate) expires: String,
    /// The approval to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
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
    /// An endpoint instead of AWS: LocalStack, moto, or `sandtable serve`
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Refuse a plan with steps in other Regions than these; may be given several times
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,
    /// A documented laxness of an emulator to put up with; only with --endpoint
    #[arg(long, value_name = "LAXNESS", requires = "endpoint")]
    pub(crate) tolerate: Vec<String>,
    /// Dry-run calls first although an endpoint is given; several emulators make the call instead
    #[arg(long, requires = "endpoint")]
    pub(crate) dry_run_first: bool,
    /// Do not ask at the terminal before the run begins
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The journal of the interrupted run
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,
    /// An approval instead of those that the run was begun with, which may have expired; may be
    /// given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) approval: Vec<PathBuf>,
    /// The profile of the AWS configuration, instead of the one that the run was begun with
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Do not ask at the terminal before the run goes on
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A snapshot, plan, receipt, approval or journal
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Check an approval's signature against this OpenSSH `allowed_signers` file
    #[arg(long, value_name = "FILE")]
    pub(crate) allowed_signers: Option<PathBuf>,
    /// Write the exact bytes that were signed to a file, for `ssh-keygen -Y verify`
    #[arg(long, value_name = "FILE")]
    pub(crate) statement: Option<PathBuf>,
    /// Write the armored signature to a file, for `ssh-keygen -Y verify`
    #[arg(long, value_name = "FILE")]
    pub(crate) signature: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The first state: a source, as of `sandtable plan`
    #[arg(value_name = "A")]
    pub(crate) before: PathBuf,
    /// The second state
    #[arg(value_name = "B")]
    pub(crate) after: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// The language of the drawing
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot, value_name = "FORMAT")]
    pub(crate) format: GraphFormat,
}

/// The language of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A rule (`G1`) or a resource (`nat-0abc…`)
    #[arg(value_name = "RULE|RESOURCE-ID")]
    pub(crate) subject: String,
    /// Where the resource is: a scenario, snapshot, folder, the URL of an emulator, or a generated
    /// estate
    #[arg(value_name = "SOURCE")]
    pub(crate) source: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// A scenario, snapshot, folder, generated estate or the URL of an emulator; several of them for
    /// several accounts, and without one an empty account with its default VPC
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<PathBuf>,
    /// An account to serve besides, empty; may be given several times. With one folder of describe
    /// answers that do not tell their account, or with one emulator: that account
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Vec<String>,
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4580")]
    pub(crate) listen: SocketAddr,
    /// Virtual seconds that pass in a real one
    #[arg(long, value_name = "FACTOR", default_value_t = 60)]
    pub(crate) speed: u32,
    /// Throttle callers as EC2 does
    #[arg(long)]
    pub(crate) quotas: bool,
    /// Let in these access keys only, and verify signatures: a file as AWS tools have it
    /// (`~/.aws/credentials`)
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// What callers may do: a file of permissions, or an IAM policy document; may be given several
    /// times
    #[arg(long, value_name = "[ACCOUNT=]FILE")]
    pub(crate) permissions: Vec<String>,
    /// Do not log each request on standard error
    #[arg(long)]
    pub(crate) quiet: bool,
    /// The Region of describe answers that do not tell it; of an emulator, the one to look at
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The moment at which describe answers were taken, or at which empty accounts begin (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write a JUnit report to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

fn after_help() -> String {
    let rows = Exit::TABLE
        .iter()
        .map(|(exit, text)| format!("  {:>3}  {text}", *exit as u8));
    format!("Exit codes:\n{}", rows.collect::<Vec<_>>().join("\n"))
}
