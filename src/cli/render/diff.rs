//! Differences in words.

use sandtable_model::{Diff, ResourceChange};

use super::text::heading;

/// What differs, a resource a line and its changed facts below.
pub(crate) fn diff(diff: &Diff) -> String {
    let mut out = heading(&format!("Difference ({} resources)", diff.resources.len()));
    if diff.is_empty() {
        out.push_str("Nothing differs.\n");
        return out;
    }
    for (id, change) in &diff.resources {
        match change {
            ResourceChange::Created { .. } => {
                out.push_str(&format!("+ {:<18} {id}\n", id.kind().noun()));
            }
            ResourceChange::Deleted { .. } => {
                out.push_str(&format!("- {:<18} {id}\n", id.kind().noun()));
            }
            ResourceChange::Changed { facts } => {
                out.push_str(&format!("~ {:<18} {id}\n", id.kind().noun()));
                for (name, change) in facts {
                    let side = |value: &Option<String>| value.clone().unwrap_or("(none)".into());
                    let (before, after) = (side(&change.before), side(&change.after));
                    out.push_str(&format!("    {name}: {before} -> {after}\n"));
                }
            }
        }
    }
    out
}
