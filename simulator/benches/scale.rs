//! What a million resources cost: loading, memory, forks, changes, differences, and the snapshot's
//! file. A plain program: each figure is a median of its own runs, printed beside its goal.
//!
//! `cargo bench --bench scale` does 1 k, 100 k and 1 M; `-- 1000 50000` other sizes. Times are those of
//! the clock, and in brackets those that the thread had a processor, for machines that are shared.
//! Memory is what is allocated, as glibc rounds it.

#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads the clock, which nothing else here may"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration as Wall, Instant};

use sandtable_model::resource::{Volume, VolumeState};
use sandtable_model::{Document, Snapshot, VolumeId};
use sandtable_simulator::storage::{DeleteVolumeRequest, delete_volume};
use sandtable_simulator::{Twin, TwinOptions, estate};

/// The bytes that are allocated, rounded up as glibc's allocator does on 64 bits: to 16, with 8 of
/// its own, at least 32.
static ALLOCATED: AtomicI64 = AtomicI64::new(0);

struct Counting;

fn rounded(layout: Layout) -> i64 {
    let bytes = ((layout.size() + 8 + 15) & !15).max(32);
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[expect(
    unsafe_code,
    reason = "an allocator that counts and passes everything on"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(rounded(layout), Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(rounded(layout), Relaxed);
        // SAFETY: the pointer came from `alloc` above, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let new = Layout::from_size_align(size, layout.align()).unwrap_or(layout);
        ALLOCATED.fetch_add(rounded(new) - rounded(layout), Relaxed);
        // SAFETY: as in `dealloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
    memory(size);
    let (snapshot, made) = timed(|| estate::generate(1, size));
    let (twin, loaded) = timed(|| Twin::from_snapshot(&snapshot, TwinOptions::default()));
    println!("{} resources", snapshot.len());
    println!("  generated in {made:?}, twin in {loaded:?}");
    let (forks, fork) = per_call(1000, || twin.fork());
    println!("  fork: {fork:?} (goal: 1 us)");
    drop(forks);
    changes(&snapshot, &twin);
    file(&snapshot);
}

/// What the estate costs in memory: as generated, and as read from a file.
fn memory(size: usize) {
    let before = ALLOCATED.load(Relaxed);
    let each =
        |count: usize| (ALLOCATED.load(Relaxed) - before) / i64::try_from(count).unwrap_or(1);
    let measure = |what: &str, make: &dyn Fn() -> Snapshot| {
        let snapshot = make();
        let count = snapshot.len();
        let alone = each(count);
        let twin = Twin::from_snapshot(&snapshot, TwinOptions::default());
        let both = each(count);
        drop(snapshot);
        let twin_alone = each(count);
        black_box(twin);
        println!(
            "  memory, {what}: {twin_alone} bytes a resource in a twin (goal: 600), {alone} in a snapshot, {both} in both"
        );
    };
    println!("about {size} resources");
    measure("generated", &|| estate::generate(1, size));
    let file = Path::new("snapshot.json.zst");
    let read = || {
        let bytes = estate::generate(1, size).to_file(file);
        Snapshot::from_file(bytes.expect("a snapshot is JSON")).expect("it was just written")
    };
    measure("read", &read);
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

/// How long something took, and how much of that its thread had a processor.
struct Took(Wall, Wall);

impl fmt::Debug for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1?} ({:.1?})", self.0, self.1)
    }
}

fn timed<T>(act: impl FnOnce() -> T) -> (T, Took) {
    let (start, worked) = (Instant::now(), processor_time());
    let it = act();
    let worked = processor_time().saturating_sub(worked);
    (it, Took(start.elapsed(), worked))
}

/// How long this thread has had a processor; Linux only, elsewhere nothing.
fn processor_time() -> Wall {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_whitespace().next();
    Wall::from_nanos(nanos.and_then(|it| it.parse().ok()).unwrap_or(0))
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
