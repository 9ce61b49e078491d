//! Everything of a kind in a Region.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::future::pagination_stream::PaginationStream;
use sandtable_model::{Kind, Resource};

use crate::entry::Unreadable;
use crate::error::{ReadError, failure_of};
use crate::read;

/// The kinds that [`list`] and [`by_id`](crate::by_id) read; of the others nothing is known.
pub const READ_KINDS: &[Kind] = &[
    Kind::Vpc,
    Kind::Subnet,
    Kind::RouteTable,
    Kind::InternetGateway,
    Kind::NatGateway,
    Kind::Address,
    Kind::NetworkInterface,
    Kind::SecurityGroup,
    Kind::Instance,
    Kind::Volume,
    Kind::EbsSnapshot,
    Kind::Image,
    Kind::VpcEndpoint,
];

/// The operations that this crate calls: what a reader's policy must allow, and all that a reader's
/// client needs to let pass.
pub const OPERATIONS: &[&str] = &[
    "DescribeAddresses",
    "DescribeImages",
    "DescribeInstanceAttribute",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeNatGateways",
    "DescribeNetworkInterfaces",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSubnets",
    "DescribeVolumes",
    "DescribeVpcEndpoints",
    "DescribeVpcs",
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

/// Lists everything of `kind` that the account has in the client's Region: its own snapshots and
/// images only, disabled images among them; resources that are over as long as AWS describes them.
pub async fn list(client: &Client, kind: Kind) -> Result<Listing, ReadError> {
    match kind {
        Kind::Vpc => {
            let pages = client.describe_vpcs().into_paginator().page_size(PAGE);
            gather("DescribeVpcs", pages.items().send(), one(read::vpc)).await
        }
        Kind::Subnet => {
            let pages = client.describe_subnets().into_paginator().page_size(PAGE);
            gather("DescribeSubnets", pages.items().send(), one(read::subnet)).await
        }
        Kind::RouteTable => {
            let pages = client.describe_route_tables().into_paginator();
            let entries = pages.page_size(ROUTE_TABLE_PAGE).items().send();
            gather("DescribeRouteTables", entries, one(read::route_table)).await
        }
        Kind::InternetGateway => {
            let pages = client.describe_internet_gateways().into_paginator();
            let entries = pages.page_size(PAGE).items().send();
            gather(
                "DescribeInternetGateways",
                entries,
                one(read::internet_gateway),
            )
            .await
        }
        Kind::NatGateway => {
            let pages = client.describe_nat_gateways().into_paginator();
            let entries = pages.page_size(PAGE).items().send();
            gather("DescribeNatGateways", entries, one(read::nat_gateway)).await
        }
        Kind::Address => addresses(client).await,
        Kind::NetworkInterface => {
            let pages = client.describe_network_interfaces().into_paginator();
            let entries = pages.page_size(PAGE).items().send();
            gather("DescribeNetworkInterfaces", entries, one(read::interface)).await
        }
        Kind::SecurityGroup => {
            let pages = client.describe_security_groups().into_paginator();
            let entries = pages.page_size(PAGE).items().send();
            gather("DescribeSecurityGroups", entries, one(read::security_group)).await
        }
        Kind::Instance => {
            let pages = client.describe_instances().into_paginator().page_size(PAGE);
            let take = |listing: &mut Listing, it| {
                read::reservation(it).for_each(|entry| listing.take(entry));
            };
            gather("DescribeInstances", pages.items().send(), take).await
        }
        Kind::Volume => {
            let pages = client.describe_volumes().into_paginator().page_size(PAGE);
            gather("DescribeVolumes", pages.items().send(), one(read::volume)).await
        }
        Kind::EbsSnapshot => {
            let pages = client
                .describe_snapshots()
                .owner_ids("self")
                .into_paginator();
            let entries = pages.page_size(PAGE).items().send();
            gather("DescribeSnapshots", entries, one(read::snapshot)).await
        }
        Kind::Image => {
            let own = client
                .describe_images()
                .owners("self")
                .include_disabled(true);
            let entries = own.into_paginator().page_size(PAGE).items().send();
            gather("DescribeImages", entries, one(read::image)).await
        }
        Kind::VpcEndpoint => {
            let pages = client.describe_vpc_endpoints().into_paginator();
            let entries = pages.page_size(PAGE).items().send();
            gather("DescribeVpcEndpoints", entries, one(read::endpoint)).await
        }
        _ => Err(ReadError::NotRead(kind)),
    }
}

/// AWS does not paginate addresses.
async fn addresses(client: &Client) -> Result<Listing, ReadError> {
    let answer = client.describe_addresses().send().await;
    let answer = answer.map_err(|error| call("DescribeAddresses", &error))?;
    let mut listing = Listing::default();
    let addresses = answer.addresses.unwrap_or_default().into_iter();
    addresses.for_each(|it| listing.take(read::address(it)));
    Ok(listing)
}

/// A reader of one entry as one that adds to a listing.
pub(crate) fn one<T, R: Into<Resource>>(
    read: impl Fn(T) -> Result<R, Unreadable>,
) -> impl FnMut(&mut Listing, T) {
    move |listing, it| listing.take(read(it))
}

/// Takes every entry of every page.
pub(crate) async fn gather<T, E>(
    operation: &'static str,
    mut entries: PaginationStream<Result<T, SdkError<E>>>,
    mut take: impl FnMut(&mut Listing, T),
) -> Result<Listing, ReadError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let mut listing = Listing::default();
    while let Some(entry) = entries.next().await {
        take(
            &mut listing,
            entry.map_err(|error| call(operation, &error))?,
        );
    }
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
