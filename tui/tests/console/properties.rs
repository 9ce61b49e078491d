//! Whatever is pressed, whatever happens, at whatever size: no panic, and decisions stay sound.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use sandtable_model::{Duration, Verdict};
use sandtable_tui::{Command, Event, Key, State, Theme, draw};

use crate::sample::*;

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        6 => prop::sample::select(keys("1234aArR tx?jkgGhl⏎↓↑⇟⇥")),
        1 => prop::sample::select(vec![
            Key::Up, Key::Down, Key::Left, Key::Right, Key::PageUp, Key::PageDown, Key::Home,
            Key::End, Key::Enter, Key::Escape, Key::Tab, Key::BackTab, Key::Control('f'),
        ]),
        1 => any::<char>().prop_filter("leaves the console", |c| *c != 'q').prop_map(Key::Char),
    ]
}

#[derive(Clone, Debug)]
enum Happening {
    Key(Key),
    Resize(u16, u16),
    Tick,
    /// The session finishes what it is at, well or badly, or fails.
    Finish(u8),
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => any_key().prop_map(Happening::Key),
        1 => (0_u16..200, 0_u16..70).prop_map(|(width, height)| Happening::Resize(width, height)),
        1 => Just(Happening::Tick),
        2 => (0_u8..3).prop_map(Happening::Finish),
    ]
}

/// What the session tells when it finishes the command in this way.
fn finish(command: &Command, way: u8) -> Vec<Event> {
    match (command, way) {
        (Command::Rehearse(_), 0) => vec![Event::Rehearsed(Box::new(Err("no".to_owned())))],
        (Command::Rehearse(steps), way) => {
            let verdict = if way == 1 {
                Verdict::Pass
            } else {
                Verdict::Fail
            };
            vec![Event::Rehearsed(Box::new(Ok(rehearsal(steps, verdict))))]
        }
        (Command::RunOnTwin(_), 0) => vec![Event::RunEnded(Err("no".to_owned()))],
        (Command::RunOnTwin(steps), _) => {
            let told = progress(steps).into_iter().map(Event::Progress);
            told.chain([Event::RunEnded(Ok(twin_run()))]).collect()
        }
    }
}

fn check(state: &State, size: (u16, u16)) -> Result<(), TestCaseError> {
    let (width, height) = (size.0.max(1), size.1.max(1));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| draw(frame, state, Theme::new(true)))
        .unwrap();
    let (approved, rejected) = (state.approved(), state.rejected());
    prop_assert!(approved.is_disjoint(&rejected));
    for step in &scene().plan.steps {
        if approved.contains(&step.id) {
            prop_assert!(step.after.iter().all(|needs| approved.contains(needs)));
        }
        if step.after.iter().any(|needs| rejected.contains(needs)) {
            prop_assert!(rejected.contains(&step.id));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_makes_it_panic(
        width in 0_u16..200,
        height in 0_u16..70,
        happenings in prop::collection::vec(any_happening(), 0..60),
    ) {
        let mut size = (width, height);
        let mut state = state(width, height);
        let mut at_work: Option<Command> = None;
        for happening in happenings {
            let events = match happening {
                Happening::Key(key) => vec![Event::Key(key)],
                Happening::Resize(width, height) => {
                    size = (width, height);
                    vec![Event::Resize(width, height)]
                }
                Happening::Tick => vec![Event::Tick(Duration::from_millis(200))],
                Happening::Finish(way) => match at_work.take() {
                    Some(command) => finish(&command, way),
                    None => Vec::new(),
                },
            };
            for event in events {
                if let Some(command) = state.apply(event) {
                    prop_assert!(at_work.is_none(), "two commands at once");
                    at_work = Some(command);
                }
            }
            prop_assert_eq!(state.is_busy(), at_work.is_some());
            check(&state, size)?;
        }
    }
}
