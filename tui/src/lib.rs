//! The console: what was found, what shall be done, what it came to on the twin, and a person's
//! decision on every step.
//!
//! Events come in ([`Event`], a closed set), commands go out ([`Command`]), and the view is a pure
//! function of [`State`]. The loop is generic over the terminal and over where events come from, and
//! time comes in as events, so tests neither sleep nor need a terminal. The work itself is done by a
//! [`Session`], which the command line provides.
//!
//! Deliberately absent: the twin, the executor, anything that can touch an account.

mod content;
mod decisions;
mod event;
mod intent;
mod layout;
mod runtime;
mod session;
mod state;
mod terminal;
mod text;
mod theme;
mod view;
mod worker;

use std::collections::BTreeSet;
use std::io;
use std::sync::mpsc;

use sandtable_model::StepId;
use thiserror::Error;

pub use event::{Event, EventSource, Key};
pub use runtime::drive;
pub use session::{Progress, Rehearsal, Scene, Session, SessionError, StepState, TwinRun};
pub use state::{Command, End, Screen, State};
pub use theme::Theme;
pub use view::draw;

use crate::terminal::{ChannelSource, KeyReader, OwnTerminal};

/// What a person left behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The steps that were approved. They need no step that is not.
    pub approved: BTreeSet<StepId>,
    /// The steps that were rejected, or need a rejected one.
    pub rejected: BTreeSet<StepId>,
    /// The last rehearsal.
    pub rehearsal: Option<Rehearsal>,
    /// The last run on the twin, when it ended.
    pub run: Option<TwinRun>,
    /// Why the console ended.
    pub end: End,
}

/// Why there is no console.
#[derive(Debug, Error)]
pub enum ConsoleError {
    /// The session has nothing to show.
    #[error("the console has nothing to show: {0}")]
    Session(SessionError),
    /// The terminal does not do what it must.
    #[error("the console needs a terminal: {0}")]
    Terminal(#[from] io::Error),
}

/// Opens the console on the terminal and stays in it until somebody leaves, or the process is told
/// to end. The terminal is given back in every case.
///
/// Colours are left out when `NO_COLOR` is set and not empty.
pub fn run(mut session: Box<dyn Session>) -> Result<Outcome, ConsoleError> {
    let scene = session.scene().map_err(ConsoleError::Session)?;
    let mut own = OwnTerminal::enter()?;
    let size = own.terminal.size()?;
    let mut state = State::new(scene, size.width, size.height);
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let (send_event, events) = mpsc::channel();
    let (send_command, commands) = mpsc::channel();
    #[cfg(unix)]
    let _signals = terminal::SignalReader::start(send_event.clone())?;
    let keys = KeyReader::start(send_event.clone());
    worker::start(session, commands, send_event)?;
    let mut source = ChannelSource { events };
    let mut command = |wanted| drop(send_command.send(wanted));
    let end = drive(
        &mut own.terminal,
        &mut source,
        &mut state,
        Theme::new(!no_color),
        &mut command,
    )?;
    drop(keys);
    drop(own);
    Ok(Outcome {
        approved: state.approved(),
        rejected: state.rejected(),
        rehearsal: state.rehearsal().cloned(),
        run: state.twin_run().cloned(),
        end,
    })
}
