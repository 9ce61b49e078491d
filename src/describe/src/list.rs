//! Everything of a kind of EC2 in a Region.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput;
use aws_smithy_async::future::pagination_stream::PaginationStream;
use sandtable_model::{Kind, Resource};

use crate::entry::Unreadable;
use crate::error::{CallFailure, ReadError, failure_of};
use crate::{family, read};

/// The kinds that are read: all that there are. Those of EC2 by [`list`], the others by
/// [`Clients::list`](crate::Clients::list).
pub const READ_KINDS: &[Kind] = Kind::ALL;

/// The operations of EC2 that listing everything calls: what a reader's policy must allow, and all that
/// a reader's client needs to let pass.
pub const OPERATIONS: &[&str] = &[
    "DescribeAddresses",
    "DescribeCapacityReservations",
    "DescribeCustomerGateways",
    "DescribeDhcpOptions",
    "DescribeEgressOnlyInternetGateways",
    "DescribeFlowLogs",
    "DescribeHosts",
    "DescribeImages",
    "DescribeInstanceAttribute",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeKeyPairs",
    "DescribeLaunchTemplateVersions",
    "DescribeLaunchTemplates",
    "DescribeManagedPrefixLists",
    "DescribeNatGateways",
    "DescribeNetworkAcls",
    "DescribeNetworkInterfaces",
    "DescribePlacementGroups",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSubnets",
    "DescribeTransitGatewayAttachments",
    "DescribeTransitGatewayPeeringAttachments",
    "DescribeTransitGatewayRouteTables",
    "DescribeTransitGatewayVpcAttachments",
    "DescribeTransitGateways",
    "DescribeVolumes",
    "DescribeVpcEndpointServiceConfigurations",
    "DescribeVpcEndpoints",
    "DescribeVpcPeeringConnections",
    "DescribeVpcs",
    "DescribeVpnConnections",
    "DescribeVpnGateways",
    "GetManagedPrefixListEntries",
    "GetSubnetCidrReservations",
    "GetTransitGatewayRouteTablePropagations",
    "SearchTransitGatewayRoutes",
];

/// What a listing held.
#[derive(Debug, Default)]
pub struct Listing {
    /// The resources, in the order of the answer.
    pub resources: Vec<Resource>,
    /// The entries that could not become resources.
    pub left_out: Vec<Unreadable>,
}

impl Listing {
    /// What one answer held.
    pub(crate) fn of<T, R: Into<Resource>>(
        entries: Option<Vec<T>>,
        read: impl Fn(T) -> Result<R, Unreadable>,
    ) -> Self {
        let mut listing = Listing::default();
        let entries = entries.unwrap_or_default().into_iter();
        entries.for_each(|it| listing.take(read(it)));
        listing
    }

    /// Adds an entry.
    pub(crate) fn take<R: Into<Resource>>(&mut self, entry: Result<R, Unreadable>) {
        match entry {
            Ok(resource) => self.resources.push(resource.into()),
            Err(left_out) => self.left_out.push(left_out),
        }
    }

    /// The resources, when every entry could be read.
    pub(crate) fn complete(self, operation: &'static str) -> Result<Vec<Resource>, ReadError> {
        match self.left_out.into_iter().next() {
            None => Ok(self.resources),
            Some(entry) => Err(ReadError::Entry { operation, entry }),
        }
    }
}

/// Entries on a page. With an explicit page size, reads of the large kinds draw on the throttle
/// bucket that is twice as large (facts: ec2-throttling).
pub(crate) const PAGE: i32 = 1000;

/// Entries on a page of route tables: AWS takes no more (facts: ec2-semantics, MaxResults).
pub(crate) const ROUTE_TABLE_PAGE: i32 = 100;

