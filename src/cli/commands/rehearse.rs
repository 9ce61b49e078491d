//! `rehearse`: a plan, carried out on a twin of the account.

use std::path::Path;

use miette::{IntoDiagnostic, miette};
use sandtable_executor::{TimelineEntry, render_timeline};
use sandtable_model::{Diff, Document, Finding, Plan, Receipt, Usd, Verdict};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{
    Faults, LackedPermission, Loaded, Rehearsal, RehearseOptions, mending_policy, rehearse,
};
use sandtable_simulator::Permissions;
use serde::Serialize;

use crate::args::RehearseArgs;
use crate::exit::Exit;
use crate::files::{read_document, read_text, write_document};
use crate::output::{print, say};
use crate::render::{self, heading, wrap};
use crate::source;

#[derive(Serialize)]
struct Rehearsed<'a> {
    findings: &'a [Finding],
    plan: &'a Plan,
    receipt: &'a Receipt,
    timeline: &'a [TimelineEntry],
    diff: &'a Diff,
    saving: Usd,
    /// Calls that the request quotas refused; nothing when no quotas applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    throttled: Option<u64>,
    /// Permissions that the steps need and are not there; nothing when all of them are.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    lacked_permissions: &'a [LackedPermission],
}

/// Rehearses and prints everything; writes receipt, plan and the state afterwards where asked.
pub(crate) fn run(args: &RehearseArgs) -> miette::Result<Exit> {
    let opened = source::open_under(&args.source, &args.policy)?;
    let plan: Option<Plan> = args.plan.as_deref().map(read_document).transpose()?;
    let options = RehearseOptions {
        faults: faults(&args.faults)?,
        quotas: args.quotas,
        permissions: args
            .permissions
            .as_deref()
            .map(read_permissions)
            .transpose()?,
        ..RehearseOptions::default()
    };
    let loaded = Loaded {
        snapshot: opened.snapshot,
        scenario: opened.scenario,
        notes: Vec::new(),
    };
    let rehearsal =
        rehearse(&loaded, &opened.policy, &Prices::embedded(), plan, &options).into_diagnostic()?;
    write(args, &rehearsal)?;
    let value = Rehearsed {
        findings: &rehearsal.findings,
        plan: &rehearsal.plan,
        receipt: &rehearsal.receipt,
        timeline: &rehearsal.timeline,
        diff: &rehearsal.diff,
        saving: rehearsal.saving_usd_month,
        throttled: rehearsal.throttled,
        lacked_permissions: &rehearsal.lacked,
    };
    print(args.format.format, &value, &words(&rehearsal))?;
    Ok(match rehearsal.receipt.verdict {
        Verdict::Pass => Exit::Success,
        Verdict::Fail => Exit::Negative,
    })
}

fn write(args: &RehearseArgs, rehearsal: &Rehearsal) -> miette::Result<()> {
    let mut wrote = Vec::new();
    if let Some(path) = &args.plan_output {
        write_document(path, &rehearsal.plan)?;
        wrote.push((path, rehearsal.plan.digest()));
    }
    if let Some(path) = &args.output {
        write_document(path, &rehearsal.receipt)?;
        wrote.push((path, rehearsal.receipt.digest()));
    }
    if let Some(path) = &args.after {
        write_document(path, &rehearsal.after)?;
        wrote.push((path, rehearsal.after.digest()));
    }
    for (path, digest) in wrote {
        say(&format!(
            "wrote {} ({})",
            path.display(),
            digest.into_diagnostic()?
        ));
    }
    Ok(())
}

/// Permissions, or the policy document of whoever will carry the plan out.
fn read_permissions(path: &Path) -> miette::Result<Permissions> {
    Permissions::from_json(&read_text(path)?)
        .map_err(|error| miette!("{}: {error}", path.display()))
}

fn faults(text: &str) -> miette::Result<Faults> {
    match text {
        "none" => Ok(Faults::None),
        "each" => Ok(Faults::Each),
        _ => text
            .strip_prefix("seed:")
            .and_then(|seed| seed.parse().ok())
            .map(Faults::Seed)
            .ok_or_else(|| {
                miette!(
                    help = "give `none`, `each` or `seed:N` with a whole number N",
                    "`{text}` is no choice of faults"
                )
            }),
    }
}

fn words(rehearsal: &Rehearsal) -> String {
    let receipt = &rehearsal.receipt;
    let mut out = render::findings(&rehearsal.findings);
    out.push_str(&render::plan(&rehearsal.plan));
    out.push('\n');
    out.push_str(&heading("Timeline (virtual time)"));
    out.push_str(&render_timeline(&rehearsal.timeline));
    out.push('\n');
    out.push_str(&render::diff(&rehearsal.diff));
    if !receipt.fault_runs.is_empty() {
        out.push('\n');
        out.push_str(&fault_runs(receipt));
    }
    if !rehearsal.lacked.is_empty() {
        out.push('\n');
        out.push_str(&lacked(&rehearsal.lacked));
    }
    out.push('\n');
    out.push_str(&heading("Verdict"));
    let verdict = match receipt.verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
    };
    let saving = rehearsal.saving_usd_month.to_cents_string();
    let duration = receipt.duration_ms;
    out.push_str(&format!(
        "{verdict} · saves {saving} a month · takes about {duration}\n"
    ));
    out.push_str(&match rehearsal.throttled {
        None => String::new(),
        Some(0) => "No call comes faster than the request quotas allow.\n".to_owned(),
        Some(calls) => format!(
            "{calls} calls come faster than the request quotas allow; the duration has their waits in \
             it.\n"
        ),
    });
    for problem in &receipt.problems {
        out.push_str(&wrap("  - ", problem));
    }
    out
}

/// What is not allowed, step by step, and a policy that would allow it.
fn lacked(all: &[LackedPermission]) -> String {
    let mut out = heading(&format!("Permissions that are missing ({})", all.len()));
    for it in all {
        let step = it.step.as_ref().map_or("-", |step| step.0.as_str());
        let (action, resource, because) = (&it.action, &it.resource, &it.because);
        out.push_str(&format!("{step}  {action} on {resource}\n"));
        out.push_str(&wrap("     ", because));
        for condition in &it.conditions {
            out.push_str(&wrap("     - ", condition));
        }
    }
    let denied = all.iter().filter(|it| it.is_denied()).count();
    if denied > 0 {
        out.push_str(&wrap(
            "",
            "What a statement denies no other can allow: that statement has to change.",
        ));
    }
    if let Some(policy) = mending_policy(all) {
        let among = if denied > 0 {
            "the rest of it"
        } else {
            "all of it"
        };
        out.push_str(&format!("\nA policy that allows {among}:\n"));
        out.push_str(&format!("{policy:#}\n"));
    }
    out
}

fn fault_runs(receipt: &Receipt) -> String {
    let runs = &receipt.fault_runs;
    let safe = runs.iter().filter(|run| run.safe).count();
    let completed = runs.iter().filter(|run| run.completed).count();
    let mut out = heading(&format!("Faults ({} runs)", runs.len()));
    out.push_str(&format!(
        "{safe} safe, {completed} of them ended in the rehearsed state\n"
    ));
    for run in runs.iter().filter(|run| !run.safe) {
        out.push_str(&wrap(
            "UNSAFE ",
            &format!("{} {}: {}", run.step, run.fault, run.outcome),
        ));
    }
    out
}
