//! The services whose calls the wire carries, and how a request tells which one it means.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::table::Table;

/// A service of AWS, in one version of its API.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// Amazon EC2.
    #[default]
    Ec2,
    /// The Security Token Service.
    Sts,
    /// Elastic Load Balancing, the classic load balancers.
    Elb,
    /// Elastic Load Balancing, application, network and gateway load balancers.
    ElbV2,
    /// EC2 Auto Scaling.
    AutoScaling,
    /// The Relational Database Service.
    Rds,
    /// Amazon CloudWatch.
    CloudWatch,
    /// AWS CloudFormation.
    CloudFormation,
}

impl Api {
    /// All of them, EC2 first.
    pub const ALL: [Api; 8] = [
        Api::Ec2,
        Api::Sts,
        Api::Elb,
        Api::ElbV2,
        Api::AutoScaling,
        Api::Rds,
        Api::CloudWatch,
        Api::CloudFormation,
    ];

    /// The name, as the AWS command line and botocore have it.
    pub const fn name(self) -> &'static str {
        match self {
            Api::Ec2 => "ec2",
            Api::Sts => "sts",
            Api::Elb => "elb",
            Api::ElbV2 => "elbv2",
            Api::AutoScaling => "autoscaling",
            Api::Rds => "rds",
            Api::CloudWatch => "cloudwatch",
            Api::CloudFormation => "cloudformation",
        }
    }

    /// The name in the scope of a signature, which is also the first label of the host name.
    pub const fn signing_name(self) -> &'static str {
        match self {
            Api::Elb | Api::ElbV2 => "elasticloadbalancing",
            Api::CloudWatch => "monitoring",
            other => other.name(),
        }
    }

    /// The namespace of the service's shapes in AWS's Smithy models
    /// (<https://github.com/aws/api-models-aws>), which stands before an error's name in the
    /// protocols other than XML.
    pub(crate) const fn shape_namespace(self) -> &'static str {
        match self {
            Api::Ec2 => "com.amazonaws.ec2",
            Api::Sts => "com.amazonaws.sts",
            Api::Elb => "com.amazonaws.elasticloadbalancing",
            Api::ElbV2 => "com.amazonaws.elasticloadbalancingv2",
            Api::AutoScaling => "com.amazonaws.autoscaling",
            Api::Rds => "com.amazonaws.rds",
            Api::CloudWatch => "com.amazonaws.cloudwatch",
            Api::CloudFormation => "com.amazonaws.cloudformation",
        }
    }

    /// The shapes.
    pub fn table(self) -> &'static Table {
        Table::of(self)
    }

    /// The service under a signing name. Two share one, and the version of the API tells them apart.
    pub(crate) fn signed_as(name: &str, version: Option<&str>) -> Option<Self> {
        let mut named = Self::ALL.into_iter().filter(|it| it.signing_name() == name);
        let first = named.next();
        let version = version.unwrap_or_default();
        match named.find(|it| it.table().version() == version) {
            Some(other) => Some(other),
            None => first,
        }
    }

    /// The service whose API has a version. No two of them share one.
    pub(crate) fn of_version(version: &str) -> Option<Self> {
        let has_it = |it: &Self| it.table().version() == version;
        Self::ALL.into_iter().find(has_it)
    }

    /// The service whose actions have a prefix in `x-amz-target` and in the paths of CBOR.
    pub(crate) fn of_target(target: &str) -> Option<Self> {
        let has_it = |it: &Self| it.table().target() == Some(target);
        Self::ALL.into_iter().find(has_it)
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the wire carries no service of this name")]
pub struct UnknownApi;

impl FromStr for Api {
    type Err = UnknownApi;

    fn from_str(name: &str) -> Result<Self, UnknownApi> {
        let named = Self::ALL.into_iter().find(|it| it.name() == name);
        named.ok_or(UnknownApi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_services_are_told_apart() {
        for api in Api::ALL {
            let version = api.table().version();
            assert_eq!(api.name().parse(), Ok(api));
            assert_eq!(Api::signed_as(api.signing_name(), Some(version)), Some(api));
            assert_eq!(Api::of_version(version), Some(api));
        }
        let classic = Api::signed_as("elasticloadbalancing", None);
        assert_eq!(classic, Some(Api::Elb));
        assert_eq!(Api::signed_as("logs", None), None);
        assert_eq!(
            Api::of_target("GraniteServiceVersion20100801"),
            Some(Api::CloudWatch)
        );
        assert_eq!(Api::of_target("Logs_20140328"), None);
    }
}
