//! `verify`: does a document hold together, and who signed it.

use std::path::Path;

use miette::{IntoDiagnostic, miette};
use sandtable_gate::{AllowedSigners, Check, Inspection, inspect};
use sandtable_model::{Approval, ApprovalStatement, Digest, Document, Plan, Receipt, Snapshot};
use serde::Serialize;

use crate::args::VerifyArgs;
use crate::clock;
use crate::exit::Exit;
use crate::files::{read_document, read_text, write_bytes};
use crate::output::print;

/// Checks a document by its own `format`.
pub(crate) fn run(args: &VerifyArgs) -> miette::Result<Exit> {
    let text = read_text(&args.file)?;
    if let Some(report) = super::verify_journal::try_journal(&text) {
        let exit = if report.holds {
            Exit::Success
        } else {
            Exit::Negative
        };
        print(args.format.format, &report, &report.to_string())?;
        return Ok(exit);
    }
    match format_of(&text).as_deref() {
        Some(Approval::FORMAT) => approval(args),
        Some(Plan::FORMAT) => plain::<Plan>(args),
        Some(Receipt::FORMAT) => plain::<Receipt>(args),
        Some(Snapshot::FORMAT) => plain::<Snapshot>(args),
        Some(ApprovalStatement::FORMAT) => plain::<ApprovalStatement>(args),
        Some(other) => Err(miette!(
            "`{}` has the unknown format `{other}`",
            args.file.display()
        )),
        None => Err(miette!(
            help = "it must be a snapshot, plan, receipt, approval or journal",
            "`{}` is not a document of sandtable",
            args.file.display()
        )),
    }
}

#[derive(Serialize)]
struct Verified {
    format: &'static str,
    digest: Digest,
}

fn plain<D: Document>(args: &VerifyArgs) -> miette::Result<Exit> {
    let document: D = read_document(&args.file)?;
    let digest = document.digest().into_diagnostic()?;
    let text = format!(
        "{} is a well-formed {}\n{digest}\n",
        args.file.display(),
        D::NAME
    );
    print(
        args.format.format,
        &Verified {
            format: D::FORMAT,
            digest,
        },
        &text,
    )?;
    Ok(Exit::Success)
}

fn approval(args: &VerifyArgs) -> miette::Result<Exit> {
    let approval: Approval = read_document(&args.file)?;
    let allowed = args
        .allowed_signers
        .as_deref()
        .map(allowed_signers)
        .transpose()?;
    let report = inspect(&approval, allowed.as_ref(), Some(clock::now())).into_diagnostic()?;
    if let Some(path) = &args.statement {
        write_bytes(path, &approval.signed_bytes().into_diagnostic()?)?;
    }
    if let Some(path) = &args.signature {
        write_bytes(path, approval.signature.as_bytes())?;
    }
    let fails = [&report.signature, &report.signer, &report.validity]
        .into_iter()
        .any(|check| matches!(check, Check::Fails(_)));
    print(args.format.format, &report, &words(&report))?;
    Ok(if fails { Exit::Negative } else { Exit::Success })
}

/// Reads an `allowed_signers` file, naming file and line in a complaint.
fn allowed_signers(path: &Path) -> miette::Result<AllowedSigners> {
    AllowedSigners::parse(&read_text(path)?)
        .map_err(|error| miette!("`{}`: {error}", path.display()))
}

fn words(report: &Inspection) -> String {
    let statement = &report.statement;
    let steps: Vec<&str> = statement.steps.iter().map(|id| id.0.as_str()).collect();
    let regions: Vec<&str> = statement.regions.iter().map(|it| it.as_str()).collect();
    let key = match &report.key {
        Some(key) => format!("{} {}", key.algorithm, key.fingerprint),
        None => "cannot be read".to_owned(),
    };
    let check = |check: &Check| match check {
        Check::Holds => "holds".to_owned(),
        Check::Fails(why) => format!("FAILS: {why}"),
        Check::NotChecked(why) => format!("not checked: {why}"),
    };
    [
        ("approval", report.approval.to_string()),
        ("plan", statement.plan.to_string()),
        ("receipt", statement.receipt.to_string()),
        ("account", statement.account.to_string()),
        ("regions", regions.join(" ")),
        ("steps", steps.join(" ")),
        ("approver", statement.approver.clone()),
        ("key", key),
        ("signed", statement.signed_at.to_string()),
        ("expires", statement.expires_at.to_string()),
        ("signature", check(&report.signature)),
        ("signer", check(&report.signer)),
        ("validity", check(&report.validity)),
    ]
    .into_iter()
    .map(|(name, value)| format!("{name:<10} {value}\n"))
    .collect()
}

fn format_of(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
    }
    serde_json::from_str::<Head>(text)
        .ok()
        .map(|head| head.format)
}
