//! `verify` for journals: does the hash chain hold, and how did the run end.

use std::fmt;

use sandtable_executor::{Entry, Record, read_journal};
use sandtable_model::{Digest, Timestamp};
use serde::Serialize;

/// What a journal's bytes say of themselves.
#[derive(Debug, Serialize)]
pub(crate) struct JournalReport {
    /// Whether every line is chained to the one before, and the last one is complete.
    pub(crate) holds: bool,
    records: usize,
    world: Option<String>,
    plan: Option<Digest>,
    warrant: Option<Digest>,
    approvers: Vec<String>,
    last_at: Option<Timestamp>,
    /// Whether the run came to an end by itself.
    ended: bool,
    problem: Option<String>,
}

/// Reads `text` as a journal, if its first line looks like one.
pub(crate) fn try_journal(text: &str) -> Option<JournalReport> {
    #[derive(serde::Deserialize)]
    struct Line {
        #[serde(rename = "seq")]
        _seq: u64,
        #[serde(rename = "prev")]
        _prev: Digest,
    }
    serde_json::from_str::<Line>(text.lines().next()?).ok()?;
    Some(report(text))
}

fn report(text: &str) -> JournalReport {
    let mut report = JournalReport {
        holds: false,
        records: 0,
        world: None,
        plan: None,
        warrant: None,
        approvers: Vec::new(),
        last_at: None,
        ended: false,
        problem: None,
    };
    match read_journal(text.as_bytes()) {
        Err(error) => report.problem = Some(error.to_string()),
        Ok(history) => {
            report.holds = history.torn.is_none();
            report.problem = history.torn.map(|torn| {
                let bytes = torn.bytes;
                format!("a crash left {bytes} bytes of a last record; `sandtable resume` goes on")
            });
            describe(&mut report, &history.entries);
        }
    }
    report
}

fn describe(report: &mut JournalReport, entries: &[Entry]) {
    report.records = entries.len();
    if let Some(Record::Opened(opened)) = entries.first().map(|entry| &entry.record) {
        report.world = Some(opened.world.clone());
        report.plan = Some(opened.plan);
        report.warrant = Some(opened.warrant);
        report.approvers = opened.approvers.clone();
    }
    if let Some(last) = entries.last() {
        report.last_at = Some(last.at);
        report.ended = matches!(last.record, Record::Finished { .. } | Record::Halted { .. });
    }
}

impl fmt::Display for JournalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chain = if self.holds { "holds" } else { "DOES NOT HOLD" };
        writeln!(f, "{:<10} journal of {} records", "document", self.records)?;
        writeln!(f, "{:<10} {chain}", "chain")?;
        if let Some(world) = &self.world {
            writeln!(f, "{:<10} {world}", "world")?;
        }
        if let Some(plan) = &self.plan {
            writeln!(f, "{:<10} {plan}", "plan")?;
        }
        if let Some(warrant) = &self.warrant {
            writeln!(f, "{:<10} {warrant}", "warrant")?;
        }
        if !self.approvers.is_empty() {
            writeln!(f, "{:<10} {}", "approvers", self.approvers.join(" "))?;
        }
        if let Some(at) = &self.last_at {
            writeln!(f, "{:<10} {at}", "last")?;
        }
        let ended = if self.ended { "ended" } else { "interrupted" };
        writeln!(f, "{:<10} {ended}", "run")?;
        match &self.problem {
            Some(problem) => writeln!(f, "{:<10} {problem}", "problem"),
            None => Ok(()),
        }
    }
}
