//! Under which rules the brain works.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Confidence, Document, ResourceId, RuleId, Usd};

/// What the brain may propose, and how careful it must be. Every member has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Rules that are switched off.
    pub disabled_rules: Vec<RuleId>,
    /// Findings below this confidence are reported but not planned.
    pub confidence_min: Confidence,
    /// Volumes must have existed for this many days before V1 flags them.
    pub volume_age_days_min: i64,
    /// Snapshots must be this many days old before S2 flags them.
    pub snapshot_age_days_min: i64,
    /// NAT gateways (and with them G1's VPCs) must be this many days old before they are flagged.
    pub nat_gateway_age_days_min: i64,
    /// Whether a volume is snapshotted before it is deleted.
    pub snapshot_before_delete: bool,
    /// Whether an empty VPC is torn down after its NAT gateways (G2).
    pub teardown: bool,
    /// Resources that no step may touch, by id.
    pub protected_resources: Vec<ResourceId>,
    /// Resources with one of these tags may not be touched; an empty value covers every value.
    pub protected_tags: BTreeMap<String, String>,
    /// Steps with a blast radius score above this ask for two approvers.
    pub blast_radius_single_approver_max: u32,
    /// Plans that save more than this a month ask for two approvers.
    pub usd_month_single_approver_max: Option<Usd>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            disabled_rules: Vec::new(),
            confidence_min: Confidence::Medium,
            volume_age_days_min: 7,
            snapshot_age_days_min: 30,
            nat_gateway_age_days_min: 7,
            snapshot_before_delete: true,
            teardown: true,
            protected_resources: Vec::new(),
            protected_tags: BTreeMap::new(),
            blast_radius_single_approver_max: 20,
            usd_month_single_approver_max: None,
        }
    }
}

impl Document for Policy {
    const FORMAT: &'static str = "sandtable/policy/1";
    const NAME: &'static str = "policy";
}
