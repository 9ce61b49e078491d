//! Roles that a twin knows: who may assume them, and what their sessions may do.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::document::PolicyDocument;
use super::managed::Source;
use super::trust::TrustPolicy;

/// How long sessions of a role last at most unless it says otherwise, in seconds (IAM User Guide,
/// "Modify a role's maximum session duration").
const HOUR: i64 = 3600;

/// A role.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Who may assume it.
    pub(super) trust: TrustPolicy,
    /// Its policies; without them sessions may do everything.
    pub(super) identity: Option<Vec<PolicyDocument>>,
    /// Its permissions boundary.
    pub(super) boundary: Option<PolicyDocument>,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
    /// How long its sessions last at most, in seconds.
    pub(crate) session_seconds_max: i64,
}

/// A role: who may assume it, and what its sessions may do.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Role")]
pub(super) struct RawRole {
    /// The trust policy.
    pub(super) trust: TrustPolicy,
    /// The policies; without them sessions may do everything.
    #[serde(default)]
    pub(super) identity: Option<Vec<Source>>,
    /// The permissions boundary.
    #[serde(default)]
    pub(super) boundary: Option<Source>,
    /// The tags.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// How long sessions last at most, in seconds: 3600 to 43200.
    #[serde(default)]
    pub(super) max_session_duration: Option<i64>,
}

impl RawRole {
    /// Reads a role; `told` are the policies that go by ARN.
    pub(super) fn read(self, told: &BTreeMap<String, PolicyDocument>) -> Result<Role, String> {
        let identity = self.identity.map(|all| {
            let all = all.into_iter().map(|it| it.resolve(told));
            all.collect::<Result<Vec<_>, _>>()
        });
        let seconds = self.max_session_duration.unwrap_or(HOUR);
        if !(HOUR..=12 * HOUR).contains(&seconds) {
            return Err(format!(
                "`max_session_duration` is {seconds}: give {HOUR} to {}",
                12 * HOUR
            ));
        }
        Ok(Role {
            trust: self.trust,
            identity: identity.transpose()?,
            boundary: self.boundary.map(|it| it.resolve(told)).transpose()?,
            tags: self.tags,
            session_seconds_max: seconds,
        })
    }

    /// Whether a text is the ARN of a role.
    pub(super) fn is_arn(text: &str) -> bool {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match *parts.as_slice() {
            ["arn", _, "iam", "", account, resource] => {
                let name = resource.strip_prefix("role/").unwrap_or_default();
                account.len() == 12 && !name.is_empty() && !name.ends_with('/')
            }
            _ => false,
        }
    }
}
