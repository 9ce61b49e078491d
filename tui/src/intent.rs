//! What people mean by their keys.

use crate::event::Key;
use crate::state::Screen;

/// Something a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// To leave.
    Quit,
    /// Help, or back from it.
    Help,
    /// Back: from help, or from the details to the list.
    Back,
    /// To see a screen.
    Show(Screen),
    /// To see the screen after this one.
    NextScreen,
    /// To see the screen before this one.
    PreviousScreen,
    /// To move.
    Move(Motion),
    /// To go into the details.
    Details,
    /// To approve the step if it is not approved, else to reject it.
    Toggle,
    /// To approve the step and what it needs.
    Approve,
    /// To reject the step and what needs it.
    Reject,
    /// To approve every step.
    ApproveAll,
    /// To reject every step.
    RejectAll,
    /// To rehearse the approved steps.
    Rehearse,
    /// To run the approved steps on the twin.
    RunOnTwin,
}

/// Where to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    /// One back.
    Up,
    /// One on.
    Down,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
}

/// What the key means on this screen; none when nothing.
pub(crate) fn intent_of(key: Key, screen: Screen) -> Option<Intent> {
    let on_plan = screen == Screen::Plan;
    Some(match key {
        Key::Char('q') | Key::Control('c') => Intent::Quit,
        Key::Char('?') => Intent::Help,
        Key::Escape | Key::Left | Key::Char('h') => Intent::Back,
        Key::Tab => Intent::NextScreen,
        Key::BackTab => Intent::PreviousScreen,
        Key::Char('1') => Intent::Show(Screen::Findings),
        Key::Char('2') => Intent::Show(Screen::Plan),
        Key::Char('3') => Intent::Show(Screen::Rehearsal),
        Key::Char('4') => Intent::Show(Screen::Run),
        Key::Up | Key::Char('k') => Intent::Move(Motion::Up),
        Key::Down | Key::Char('j') => Intent::Move(Motion::Down),
        Key::PageUp | Key::Control('b') => Intent::Move(Motion::PageUp),
        Key::PageDown | Key::Control('f') => Intent::Move(Motion::PageDown),
        Key::Home | Key::Char('g') => Intent::Move(Motion::First),
        Key::End | Key::Char('G') => Intent::Move(Motion::Last),
        Key::Enter if screen == Screen::Rehearsal => Intent::Rehearse,
        Key::Enter if screen == Screen::Run => Intent::RunOnTwin,
        Key::Enter | Key::Right | Key::Char('l') => Intent::Details,
        Key::Char(' ') if on_plan => Intent::Toggle,
        Key::Char('a') if on_plan => Intent::Approve,
        Key::Char('r') if on_plan => Intent::Reject,
        Key::Char('A') if on_plan => Intent::ApproveAll,
        Key::Char('R') if on_plan => Intent::RejectAll,
        Key::Char('t') => Intent::Rehearse,
        Key::Char('x') => Intent::RunOnTwin,
        _ => return None,
    })
}
