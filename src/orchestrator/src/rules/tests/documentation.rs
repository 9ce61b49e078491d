//! What `explain` shows.

use crate::rules::{RuleDoc, explain_rule, rules};

#[test]
fn the_documentation_reads_as_reviewed() {
    let pages: Vec<String> = rules().map(RuleDoc::to_markdown).collect();
    insta::assert_snapshot!(pages.join("\n---\n\n"));
}

#[test]
fn rules_are_found_by_id_and_alias() {
    assert_eq!(explain_rule("g1").unwrap().id, "G1");
    assert_eq!(explain_rule("G3").unwrap().id, "N5");
    assert!(explain_rule("Z9").is_none());
}
