//! Flow logs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{FlowLogId, Tags};

/// A flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FlowLog {
    /// The id.
    pub flow_log_id: FlowLogId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
