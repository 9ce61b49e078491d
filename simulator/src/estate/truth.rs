//! What the generator knows of an estate and its documents do not say.

use std::collections::BTreeSet;

use sandtable_model::ResourceId;

/// What is known of a generated estate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// All that somebody needs: whoever deletes one of these is wrong.
    pub needed: BTreeSet<ResourceId>,
    /// Where waste was planted, and what only looks like it, in the order of making. What is neither
    /// here nor needed may go, but nobody has to see it.
    pub planted: Vec<Planted>,
}

/// A resource that shows a pattern of the waste catalogue, or nearly does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// The row of the catalogue (`G1`, `V1`), which is what its rule is called.
    pub pattern: &'static str,
    /// Why it is waste, or why it is not.
    pub why: &'static str,
    /// The resource that a finding would be about.
    pub id: ResourceId,
    /// Whether it is waste; otherwise it is a near miss, and finding it is wrong.
    pub waste: bool,
}
