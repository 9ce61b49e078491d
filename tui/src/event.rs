//! What can happen to the console: a closed set. Time is among it, so nothing here reads a clock.

use sandtable_model::Duration;

use crate::session::{Progress, Rehearsal, TwinRun};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// Time passed while work was under way.
    Tick(Duration),
    /// A rehearsal ended, or could not be made.
    Rehearsed(Box<Result<Rehearsal, String>>),
    /// A run on the twin got on.
    Progress(Progress),
    /// A run on the twin ended, or could not be made.
    RunEnded(Result<TwinRun, String>),
    /// The process was told to end, by this signal.
    Interrupted(i32),
}

/// A key, as far as the console tells keys apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// A character with Control.
    Control(char),
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// To the first.
    Home,
    /// To the last.
    End,
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
}

/// Where events come from.
pub trait EventSource {
    /// Waits for the next event. While `busy`, gives [`Event::Tick`] from time to time. None when
    /// nothing can come any more.
    fn next(&mut self, busy: bool) -> Option<Event>;

    /// An event that has happened already, without waiting.
    fn pending(&mut self) -> Option<Event>;
}
