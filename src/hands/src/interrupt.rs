//! Being asked to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;

use crate::progress::say;

/// A flag that the first interrupt sets: the run then stops before its next call, with everything in
/// the journal. The second one ends the process at once, from which `resume` recovers too.
pub(crate) fn stop_flag(runtime: &Handle) -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    runtime.spawn(async move {
        if asked().await {
            set.store(true, Ordering::Relaxed);
            say("stopping before the next call; once more to end at once");
        }
        if asked().await {
            std::process::exit(130);
        }
    });
    flag
}

#[cfg(unix)]
async fn asked() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt.is_ok(),
        terminate = terminate.recv() => terminate.is_some(),
    }
}

#[cfg(not(unix))]
async fn asked() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
