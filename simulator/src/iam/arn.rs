//! ARNs of resources (Service Authorization Reference, "Resource types defined by Amazon EC2" and the
//! like of the other services).

use sandtable_model::{AccountId, Kind, Region, ResourceId};
use serde_json::Value;

use super::keys::text_at;
use crate::sts;

/// Writes the ARNs of an account in a Region.
pub(super) struct Arns<'a> {
    pub(super) account: &'a AccountId,
    pub(super) region: &'a Region,
}

impl Arns<'_> {
    /// The ARN of a resource; `members` are those of its describe answer. Key pairs and placement
    /// groups go by name.
    pub(super) fn of(&self, id: &ResourceId, members: &Value) -> String {
        let name = match id.kind() {
            Kind::KeyPair => text_at(members, "KeyName"),
            Kind::PlacementGroup => text_at(members, "GroupName"),
            _ => None,
        };
        let name = name.unwrap_or_else(|| id.to_string());
        self.named(id.kind().as_str(), &name)
    }

    /// The ARN of whatever resource of a type.
    pub(super) fn any(&self, kind: &str) -> String {
        self.named(kind, "*")
    }

    /// The ARN of a type and an id.
    pub(super) fn named(&self, kind: &str, id: &str) -> String {
        let region = self.region;
        let partition = sts::partition(region.as_str());
        // Snapshots and AMIs can be shared, so no account stands in their ARNs.
        let account = match kind {
            "image" | "snapshot" => "",
            _ => self.account.as_str(),
        };
        format!("arn:{partition}:ec2:{region}:{account}:{kind}/{id}")
    }

    /// The ARN of a resource of another service; `resource` is what stands behind the account.
    pub(super) fn other(&self, service: &str, resource: &str) -> String {
        let (region, account) = (self.region, self.account);
        let partition = sts::partition(region.as_str());
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The ARN of what IAM has in the account.
    pub(super) fn iam(&self, resource: &str) -> String {
        let (partition, account) = (sts::partition(self.region.as_str()), self.account);
        format!("arn:{partition}:iam::{account}:{resource}")
    }

    /// The ARN of an instance profile that a request names by ARN or by name.
    pub(super) fn profile(&self, told: &Value) -> Option<String> {
        let by_name =
            || text_at(told, "Name").map(|it| self.iam(&format!("instance-profile/{it}")));
        text_at(told, "Arn").or_else(by_name)
    }
}
