//! The line of the access log, and the ids that requests get.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::date;
use super::service::Caller;

/// How much of an action from the outside goes into the log and into messages.
pub(super) const MAX_ACTION_CHARS: usize = 64;

/// The request ids of one service: a counter in the form of a UUID, the same in every run.
#[derive(Debug, Default)]
pub struct RequestIds {
    given: AtomicU64,
}

impl RequestIds {
    /// The number of ids that were given since the start or the last reset.
    pub fn given(&self) -> u64 {
        self.given.load(Ordering::Relaxed)
    }

    pub(super) fn next(&self) -> String {
        let number = self.given.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        format!(
            "{:08x}-0000-4000-8000-{:012x}",
            number >> 48,
            number & 0xFFFF_FFFF_FFFF
        )
    }

    pub(super) fn reset(&self) {
        self.given.store(0, Ordering::Relaxed);
    }
}

/// One line of the access log.
///
/// Columns: virtual time, status (`-` when the connection broke), error code (`-` when there was
/// none), account (with the fork that was called behind a slash), region, service, action, request
/// id, how long the answer took in real time (`-` where nobody measured it). Every column is a single
/// plain word, whatever the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The virtual time after the call, in milliseconds since 1970 in UTC.
    pub now_millis: i64,
    /// The HTTP status, unless the connection broke.
    pub status: Option<u16>,
    /// The error code, if the answer is an error.
    pub code: Option<String>,
    /// Who asked, as far as it could be read.
    pub caller: Option<Caller>,
    /// The AWS service that was meant, or `sandtable` for the twin's own pages.
    pub service: String,
    /// The action that was meant.
    pub action: String,
    /// The id that the answer carries.
    pub request_id: String,
    /// How long the answer took, in millionths of a second of real time.
    pub took_micros: Option<u64>,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self
            .status
            .map_or_else(|| "-".to_owned(), |status| status.to_string());
        let caller = self.caller.as_ref();
        let (mut account, region) = caller.map_or(("-".to_owned(), "-"), |caller| {
            (caller.account.clone(), caller.region.as_str())
        });
        if let Some(fork) = caller.and_then(|it| it.fork.as_deref()) {
            account.push('/');
            account.push_str(&plain(fork, MAX_ACTION_CHARS));
        }
        let took = self.took_micros.map_or_else(
            || "-".to_owned(),
            |micros| format!("{}.{:03}ms", micros / 1000, micros % 1000),
        );
        write!(
            f,
            "{} {status:>3} {} {account} {region} {} {} {} {took}",
            date::timestamp(self.now_millis),
            self.code.as_deref().unwrap_or("-"),
            self.service,
            self.action,
            self.request_id
        )
    }
}

/// Text from the outside as one plain word: nothing that could break a log line or a terminal.
pub(super) fn plain(text: &str, max_chars: usize) -> String {
    let safe = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '<' | '>' | '&' | '"');
    let word: String = text
        .chars()
        .take(max_chars)
        .map(|letter| if safe(letter) { letter } else { '?' })
        .collect();
    if word.is_empty() {
        "-".to_owned()
    } else {
        word
    }
}
