//! AWS's own endpoint services (PrivateLink guide, "AWS services that integrate with AWS
//! PrivateLink"): the widely used ones. Regions differ in what they have; the twin lists the same in
//! each. Endpoints may be made to any other service of the Region, too.

use sandtable_model::Region;
use sandtable_model::resource::EndpointType;

/// A service: what its name ends in, and its public name within a Region where that differs.
struct Row(&'static str, Option<&'static str>);

/// Services with interface endpoints. The second text is the first part, or the pattern with `{}`
/// for the Region, of the public name; without one it is that of the service.
const INTERFACE: &[Row] = &[
    Row("access-analyzer", None),
    Row("acm-pca", None),
    Row("application-autoscaling", None),
    Row("athena", None),
    Row("autoscaling", None),
    Row("backup", None),
    Row("batch", None),
    Row("bedrock-runtime", None),
    Row("cloudformation", None),
    Row("cloudtrail", None),
    Row("codebuild", None),
    Row("codecommit", None),
    Row("codedeploy", None),
    Row("codepipeline", None),
    Row("config", None),
    Row("datasync", None),
    Row("dms", None),
    Row("ebs", None),
    Row("ec2", None),
    Row("ec2messages", None),
    Row("ecr.api", Some("api.ecr")),
    Row("ecr.dkr", Some("*.dkr.ecr")),
    Row("ecs", None),
    Row("ecs-agent", Some("ecs-a")),
    Row("ecs-telemetry", Some("ecs-t")),
    Row("eks", None),
    Row("elasticache", None),
    Row("elasticfilesystem", None),
    Row("elasticloadbalancing", None),
    Row("elasticmapreduce", None),
    Row("events", None),
    Row("execute-api", Some("*.execute-api")),
    Row("glue", None),
    Row("guardduty-data", None),
    Row("imagebuilder", None),
    Row("inspector2", None),
    Row("kinesis-firehose", Some("firehose")),
    Row("kinesis-streams", Some("kinesis")),
    Row("kms", None),
    Row("lakeformation", None),
    Row("lambda", None),
    Row("license-manager", None),
    Row("logs", None),
    Row("monitoring", None),
    Row("rds", None),
    Row("rds-data", None),
    Row("redshift", None),
    Row("redshift-data", None),
    Row("sagemaker.api", Some("api.sagemaker")),
    Row("sagemaker.runtime", Some("runtime.sagemaker")),
    Row("secretsmanager", None),
    Row("securityhub", None),
    Row("servicecatalog", None),
    Row("sns", None),
    Row("sqs", None),
    Row("ssm", None),
    Row("ssmmessages", None),
    Row("states", None),
    Row("storagegateway", None),
    Row("sts", None),
    Row("synthetics", None),
    Row("transfer", None),
    Row("workspaces", None),
    Row("xray", None),
];

/// Services with gateway endpoints (VPC user guide, "Gateway endpoints"), and whether they have
/// interface endpoints as well.
const GATEWAY: &[(&str, bool)] = &[("dynamodb", true), ("s3", true), ("s3express", false)];

/// A service of AWS in a Region.
pub(super) struct AwsService {
    /// The name that endpoints name.
    pub(super) name: String,
    /// What the name ends in.
    pub(super) short: &'static str,
    /// The kind of its endpoints; a service with two kinds is there twice.
    pub(super) kind: EndpointType,
    /// The public name that leads to an endpoint within its VPC.
    pub(super) private_name: Option<String>,
}

/// Whether a service, by what its name ends in, has gateway endpoints.
pub(super) fn has_gateway_endpoints(short: &str) -> bool {
    GATEWAY.iter().any(|(it, _)| *it == short)
}

/// The services of a Region, by name.
pub(super) fn services_of(region: &Region) -> Vec<AwsService> {
    let named = |short: &'static str, kind, private_name| AwsService {
        name: format!("com.amazonaws.{region}.{short}"),
        short,
        kind,
        private_name,
    };
    let mut all: Vec<AwsService> = Vec::new();
    for Row(short, public) in INTERFACE {
        let public = public.unwrap_or(short);
        let private_name = Some(format!("{public}.{region}.amazonaws.com"));
        all.push(named(short, EndpointType::Interface, private_name));
    }
    for (short, has_interfaces) in GATEWAY {
        all.push(named(short, EndpointType::Gateway, None));
        if *has_interfaces {
            all.push(named(short, EndpointType::Interface, None));
        }
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}
