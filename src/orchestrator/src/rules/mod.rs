//! Rules: each reads the graph, and says what is waste, what supports that, and what it looked at and
//! left alone. A rule per file, with its documentation; a folder per family.
//!
//! Missing data blocks: where a listing that a rule rests on was not complete, the rule says nothing
//! about that Region, and says that it says nothing.

mod address;
mod balance;
mod capacity;
mod connection;
mod database;
mod doc;
mod guards;
mod judge;
mod nat;
mod report;
mod scene;
mod storage;
#[cfg(test)]
mod tests;
mod understand;
mod verdicts;
mod vpc;

pub use doc::RuleDoc;
pub(crate) use nat::{Fate, addresses};
pub use report::{ResourceReport, explain_resource};
pub(crate) use scene::Scene;
use scene::plural;
pub(crate) use storage::s2::SAFETY_TAG;
pub use understand::{Understanding, understand};

use sandtable_model::Kind;

use verdicts::Verdicts;

/// A rule: a row of the waste catalogue.
pub(crate) struct Rule {
    /// Its documentation, with the id.
    pub(crate) doc: RuleDoc,
    /// The kind of what it flags; where that kind was not listed the rule was not evaluated.
    pub(crate) judges: Kind,
    /// Looks, and records its verdicts.
    pub(crate) detect: fn(&Scene<'_>, &mut Verdicts<'_>),
}

/// Every rule, in the order in which they run: what a rule over a whole VPC covers is not flagged
/// again by those over one gateway.
const RULES: &[Rule] = &[
    storage::v1::RULE,
    storage::s2::RULE,
    address::n1::RULE,
    address::g15::RULE,
    vpc::g1::RULE,
    vpc::g2::RULE,
    nat::n5::RULE,
    nat::g4::RULE,
    nat::g5::RULE,
    storage::v3::RULE,
    storage::v5::RULE,
    connection::g24::RULE,
    connection::g25::RULE,
    connection::g26::RULE,
    connection::g27::RULE,
    balance::l1::RULE,
    balance::l3::RULE,
    balance::g19::RULE,
    balance::g23::RULE,
    capacity::g39::RULE,
    database::r6::RULE,
    database::r8::RULE,
    database::r10::RULE,
];

/// The documentation of every rule.
pub fn rules() -> impl Iterator<Item = &'static RuleDoc> {
    RULES.iter().map(|rule| &rule.doc)
}

/// The documentation of the rule with this id or alias, whatever its case.
pub fn explain_rule(id: &str) -> Option<&'static RuleDoc> {
    rules().find(|rule| {
        let mut names = std::iter::once(rule.id).chain(rule.aliases.iter().copied());
        names.any(|name| name.eq_ignore_ascii_case(id))
    })
}
