//! Virtual time that follows the real one.

use std::time::Instant;

use sandtable_model::{Duration, Timestamp};
use sandtable_simulator::world::Time;

use crate::clock;

/// `speed` times as fast as real time, from when it was made.
pub(super) struct Paced {
    began: Instant,
    speed: u32,
}

impl Paced {
    pub(super) fn new(speed: u32) -> Self {
        Paced {
            began: instant(),
            speed,
        }
    }
}

impl Time for Paced {
    fn elapsed(&mut self) -> Duration {
        let millis = instant().duration_since(self.began).as_millis() * u128::from(self.speed);
        Duration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn clients(&mut self) -> Option<Timestamp> {
        Some(clock::now())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a served twin lives in the time of its callers"
)]
fn instant() -> Instant {
    Instant::now()
}
