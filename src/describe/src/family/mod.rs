//! Kinds that are read along AWS's JSON, one file a family: the calls that they take, and the members
//! that are kept. What AWS tells of a resource in calls of their own (the entries of a prefix list, the
//! routes of a table) is part of it: if it cannot be read, neither can the kind, for a resource whose
//! parts are unknown must not look like one that has none.

mod balancing;
mod capacity;
mod classic;
mod connectivity;
mod database;
mod filtering;
mod launch_template;
mod scaling;
mod stack;

use std::future::Future;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::future::pagination_stream::PaginationStream;
use sandtable_model::Kind;

use crate::clients::Clients;
use crate::error::{CallFailure, ReadError, is_not_found};
use crate::list::{Listing, endless, gather};

/// Everything of a kind of EC2 that is read along AWS's JSON.
pub(crate) async fn of_ec2(client: &Client, kind: Kind) -> Result<Listing, ReadError> {
    match kind {
        Kind::NetworkAcl
        | Kind::DhcpOptions
        | Kind::EgressOnlyInternetGateway
        | Kind::ManagedPrefixList
        | Kind::FlowLog
        | Kind::SubnetCidrReservation
        | Kind::VpcEndpointService => filtering::list(client, kind).await,
        Kind::VpcPeeringConnection
        | Kind::TransitGateway
        | Kind::TransitGatewayAttachment
        | Kind::TransitGatewayRouteTable
        | Kind::VpnGateway
        | Kind::CustomerGateway
        | Kind::VpnConnection => connectivity::list(client, kind).await,
        Kind::KeyPair | Kind::PlacementGroup | Kind::CapacityReservation | Kind::DedicatedHost => {
            capacity::list(client, kind).await
        }
        Kind::LaunchTemplate => launch_template::list(client).await,
        other => Err(ReadError::NotRead(other)),
    }
}

/// Everything of a kind of a service beside EC2.
pub(crate) async fn of_others(clients: &Clients, kind: Kind) -> Result<Listing, ReadError> {
    match kind {
        Kind::LoadBalancer => balancing::load_balancers(clients).await,
        Kind::TargetGroup => balancing::target_groups(clients).await,
        Kind::ClassicLoadBalancer => classic::list(clients).await,
        Kind::AutoScalingGroup => scaling::list(clients).await,
        Kind::DbInstance => database::instances(clients).await,
        Kind::DbSnapshot => database::snapshots(clients).await,
        Kind::DbSubnetGroup => database::subnet_groups(clients).await,
        Kind::Stack => stack::list(clients).await,
        other => Err(ReadError::NotRead(other)),
    }
}

/// What belongs to many resources, some at a time, since AWS takes no more in a call.
async fn in_lots<T, U, F>(
    whole: &[T],
    lot: usize,
    ask: impl Fn(Vec<T>) -> F,
) -> Result<Vec<U>, ReadError>
where
    T: Clone,
    F: Future<Output = Result<Vec<U>, ReadError>>,
{
    let mut found = Vec::new();
    for some in whole.chunks(lot) {
        found.extend(ask(some.to_vec()).await?);
    }
    Ok(found)
}

/// Lists a kind whose entries stand in one paginated answer.
macro_rules! pages {
    ($client:ident, $operation:literal, $call:ident, $many:ident, $page:expr, $kind:expr) => {{
        let pages = $client.$call().into_paginator().page_size($page).send();
        listed(
            $operation,
            pages,
            |it| (it.$many, it.next_token),
            entry($kind),
        )
        .await
    }};
}

/// Lists a kind that AWS does not paginate.
macro_rules! single {
    ($client:ident, $operation:literal, $call:ident, $many:ident, $kind:expr) => {{
        let answer = $client.$call().send().await;
        let answer = answer.map_err(|error| call($operation, &error))?;
        Ok(Listing::of(answer.$many, entry($kind)))
    }};
}

use {pages, single};

/// Every entry of every page.
async fn all<P, T, E>(
    operation: &'static str,
    pages: PaginationStream<Result<P, SdkError<E>>>,
    part: impl Fn(P) -> (Option<Vec<T>>, Option<String>),
) -> Result<Vec<T>, ReadError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let mut found = Vec::new();
    gather(operation, pages, part, |it| found.push(it)).await?;
    Ok(found)
}

/// Every entry of an operation for which the SDK has no paginator. A token that comes twice would go on
/// for ever.
async fn by_token<T, F>(
    operation: &'static str,
    ask: impl Fn(Option<String>) -> F,
) -> Result<Vec<T>, ReadError>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), ReadError>>,
{
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let (entries, next) = ask(token.clone()).await?;
        found.extend(entries);
        let next = next.filter(|it| !it.is_empty());
        if next.is_none() {
            return Ok(found);
        }
        if next == token {
            return Err(endless(operation));
        }
        token = next;
    }
}

/// What belongs to a resource; none when the resource itself went away in the meantime.
fn present<T>(answer: Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    let is_gone = |code: &str| {
        // `LoadBalancerNotFound`, `DBSubnetGroupNotFoundFault`
        is_not_found(code) || code.trim_end_matches("Fault").ends_with("NotFound")
    };
    match answer {
        Ok(it) => Ok(Some(it)),
        Err(ReadError::Call {
            failure: CallFailure::Refused { code, .. },
            ..
        }) if is_gone(&code) => Ok(None),
        Err(error) => Err(error),
    }
}
