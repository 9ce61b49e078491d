//! What the twin costs: loading, forking, calls, differences, on estates of three sizes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sandtable_cloud::{Act, Observe, Query};
use sandtable_model::resource::{Volume, VolumeState};
use sandtable_model::{Action, Kind, Region, ResourceId, Snapshot, VolumeId};
use sandtable_simulator::{Twin, TwinOptions, dispatch, estate, wire};
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
        group.bench_function(BenchmarkId::new("describe a page", size), |bencher| {
            bencher.iter(|| dispatch::call(&mut twin, &ctx, "DescribeVolumes", page.clone()));
        });
        group.bench_function(
            BenchmarkId::new("describe a page as XML", size),
            |bencher| {
                bencher.iter(|| {
                    let answer = dispatch::call(&mut twin, &ctx, "DescribeVolumes", page.clone());
                    let mut xml = Vec::new();
                    let answer = answer.expect("looking is allowed");
                    wire::encode("DescribeVolumes", &answer, "request", &mut xml)
                        .map(|()| xml.len())
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, load, fork, calls);
criterion_main!(benches);
