//! `plan`: what is wasteful, and what to do about it.

use miette::{IntoDiagnostic, miette};
use sandtable_model::{Document, Finding, Plan};
use sandtable_orchestrator::{Complaint, Prices, Severity, lint_under, propose, understand};
use serde::Serialize;

use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::files::write_document;
use crate::output::{print, say};
use crate::render;
use crate::source;

#[derive(Serialize)]
struct Proposal<'a> {
    findings: &'a [Finding],
    plan: &'a Plan,
}

/// Prints findings and plan; writes the plan where asked.
pub(crate) fn run(args: &PlanArgs) -> miette::Result<Exit> {
    let opened = source::open_under(&args.source, &args.policy)?;
    let (snapshot, policy) = (&opened.snapshot, &opened.policy);
    let prices = Prices::embedded();
    let understanding = understand(snapshot, policy, &prices);
    let plan = propose(snapshot, policy, &prices, &understanding).into_diagnostic()?;
    check(&lint_under(&plan, snapshot, policy))?;
    if let Some(path) = &args.output {
        write_document(path, &plan)?;
        let digest = plan.digest().into_diagnostic()?;
        say(&format!("wrote {} ({digest})", path.display()));
    }
    let findings = &understanding.findings;
    let words = [
        render::findings(findings),
        render::plan(&plan),
        "\n".to_owned(),
        render::plan_report(&plan),
    ];
    print(
        args.format.format,
        &Proposal {
            findings,
            plan: &plan,
        },
        &words.concat(),
    )?;
    Ok(Exit::Success)
}

/// The planner is not trusted with its own homework: what is fatal stops it, the rest is said.
fn check(complaints: &[Complaint]) -> miette::Result<()> {
    let (fatal, others): (Vec<&Complaint>, Vec<&Complaint>) = complaints
        .iter()
        .partition(|it| it.severity == Severity::Fatal);
    for complaint in others {
        say(&format!("linter: {complaint}"));
    }
    if fatal.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = fatal.iter().map(ToString::to_string).collect();
    Err(miette!(
        "the proposed plan is not sound: {}",
        told.join("; ")
    ))
}
