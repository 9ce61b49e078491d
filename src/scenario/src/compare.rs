//! What came of a scenario, compared with what it expects.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::{
    Diff, Finding, Kind, ResourceChange, ResourceId, RuleId, Suppressed, Usd, Verdict,
};
use serde::Serialize;

use crate::rehearse::Rehearsal;
use crate::schema::{
    DiffExpectation, Expect, ExpectedFinding, NotFlagged, Scenario, StepCall, Stop,
};
use crate::yaml::Located;

/// Something that came out otherwise than the scenario expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// Which expectation.
    pub what: String,
    /// Its line in the file, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What the scenario expects.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// Compares a rehearsal with the expectations of its scenario.
pub(crate) fn compare(scenario: &Scenario, rehearsal: &Rehearsal) -> Vec<Mismatch> {
    let expect = &scenario.expect;
    let mut mismatches = Vec::new();
    if let Some(expected) = &expect.findings {
        findings(expected, &rehearsal.findings, &mut mismatches);
    }
    for expected in &expect.not_flagged {
        mismatches.extend(not_flagged(expected, rehearsal));
    }
    let plan: Vec<StepCall> = rehearsal
        .plan
        .steps
        .iter()
        .map(|it| StepCall::of(&it.action))
        .collect();
    if let Some(expected) = &expect.plan {
        mismatches.extend(whole_plan(expected, &plan));
    }
    for chain in &expect.order {
        mismatches.extend(order(chain, &plan));
    }
    if let Some(expected) = &expect.diff {
        diff(expected, &rehearsal.diff, &mut mismatches);
    }
    outcome(expect, rehearsal, &mut mismatches);
    timeline(&expect.timeline, rehearsal, &mut mismatches);
    mismatches
}

