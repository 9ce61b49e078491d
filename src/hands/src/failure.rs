//! Why a command ended early: what to say, and with which code.

use crate::exit::Exit;

/// A reason to end, with the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) report: miette::Report,
}

/// The command line, an input, the credentials or the endpoint are wrong.
pub(crate) const fn input(report: miette::Report) -> Failure {
    Failure {
        exit: Exit::Input,
        report,
    }
}

/// There is no consent for this.
pub(crate) const fn refused(report: miette::Report) -> Failure {
    Failure {
        exit: Exit::Refused,
        report,
    }
}

/// A bug, or the machine failed.
pub(crate) const fn internal(report: miette::Report) -> Failure {
    Failure {
        exit: Exit::Internal,
        report,
    }
}
