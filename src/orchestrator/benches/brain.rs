//! How long the brain takes over generated estates, and how much the graph holds.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sandtable_model::Policy;
use sandtable_orchestrator::{Graph, Prices, lint, monthly_cost, propose, understand};
use sandtable_simulator::estate::generate;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn brain(criterion: &mut Criterion) {
    let (policy, prices) = (Policy::default(), Prices::embedded());
    let mut group = criterion.benchmark_group("brain");
    group.sample_size(10);
    for size in SIZES {
        let snapshot = generate(1, size);
        report_memory(size, snapshot.len(), || Graph::build(&snapshot));
        group.throughput(Throughput::Elements(snapshot.len() as u64));
        group.bench_with_input(BenchmarkId::new("graph", size), &snapshot, |bench, it| {
            bench.iter_batched(|| (), |()| Graph::build(it), BatchSize::PerIteration);
        });
        group.bench_with_input(
            BenchmarkId::new("understand", size),
            &snapshot,
            |bench, it| {
                bench.iter_batched(
                    || (),
                    |()| understand(it, &policy, &prices),
                    BatchSize::PerIteration,
                );
            },
        );
        let understanding = understand(&snapshot, &policy, &prices);
        group.bench_with_input(BenchmarkId::new("propose", size), &snapshot, |bench, it| {
            bench.iter(|| propose(it, &policy, &prices, &understanding).unwrap());
        });
        let plan = propose(&snapshot, &policy, &prices, &understanding).unwrap();
        group.bench_with_input(BenchmarkId::new("lint", size), &snapshot, |bench, it| {
            bench.iter(|| lint(&plan, it));
        });
        group.bench_with_input(BenchmarkId::new("cost", size), &snapshot, |bench, it| {
            bench.iter(|| monthly_cost(it, &prices));
        });
    }
    group.finish();
}

/// Prints how much the resident memory grows by, for each resource, when the graph is built. Linux
/// only; elsewhere nothing is printed.
fn report_memory<T>(size: usize, resources: usize, build: impl Fn() -> T) {
    let before = resident_bytes();
    // Several, so that what the allocator kept from before counts for little.
    let built: Vec<T> = (0..8).map(|_| build()).collect();
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        let each = after.saturating_sub(before) / built.len() / resources;
        println!("brain/graph/{size}: about {each} bytes of memory per resource");
    }
}

fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

criterion_group!(benches, brain);
criterion_main!(benches);
