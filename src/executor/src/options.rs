//! How a run is made.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Laxness;

/// How a run is made. The default is right for AWS and for the twin.
#[derive(Clone, Debug)]
pub struct Options {
    /// Known laxness of an emulator that the run goes on in spite of. Must be empty on AWS: the
    /// hands fill it only for an endpoint that was named on purpose.
    pub tolerate: Vec<Laxness>,
    /// Whether to dry-run calls first. Off for LocalStack, which ignores `DryRun` and makes the
    /// call (twin-conformance.md).
    pub dry_run: bool,
    /// What to keep in the journal for whoever resumes the run; steers nothing.
    pub started_with: BTreeMap<String, String>,
    /// Set from elsewhere to have the run stop before its next call.
    pub stop: Option<Arc<AtomicBool>>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            tolerate: Vec::new(),
            dry_run: true,
            started_with: BTreeMap::new(),
            stop: None,
        }
    }
}

impl Options {
    pub(crate) fn stop_asked(&self) -> bool {
        let stop = self.stop.as_ref();
        stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}
