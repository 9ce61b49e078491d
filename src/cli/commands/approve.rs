//! `approve`: a person's consent, signed with an SSH key.

use std::collections::BTreeSet;
use std::path::Path;

use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_gate::{StepSelection, sign, statement_for};
use sandtable_model::{Approval, Document, Duration, Plan, Receipt, StepId, Timestamp};

use crate::args::ApproveArgs;
use crate::clock;
use crate::exit::Exit;
use crate::files::{read_document, write_document};
use crate::keys;
use crate::output::{print, say};

/// Signs an approval and writes it.
pub(crate) fn run(args: &ApproveArgs) -> miette::Result<Exit> {
    let plan: Plan = read_document(&args.plan)?;
    let receipt: Receipt = read_document(&args.receipt)?;
    let now = clock::now();
    let expires_at = expiry(&args.expires, now)?;
    let steps = selection(&plan, &args.step)?;
    let statement = statement_for(&plan, &receipt, &steps, &args.approver, now, expires_at)
        .map_err(|error| {
            miette!(
                help = "rehearse the plan anew and approve the receipt of that rehearsal",
                "this cannot be approved: {error}"
            )
        })?;
    let signer = keys::open(&args.key)?;
    let approval = sign(statement, signer.as_ref())
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot sign with `{}`", args.key.display()))?;
    write_document(&args.output, &approval)?;
    print(
        args.format.format,
        &approval,
        &summary(&plan, &approval, &args.output)?,
    )?;
    Ok(Exit::Success)
}

fn summary(plan: &Plan, approval: &Approval, output: &Path) -> miette::Result<String> {
    let statement = &approval.statement;
    let digest = approval.digest().into_diagnostic()?;
    let (steps, all) = (statement.steps.len(), plan.steps.len());
    Ok(format!(
        "{} approves {steps} of {all} steps in account {} until {}\n{}\n{digest}\n",
        statement.approver,
        statement.account,
        statement.expires_at,
        output.display(),
    ))
}

/// The chosen steps with all the steps that they need; what was added is said.
fn selection(plan: &Plan, chosen: &[String]) -> miette::Result<StepSelection> {
    if chosen.is_empty() {
        return Ok(StepSelection::All);
    }
    let named: BTreeSet<StepId> = chosen.iter().map(|id| StepId(id.clone())).collect();
    let mut open: Vec<StepId> = named.iter().cloned().collect();
    let mut steps = BTreeSet::new();
    while let Some(id) = open.pop() {
        let step = plan.step(&id).ok_or_else(|| {
            let known: Vec<&str> = plan.steps.iter().map(|step| step.id.0.as_str()).collect();
            miette!(
                help = format!("its steps are {}", known.join(" ")),
                "the plan has no step `{id}`"
            )
        })?;
        if steps.insert(id) {
            open.extend(step.after.iter().cloned());
        }
    }
    let added: Vec<&str> = steps.difference(&named).map(|id| id.0.as_str()).collect();
    if !added.is_empty() {
        say(&format!(
            "also approving the steps that these need: {}",
            added.join(" ")
        ));
    }
    Ok(StepSelection::Only(steps))
}

/// A moment, given itself or by the time until it: `90m`, `8h`, `2d`.
fn expiry(text: &str, now: Timestamp) -> miette::Result<Timestamp> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let seconds = text.strip_suffix(['m', 'h', 'd']).and_then(|digits| {
        let number: u32 = digits.parse().ok()?;
        let unit = match text.as_bytes().last()? {
            b'm' => 60,
            b'h' => 3_600,
            _ => 86_400,
        };
        Some(i64::from(number) * unit)
    });
    let seconds = seconds.ok_or_else(|| {
        miette!(
            help = "give minutes (`90m`), hours (`8h`), days (`2d`) or a time such as \
                    `2026-11-25T18:00:00Z`",
            "`{text}` is neither a duration nor a time"
        )
    })?;
    Ok(now.plus(Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_a_duration_or_a_time() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        for (text, at) in [
            ("90m", "2026-11-24T13:30:00Z"),
            ("8h", "2026-11-24T20:00:00Z"),
            ("2d", "2026-11-26T12:00:00Z"),
            ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!(expiry(text, now).unwrap(), at.parse().unwrap(), "{text}");
        }
        for text in ["", "h", "-1h", "8", "soon", "8 h", "99999999999d", "é"] {
            assert!(expiry(text, now).is_err(), "{text}");
        }
    }
}
