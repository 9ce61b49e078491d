//! What the twin costs: memory, loading, forks, differences, calls directly and over the wire, on
//! estates of three sizes.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use sandtable_cloud::{Act, Observe, Query};
use sandtable_model::resource::{Volume, VolumeState};
use sandtable_model::{Action, Duration, Kind, Region, ResourceId, Snapshot, VolumeId};
use sandtable_simulator::wire::{self, Call, RequestIds};
use sandtable_simulator::{Twin, TwinOptions, TwinService, dispatch, estate};
use serde_json::json;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn options() -> TwinOptions {
    TwinOptions {
        seed: 1,
        ..TwinOptions::default()
    }
}

fn estate(size: usize) -> (Snapshot, Region) {
    let snapshot = estate::generate(1, size);
    let region = snapshot
        .regions()
        .next()
        .expect("an estate has a Region")
        .clone();
    (snapshot, region)
}

/// The free volumes, each good for one delete.
fn free_volumes(snapshot: &Snapshot) -> Vec<VolumeId> {
    let free = snapshot
        .all::<Volume>()
        .filter(|it| it.state == VolumeState::Available);
    free.map(|it| it.volume_id.clone()).collect()
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    for size in SIZES {
        let (snapshot, _) = estate(size);
        group.throughput(Throughput::Elements(snapshot.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| Twin::from_snapshot(black_box(&snapshot), options()));
        });
    }
    group.finish();
}

/// A fork of a twin in which a hundred resources have changed: it must not depend on the size.
fn fork(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fork");
    for size in SIZES {
        let (snapshot, region) = estate(size);
        let mut twin = Twin::from_snapshot(&snapshot, options());
        let instances: Vec<ResourceId> = twin
            .state()
            .list(&region, Kind::Instance)
            .map(|it| it.id())
            .take(100)
            .collect();
        let ctx = twin.context(&region);
        let tags = json!({"Resources": instances, "Tags": [{"Key": "seen", "Value": "yes"}]});
        dispatch::call(&mut twin, &ctx, "CreateTags", tags).expect("the instances are there");
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| black_box(&twin).fork());
        });
        group.bench_function(BenchmarkId::new("diff", size), |bencher| {
            bencher.iter(|| black_box(&twin).diff());
        });
    }
    group.finish();
}

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("call");
    for size in SIZES {
        let (snapshot, region) = estate(size);
        let start = Twin::from_snapshot(&snapshot, options());
        let free = free_volumes(&snapshot);
        let mut twin = start.fork();
        let mut next = free.iter().cycle();
        group.bench_function(BenchmarkId::new("look", size), |bencher| {
            let query = Query::Resource((&free[0]).into());
            bencher.iter(|| {
                twin.look(&region, black_box(&query))
                    .expect("looking is allowed")
            });
        });
        group.bench_function(BenchmarkId::new("fork and delete", size), |bencher| {
            bencher.iter(|| {
                let mut twin = start.fork();
                let volume_id = next.next().expect("a cycle has no end").clone();
                twin.perform(&region, &Action::DeleteVolume { volume_id })
                    .expect("it is free")
            });
        });
        let mut twin = start.fork();
        let ctx = twin.context(&region);
        let page = json!({"MaxResults": 100});
        group.bench_function(BenchmarkId::new("page of 100, direct", size), |bencher| {
            bencher.iter(|| dispatch::call(&mut twin, &ctx, "DescribeVolumes", page.clone()));
        });
        let call = Call::new("DescribeVolumes", page.clone());
        over_the_wire(
            &mut group,
            BenchmarkId::new("page of 100, wire", size),
            &start,
            &call,
        );
        let one = Call::new("DescribeVolumes", json!({"VolumeIds": [&free[0]]}));
        over_the_wire(
            &mut group,
            BenchmarkId::new("look, wire", size),
            &start,
            &one,
        );
    }
    group.finish();
}

/// Decoding of the request, the call, and encoding of the answer: all but the socket.
fn over_the_wire(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: BenchmarkId,
    start: &Twin,
    call: &Call,
) {
    let mut service = TwinService::new(start.fork(), Duration::ZERO);
    let ids = RequestIds::default();
    let body = wire::encode_query(call).expect("the call is of AWS's shapes");
    let request = http::Request::post("http://localhost/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=k/20260601/eu-central-1/ec2/aws4_request",
        )
        .body(body)
        .expect("a plain request");
    let first = wire::answer(&mut service, &ids, &request)
        .response
        .expect("an answer");
    assert_eq!(
        first.status(),
        200,
        "{}",
        String::from_utf8_lossy(first.body())
    );
    group.bench_function(name, |bencher| {
        bencher.iter(|| wire::answer(&mut service, &ids, black_box(&request)));
    });
}

/// What a resource costs in memory: in the snapshot, and what a twin adds to it.
fn memory(_: &mut Criterion) {
    for size in SIZES {
        let Some(before) = resident_bytes() else {
            eprintln!("memory: not measured, there is no /proc/self/statm");
            return;
        };
        let (snapshot, _) = estate(size);
        let with_snapshot = resident_bytes().unwrap_or(before);
        let twin = Twin::from_snapshot(&snapshot, options());
        let with_twin = resident_bytes().unwrap_or(with_snapshot);
        let count = snapshot.len() as u64;
        eprintln!(
            "memory/{size}: {} bytes a resource in the snapshot, {} more in the twin",
            with_snapshot.saturating_sub(before) / count,
            with_twin.saturating_sub(with_snapshot) / count,
        );
        black_box(twin);
    }
}

/// The memory that the process holds, in bytes; Linux only.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

// Memory first, while the allocator has nothing to give back.
criterion_group!(benches, memory, load, fork, calls);
criterion_main!(benches);
