//! The table from AWS's operation names to the functions that carry them out.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use sandtable_model::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::output::Output;
use crate::wire::Api;
use crate::{
    ApiError, Ctx, Twin, compute, connectivity, metrics, network, place, rules, services, stacks,
    storage, sts, tagging,
};

/// A row: AWS's name of the operation, and what carries it out.
pub type Row = (&'static str, Handler);

/// Carries out an operation on an input under AWS's member names, without `DryRun`.
pub type Handler = fn(&mut Twin, &Ctx, Value) -> Result<Output, ApiError>;

/// Makes rows out of functions of (twin, context, typed request).
macro_rules! operations {
    ($($name:literal => $function:path,)+) => {
        &[$(($name, |twin, ctx, input| {
            $crate::dispatch::carry_out($name, twin, ctx, input, $function)
        }),)+]
    };
}
pub(crate) use operations;

/// Every table of EC2; each module with operations has one.
const TABLES: &[&[Row]] = &[
    compute::OPERATIONS,
    connectivity::OPERATIONS,
    network::OPERATIONS,
    place::OPERATIONS,
    storage::OPERATIONS,
    tagging::OPERATIONS,
];

/// The tables of the other services.
const SERVICES: &[(Api, &[Row])] = &[
    (Api::AutoScaling, services::autoscaling::OPERATIONS),
    (Api::Elb, services::elb::OPERATIONS),
    (Api::ElbV2, services::elbv2::OPERATIONS),
    (Api::Rds, services::rds::OPERATIONS),
    (Api::CloudFormation, stacks::OPERATIONS),
    (Api::CloudWatch, metrics::OPERATIONS),
    (Api::Sts, sts::OPERATIONS),
];

/// Parameters that mean nothing to the twin, whatever they say, so that passing them is harmless.
pub(crate) const IGNORED: [&str; 2] = [
    // No resource of the twin is hidden because a service provider operates it.
    "IncludeManagedResources",
    // The twin takes no part in chargeback of describe calls to snapshots' owners.
    "RestorableByUserIds",
];

/// Makes one call of EC2, as it comes from outside: time passes, quotas and faults apply. `input` is
/// an object under the member names of AWS's model.
///
/// # Errors
/// AWS's code and message; `UnsupportedOperation` for what the twin does not model.
pub fn call(twin: &mut Twin, ctx: &Ctx, action: &str, input: Value) -> Result<Value, ApiError> {
    call_of(twin, ctx, Api::Ec2, action, input)
}

/// Makes one call of a service, as it comes from outside.
///
/// # Errors
/// As [`call`].
pub fn call_of(
    twin: &mut Twin,
    ctx: &Ctx,
    api: Api,
    action: &str,
    input: Value,
) -> Result<Value, ApiError> {
    output_of(twin, ctx, api, action, input)?.to_value()
}

/// Makes one call of a service, as it comes from outside; the answer is in no form yet.
///
/// # Errors
/// As [`call`].
pub fn output_of(
    twin: &mut Twin,
    ctx: &Ctx,
    api: Api,
    action: &str,
    input: Value,
) -> Result<Output, ApiError> {
    let handler = handler(api, action).ok_or_else(|| ApiError::not_modelled(action))?;
    let (ctx, input) = without_dry_run(ctx, input);
    // The input moves into the operation; quotas and faults need it before that.
    let seen = match twin.must_see_inputs() {
        true => input.clone(),
        false => Value::Null,
    };
    let output = twin.admit(&ctx, api, action, &seen, |twin, ctx| {
        handler(twin, ctx, input)
    })?;
    Ok(output.with_pieces(&twin.pieces))
}

/// Carries an operation out at once; `action` is a name as [`full_name`] gives it.
///
/// # Errors
/// As [`call`].
pub(crate) fn operate(
    twin: &mut Twin,
    ctx: &Ctx,
    action: &str,
    input: Value,
) -> Result<Output, ApiError> {
    let (api, name) = read_name(action).ok_or_else(|| ApiError::not_modelled(action))?;
    let handler = handler(api, name).ok_or_else(|| ApiError::not_modelled(action))?;
    let (ctx, input) = without_dry_run(ctx, input);
    handler(twin, &ctx, input)
}

fn without_dry_run(ctx: &Ctx, mut input: Value) -> (Ctx, Value) {
    let mut ctx = ctx.clone();
    if let Value::Object(members) = &mut input
        && let Some(flag) = members.remove("DryRun")
    {
        ctx.dry_run = flag == Value::Bool(true);
    }
    (ctx, input)
}

/// The operation that describes resources of a kind, and its service.
pub const fn describe_operation(kind: Kind) -> (Api, &'static str) {
    (service_of(kind), operation_of(kind))
}

/// The service that a kind of resource belongs to.
pub const fn service_of(kind: Kind) -> Api {
    match kind {
        Kind::AutoScalingGroup => Api::AutoScaling,
        Kind::LoadBalancer | Kind::TargetGroup => Api::ElbV2,
        Kind::ClassicLoadBalancer => Api::Elb,
        Kind::DbInstance | Kind::DbSnapshot | Kind::DbSubnetGroup => Api::Rds,
        Kind::Stack => Api::CloudFormation,
        _ => Api::Ec2,
    }
}

const fn operation_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpc => "DescribeVpcs",
        Kind::Subnet => "DescribeSubnets",
        Kind::RouteTable => "DescribeRouteTables",
        Kind::InternetGateway => "DescribeInternetGateways",
        Kind::NatGateway => "DescribeNatGateways",
        Kind::Address => "DescribeAddresses",
        Kind::NetworkInterface => "DescribeNetworkInterfaces",
        Kind::SecurityGroup => "DescribeSecurityGroups",
        Kind::Instance => "DescribeInstances",
        Kind::Volume => "DescribeVolumes",
        Kind::EbsSnapshot => "DescribeSnapshots",
        Kind::Image => "DescribeImages",
        Kind::VpcEndpoint => "DescribeVpcEndpoints",
        Kind::AutoScalingGroup => "DescribeAutoScalingGroups",
        Kind::NetworkAcl => "DescribeNetworkAcls",
        Kind::DhcpOptions => "DescribeDhcpOptions",
        Kind::EgressOnlyInternetGateway => "DescribeEgressOnlyInternetGateways",
        Kind::ManagedPrefixList => "DescribeManagedPrefixLists",
        Kind::FlowLog => "DescribeFlowLogs",
        Kind::SubnetCidrReservation => "GetSubnetCidrReservations",
        Kind::VpcPeeringConnection => "DescribeVpcPeeringConnections",
        Kind::TransitGateway => "DescribeTransitGateways",
        Kind::TransitGatewayAttachment => "DescribeTransitGatewayAttachments",
        Kind::TransitGatewayRouteTable => "DescribeTransitGatewayRouteTables",
        Kind::VpnGateway => "DescribeVpnGateways",
        Kind::CustomerGateway => "DescribeCustomerGateways",
        Kind::VpnConnection => "DescribeVpnConnections",
        Kind::VpcEndpointService => "DescribeVpcEndpointServiceConfigurations",
        Kind::LaunchTemplate => "DescribeLaunchTemplates",
        Kind::KeyPair => "DescribeKeyPairs",
        Kind::PlacementGroup => "DescribePlacementGroups",
        Kind::CapacityReservation => "DescribeCapacityReservations",
        Kind::DedicatedHost => "DescribeHosts",
        Kind::LoadBalancer | Kind::ClassicLoadBalancer => "DescribeLoadBalancers",
        Kind::TargetGroup => "DescribeTargetGroups",
        Kind::DbInstance => "DescribeDBInstances",
        Kind::DbSnapshot => "DescribeDBSnapshots",
        Kind::DbSubnetGroup => "DescribeDBSubnetGroups",
        Kind::Stack => "DescribeStacks",
    }
}