/// Lists everything of a `kind` of EC2 that the account has in the client's Region: its own snapshots and
/// images only, disabled images among them; resources that are over as long as AWS describes them.
pub async fn list(client: &Client, kind: Kind) -> Result<Listing, ReadError> {
    /// Lists a kind whose entries stand in one paginated answer.
    macro_rules! pages {
        ($operation:literal, $asked:expr, $page:expr, $many:ident, $read:path) => {{
            let pages = $asked.into_paginator().page_size($page).send();
            listed($operation, pages, |it| (it.$many, it.next_token), $read).await
        }};
    }
    match kind {
        Kind::Vpc => pages!(
            "DescribeVpcs",
            client.describe_vpcs(),
            PAGE,
            vpcs,
            read::vpc
        ),
        Kind::Subnet => pages!(
            "DescribeSubnets",
            client.describe_subnets(),
            PAGE,
            subnets,
            read::subnet
        ),
        Kind::RouteTable => pages!(
            "DescribeRouteTables",
            client.describe_route_tables(),
            ROUTE_TABLE_PAGE,
            route_tables,
            read::route_table
        ),
        Kind::InternetGateway => pages!(
            "DescribeInternetGateways",
            client.describe_internet_gateways(),
            PAGE,
            internet_gateways,
            read::internet_gateway
        ),
        Kind::NatGateway => pages!(
            "DescribeNatGateways",
            client.describe_nat_gateways(),
            PAGE,
            nat_gateways,
            read::nat_gateway
        ),
        Kind::Address => addresses(client).await,
        Kind::NetworkInterface => pages!(
            "DescribeNetworkInterfaces",
            client.describe_network_interfaces(),
            PAGE,
            network_interfaces,
            read::interface
        ),
        Kind::SecurityGroup => pages!(
            "DescribeSecurityGroups",
            client.describe_security_groups(),
            PAGE,
            security_groups,
            read::security_group
        ),
        Kind::Instance => instances(client).await,
        Kind::Volume => pages!(
            "DescribeVolumes",
            client.describe_volumes(),
            PAGE,
            volumes,
            read::volume
        ),
        Kind::EbsSnapshot => pages!(
            "DescribeSnapshots",
            client.describe_snapshots().owner_ids("self"),
            PAGE,
            snapshots,
            read::snapshot
        ),
        Kind::Image => pages!(
            "DescribeImages",
            client
                .describe_images()
                .owners("self")
                .include_disabled(true),
            PAGE,
            images,
            read::image
        ),
        Kind::VpcEndpoint => pages!(
            "DescribeVpcEndpoints",
            client.describe_vpc_endpoints(),
            PAGE,
            vpc_endpoints,
            read::endpoint
        ),
        other => family::of_ec2(client, other).await,
    }
}

/// Instances stand in reservations, one page of which can hold many.
async fn instances(client: &Client) -> Result<Listing, ReadError> {
    let pages = client.describe_instances().into_paginator().page_size(PAGE);
    let mut listing = Listing::default();
    let take = |it| read::reservation(it).for_each(|entry| listing.take(entry));
    let part = |it: DescribeInstancesOutput| (it.reservations, it.next_token);
    gather("DescribeInstances", pages.send(), part, take).await?;
    Ok(listing)
}

/// AWS does not paginate addresses.
async fn addresses(client: &Client) -> Result<Listing, ReadError> {
    let answer = client.describe_addresses().send().await;
    let answer = answer.map_err(|error| call("DescribeAddresses", &error))?;
    Ok(Listing::of(answer.addresses, read::address))
}

/// Takes every entry of every page: `part` takes a page apart into its entries and the token of the
/// next. A page that names itself as the next one ends the SDK's stream without a word; here it is an
/// error, as what follows is not known.
pub(crate) async fn gather<P, T, E>(
    operation: &'static str,
    mut pages: PaginationStream<Result<P, SdkError<E>>>,
    part: impl Fn(P) -> (Option<Vec<T>>, Option<String>),
    mut take: impl FnMut(T),
) -> Result<(), ReadError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let mut next = None;
    while let Some(page) = pages.next().await {
        let (entries, token) = part(page.map_err(|error| call(operation, &error))?);
        entries.into_iter().flatten().for_each(&mut take);
        next = token.filter(|it| !it.is_empty());
    }
    match next {
        None => Ok(()),
        Some(_) => Err(endless(operation)),
    }
}

/// A page that names itself as the next.
pub(crate) fn endless(operation: &'static str) -> ReadError {
    let failure = CallFailure::NoAnswer("a page names itself as the next one".to_owned());
    ReadError::Call { operation, failure }
}

/// Every entry of every page, read.
pub(crate) async fn listed<P, T, E, R: Into<Resource>>(
    operation: &'static str,
    pages: PaginationStream<Result<P, SdkError<E>>>,
    part: impl Fn(P) -> (Option<Vec<T>>, Option<String>),
    read: impl Fn(T) -> Result<R, Unreadable>,
) -> Result<Listing, ReadError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let mut listing = Listing::default();
    gather(operation, pages, part, |it| listing.take(read(it))).await?;
    Ok(listing)
}

/// The SDK's error as ours.
pub(crate) fn call<E>(operation: &'static str, error: &SdkError<E>) -> ReadError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    ReadError::Call {
        operation,
        failure: failure_of(error),
    }
}
