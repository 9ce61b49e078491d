//! Exit codes are an interface: scripts and CI depend on them.

use std::process::ExitCode;

/// How a command ended. The numbers never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything was done and nothing speaks against it.
    Success = 0,
    /// The answer is no: two states differ, a rehearsal failed, an expectation was not met, a
    /// document does not verify.
    Negative = 1,
    /// The command line or an input is wrong; nothing was done.
    Input = 2,
    /// The gate refused: consent is missing, void or for something else; nothing was done.
    Refused = 3,
    /// A run stopped before its end, with everything done so far in the journal.
    Stopped = 4,
    /// A scan is incomplete: what could not be seen is recorded as unknown.
    Partial = 5,
    /// A bug in sandtable, or the machine failed (disk full, no such program).
    Internal = 70,
    /// Interrupted (Ctrl-C), as shells count it: 128 and the number of the signal.
    Interrupted = 130,
    /// Told to end by the system (SIGTERM).
    Terminated = 143,
}

impl Exit {
    /// Every code with its meaning, for `--help` and the manual.
    pub(crate) const TABLE: &[(Exit, &'static str)] = &[
        (Exit::Success, "done, nothing speaks against it"),
        (
            Exit::Negative,
            "the answer is no: states differ, a rehearsal failed, an expectation was not met, a document does not verify",
        ),
        (
            Exit::Input,
            "the command line or an input is wrong; nothing was done",
        ),
        (Exit::Refused, "the gate refused; nothing was done"),
        (
            Exit::Stopped,
            "a run stopped before its end; the journal has everything done so far",
        ),
        (
            Exit::Partial,
            "a scan is incomplete; what could not be seen is recorded as unknown",
        ),
        (Exit::Internal, "a bug in sandtable, or the machine failed"),
        (Exit::Interrupted, "interrupted"),
        (Exit::Terminated, "told to end"),
    ];
}

impl Exit {
    /// The exit with this number.
    pub(crate) fn from_code(code: i32) -> Option<Exit> {
        Self::TABLE
            .iter()
            .map(|(exit, _)| *exit)
            .find(|exit| i32::from(*exit as u8) == code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