/// The operations that the twin models, by service and name.
pub fn modelled_operations() -> Vec<(Api, &'static str)> {
    let mut all: Vec<(Api, &'static str)> = rows().map(|(api, (name, _))| (api, *name)).collect();
    all.sort_unstable();
    all
}

/// The name of an operation among those of all services: AWS's own for EC2 (`DeleteVolume`), and
/// behind the service's for the others (`sts:AssumeRole`), since some share names. Faults use it.
pub fn full_name(api: Api, action: &str) -> Cow<'_, str> {
    match api {
        Api::Ec2 => action.into(),
        other => format!("{other}:{action}").into(),
    }
}

/// The service and the name in a [`full_name`].
pub(crate) fn read_name(full_name: &str) -> Option<(Api, &str)> {
    match full_name.split_once(':') {
        None => Some((Api::Ec2, full_name)),
        Some((api, name)) => {
            let api = api.parse().ok().filter(|api| *api != Api::Ec2)?;
            Some((api, name))
        }
    }
}

fn rows() -> impl Iterator<Item = (Api, &'static Row)> {
    let ec2 = TABLES.iter().map(|table| (Api::Ec2, *table));
    let all = ec2.chain(SERVICES.iter().copied());
    all.flat_map(|(api, table)| table.iter().map(move |row| (api, row)))
}

fn handler(api: Api, action: &str) -> Option<Handler> {
    // Every call asks, and walking hundreds of rows would cost as much as a small call itself.
    static BY_NAME: LazyLock<FxHashMap<(Api, &str), Handler>> = LazyLock::new(|| {
        let rows = rows().map(|(api, (name, handler))| ((api, *name), *handler));
        rows.collect()
    });
    BY_NAME.get(&(api, action)).copied()
}

/// Reads a request, carries it out, and writes the answer.
pub(crate) fn carry_out<Q: DeserializeOwned, A: Serialize + Send + 'static>(
    action: &str,
    twin: &mut Twin,
    ctx: &Ctx,
    mut input: Value,
    function: fn(&mut Twin, &Ctx, Q) -> Result<A, ApiError>,
) -> Result<Output, ApiError> {
    if input.is_null() {
        input = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(members) = &mut input {
        members.retain(|name, _| !IGNORED.contains(&name.as_str()));
    }
    let malformed = rules::first_malformed(&twin.state, &input);
    let request = serde_json::from_value(input).map_err(|error| refuse(action, &error))?;
    let answer = function(twin, ctx, request);
    let answer = answer.map_err(|error| match malformed {
        Some(first) if rules::tells_unknown(&error) => first,
        _ => error,
    });
    answer.map(Output::new)
}

/// A parameter that the request type does not have is one that the twin does not model: acting as if
/// it were not there would be answering success for what was not done.
pub(crate) fn refuse(action: &str, error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    if let Some(name) = text
        .strip_prefix("unknown field `")
        .and_then(|it| it.split('`').next())
    {
        return ApiError::new(
            "UnsupportedOperation",
            format!("The twin does not model the parameter {name} of {action}: nothing was done."),
        );
    }
    ApiError::new("InvalidParameterValue", format!("{action}: {text}"))
}
