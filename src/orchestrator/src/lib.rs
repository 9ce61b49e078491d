//! The brain: what an account costs, what of it is waste, and what could be done about it.
//!
//! Synchronous pure functions of (snapshot, policy, prices). This crate must not depend on the port
//! to a cloud, the gate, the executor, the twin, an async runtime or any HTTP or AWS client, not even
//! through others: it cannot act, and it cannot fail on I/O because it does none. There is no clock
//! either; it is as late as the snapshot says.
//!
//! Start at [`understand`] (snapshot to findings), go on to [`propose`] (findings to plan) and
//! [`lint`] (a second opinion on any plan).

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod blast;
mod care;
mod graph;
mod lint;
mod plan;
mod price;
mod rules;
#[cfg(test)]
mod testing;

pub use blast::{of_action as blast_radius_of, of_deletion as blast_radius_of_deletion};
pub use graph::{
    Future, Graph, Inbound, Link, NodeId, Relation, RouteRef, TableUse, graph_dot, graph_mermaid,
};
pub use lint::{Complaint, Severity, lint, lint_under};
pub use plan::{PlanError, propose};
pub use price::{Cost, HOURS_PER_MONTH, PriceError, Priced, Prices, monthly_cost, monthly_cost_of};
pub use rules::{
    ResourceReport, RuleDoc, Understanding, explain_resource, explain_rule, rules, understand,
};