fn mismatch<T>(
    what: &str,
    at: Option<&Located<T>>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Mismatch {
    Mismatch {
        what: what.to_owned(),
        line: at.map(|it| it.position.line),
        expected: expected.into(),
        found: found.into(),
    }
}

fn findings(
    expected: &[Located<ExpectedFinding>],
    found: &[Finding],
    mismatches: &mut Vec<Mismatch>,
) {
    let mut open: Vec<&Finding> = found.iter().collect();
    for wanted in expected {
        let index = open
            .iter()
            .position(|it| it.rule == wanted.rule && it.resource == wanted.resource);
        let Some(index) = index else {
            let what = format!("{} on {}", wanted.rule, wanted.resource);
            mismatches.push(mismatch("findings", Some(wanted), what, "no such finding"));
            continue;
        };
        let got = open.remove(index);
        let label = format!("{} on {}", got.rule, got.resource);
        if let Some(confidence) = wanted.confidence
            && confidence != got.confidence
        {
            let expected = format!("{label} with confidence {confidence}");
            mismatches.push(mismatch(
                "findings",
                Some(wanted),
                expected,
                got.confidence.to_string(),
            ));
        }
        if let Some(saving) = wanted.saving_usd_month
            && Some(saving) != got.saving_usd_month
        {
            let expected = format!("{label} saving {saving} USD a month");
            let found = got
                .saving_usd_month
                .map_or("price unknown".to_owned(), |it| it.to_string());
            mismatches.push(mismatch("findings", Some(wanted), expected, found));
        }
    }
    for extra in open {
        let found = format!("{} on {}", extra.rule, extra.resource);
        mismatches.push(mismatch::<()>("findings", None, "no other finding", found));
    }
}

fn not_flagged(expected: &Located<NotFlagged>, rehearsal: &Rehearsal) -> Option<Mismatch> {
    let same = |rule: &RuleId, resource: &ResourceId| {
        *rule == expected.rule && *resource == expected.resource
    };
    let what = format!("{} not on {}", expected.rule, expected.resource);
    if rehearsal
        .findings
        .iter()
        .any(|it| same(&it.rule, &it.resource))
    {
        return Some(mismatch(
            "not_flagged",
            Some(expected),
            what,
            "it is flagged",
        ));
    }
    let reasons: Vec<&Suppressed> = rehearsal
        .suppressed
        .iter()
        .filter(|it| same(&it.rule, &it.resource))
        .collect();
    let wanted = expected.because.to_lowercase();
    let says = |it: &&Suppressed| {
        let text = format!("{}: {}", it.guard, it.reason);
        text.to_lowercase().contains(&wanted)
    };
    if reasons.iter().any(says) {
        return None;
    }
    let given = reasons
        .iter()
        .map(|it| format!("{}: {}", it.guard, it.reason));
    let given: Vec<String> = given.collect();
    let found = if given.is_empty() {
        "the rule says nothing about it".to_owned()
    } else {
        given.join("; ")
    };
    let expected_text = format!("{what} because `{}`", expected.because);
    Some(mismatch(
        "not_flagged",
        Some(expected),
        expected_text,
        found,
    ))
}

/// The first place where the plan is another one than expected.
fn whole_plan(expected: &[Located<StepCall>], plan: &[StepCall]) -> Option<Mismatch> {
    let longest = expected.len().max(plan.len());
    let differs = |index: &usize| expected.get(*index).map(|it| &it.value) != plan.get(*index);
    let index = (0..longest).find(differs)?;
    let name = |call: Option<&StepCall>| call.map_or("no step".to_owned(), StepCall::to_string);
    let wanted = expected.get(index);
    let what = format!("plan, step {} of {}", index + 1, plan.len());
    let (expected, found) = (name(wanted.map(|it| &it.value)), name(plan.get(index)));
    Some(mismatch(&what, wanted, expected, found))
}

fn order(chain: &Located<Vec<StepCall>>, plan: &[StepCall]) -> Option<Mismatch> {
    let mut rest = plan.iter();
    let missing = chain.iter().find(|call| !rest.any(|it| it == *call))?;
    let names: Vec<String> = chain.iter().map(StepCall::to_string).collect();
    let found = if plan.contains(missing) {
        format!("`{missing}` comes earlier")
    } else {
        format!("`{missing}` is not in the plan")
    };
    Some(mismatch("order", Some(chain), names.join(", then "), found))
}

fn diff(expected: &DiffExpectation, found: &Diff, mismatches: &mut Vec<Mismatch>) {
    let mut created: BTreeMap<_, usize> = BTreeMap::new();
    let mut deleted = BTreeSet::new();
    let mut changed = BTreeMap::new();
    for (id, change) in &found.resources {
        match change {
            ResourceChange::Created { .. } => *created.entry(id.kind()).or_default() += 1,
            ResourceChange::Deleted { .. } => drop(deleted.insert(id.clone())),
            ResourceChange::Changed { facts } => drop(changed.insert(id.clone(), facts)),
        }
    }
    let mut push = |what: &str, expected: String, found: String| {
        mismatches.push(mismatch::<()>(what, None, expected, found));
    };
    let wanted: BTreeSet<_> = expected.deleted.iter().cloned().collect();
    for id in wanted.difference(&deleted) {
        push(
            "diff.deleted",
            format!("{id} deleted"),
            "it is there".to_owned(),
        );
    }
    for id in deleted.difference(&wanted) {
        push(
            "diff.deleted",
            format!("{id} still there"),
            "it is deleted".to_owned(),
        );
    }
    if created != expected.created {
        let list = |counts: &BTreeMap<Kind, usize>| {
            let parts = counts.iter().map(|(kind, count)| format!("{count} {kind}"));
            let parts: Vec<String> = parts.collect();
            if parts.is_empty() {
                "nothing".to_owned()
            } else {
                parts.join(", ")
            }
        };
        push("diff.created", list(&expected.created), list(&created));
    }
    let ids: BTreeSet<_> = changed
        .keys()
        .chain(expected.changed.keys())
        .cloned()
        .collect();
    for id in ids {
        let wanted = expected.changed.get(&id).into_iter().flatten();
        let wanted: BTreeMap<String, String> = wanted
            .map(|(name, it)| {
                (
                    name.clone(),
                    arrow(it.before.as_deref(), it.after.as_deref()),
                )
            })
            .collect();
        let got = changed.get(&id).into_iter().flat_map(|facts| facts.iter());
        let got: BTreeMap<String, String> = got
            .map(|(name, it)| {
                (
                    name.clone(),
                    arrow(it.before.as_deref(), it.after.as_deref()),
                )
            })
            .collect();
        let names: BTreeSet<&String> = wanted.keys().chain(got.keys()).collect();
        for name in names
            .into_iter()
            .filter(|name| wanted.get(*name) != got.get(*name))
        {
            let text = |facts: &BTreeMap<String, String>| {
                facts
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| "no change".to_owned())
            };
            push(
                &format!("diff.changed.{id}.{name}"),
                text(&wanted),
                text(&got),
            );
        }
    }
}

