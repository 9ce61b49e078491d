//! What a million resources cost: loading, memory, forks, changes, differences, and the snapshot's
//! file. A plain program: each figure is a median of its own runs, printed beside its goal.
//!
//! `cargo bench --bench scale` does 1 k, 100 k and 1 M; `-- 1000 50000` other sizes.

#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads the clock, which nothing else here may"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration as Wall, Instant};

use sandtable_model::resource::{Volume, VolumeState};
use sandtable_model::{Document, Snapshot, VolumeId};
use sandtable_simulator::storage::{DeleteVolumeRequest, delete_volume};
use sandtable_simulator::{Twin, TwinOptions, estate};

fn main() {
    let sizes: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|it| it.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![1_000, 100_000, 1_000_000]
    } else {
        sizes
    };
    for size in sizes {
        scale(size);
    }
}

fn scale(size: usize) {
    let before = resident_bytes();
    let (snapshot, made) = timed(|| estate::generate(1, size));
    let with_snapshot = resident_bytes();
    let (twin, loaded) = timed(|| Twin::from_snapshot(&snapshot, TwinOptions::default()));
    let with_twin = resident_bytes();
    let count = snapshot.len();
    let each = |bytes: u64| bytes / count as u64;
    println!("{count} resources");
    println!("  generated in {made:?}, twin in {loaded:?}");
    println!(
        "  memory: {} bytes a resource, {} of them the snapshot (goal: 600)",
        each(with_twin - before),
        each(with_snapshot - before)
    );
    let (forks, fork) = per_call(1000, || twin.fork());
    println!("  fork: {fork:?} (goal: 1 us)");
    drop(forks);
    changes(&snapshot, &twin);
    file(&snapshot);
}

fn changes(snapshot: &Snapshot, start: &Twin) {
    let region = snapshot.regions().next().expect("an estate has a Region");
    let free = snapshot
        .all::<Volume>()
        .filter(|it| it.state == VolumeState::Available);
    let free: Vec<VolumeId> = free.map(|it| it.volume_id.clone()).take(1000).collect();
    let mut twin = start.fork();
    let ctx = twin.context(region);
    let mut ids = free.iter();
    let (_, change) = per_call(free.len(), || {
        let request = DeleteVolumeRequest {
            volume_id: ids.next().expect("one for each").to_string(),
        };
        delete_volume(&mut twin, &ctx, request).expect("it is free");
    });
    println!("  direct DeleteVolume: {change:?} (goal: 2 us, the same for every size)");
    let (diff, took) = timed(|| twin.diff());
    println!("  diff of {} changes: {took:?}", diff.resources.len());
    let checkpoint = start.checkpoint();
    let ((), took) = timed(|| twin.restore(&checkpoint));
    println!("  undo of them: {took:?}");
    black_box(twin);
}

/// A snapshot's file: packed, as large ones are.
fn file(snapshot: &Snapshot) {
    let name = Path::new("snapshot.json.zst");
    let (bytes, wrote) = timed(|| snapshot.to_file(name).expect("a snapshot is JSON"));
    println!(
        "  file: {} bytes a resource (goal: 100), written in {wrote:?}",
        bytes.len() / snapshot.len()
    );
    let (read, took) = timed(|| Snapshot::from_file(bytes).expect("it was just written"));
    println!("  file read in {took:?} (goal: 3 s for 1 M)");
    assert_eq!(read.len(), snapshot.len());
}

fn timed<T>(act: impl FnOnce() -> T) -> (T, Wall) {
    let start = Instant::now();
    let it = act();
    (it, start.elapsed())
}

/// The results of `count` calls, and the median time of one, over ten parts.
fn per_call<T>(count: usize, mut act: impl FnMut() -> T) -> (Vec<T>, Wall) {
    let part = (count / 10).max(1);
    let mut results = Vec::with_capacity(count);
    let mut times = Vec::new();
    for _ in 0..count / part {
        let start = Instant::now();
        for _ in 0..part {
            results.push(act());
        }
        times.push(start.elapsed() / u32::try_from(part).unwrap_or(1));
    }
    times.sort_unstable();
    (
        results,
        times.get(times.len() / 2).copied().unwrap_or_default(),
    )
}

/// The memory that the process holds, in bytes; Linux only, elsewhere 0.
fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text
        .split_whitespace()
        .nth(1)
        .and_then(|it| it.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}
