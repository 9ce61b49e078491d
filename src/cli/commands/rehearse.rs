//! `rehearse`: a plan, carried out on a twin of the account.

use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, miette};
use sandtable_executor::{TimelineEntry, TroubleRun, render_timeline};
use sandtable_model::{Diff, Document, Fault, Finding, Plan, Receipt, Usd, Verdict};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{
    Faults, LackedPermission, Loaded, ParseFaultsError, Rehearsal, RehearseOptions, mending_policy,
    quoted, rehearse,
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
    /// The faults that seeds drew, run by run, as scenarios tell them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drawn: Vec<Drawn<'a>>,
    /// Calls that the request quotas refused; nothing when no quotas applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    throttled: Option<u64>,
    /// Permissions that the steps need and are not there; nothing when all of them are.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    lacked_permissions: &'a [LackedPermission],
}

/// What a seed drew.
#[derive(Serialize)]
struct Drawn<'a> {
    /// The seed; absent for the scenario's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    faults: &'a [Fault],
}

impl<'a> Drawn<'a> {
    fn of(rehearsal: &'a Rehearsal) -> Vec<Self> {
        let own = Drawn {
            seed: None,
            faults: &rehearsal.drawn,
        };
        let runs = rehearsal.trouble.iter().filter(|it| it.seed.is_some());
        let runs = runs.map(|it| Drawn {
            seed: it.seed,
            faults: &it.faults,
        });
        let all = std::iter::once(own).chain(runs);
        all.filter(|it| !it.faults.is_empty()).collect()
    }
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
        drawn: Drawn::of(&rehearsal),
        throttled: rehearsal.throttled,
        lacked_permissions: &rehearsal.lacked,
    };
    print(
        args.format.format,
        &value,
        &words(args, options.faults, &rehearsal),
    )?;
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
    let read = text.parse();
    read.map_err(|error: ParseFaultsError| miette!(help = Faults::HELP, "{error}"))
}

fn words(args: &RehearseArgs, faults: Faults, rehearsal: &Rehearsal) -> String {
    let receipt = &rehearsal.receipt;
    let mut out = render::findings(&rehearsal.findings);
    out.push_str(&render::plan(&rehearsal.plan));
    out.push('\n');
    out.push_str(&heading("Timeline (virtual time)"));
    out.push_str(&render_timeline(&rehearsal.timeline));
    out.push('\n');
    out.push_str(&render::diff(&rehearsal.diff));
    out.push_str(&drawn("The seeds of the scenario drew", &rehearsal.drawn));
    if faults != Faults::None {
        out.push('\n');
        out.push_str(&fault_runs(args, faults, rehearsal));
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

fn fault_runs(args: &RehearseArgs, faults: Faults, rehearsal: &Rehearsal) -> String {
    let runs = &rehearsal.trouble;
    let safe = runs.iter().filter(|it| it.run.safe).count();
    let completed = runs.iter().filter(|it| it.run.completed).count();
    let plural = if runs.len() == 1 { "" } else { "s" };
    let mut out = heading(&format!("Faults ({} run{plural})", runs.len()));
    out.push_str(&format!(
        "{safe} safe, {completed} of them ended in the rehearsed state\n"
    ));
    let quiet = faults.seeds().saturating_sub(runs.len() as u64);
    if quiet > 0 {
        let seeds = if quiet == 1 { "seed" } else { "seeds" };
        out.push_str(&format!(
            "{quiet} {seeds} drew no fault; a higher rate draws more (`--faults seed:7@30%`)\n"
        ));
    }
    // One seed is looked at closely; of many, those that found something.
    let told = |it: &&TroubleRun| !it.run.safe || (it.seed.is_some() && faults.seeds() == 1);
    for it in runs.iter().filter(told) {
        let word = if it.run.safe { "" } else { "UNSAFE " };
        let (step, fault, outcome) = (&it.run.step, &it.run.fault, &it.run.outcome);
        let line = match it.seed {
            Some(_) => format!("{fault}: {outcome}"),
            None => format!("{step} {fault}: {outcome}"),
        };
        out.push_str(&wrap(word, &line));
        out.push_str(&drawn("As faults of a scenario", &it.faults));
        if let Some(seed) = it.seed {
            let command = command(args, faults.only(seed));
            out.push_str(&format!("Run it again with: {command}\n"));
        }
    }
    out
}

/// Faults as a scenario can hold them.
fn drawn(title: &str, faults: &[Fault]) -> String {
    if faults.is_empty() {
        return String::new();
    }
    let entries = faults.iter().map(|it| format!("  - {it}\n"));
    format!("{title}:\nfaults:\n{}", entries.collect::<String>())
}

/// The command that rehearses the same under other faults.
fn command(args: &RehearseArgs, faults: Faults) -> String {
    let mut words = vec![
        "sandtable rehearse".to_owned(),
        quoted(&args.source.source.display().to_string()),
    ];
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("{name} {}", quoted(&value)));
        }
    };
    let path = |it: &Option<PathBuf>| it.as_ref().map(|it| it.display().to_string());
    add("--policy", path(&args.policy.policy));
    add("--plan", path(&args.plan));
    add("--permissions", path(&args.permissions));
    let reading = &args.source.reading;
    add("--region", reading.region.clone());
    add("--account", reading.account.clone());
    add("--now", reading.now.clone());
    add("--faults", Some(faults.to_string()));
    if args.quotas {
        words.push("--quotas".to_owned());
    }
    words.join(" ")
}
