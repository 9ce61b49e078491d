//! Real time.

use std::time::{SystemTime, UNIX_EPOCH};

use sandtable_cloud::Clock;
use sandtable_model::{Duration, Timestamp};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "a real cloud passes real time; approvals expire by it"
    )]
    fn now(&self) -> Timestamp {
        // A clock before 1970 makes every approval one of the future, which the gate refuses.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "waiting for a real cloud is done in real time, between two calls"
    )]
    fn wait(&mut self, duration: Duration) {
        let millis = u64::try_from(duration.millis()).unwrap_or_default();
        std::thread::sleep(std::time::Duration::from_millis(millis));
    }
}
