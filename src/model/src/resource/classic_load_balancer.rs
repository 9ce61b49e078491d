//! Classic Load Balancers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ClassicLoadBalancerId, Tags};

/// A Classic Load Balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ClassicLoadBalancer {
    /// The id, made of the name: see [`ClassicLoadBalancerId::from_name`].
    pub load_balancer_id: ClassicLoadBalancerId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
