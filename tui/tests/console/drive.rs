//! The loop, over a scripted source of events and a terminal that counts.

use std::collections::VecDeque;
use std::convert::Infallible;

use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use sandtable_model::{Duration, Verdict};
use sandtable_tui::{Command, End, Event, EventSource, Key, Theme, drive};

use crate::sample::*;

/// Events in groups; those of a group have happened together.
struct Script {
    groups: VecDeque<Vec<Event>>,
    now: VecDeque<Event>,
    busy: Vec<bool>,
}

impl Script {
    fn new(groups: Vec<Vec<Event>>) -> Self {
        Script {
            groups: groups.into(),
            now: VecDeque::new(),
            busy: Vec::new(),
        }
    }
}

impl EventSource for Script {
    fn next(&mut self, busy: bool) -> Option<Event> {
        self.busy.push(busy);
        self.now = self.groups.pop_front()?.into();
        self.now.pop_front()
    }
    fn pending(&mut self) -> Option<Event> {
        self.now.pop_front()
    }
}

/// A terminal that counts what would be seen as flicker.
struct Counting {
    inner: TestBackend,
    clears: usize,
    frames: Vec<usize>,
}

impl Backend for Counting {
    type Error = Infallible;
    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<_> = content.collect();
        self.frames.push(cells.len());
        self.inner.draw(cells.into_iter())
    }
    fn clear(&mut self) -> Result<(), Infallible> {
        self.clears += 1;
        self.inner.clear()
    }
    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Infallible> {
        self.clears += 1;
        self.inner.clear_region(clear_type)
    }
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.inner.hide_cursor()
    }
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.inner.show_cursor()
    }
    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        self.inner.get_cursor_position()
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.inner.set_cursor_position(position)
    }
    fn size(&self) -> Result<Size, Infallible> {
        self.inner.size()
    }
    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.inner.window_size()
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        self.inner.flush()
    }
}

fn counting() -> Terminal<Counting> {
    let inner = TestBackend::new(80, 24);
    Terminal::new(Counting {
        inner,
        clears: 0,
        frames: Vec::new(),
    })
    .unwrap()
}

fn typed(text: &str) -> Vec<Event> {
    keys(text).into_iter().map(Event::Key).collect()
}

#[test]
fn commands_come_out_and_results_go_in() {
    let chosen = steps(&["s01", "s02"]);
    let passed = Event::Rehearsed(Box::new(Ok(rehearsal(&chosen, Verdict::Pass))));
    let mut source = Script::new(vec![
        typed("2↓a"),
        typed("t"),
        vec![Event::Tick(Duration::from_millis(200))],
        vec![passed],
        typed("x"),
        vec![Event::RunEnded(Ok(twin_run()))],
        typed("q1"),
        typed("2"),
    ]);
    let mut state = state(80, 24);
    let mut asked = Vec::new();
    let mut command = |wanted| asked.push(wanted);
    let theme = Theme::new(false);
    let end = drive(
        &mut counting(),
        &mut source,
        &mut state,
        theme,
        &mut command,
    )
    .unwrap();
    assert_eq!(end, End::Quit);
    assert_eq!(
        asked,
        [
            Command::Rehearse(chosen.clone()),
            Command::RunOnTwin(chosen)
        ]
    );
    assert_eq!(source.busy, [false, false, true, true, false, true, false]);
    assert_eq!(source.groups.len(), 1, "nothing is read after the end");
}

#[test]
fn nothing_is_cleared_and_only_differences_are_drawn() {
    let mut source = Script::new(vec![
        typed("↓"),
        vec![Event::Tick(Duration::from_millis(200))],
        typed("2A3"),
        vec![Event::Interrupted(15)],
    ]);
    let mut state = state(80, 24);
    let mut terminal = counting();
    let theme = Theme::new(true);
    let end = drive(&mut terminal, &mut source, &mut state, theme, &mut drop).unwrap();
    assert_eq!(end, End::Interrupted(15));
    let backend = terminal.backend();
    assert_eq!(backend.clears, 0);
    // One frame at the start and one after each group but the last; the idle tick changes nothing.
    assert_eq!(backend.frames.len(), 4);
    assert_eq!(backend.frames[2], 0);
    assert!(backend.frames[1] < backend.frames[0]);
}

#[test]
fn a_source_that_runs_dry_ends_the_loop() {
    let mut source = Script::new(vec![vec![Event::Key(Key::Char('2'))]]);
    let mut state = state(80, 24);
    let theme = Theme::new(false);
    let end = drive(&mut counting(), &mut source, &mut state, theme, &mut drop).unwrap();
    assert_eq!(end, End::Quit);
}
