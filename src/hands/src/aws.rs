//! The port over clients of the SDK, one a Region.

use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_ec2::Client;
use sandtable_cloud::{Act, Clock, CloudError, DryRun, ErrorClass, Observe, Performed, Query};
use sandtable_describe::{
    CallFailure, by_id, images_of, interfaces_within, route_tables_to, snapshots_of,
};
use sandtable_model::{Action, Duration, Real, Region, Resource, Timestamp};
use tokio::runtime::Runtime;

use crate::calls::send;
use crate::errors::{cloud_error, of_read};

/// An account on AWS, or on an emulator that is called like AWS.
pub struct Aws<T> {
    runtime: Runtime,
    clients: BTreeMap<Region, Client>,
    time: T,
}

impl<T> fmt::Debug for Aws<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws")
            .field("regions", &self.clients.keys())
            .finish_non_exhaustive()
    }
}

impl<T: Clock> Aws<T> {
    /// An account by a client for each Region. The clients must not retry on their own.
    pub fn new(runtime: Runtime, clients: BTreeMap<Region, Client>, time: T) -> Self {
        Aws {
            runtime,
            clients,
            time,
        }
    }

    fn client(&self, region: &Region) -> Result<&Client, CloudError> {
        self.clients.get(region).ok_or_else(|| CloudError {
            class: ErrorClass::Invalid,
            code: "NoClient".to_owned(),
            message: format!("the hands were given no client for the Region {region}"),
        })
    }
}

impl<T: Clock> Observe for Aws<T> {
    fn look(&mut self, region: &Region, query: &Query) -> Result<Vec<Resource>, CloudError> {
        let client = self.client(region)?;
        let answer = self.runtime.block_on(async {
            match query {
                Query::Resource(id) => by_id(client, id).await.map(Vec::from_iter),
                Query::InterfacesWithin(id) => interfaces_within(client, id).await,
                Query::RouteTablesTo(id) => route_tables_to(client, id).await,
                Query::ImagesOf(id) => images_of(client, id).await,
                Query::SnapshotsOf(id) => snapshots_of(client, id).await,
            }
        });
        answer.map_err(of_read)
    }
}

impl<T: Clock> Act for Aws<T> {
    type World = Real;

    fn dry_run(&mut self, region: &Region, action: &Action) -> Result<DryRun, CloudError> {
        let client = self.client(region)?;
        match self.runtime.block_on(send(client, action, true)) {
            Err(CallFailure::Refused { code, .. }) if code == "DryRunOperation" => {
                Ok(DryRun::Allowed)
            }
            Err(failure) => Err(cloud_error(failure)),
            // LocalStack passes over `DryRun` for several operations and makes the call
            // (facts: twin-conformance). Going on as if nothing had happened would be a lie.
            Ok(_) => Err(CloudError {
                class: ErrorClass::Unknown,
                code: "DryRunIgnored".to_owned(),
                message: format!(
                    "the endpoint answered a dry run of {} as if it were the call, and has probably \
                     made it; look before going on, and leave dry runs out for this endpoint",
                    action.name()
                ),
            }),
        }
    }

    fn perform(&mut self, region: &Region, action: &Action) -> Result<Performed, CloudError> {
        let client = self.client(region)?;
        let answer = self.runtime.block_on(send(client, action, false));
        answer.map_err(cloud_error)
    }
}

impl<T: Clock> Clock for Aws<T> {
    fn now(&self) -> Timestamp {
        self.time.now()
    }

    fn wait(&mut self, duration: Duration) {
        self.time.wait(duration);
    }
}
