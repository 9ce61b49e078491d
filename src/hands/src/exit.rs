//! Exit codes, the same as those of `sandtable`, which passes them on.

use std::process::ExitCode;

/// How a command ended. The numbers never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Every approved step is done.
    Success = 0,
    /// The command line, an input, the credentials or the endpoint are wrong; nothing was done.
    Input = 2,
    /// The gate refused, or the credentials are another account's; nothing was done.
    Refused = 3,
    /// The run stopped before its end; the journal has everything done so far.
    Stopped = 4,
    /// A bug, or the machine failed (disk full).
    Internal = 70,
}

/// The codes with their meaning, for `--help`.
pub(crate) const HELP: &str = "Exit codes:
   0  every approved step is done
   2  the command line, an input, the credentials or the endpoint are wrong; nothing was done
   3  the gate refused, or the credentials are another account's; nothing was done
   4  the run stopped before its end; the journal has everything done so far
  70  a bug, or the machine failed";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
