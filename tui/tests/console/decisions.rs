//! From keys to decisions and commands.

use sandtable_model::Verdict;
use sandtable_tui::{Command, End, Event, Key, Screen};

use crate::sample::*;

#[test]
fn approving_a_step_approves_what_it_needs() {
    let mut state = state(80, 24);
    press(&mut state, "2↓↓a");
    assert_eq!(state.approved(), steps(&["s01", "s02", "s03"]));
    assert_eq!(state.notice(), Some("approved s03 and with it s01 s02"));
}

#[test]
fn rejecting_a_step_rejects_what_needs_it() {
    let mut state = state(80, 24);
    press(&mut state, "2Ar");
    assert_eq!(state.approved(), steps(&["s04", "s05"]));
    assert_eq!(state.rejected(), steps(&["s01", "s02", "s03"]));
    let notice = "rejected s01 and with it s02 s03 which cannot go without";
    assert_eq!(state.notice(), Some(notice));
    // Approving it again brings back what followed from it alone.
    press(&mut state, "a");
    assert_eq!(
        state.approved(),
        steps(&["s01", "s02", "s03", "s04", "s05"])
    );
    assert_eq!(state.rejected(), steps(&[]));
}

#[test]
fn a_rejection_of_its_own_outlives_the_one_before() {
    let mut state = state(80, 24);
    press(&mut state, "2A↓↓r↑↑ra");
    assert_eq!(state.rejected(), steps(&["s03"]));
    press(&mut state, "↓↓a");
    assert_eq!(state.rejected(), steps(&[]));
}

#[test]
fn space_toggles() {
    let mut state = state(80, 24);
    press(&mut state, "2 ");
    assert_eq!(state.approved(), steps(&["s01"]));
    press(&mut state, " ");
    assert_eq!(state.approved(), steps(&[]));
    assert_eq!(state.rejected(), steps(&["s01", "s02", "s03"]));
    press(&mut state, "R");
    assert_eq!(state.rejected().len(), 5);
}

#[test]
fn decisions_are_made_on_the_plan_alone() {
    let mut state = state(80, 24);
    press(&mut state, "1aA 3aA 4aA ");
    assert_eq!(state.approved(), steps(&[]));
}

#[test]
fn what_runs_was_rehearsed_exactly_so() {
    let mut state = state(80, 24);
    assert_eq!(press(&mut state, "2Ax"), []);
    let notice = Some("the approved steps did not pass a rehearsal yet: press t");
    assert_eq!(state.notice(), notice);

    let mut state = rehearsed(80, 24);
    press(&mut state, "2A");
    assert_eq!(press(&mut state, "x"), []);
    assert_eq!(state.notice(), notice);

    let all = steps(&["s01", "s02", "s03", "s04", "s05"]);
    assert_eq!(press(&mut state, "t"), [Command::Rehearse(all.clone())]);
    assert_eq!(press(&mut state, "tx"), []);
    assert_eq!(state.notice(), Some("the twin is at work already"));
    let failed = Ok(rehearsal(&all, Verdict::Fail));
    state.apply(Event::Rehearsed(Box::new(failed)));
    assert_eq!(press(&mut state, "x"), []);
    assert_eq!(state.notice(), notice);

    press(&mut state, "t");
    let passed = Ok(rehearsal(&all, Verdict::Pass));
    state.apply(Event::Rehearsed(Box::new(passed)));
    assert_eq!(press(&mut state, "4⏎"), [Command::RunOnTwin(all)]);
    assert_eq!(state.screen(), Screen::Run);
    assert!(state.is_busy());
    state.apply(Event::RunEnded(Ok(twin_run())));
    assert!(!state.is_busy());
    assert_eq!(state.twin_run(), Some(&twin_run()));
}

#[test]
fn screens_are_reached_by_number_and_by_tab() {
    let mut state = state(80, 24);
    for (key, screen) in [
        ("3", Screen::Rehearsal),
        ("⇥", Screen::Run),
        ("⇥", Screen::Findings),
        ("2", Screen::Plan),
    ] {
        press(&mut state, key);
        assert_eq!(state.screen(), screen);
    }
    state.apply(Event::Key(Key::BackTab));
    assert_eq!(state.screen(), Screen::Findings);
}

#[test]
fn leaving_works_from_everywhere() {
    for text in ["q", "?q", "2⏎q", "2Atq"] {
        let mut state = state(80, 24);
        press(&mut state, text);
        assert_eq!(state.end(), Some(End::Quit), "{text}");
    }
    let mut state = state(80, 24);
    state.apply(Event::Key(Key::Control('c')));
    assert_eq!(state.end(), Some(End::Quit));
    let mut state = crate::sample::state(80, 24);
    state.apply(Event::Interrupted(15));
    assert_eq!(state.end(), Some(End::Interrupted(15)));
}

#[test]
fn keys_below_help_do_nothing() {
    let mut state = state(80, 24);
    press(&mut state, "2?Atx3");
    assert_eq!(
        (state.screen(), state.approved()),
        (Screen::Plan, steps(&[]))
    );
    press(&mut state, "?3");
    assert_eq!(state.screen(), Screen::Rehearsal);
}
