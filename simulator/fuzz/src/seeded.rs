//! Fuzz targets as tests: every file of the corpus, and bytes drawn from seeds.
//!
//! `SANDTABLE_SEEDS=5000` tries more seeds than the usual ones, `SANDTABLE_FUZZ_SEED=17` one alone.

use std::fmt::Display;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use sandtable_simulator::IdSource;

/// The most random bytes that a seed makes.
const LONG: u64 = 700;

/// What numbers and quotes should not become.
const ODD: [&[u8]; 8] = [
    b"18446744073709551616",
    b"-9223372036854775809",
    b"1e400",
    b"\"\"",
    b"\0",
    b"\xff",
    "\u{FFFD}\u{1F980}".as_bytes(),
    b"null",
];

/// A fuzz target.
pub struct Target {
    /// Its name, which is also that of its corpus.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
    /// The package whose tests try it.
    pub package: &'static str,
    /// The folder `simulator/fuzz`.
    pub folder: PathBuf,
    /// Where to leave bytes that break something.
    pub scratch: PathBuf,
}

impl Target {
    /// Tries the corpus and as many seeds, unless other ones are asked for.
    pub fn try_all(&self, usual: u64) {
        let corpus = self.corpus();
        let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        if let Some(seed) = number("SANDTABLE_FUZZ_SEED") {
            return self.try_seed(&corpus, seed);
        }
        for (path, bytes) in &corpus {
            self.try_bytes(&format_args!("the file {}", path.display()), bytes, "");
        }
        for seed in 0..number("SANDTABLE_SEEDS").unwrap_or(usual) {
            self.try_seed(&corpus, seed);
        }
    }

    fn try_seed(&self, corpus: &[(PathBuf, Vec<u8>)], seed: u64) {
        let Target { name, package, .. } = self;
        let bytes = bytes_of(seed, corpus);
        let again = format!(
            "  again: SANDTABLE_FUZZ_SEED={seed} cargo test -p {package} --test fuzz {name}\n"
        );
        self.try_bytes(&format_args!("the seed {seed}"), &bytes, &again);
    }

    fn try_bytes(&self, what: &dyn Display, bytes: &[u8], again: &str) {
        if catch_unwind(AssertUnwindSafe(|| (self.run)(bytes))).is_ok() {
            return;
        }
        let name = self.name;
        let left = self.scratch.join(format!("fuzz-{name}.bin"));
        let told = match fs::write(&left, bytes) {
            Ok(()) => left.display().to_string(),
            Err(error) => format!("nowhere ({error})"),
        };
        let corpus = self.folder.join("corpus").join(name);
        panic!(
            "the fuzz target `{name}` fails for {what}\n{again}  its bytes: {told}\n  once mended: \
             cp {told} {}/SHORT-NAME",
            corpus.display()
        );
    }

    /// The files of the corpus, by name.
    fn corpus(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let folder = self.folder.join("corpus").join(self.name);
        let entries = fs::read_dir(&folder);
        let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
        paths.sort();
        assert!(!paths.is_empty(), "{} is empty", folder.display());
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).expect("a file");
            (path, bytes)
        };
        paths.into_iter().map(read).collect()
    }
}

/// The folder of the fuzz targets, from a folder beside or above it.
pub fn folder(simulator: &str) -> PathBuf {
    Path::new(simulator).join("fuzz")
}

/// Bytes drawn from a seed: some of nothing, most of files of the corpus with a few changes.
fn bytes_of(seed: u64, corpus: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let mut from = IdSource::new(seed);
    let mut below = |bound: usize| {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(from.below(bound)).unwrap_or_default()
    };
    if below(3) == 0 {
        let count = below(usize::try_from(LONG).unwrap_or_default());
        return (0..count)
            .map(|_| u8::try_from(below(256)).unwrap_or_default())
            .collect();
    }
    let (_, mut bytes) = corpus[below(corpus.len())].clone();
    for _ in 0..=below(6) {
        let at = below(bytes.len());
        let to = at + below(24).min(bytes.len() - at);
        match below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << below(8),
            1 if !bytes.is_empty() => bytes[at] = u8::try_from(below(256)).unwrap_or_default(),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let other = &corpus[below(corpus.len())].1;
                let from = below(other.len());
                let until = from + below(48).min(other.len() - from);
                bytes.splice(at..to, other[from..until].iter().copied());
            }
            _ => {
                let odd = ODD[below(ODD.len())];
                bytes.splice(at..to, odd.iter().copied());
            }
        }
    }
    bytes
}
