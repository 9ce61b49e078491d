//! The bytes that are signed are a promise: whoever changes them breaks every approval in use.

use sandtable_gate::StepSelection;
use sandtable_model::{Approval, Document};

use crate::common::*;

const STATEMENT: &str = include_str!("golden/statement.canonical.json");
const APPROVAL: &str = include_str!("golden/approval.json");

#[test]
fn the_canonical_bytes_of_a_statement_stay_as_they_are() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let statement = statement(&plan, &receipt, &StepSelection::All, ALICE);
    let bytes = String::from_utf8(statement.canonical().unwrap()).unwrap();
    // The file ends in a line feed, which is not signed.
    assert_eq!(bytes + "\n", STATEMENT);
}

#[test]
fn an_approval_of_then_still_holds() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let approval = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    assert_eq!(approval.to_pretty().unwrap(), APPROVAL);
    let read = Approval::from_json(APPROVAL).unwrap();
    try_assemble(&plan, &receipt, &[read]).unwrap();
}