fn arrow(before: Option<&str>, after: Option<&str>) -> String {
    let side = |it: Option<&str>| it.map_or("absent".to_owned(), |it| format!("`{it}`"));
    format!("{} -> {}", side(before), side(after))
}

fn outcome(expect: &Expect, rehearsal: &Rehearsal, mismatches: &mut Vec<Mismatch>) {
    let receipt = &rehearsal.receipt;
    if let Some(expected) = &expect.saving_usd_month
        && expected.value != rehearsal.saving_usd_month
    {
        let (wanted, got): (Usd, Usd) = (expected.value, rehearsal.saving_usd_month);
        let what = "saving_usd_month";
        mismatches.push(mismatch(
            what,
            Some(expected),
            wanted.to_string(),
            got.to_string(),
        ));
    }
    if let Some(expected) = &expect.verdict
        && expected.value != receipt.verdict
    {
        let found = match receipt.verdict {
            Verdict::Pass => "pass".to_owned(),
            Verdict::Fail => format!("fail: {}", receipt.problems.join("; ")),
        };
        let wanted = match expected.value {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
        };
        mismatches.push(mismatch("verdict", Some(expected), wanted, found));
    }
    if let Some(expected) = &expect.stops {
        mismatches.extend(stops(expected, rehearsal));
    }
    if let Some(expected) = &expect.faults_each {
        for run in receipt.fault_runs.iter().filter(|run| !run.safe) {
            let found = format!("{} at step {}: {}", run.fault, run.step, run.outcome);
            mismatches.push(mismatch("faults_each", Some(expected), "safe", found));
        }
        if receipt.fault_runs.is_empty() && !rehearsal.plan.steps.is_empty() {
            mismatches.push(mismatch(
                "faults_each",
                Some(expected),
                "safe",
                "no run with a fault",
            ));
        }
    }
}

fn stops(expected: &Located<Stop>, rehearsal: &Rehearsal) -> Option<Mismatch> {
    use sandtable_executor::RunOutcome;
    let wanted = format!("{} because `{}`", expected.at, expected.because);
    let found = match &rehearsal.run.outcome {
        RunOutcome::Completed => "the run is completed".to_owned(),
        RunOutcome::BrokenOff => "the run broke off".to_owned(),
        RunOutcome::Stopped { step, failure } => {
            let step = step.as_ref().and_then(|id| rehearsal.plan.step(id));
            let at = step.map(|step| StepCall::of(&step.action));
            let why = format!("{}: {}", failure.class, failure.explanation);
            let because = expected.because.to_lowercase();
            if at.as_ref() == Some(&expected.at) && why.to_lowercase().contains(&because) {
                return None;
            }
            let at = at.map_or("no step".to_owned(), |call| call.to_string());
            format!("{at} because {why}")
        }
    };
    Some(mismatch("stops", Some(expected), wanted, found))
}

fn timeline(expected: &[Located<String>], rehearsal: &Rehearsal, mismatches: &mut Vec<Mismatch>) {
    let text = sandtable_executor::render_timeline(&rehearsal.timeline);
    let mut rest = text.as_str();
    for wanted in expected {
        match rest.split_once(wanted.as_str()) {
            Some((_, after)) => rest = after,
            None => {
                let found = format!("not in what is left of the timeline:\n{rest}");
                mismatches.push(mismatch("timeline", Some(wanted), wanted.as_str(), found));
                return;
            }
        }
    }
}
