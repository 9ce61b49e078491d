//! The eyes over a twin, through the real SDK without a socket: what they see is what is there.

use std::sync::{Arc, Mutex};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials};
use sandtable_describe::{AllowList, OPERATIONS};
use sandtable_eyes::{Progress, Request, Scan, scan};
use sandtable_model::resource::Instance;
use sandtable_model::{Coverage, Diff, Duration, Kind, Region, Snapshot};
use sandtable_simulator::wire::connector::TwinClient;
use sandtable_simulator::{Effect, Fault, FaultPlan, Twin, TwinOptions, TwinService, estate};

fn served(snapshot: &Snapshot) -> Arc<Mutex<TwinService>> {
    let twin = Twin::from_snapshot(snapshot, TwinOptions::default());
    Arc::new(Mutex::new(TwinService::new(twin, Duration::ZERO)))
}

fn client(service: &Arc<Mutex<TwinService>>, region: &Region, attempts: u32) -> Client {
    let retries = aws_sdk_ec2::config::retry::RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(std::time::Duration::from_millis(1));
    let conf = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_sdk_ec2::config::Region::new(region.to_string()))
        .credentials_provider(Credentials::for_tests())
        .retry_config(retries)
        .disable_clock_skew_correction(true)
        .http_client(TwinClient::new(service.clone()))
        .interceptor(AllowList::new(&[OPERATIONS]));
    Client::from_conf(conf.build())
}

async fn look(
    service: &Arc<Mutex<TwinService>>,
    taken: &Snapshot,
    attempts: u32,
    attributes: bool,
) -> Scan {
    let regions = taken.regions().cloned();
    let clients = regions.map(|region| {
        let client = client(service, &region, attempts);
        (region, client)
    });
    let request = Request {
        clients: clients.collect(),
        account: None,
        identity: None,
        emulated: true,
        taken_at: taken.taken_at,
        origin: taken.origin.clone(),
        attributes,
    };
    scan(request, &Progress::Silent).await.unwrap()
}

/// A snapshot without the kinds that the eyes do not read.
fn what_is_read(all: &Snapshot) -> Snapshot {
    let mut read = Snapshot::new(all.account.clone(), all.taken_at, all.origin.as_str());
    for (region, resource) in all.placed() {
        if sandtable_describe::READ_KINDS.contains(&resource.kind()) {
            read.insert(region, std::sync::Arc::clone(resource))
                .unwrap();
        }
    }
    read
}

#[tokio::test]
async fn an_estate_is_seen_as_it_is() {
    let there = estate::generate(7, 400);
    let service = served(&there);
    let seen = look(&service, &there, 1, true).await;
    let there = what_is_read(&there);
    assert!(seen.incomplete.is_empty(), "{:?}", seen.incomplete);
    assert_eq!(seen.snapshot.account, there.account);
    assert_eq!(Diff::between(&there, &seen.snapshot), Diff::default());
    assert_eq!(seen.snapshot.len(), there.len());
    for resource in there.resources() {
        let id = resource.id();
        assert_eq!(seen.snapshot.get(&id), Some(resource), "{id}");
    }
    for region in there.regions() {
        for kind in Kind::ALL {
            let coverage = seen.snapshot.coverage(region, *kind);
            if sandtable_describe::READ_KINDS.contains(kind) {
                assert_eq!(coverage, Coverage::Complete, "{kind}");
            } else {
                assert!(matches!(coverage, Coverage::Unknown { .. }), "{kind}");
            }
        }
    }
}

#[tokio::test]
async fn attributes_that_were_not_asked_for_are_unknown() {
    let there = estate::generate(7, 50);
    let seen = look(&served(&there), &there, 1, false).await.snapshot;
    let mut instances = seen.all::<Instance>().peekable();
    assert!(instances.peek().is_some());
    assert!(
        instances.all(|it| it.disable_api_termination.is_none() && it.disable_api_stop.is_none())
    );
}

fn fault(action: &str, times: u32, effect: Effect) -> FaultPlan {
    let mut fault = Fault::new(action, effect);
    fault.times = times;
    FaultPlan::from(vec![fault])
}

#[tokio::test]
async fn throttled_reads_are_tried_again() {
    let there = estate::generate(7, 50);
    let service = served(&there);
    let faults = fault("DescribeVolumes", 2, Effect::Throttle);
    service.lock().unwrap().twin_mut().set_faults(faults);
    let seen = look(&service, &there, 4, false).await;
    assert_eq!(service.lock().unwrap().twin().struck().len(), 2);
    assert!(seen.incomplete.is_empty(), "{:?}", seen.incomplete);
}

#[tokio::test]
async fn what_stays_refused_is_unknown() {
    let there = estate::generate(7, 50);
    for effect in [Effect::Denied, Effect::Throttle, Effect::TimeoutBefore] {
        let service = served(&there);
        let faults = fault("DescribeVolumes", 100, effect);
        service.lock().unwrap().twin_mut().set_faults(faults);
        let seen = look(&service, &there, 2, false).await;
        let kinds: Vec<Kind> = seen.incomplete.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [Kind::Volume]);
        for region in there.regions() {
            let coverage = seen.snapshot.coverage(region, Kind::Volume);
            assert!(matches!(coverage, Coverage::Unknown { .. }), "{coverage:?}");
        }
    }
}
