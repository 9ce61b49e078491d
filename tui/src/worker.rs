//! The session at work on a thread of its own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender};
use std::thread;

use crate::event::Event;
use crate::session::{Session, SessionError};
use crate::state::Command;

/// The thread's name. A panic on it is reported on the screen, not by leaving the console.
pub(crate) const THREAD: &str = "session";

/// Starts to carry out commands one after the other, until there can be no more.
pub(crate) fn start(
    session: Box<dyn Session>,
    commands: Receiver<Command>,
    events: Sender<Event>,
) -> std::io::Result<()> {
    let work = move || work(session, &commands, &events);
    thread::Builder::new().name(THREAD.to_owned()).spawn(work)?;
    Ok(())
}

fn work(mut session: Box<dyn Session>, commands: &Receiver<Command>, events: &Sender<Event>) {
    let mut broken: Option<String> = None;
    while let Ok(command) = commands.recv() {
        let is_rehearsal = matches!(command, Command::Rehearse(_));
        // A session that panicked may be in any state and is not used again.
        let event = match &broken {
            Some(error) => failed(is_rehearsal, error),
            None => {
                let done = || carry_out(session.as_mut(), command, events);
                catch_unwind(AssertUnwindSafe(done)).unwrap_or_else(|panic| {
                    let error = format!("the session broke down: {}", message(panic.as_ref()));
                    let event = failed(is_rehearsal, &error);
                    broken = Some(error);
                    event
                })
            }
        };
        if events.send(event).is_err() {
            return;
        }
    }
}

fn carry_out(session: &mut dyn Session, command: Command, events: &Sender<Event>) -> Event {
    match command {
        Command::Rehearse(steps) => {
            let result = session.rehearse(&steps);
            Event::Rehearsed(Box::new(result.map_err(|error| in_words(&error))))
        }
        Command::RunOnTwin(steps) => {
            // Nobody listens any more once the console was left; the run goes on to its end.
            let mut tell = |progress| drop(events.send(Event::Progress(progress)));
            let result = session.run_on_twin(&steps, &mut tell);
            Event::RunEnded(result.map_err(|error| in_words(&error)))
        }
    }
}

fn failed(is_rehearsal: bool, error: &str) -> Event {
    match is_rehearsal {
        true => Event::Rehearsed(Box::new(Err(error.to_owned()))),
        false => Event::RunEnded(Err(error.to_owned())),
    }
}

/// The error and what it came from, a line each.
fn in_words(error: &SessionError) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words.push_str(&format!("\nbecause {error}"));
        source = error.source();
    }
    words
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let owned = || panic.downcast_ref::<String>().cloned();
    text.or_else(owned)
        .unwrap_or_else(|| "without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::mpsc::channel;

    use sandtable_model::StepId;

    use super::*;
    use crate::session::{Progress, Rehearsal, Scene, TwinRun};

    /// Fails to rehearse, and panics when it shall run.
    struct Bad;

    impl Session for Bad {
        fn scene(&mut self) -> Result<Scene, SessionError> {
            Err("there is no scene".into())
        }
        fn rehearse(&mut self, _: &BTreeSet<StepId>) -> Result<Rehearsal, SessionError> {
            Err("the fork failed".into())
        }
        fn run_on_twin(
            &mut self,
            _: &BTreeSet<StepId>,
            _: &mut dyn FnMut(Progress),
        ) -> Result<TwinRun, SessionError> {
            panic!("out of sand")
        }
    }

    #[test]
    fn errors_and_panics_of_the_session_become_events() {
        let ((command, commands), (event, events)) = (channel(), channel());
        start(Box::new(Bad), commands, event).unwrap();
        let rehearse = || command.send(Command::Rehearse(BTreeSet::new())).unwrap();
        rehearse();
        command.send(Command::RunOnTwin(BTreeSet::new())).unwrap();
        rehearse();
        let mut words = Vec::new();
        for _ in 0..3 {
            words.push(match events.recv().unwrap() {
                Event::Rehearsed(result) => result.unwrap_err(),
                Event::RunEnded(result) => result.unwrap_err(),
                other => panic!("unexpected {other:?}"),
            });
        }
        let broke = "the session broke down: out of sand";
        assert_eq!(words, ["the fork failed", broke, broke]);
    }
}
