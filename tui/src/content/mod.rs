//! What the screens say, as text that does not know its width yet.

mod findings;
mod help;
mod plan;
mod rehearsal;
mod run;

pub(crate) use help::help;
pub(crate) use rehearsal::{is_rehearsed, passed};
pub(crate) use run::down_to_current;

use sandtable_model::StepId;

use crate::state::{Screen, State};
use crate::text::Paragraph;
use crate::theme::Tone;

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What stands on the left, clipped when there is no room.
    pub(crate) left: String,
    /// What stands on the right, left out when there is no room.
    pub(crate) right: String,
    /// The tone.
    pub(crate) tone: Tone,
}

/// The entries of the screen's list; empty when it has none.
pub(crate) fn entries(state: &State) -> Vec<Entry> {
    match state.screen {
        Screen::Findings => findings::entries(state),
        Screen::Plan => plan::entries(state),
        Screen::Rehearsal | Screen::Run => Vec::new(),
    }
}

/// The title of the screen's list.
pub(crate) fn list_title(state: &State) -> String {
    match state.screen {
        Screen::Findings => findings::title(state),
        Screen::Plan => plan::title(state),
        Screen::Rehearsal | Screen::Run => String::new(),
    }
}

/// The details of what is selected, or the whole screen when it has no list.
pub(crate) fn details(state: &State) -> Vec<Paragraph> {
    match state.screen {
        Screen::Findings => findings::details(state),
        Screen::Plan => plan::details(state),
        Screen::Rehearsal => rehearsal::details(state),
        Screen::Run => run::details(state),
    }
}

/// How many entries the screen's list has; none when it has no list.
pub(crate) fn list_length(state: &State) -> Option<usize> {
    state.screen.has_list().then(|| entries(state).len())
}

/// What one can do here, the most important first.
pub(crate) fn hints(state: &State) -> &'static str {
    if state.help.is_some() {
        return "Esc back  q quit  ↑↓ scroll";
    }
    match state.screen {
        Screen::Findings | Screen::Plan if state.position().in_details => {
            "? help  q quit  Esc back to the list  ↑↓ scroll"
        }
        Screen::Findings => "? help  q quit  Tab next screen  Enter details  ↑↓ select",
        Screen::Plan => "? help  q quit  Space/a/r decide  A/R all  t rehearse  Enter details",
        Screen::Rehearsal => "? help  q quit  t rehearse  x run on the twin  ↑↓ scroll",
        Screen::Run => "? help  q quit  x run on the twin  ↑↓ scroll",
    }
}

/// Names of steps in a row.
fn names<'a>(steps: impl IntoIterator<Item = &'a StepId>) -> String {
    let names: Vec<&str> = steps.into_iter().map(|id| id.0.as_str()).collect();
    names.join(" ")
}

/// `1 step`, `2 steps`.
fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
