//! How long to wait for what.
//!
//! AWS asks for exponential back-off with a cap on delay and attempts, a pause before the first
//! poll of a state, and growing intervals between polls (ec2-throttling.md, "Back-off AWS asks
//! for"). There is no jitter: one run makes one call at a time, and a rehearsal must give the same
//! journal every time.

use sandtable_model::{Action, Duration};

/// How often a call is made at most in one go, the first try included.
pub(crate) const ATTEMPTS_MAX: u32 = 8;

/// How often a look is tried at most.
pub(crate) const LOOKS_MAX: u32 = 8;

/// For how long a difference from the receipt is looked at again before it counts: AWS's answers
/// are eventually consistent (ec2-semantics.md, section 1).
pub(crate) const LOCKSTEP_GRACE: Duration = Duration::from_secs(30);

/// For how long a blocker that is on its way out is waited for (ec2-semantics.md, section 3:
/// endpoints and NAT gateways take minutes to go).
pub(crate) const PASSING_BLOCKER_WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// How far the clock may go back behind the journal: as much as it takes to set it right.
pub(crate) const CLOCK_BACK_MAX: Duration = Duration::from_secs(5 * 60);

const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LONGEST: Duration = Duration::from_secs(20);
const POLL_FIRST: Duration = Duration::from_secs(1);

/// The pauses before tries: 1 s, 2 s, 4 s, … 20 s.
pub(crate) struct BackOff(Duration);

impl BackOff {
    pub(crate) const fn new() -> Self {
        BackOff(RETRY_FIRST)
    }

    pub(crate) fn next(&mut self) -> Duration {
        let now = self.0;
        let doubled = Duration::from_millis(now.millis().saturating_mul(2));
        self.0 = doubled.min(RETRY_LONGEST);
        now
    }
}

/// The pauses between polls: 1 s, then half as long again each time, up to a longest, for as long
/// as a window lasts.
pub(crate) struct Poll {
    next: Duration,
    longest: Duration,
    left: i64,
}

impl Poll {
    pub(crate) const fn within(window: Duration, longest: Duration) -> Self {
        Poll {
            next: POLL_FIRST,
            longest,
            left: window.millis(),
        }
    }

    /// The next pause, the last one cut to what is left; none when the window is over.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        if self.left <= 0 {
            return None;
        }
        let pause = self.next.min(Duration::from_millis(self.left));
        self.left -= pause.millis();
        let longer = self.next.millis().saturating_mul(3) / 2;
        self.next = Duration::from_millis(longer).min(self.longest);
        Some(pause)
    }
}

/// For how long the effects of an accepted call are waited for.
///
/// ec2-semantics.md, section 3: a NAT gateway takes about a minute to be deleted, an endpoint one
/// to ten minutes, a volume some minutes; waiters give up after ten. A first snapshot of a large
/// volume takes hours. Everything else takes effect at once, and is only seen late.
pub(crate) const fn effect_wait_max(action: &Action) -> Duration {
    let minutes = match action {
        Action::CreateSnapshot { .. } => 6 * 60,
        Action::DeleteNatGateway { .. } | Action::DeleteVpcEndpoints { .. } => 15,
        Action::DeleteVolume { .. } => 10,
        _ => 3,
    };
    Duration::from_secs(minutes * 60)
}

/// The longest pause between two polls for the effects of a call.
pub(crate) const fn effect_poll_longest(action: &Action) -> Duration {
    match action {
        Action::CreateSnapshot { .. } => Duration::from_secs(60),
        _ => Duration::from_secs(15),
    }
}

/// For how long one looks for traces of a call whose outcome is not known before it counts as not
/// having happened. A call that names what it deletes or changes does no harm when it is made
/// twice; CreateSnapshot does, so it is looked for longer.
pub(crate) const fn settle_window(action: &Action) -> Duration {
    match action {
        Action::CreateSnapshot { .. } => Duration::from_secs(120),
        _ => Duration::from_secs(30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_longest_and_fill_the_window_exactly() {
        let mut back_off = BackOff::new();
        let seconds: Vec<i64> = (0..7).map(|_| back_off.next().millis() / 1000).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 20, 20]);

        let mut poll = Poll::within(Duration::from_secs(30), Duration::from_secs(15));
        let pauses: Vec<i64> = std::iter::from_fn(|| poll.next())
            .map(Duration::millis)
            .collect();
        assert_eq!(pauses.iter().sum::<i64>(), 30_000);
        assert!(pauses.iter().all(|it| *it <= 15_000));
        assert_eq!(pauses.first(), Some(&1000));
    }
}
