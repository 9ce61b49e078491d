//! The one place at which this program reads the clock: approvals are dated, and documents judged.

use sandtable_model::Timestamp;

/// The time now.
#[expect(
    clippy::disallowed_methods,
    reason = "consent is given and expires in real time"
)]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX));
    // Whole seconds: nobody reads more in an approval.
    Timestamp::from_millis(millis / 1000 * 1000)
}
