//! The documents of a run: read for the gate, and kept beside the journal for whoever resumes.
//!
//! Plan, receipt and approvals are copied into `JOURNAL.d`: their digests and signatures protect them
//! wherever they are. Who may approve and what is revoked is read from where it was, every time: a key
//! that was struck off since must not count any more.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_cloud::Clock;
use sandtable_gate::{AllowedSigners, Revocations, assemble};
use sandtable_hands::SystemClock;
use sandtable_model::{Approval, Document, Plan, Real, Receipt};

use crate::failure::{Failure, input, internal, refused};

/// Where the documents are.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    pub(crate) plan: PathBuf,
    pub(crate) receipt: PathBuf,
    pub(crate) approvals: Vec<PathBuf>,
    pub(crate) allowed_signers: PathBuf,
    pub(crate) revoked: Option<PathBuf>,
}

const ALLOWED_SIGNERS: &str = "allowed-signers";
const REVOKED: &str = "revoked";

impl Documents {
    /// Reads everything and has the gate judge it now.
    pub(crate) fn warrant(&self) -> Result<sandtable_gate::Warrant<Real>, Failure> {
        let plan: Plan = read(&self.plan)?;
        let receipt: Receipt = read(&self.receipt)?;
        let approvals = self.approvals.iter().map(|path| read(path));
        let approvals = approvals.collect::<Result<Vec<Approval>, Failure>>()?;
        let allowed = AllowedSigners::parse(&text(&self.allowed_signers)?)
            .map_err(|error| input(miette!("`{}`: {error}", self.allowed_signers.display())))?;
        let revocations = match &self.revoked {
            None => Revocations::none(),
            Some(path) => Revocations::parse(&text(path)?)
                .map_err(|error| input(miette!("`{}`: {error}", path.display())))?,
        };
        let now = SystemClock.now();
        assemble(plan, receipt, approvals, &allowed, &revocations, now).map_err(|refusal| {
            let reasons = refusal.reasons().join("\n  ");
            refused(miette!(
                "the gate refused, and nothing was done:\n  {reasons}"
            ))
        })
    }

    /// Copies plan, receipt and approvals into the folder beside the journal, durably.
    pub(crate) fn keep(&self, journal: &Path) -> Result<(), Failure> {
        let folder = folder_of(journal);
        let keep = || -> miette::Result<()> {
            fs::create_dir_all(&folder).into_diagnostic()?;
            copy(&self.plan, &folder, "plan.json")?;
            copy(&self.receipt, &folder, "receipt.json")?;
            for (index, path) in self.approvals.iter().enumerate() {
                copy(path, &folder, &approval_name(index))?;
            }
            // The names become durable with the folder.
            let flushed = fs::File::open(&folder).and_then(|folder| folder.sync_all());
            flushed.into_diagnostic()
        };
        let what = || {
            format!(
                "cannot keep the documents of the run in `{}`",
                folder.display()
            )
        };
        keep().wrap_err_with(what).map_err(internal)
    }

    /// What the journal must tell to find the documents again.
    pub(crate) fn remember(&self, into: &mut BTreeMap<String, String>) -> Result<(), Failure> {
        into.insert(ALLOWED_SIGNERS.to_owned(), absolute(&self.allowed_signers)?);
        if let Some(path) = &self.revoked {
            into.insert(REVOKED.to_owned(), absolute(path)?);
        }
        let count = self.approvals.len().to_string();
        into.insert("approvals".to_owned(), count);
        Ok(())
    }

    /// The documents of a run that is resumed.
    pub(crate) fn of_run(
        journal: &Path,
        started_with: &BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        let folder = folder_of(journal);
        let lost = |what: &str| {
            let path = journal.display();
            input(miette!(
                "the journal `{path}` does not tell {what}: not begun by these hands"
            ))
        };
        let count = started_with
            .get("approvals")
            .and_then(|it| it.parse::<usize>().ok());
        let approvals = 0..count.ok_or_else(|| lost("how many approvals there are"))?;
        let allowed = started_with.get(ALLOWED_SIGNERS);
        Ok(Documents {
            plan: folder.join("plan.json"),
            receipt: folder.join("receipt.json"),
            approvals: approvals
                .map(|index| folder.join(approval_name(index)))
                .collect(),
            allowed_signers: allowed.ok_or_else(|| lost("who may approve"))?.into(),
            revoked: started_with.get(REVOKED).map(PathBuf::from),
        })
    }
}

fn folder_of(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".d");
    name.into()
}

fn approval_name(index: usize) -> String {
    format!("approval-{}.json", index + 1)
}

fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot tell where `{}` is", path.display()))
        .map_err(input)?;
    let text = absolute.into_os_string().into_string();
    text.map_err(|path| input(miette!("the path {path:?} is not UTF-8")))
}

/// Copies a file into a folder under a name, so that it is there wholly or not at all.
fn copy(from: &Path, folder: &Path, name: &str) -> miette::Result<()> {
    let bytes = fs::read(from)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read `{}`", from.display()))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).into_diagnostic()?;
    file.write_all(&bytes).into_diagnostic()?;
    file.as_file().sync_all().into_diagnostic()?;
    file.persist(folder.join(name)).into_diagnostic()?;
    Ok(())
}

fn read<D: Document>(path: &Path) -> Result<D, Failure> {
    let bytes = fs::read(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read `{}`", path.display()))
        .map_err(input)?;
    D::from_file(bytes).map_err(|error| input(miette!("`{}` is {error}", path.display())))
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read `{}`", path.display()))
        .map_err(input)
}
