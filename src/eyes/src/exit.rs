//! Exit codes, the same as those of `sandtable`, which passes them on.

use std::process::ExitCode;

/// How a scan ended. The numbers never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything was seen.
    Success = 0,
    /// The command line, the credentials or the endpoint are wrong; nothing was written.
    Input = 2,
    /// A snapshot was written, and what could not be seen is recorded in it as unknown.
    Partial = 5,
    /// A bug, or the machine failed (disk full).
    Internal = 70,
}

/// The codes with their meaning, for `--help`.
pub(crate) const HELP: &str = "Exit codes:
   0  everything was seen
   2  the command line, the credentials or the endpoint are wrong; nothing was written
   5  written, but incomplete: what could not be seen is recorded as unknown
  70  a bug, or the machine failed";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
