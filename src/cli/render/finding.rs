//! Findings in words.

use sandtable_model::{Finding, Grade, GuardOutcome, Suppressed, Usd};

use super::text::{heading, wrap};

/// The findings with their evidence.
pub(crate) fn findings(findings: &[Finding]) -> String {
    let mut out = heading(&format!("Findings ({})", findings.len()));
    if findings.is_empty() {
        out.push_str("Nothing wasteful found.\n");
        return out;
    }
    for finding in findings {
        out.push_str(&wrap(&format!("{:<4}", finding.rule.0), &finding.title));
        let saving = saving(finding.saving_usd_month);
        let (region, confidence) = (&finding.region, finding.confidence);
        out.push_str(&format!(
            "    {saving} · confidence {confidence} · {region}\n"
        ));
        for evidence in &finding.evidence {
            let mark = match evidence.grade {
                Grade::Observed => "    seen     ",
                Grade::Derived => "    derived  ",
                Grade::Unknown => "    unknown  ",
            };
            out.push_str(&wrap(mark, &evidence.claim));
        }
        for guard in &finding.guards {
            let mark = match guard.outcome {
                GuardOutcome::Cleared => "    cleared  ",
                GuardOutcome::Unknown => "    unknown  ",
            };
            out.push_str(&wrap(mark, &format!("{}: {}", guard.name, guard.reason)));
        }
        for line in &finding.pricing {
            out.push_str(&wrap("    price    ", line));
        }
        if let Some(advice) = &finding.advice {
            out.push_str(&wrap("    advice   ", advice));
        }
        out.push('\n');
    }
    out
}

/// What was looked at and not flagged, a line each.
pub(crate) fn not_flagged(suppressed: &[Suppressed]) -> String {
    let mut out = heading(&format!("Looked at and not flagged ({})", suppressed.len()));
    for it in suppressed {
        let first = format!("{:<4}", it.rule.0);
        out.push_str(&wrap(
            &first,
            &format!("{} : {} ({})", it.resource, it.reason, it.guard),
        ));
    }
    out
}

fn saving(saving: Option<Usd>) -> String {
    match saving {
        Some(usd) => format!("{} a month", usd.to_cents_string()),
        None => "price not known".to_owned(),
    }
}
