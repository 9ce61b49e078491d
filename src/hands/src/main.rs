//! `sandtable-hands`: carries out an approved plan. `sandtable apply` and `sandtable resume` run it.

mod args;
mod documents;
mod exit;
mod failure;
mod interrupt;
mod progress;
mod report;
mod run;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match &cli.command {
        Command::Apply(args) => run::apply(args),
        Command::Resume(args) => run::resume(args),
        Command::Undo(args) => run::undo(args),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            progress::say(&format!("{:?}", failure.report));
            failure.exit.into()
        }
    }
}
