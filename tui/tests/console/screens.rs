//! Every screen, on a small and on a large terminal.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use sandtable_model::{Duration, Step, Verdict};
use sandtable_tui::{Event, Progress, State, StepState, Theme, draw};

use crate::sample::*;

const SIZES: &[(u16, u16)] = &[(80, 24), (120, 40)];

fn screen(state: &State, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| draw(frame, state, Theme::new(false)))
        .unwrap();
    terminal.backend().to_string()
}

/// Takes a snapshot of the state that `make` gives, for each size.
fn snapshots(name: &str, make: impl Fn(u16, u16) -> State) {
    for &(width, height) in SIZES {
        let state = make(width, height);
        let picture = screen(&state, (width, height));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture);
    }
}

#[test]
fn findings_screen() {
    snapshots("findings", state);
    snapshots("findings_not_flagged", |width, height| {
        let mut state = state(width, height);
        press(&mut state, "G");
        state
    });
}

#[test]
fn plan_screen() {
    snapshots("plan_with_decisions", |width, height| {
        let mut state = state(width, height);
        press(&mut state, "2A↓r");
        state
    });
    snapshots("plan_details", |width, height| {
        let mut state = state(width, height);
        press(&mut state, "2↓a⏎⇟");
        state
    });
}

#[test]
fn rehearsal_screen() {
    snapshots("rehearsal_none", |width, height| {
        let mut state = state(width, height);
        press(&mut state, "3t");
        state
    });
    snapshots("rehearsal_under_way", |width, height| {
        let mut state = state(width, height);
        press(&mut state, "2At");
        state.apply(Event::Tick(Duration::from_millis(1400)));
        state
    });
    snapshots("rehearsal_passed", rehearsed);
    snapshots("rehearsal_failed_and_stale", |width, height| {
        let mut state = rehearsed(width, height);
        let result = Ok(rehearsal(&steps(&["s01", "s02"]), Verdict::Fail));
        state.apply(Event::Rehearsed(Box::new(result)));
        press(&mut state, "2A3");
        state
    });
}

#[test]
fn run_screen() {
    snapshots("run_none", |width, height| {
        let mut state = rehearsed(width, height);
        press(&mut state, "4");
        state
    });
    let running = |width, height| {
        let mut state = rehearsed(width, height);
        press(&mut state, "x");
        for progress in progress(&steps(&["s01", "s02"])).drain(..3) {
            state.apply(Event::Progress(progress));
        }
        state.apply(Event::Tick(Duration::from_millis(2000)));
        state
    };
    snapshots("run_under_way", running);
    snapshots("run_over", |width, height| {
        let mut state = running(width, height);
        state.apply(Event::RunEnded(Ok(twin_run())));
        state
    });
    snapshots("run_error", |width, height| {
        let mut state = running(width, height);
        state.apply(Event::RunEnded(Err(
            "the twin is gone\nbecause of a reason".to_owned(),
        )));
        state
    });
}

#[test]
fn the_step_under_way_stays_in_sight() {
    let mut scene = scene();
    let one = scene.plan.steps[0].clone();
    let ids: Vec<String> = (1..=120).map(|number| format!("s{number:02}")).collect();
    scene.plan.steps = ids
        .iter()
        .map(|id| Step {
            id: id.as_str().into(),
            ..one.clone()
        })
        .collect();
    let all = scene
        .plan
        .steps
        .iter()
        .map(|step| step.id.clone())
        .collect();
    let mut passed = rehearsal(&steps(&["s01"]), Verdict::Pass);
    passed.steps.clone_from(&all);
    scene.rehearsal = Some(passed);
    let mut state = State::new(scene, 80, 24);
    press(&mut state, "2Ax");
    for id in &ids {
        state.apply(Event::Progress(Progress {
            at: Duration::ZERO,
            step: Some(id.as_str().into()),
            state: StepState::Running,
            text: String::new(),
        }));
        let row = format!("{id:<4} running");
        assert!(screen(&state, (80, 24)).contains(&row), "{row}");
    }
    state.apply(Event::RunEnded(Ok(twin_run())));
    assert!(screen(&state, (80, 24)).contains("the twin is in the rehearsed state"));
    press(&mut state, "g");
    assert!(screen(&state, (80, 24)).contains("s01  running"));
}

#[test]
fn help_screen() {
    snapshots("help", |width, height| {
        let mut state = state(width, height);
        press(&mut state, "2?");
        state
    });
}

#[test]
fn the_smallest_terminal_and_one_below() {
    let mut state = state(40, 12);
    press(&mut state, "2A");
    insta::assert_snapshot!("smallest_40x12", screen(&state, (40, 12)));
    press(&mut state, "?");
    insta::assert_snapshot!("smallest_help_40x12", screen(&state, (40, 12)));
    state.apply(Event::Resize(39, 12));
    insta::assert_snapshot!("too_small_39x12", screen(&state, (39, 12)));
    state.apply(Event::Resize(40, 11));
    assert!(screen(&state, (40, 11)).contains("terminal too small: 40x11"));
}

#[test]
fn an_empty_plan_has_screens_too() {
    let mut scene = scene();
    scene.findings.clear();
    scene.suppressed.clear();
    scene.plan.steps.clear();
    let mut state = State::new(scene, 80, 24);
    assert!(screen(&state, (80, 24)).contains("Nothing wasteful was found."));
    press(&mut state, "2a ");
    assert!(screen(&state, (80, 24)).contains("The plan has no steps."));
    assert_eq!(press(&mut state, "tx"), []);
    assert_eq!(state.notice(), Some("no step is approved: see screen 2"));
}

#[test]
fn without_colour_nothing_is_lost() {
    let mut state = rehearsed(80, 24);
    press(&mut state, "2r");
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut cells = |colour| {
        terminal
            .draw(|frame| draw(frame, &state, Theme::new(colour)))
            .unwrap();
        terminal.backend().buffer().content.clone()
    };
    let (plain, coloured) = (cells(false), cells(true));
    assert!(
        plain
            .iter()
            .all(|cell| cell.fg == ratatui::style::Color::Reset)
    );
    assert!(
        coloured
            .iter()
            .any(|cell| cell.fg != ratatui::style::Color::Reset)
    );
    for (one, other) in plain.iter().zip(&coloured) {
        assert_eq!(
            (one.symbol(), one.modifier),
            (other.symbol(), other.modifier)
        );
    }
}

#[test]
fn control_characters_of_the_account_never_reach_the_terminal() {
    let mut scene = scene();
    scene.findings[0].title = "evil \u{1b}[2J\u{7} title".to_owned();
    scene.source = "a\u{1b}]0;title\u{7}b".to_owned();
    let state = State::new(scene, 80, 24);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal
        .draw(|frame| draw(frame, &state, Theme::new(true)))
        .unwrap();
    let cells = &terminal.backend().buffer().content;
    assert!(
        cells
            .iter()
            .all(|cell| !cell.symbol().contains(char::is_control))
    );
}
