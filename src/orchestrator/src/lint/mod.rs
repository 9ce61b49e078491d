//! placeholder
use sandtable_model::{Plan, Snapshot, StepId};
/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// n
    Note,
    /// w
    Warning,
    /// f
    Fatal,
}
/// c
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Complaint {
    /// s
    pub severity: Severity,
    /// r
    pub rule: &'static str,
    /// s
    pub step: Option<StepId>,
    /// m
    pub message: String,
}
/// l
pub fn lint(_plan: &Plan, _snapshot: &Snapshot) -> Vec<Complaint> {
    Vec::new()
}
