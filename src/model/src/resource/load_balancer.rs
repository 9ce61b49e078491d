//! Application, Network and Gateway Load Balancers, and their target groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{LoadBalancerId, Tags, TargetGroupId};

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LoadBalancer {
    /// The id, made of the name: see [`LoadBalancerId::from_name`].
    pub load_balancer_id: LoadBalancerId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TargetGroup {
    /// The id, made of the name: see [`TargetGroupId::from_name`].
    pub target_group_id: TargetGroupId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
