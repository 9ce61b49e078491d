//! The eyes' clients over any transport, and what there is to see.

use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::HttpClient;
use sandtable_describe::Clients;
use sandtable_eyes::{Progress, Request, Scan, scan};
use sandtable_model::{AccountId, Coverage, Duration, Kind, Region, Resource, Snapshot, Timestamp};
use sandtable_simulator::wire::connector::TwinClient;
use sandtable_simulator::{Twin, TwinOptions, TwinService};
use serde_json::{Map, Value};

pub(crate) fn region() -> Region {
    Region::new("eu-central-1").unwrap()
}

/// Clients that talk to `wire` and call `attempts` times at most.
pub(crate) fn clients(wire: impl HttpClient + 'static, region: &Region, attempts: u32) -> Clients {
    let retries = RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(std::time::Duration::from_millis(1));
    let credentials = Credentials::new("test", "test", None, None, "a test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_config::Region::new(region.to_string()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries)
        .disable_clock_skew_correction(true)
        .http_client(wire);
    Clients::new(&config.build(), region.clone())
}

pub(crate) type Served = Arc<Mutex<TwinService>>;

pub(crate) fn served(snapshot: &Snapshot) -> Served {
    let twin = Twin::from_snapshot(snapshot, TwinOptions::default());
    Arc::new(Mutex::new(TwinService::new(twin, Duration::ZERO)))
}

/// What the eyes see of a twin through the SDK, as of the moment and from where `taken` is.
pub(crate) async fn look(
    service: &Served,
    taken: &Snapshot,
    attempts: u32,
    attributes: bool,
) -> Scan {
    let regions = taken.regions();
    let clients = regions.map(|it| clients(TwinClient::new(service.clone()), it, attempts));
    let request = Request {
        clients: clients.collect(),
        account: None,
        identity: Some(taken.account.clone()),
        emulated: true,
        taken_at: taken.taken_at,
        origin: taken.origin.clone(),
        attributes,
    };
    scan(request, &Progress::Silent).await.unwrap()
}

/// A snapshot with at least one resource of every kind that an estate has not, with every member that
/// the kind can have at one time.
pub(crate) fn every_kind() -> Snapshot {
    let at: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let account = AccountId::new("123456789012").unwrap();
    let mut snapshot = Snapshot::new(account, at, "one of each");
    for kind in Kind::ALL {
        snapshot.set_coverage(&region(), *kind, Coverage::Complete);
    }
    let entries: Map<String, Value> =
        serde_json::from_str(include_str!("../every_kind.json")).unwrap();
    for (name, entry) in entries {
        let kind: Kind = name.split(' ').next().unwrap().parse().unwrap();
        let resource =
            Resource::deserialize_as(kind, entry).unwrap_or_else(|error| panic!("{name}: {error}"));
        snapshot.insert(&region(), resource).unwrap();
    }
    snapshot
}
