//! The clients of a Region: one for each service that is read, each held to its own list of reads.

use aws_types::SdkConfig;
use sandtable_model::{Kind, Region};

use crate::allow_list::AllowList;
use crate::error::ReadError;
use crate::family;
use crate::list::{Listing, OPERATIONS, list};

/// A service that is read.
#[derive(Clone, Copy, Debug)]
pub struct ReadService {
    /// How the actions of its policies begin.
    pub prefix: &'static str,
    /// The operations that are called.
    pub operations: &'static [&'static str],
}

const AUTO_SCALING: &[&str] = &["DescribeAutoScalingGroups"];
const CLOUD_FORMATION: &[&str] = &["DescribeStacks", "ListStackResources"];
const CLASSIC: &[&str] = &[
    "DescribeLoadBalancerAttributes",
    "DescribeLoadBalancers",
    "DescribeTags",
];
const BALANCING: &[&str] = &[
    "DescribeListeners",
    "DescribeLoadBalancerAttributes",
    "DescribeLoadBalancers",
    "DescribeRules",
    "DescribeTags",
    "DescribeTargetGroupAttributes",
    "DescribeTargetGroups",
    "DescribeTargetHealth",
];
const DATABASES: &[&str] = &[
    "DescribeDBInstances",
    "DescribeDBSnapshots",
    "DescribeDBSubnetGroups",
    "ListTagsForResource",
];

/// The services that [`Clients`] read, with the operations that they call.
pub const SERVICES: &[ReadService] = &[
    ReadService {
        prefix: "autoscaling",
        operations: AUTO_SCALING,
    },
    ReadService {
        prefix: "cloudformation",
        operations: CLOUD_FORMATION,
    },
    ReadService {
        prefix: "ec2",
        operations: OPERATIONS,
    },
    // Both generations of load balancers have one name in policies.
    ReadService {
        prefix: "elasticloadbalancing",
        operations: CLASSIC,
    },
    ReadService {
        prefix: "elasticloadbalancing",
        operations: BALANCING,
    },
    ReadService {
        prefix: "rds",
        operations: DATABASES,
    },
];

/// The clients of a Region.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The Region.
    pub region: Region,
    /// Auto Scaling.
    pub autoscaling: aws_sdk_autoscaling::Client,
    /// CloudFormation.
    pub cloudformation: aws_sdk_cloudformation::Client,
    /// EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// Classic Load Balancers.
    pub elb: aws_sdk_elasticloadbalancing::Client,
    /// Load balancers of the second generation.
    pub elbv2: aws_sdk_elasticloadbalancingv2::Client,
    /// RDS.
    pub rds: aws_sdk_rds::Client,
}

impl Clients {
    /// Clients of `region` that are otherwise configured alike and refuse what is no read of theirs.
    pub fn new(config: &SdkConfig, region: Region) -> Self {
        macro_rules! client {
            ($sdk:ident, $operations:expr) => {{
                let conf = $sdk::config::Builder::from(config)
                    .region($sdk::config::Region::new(region.to_string()))
                    .interceptor(AllowList::new(&[$operations]));
                $sdk::Client::from_conf(conf.build())
            }};
        }
        Clients {
            autoscaling: client!(aws_sdk_autoscaling, AUTO_SCALING),
            cloudformation: client!(aws_sdk_cloudformation, CLOUD_FORMATION),
            ec2: client!(aws_sdk_ec2, OPERATIONS),
            elb: client!(aws_sdk_elasticloadbalancing, CLASSIC),
            elbv2: client!(aws_sdk_elasticloadbalancingv2, BALANCING),
            rds: client!(aws_sdk_rds, DATABASES),
            region,
        }
    }

    /// Lists everything of `kind` that the account has in the Region, as [`list`] does for EC2.
    ///
    /// # Errors
    /// A call that failed, be it of the kind itself or of what belongs to one of its resources.
    pub async fn list(&self, kind: Kind) -> Result<Listing, ReadError> {
        match kind {
            Kind::LoadBalancer
            | Kind::TargetGroup
            | Kind::ClassicLoadBalancer
            | Kind::AutoScalingGroup
            | Kind::DbInstance
            | Kind::DbSnapshot
            | Kind::DbSubnetGroup
            | Kind::Stack => family::of_others(self, kind).await,
            of_ec2 => list(&self.ec2, of_ec2).await,
        }
    }
}
