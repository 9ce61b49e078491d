//! How well the files of a folder show each kind in each Region.

use sandtable_model::resource::answer_key;
use sandtable_model::{Coverage, Kind, Region, ResourceId, Snapshot};

use super::Answer;
use crate::references;

/// Records the coverage of every kind in every Region of the snapshot.
pub(super) fn record(snapshot: &mut Snapshot, answers: &[Answer]) {
    for region in answers.iter().filter_map(|it| it.region.as_ref()) {
        snapshot.add_region(region);
    }
    let regions: Vec<Region> = snapshot.regions().cloned().collect();
    for region in &regions {
        for kind in Kind::ALL {
            let of_kind: Vec<&Answer> = answers.iter().filter(|it| it.kind == *kind).collect();
            let bearing = of_kind
                .iter()
                .filter(|answer| regions.len() == 1 || speaks_of(answer, snapshot, region))
                .copied()
                .collect::<Vec<_>>();
            let coverage = coverage(*kind, region, !of_kind.is_empty(), &bearing);
            snapshot.set_coverage(region, *kind, coverage);
        }
    }
}

/// Whether an answer says anything about a Region: it stands in the Region's folder, or lists
/// something there. An answer that lists nothing of a Region may come from another one.
fn speaks_of(answer: &Answer, snapshot: &Snapshot, region: &Region) -> bool {
    match &answer.region {
        Some(own) => own == region,
        None => answer
            .ids
            .iter()
            .any(|id| snapshot.region_of(id) == Some(region)),
    }
}

fn coverage(kind: Kind, region: &Region, listed: bool, bearing: &[&Answer]) -> Coverage {
    let key = answer_key(kind);
    if bearing.is_empty() {
        let reason = if listed {
            format!("no answer with `{key}` speaks of {region}")
        } else {
            format!("no file has `{key}`")
        };
        return Coverage::Unknown { reason };
    }
    if let Some(answer) = bearing.iter().find(|it| it.partial) {
        let reason = format!(
            "`{}` is a page of several (it has a `NextToken`)",
            answer.file
        );
        return Coverage::Partial { reason };
    }
    if let Some(answer) = bearing.iter().find(|it| it.left_out > 0) {
        let reason = format!(
            "{} entries of `{}` could not be read",
            answer.left_out, answer.file
        );
        return Coverage::Partial { reason };
    }
    Coverage::Complete
}

/// Takes back what cannot be known of resources that are in `region` by assumption: what such a
/// resource names and no answer lists may be in another Region, of which not all was listed.
pub(super) fn doubt(snapshot: &mut Snapshot, region: &Region, assumed: &[ResourceId]) {
    let regions: Vec<Region> = snapshot.regions().cloned().collect();
    for id in assumed {
        let Some(resource) = snapshot.get(id).cloned() else {
            continue;
        };
        for (_, other) in references::named(&resource) {
            let kind = other.kind();
            let complete = |it: &Region| snapshot.coverage(it, kind) == Coverage::Complete;
            let known = snapshot.get(&other).is_some() || regions.iter().all(complete);
            if !known && complete(region) {
                let reason = format!(
                    "the Region of {id} is not told, and {other} may be in one that was not listed wholly"
                );
                snapshot.set_coverage(region, kind, Coverage::Partial { reason });
            }
        }
    }
}

/// What people should know about missing kinds and pages.
pub(super) fn notes(answers: &[Answer]) -> Vec<String> {
    let mut notes = Vec::new();
    let missing = Kind::ALL
        .iter()
        .filter(|kind| !answers.iter().any(|it| it.kind == **kind));
    let missing: Vec<&str> = missing.map(|kind| answer_key(*kind)).collect();
    if !missing.is_empty() {
        notes.push(format!(
            "not looked at, as no file has them: {}",
            missing.join(", ")
        ));
    }
    for answer in answers.iter().filter(|it| it.partial) {
        notes.push(format!(
            "`{}` is a page of several, so more may be there; the AWS CLI fetches all pages unless \
             told `--max-items` or `--no-paginate`",
            answer.file
        ));
    }
    notes
}
