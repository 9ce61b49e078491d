//! The loop: draw, wait, take in. Generic over the terminal's backend and over where events come from.

use ratatui::Terminal;
use ratatui::backend::Backend;

use crate::event::EventSource;
use crate::state::{Command, End, State};
use crate::theme::Theme;
use crate::view;

/// Draws the state and takes in events until it is to end, handing on what the session shall do.
/// Events that came together are drawn together.
pub fn drive<B: Backend>(
    terminal: &mut Terminal<B>,
    source: &mut dyn EventSource,
    state: &mut State,
    theme: Theme,
    command: &mut dyn FnMut(Command),
) -> Result<End, B::Error> {
    loop {
        terminal.draw(|frame| view::draw(frame, state, theme))?;
        let mut next = source.next(state.is_busy());
        if next.is_none() {
            return Ok(End::Quit);
        }
        while let Some(event) = next {
            if let Some(wanted) = state.apply(event) {
                command(wanted);
            }
            if let Some(end) = state.end() {
                return Ok(end);
            }
            next = source.pending();
        }
    }
}
