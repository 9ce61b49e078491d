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

criterion_group!(benches, brain);
criterion_main!(benches);
