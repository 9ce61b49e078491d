//! The `sandtable` command. It reads documents, thinks and rehearses; it holds no cloud credentials
//! and links no AWS client. Start at [`commands`].

mod args;
mod clock;
mod commands;
mod endpoint;
mod estate;
mod exit;
mod files;
mod keys;
mod output;
mod programs;
mod render;
mod source;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    output::set_up_complaints();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; anything else is a wrong command line.
            let exit = if error.use_stderr() {
                Exit::Input
            } else {
                Exit::Success
            };
            // Nobody to tell when the terminal is gone.
            let _ = error.print();
            return exit.into();
        }
    };
    match dispatch(&cli.command) {
        Ok(exit) => exit.into(),
        Err(report) => {
            output::say(&format!("{report:?}"));
            Exit::Input.into()
        }
    }
}

fn dispatch(command: &Command) -> miette::Result<Exit> {
    match command {
        Command::Scan(args) => commands::live::scan(args),
        Command::Plan(args) => commands::plan::run(args),
        Command::Rehearse(args) => commands::rehearse::run(args),
        Command::Approve(args) => commands::approve::run(args),
        Command::Apply(args) => commands::live::apply(args),
        Command::Resume(args) => commands::live::resume(args),
        Command::Undo(args) => commands::live::undo(args),
        Command::Verify(args) => commands::verify::run(args),
        Command::Diff(args) => commands::diff::run(args),
        Command::Graph(args) => commands::graph::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Serve(args) => commands::serve::run(args),
        Command::Console(args) => commands::console::run(args),
        Command::Test(args) => commands::test::run(args),
    }
}
