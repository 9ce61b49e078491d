//! The console's state: changed by events only, and the view is a function of it.

use std::collections::BTreeSet;

use ratatui::layout::Rect;
use sandtable_model::{Duration, StepId};

use crate::content;
use crate::decisions::Decisions;
use crate::event::{Event, Key};
use crate::intent::{Intent, Motion, intent_of};
use crate::layout;
use crate::session::{Progress, Rehearsal, Scene, StepState, TwinRun};
use crate::text::rows;
use crate::theme::{Theme, Tone};

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// What was found.
    Findings,
    /// What shall be done.
    Plan,
    /// What it came to on the twin.
    Rehearsal,
    /// A run on the twin.
    Run,
}

impl Screen {
    /// Every screen, in order.
    pub const ALL: [Screen; 4] = [Self::Findings, Self::Plan, Self::Rehearsal, Self::Run];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Screen::Findings => "Findings",
            Screen::Plan => "Plan",
            Screen::Rehearsal => "Rehearsal",
            Screen::Run => "Run",
        }
    }

    /// Whether it has a list beside the details.
    pub const fn has_list(self) -> bool {
        matches!(self, Screen::Findings | Screen::Plan)
    }
}

/// What the session is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// To rehearse these steps.
    Rehearse(BTreeSet<StepId>),
    /// To run these steps on the twin.
    RunOnTwin(BTreeSet<StepId>),
}

/// What the session is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Nothing.
    Idle,
    /// A rehearsal of so many steps, for so long.
    Rehearsing(Duration, usize),
    /// A run on the twin, for so long.
    Running(Duration),
}

/// A run on the twin, under way or over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// The steps that were to run.
    pub steps: BTreeSet<StepId>,
    /// What happened.
    pub progress: Vec<Progress>,
    /// How it ended.
    pub end: Option<Result<TwinRun, String>>,
}

/// Where a person is on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// The selected entry of the list.
    pub selected: usize,
    /// The first row of the details that is shown.
    pub scroll: usize,
    /// Whether keys move the details, not the list.
    pub in_details: bool,
}

/// Why the console ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody left.
    Quit,
    /// The process was told to end, by this signal.
    Interrupted(i32),
}

/// The state.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) scene: Scene,
    pub(crate) decisions: Decisions,
    pub(crate) screen: Screen,
    pub(crate) size: (u16, u16),
    pub(crate) help: Option<usize>,
    pub(crate) work: Work,
    pub(crate) rehearsal: Option<Result<Rehearsal, String>>,
    pub(crate) run: Option<Run>,
    pub(crate) notice: Option<(Tone, String)>,
    pub(crate) end: Option<End>,
    positions: [Position; 4],
}

impl State {
    /// The state at the start, on a terminal of this many columns and rows.
    pub fn new(mut scene: Scene, width: u16, height: u16) -> Self {
        let rehearsal = scene.rehearsal.take().map(Ok);
        State {
            scene,
            decisions: Decisions::default(),
            screen: Screen::Findings,
            size: (width, height),
            help: None,
            work: Work::Idle,
            rehearsal,
            run: None,
            notice: None,
            end: None,
            positions: [Position::default(); 4],
        }
    }

    /// Whether the session is at work.
    pub fn is_busy(&self) -> bool {
        self.work != Work::Idle
    }

    /// Why the console is to end, when it is.
    pub const fn end(&self) -> Option<End> {
        self.end
    }

    /// The screen that is shown.
    pub const fn screen(&self) -> Screen {
        self.screen
    }

    /// Where one is on the screen that is shown.
    pub(crate) const fn position(&self) -> Position {
        self.positions[self.screen as usize]
    }

    /// The steps that are approved.
    pub fn approved(&self) -> BTreeSet<StepId> {
        self.decisions.approved(&self.scene.plan)
    }

    /// The steps that are rejected, or cannot be done because of a rejected one.
    pub fn rejected(&self) -> BTreeSet<StepId> {
        self.decisions.rejected(&self.scene.plan)
    }

    /// The last rehearsal, when there was one.
    pub const fn rehearsal(&self) -> Option<&Rehearsal> {
        match &self.rehearsal {
            Some(Ok(rehearsal)) => Some(rehearsal),
            _ => None,
        }
    }

    /// The last run on the twin, when it ended.
    pub fn twin_run(&self) -> Option<&TwinRun> {
        let end = self.run.as_ref()?.end.as_ref()?;
        end.as_ref().ok()
    }

    /// The notice in the last row.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(_, text)| text.as_str())
    }

    /// Takes an event in; gives what the session shall do because of it.
    pub fn apply(&mut self, event: Event) -> Option<Command> {
        let command = match event {
            Event::Key(key) => self.press(key),
            Event::Resize(width, height) => {
                self.size = (width, height);
                None
            }
            Event::Tick(passed) => {
                match &mut self.work {
                    Work::Idle => {}
                    Work::Rehearsing(so_far, _) | Work::Running(so_far) => {
                        *so_far = so_far.plus(passed);
                    }
                }
                None
            }
            Event::Rehearsed(result) => {
                self.take_rehearsal(*result);
                None
            }
            Event::Progress(progress) => {
                self.run.get_or_insert_default().progress.push(progress);
                self.follow_run();
                None
            }
            Event::RunEnded(result) => {
                self.take_end_of_run(result);
                None
            }
            Event::Interrupted(signal) => {
                self.end = Some(End::Interrupted(signal));
                None
            }
        };
        self.clamp();
        command
    }

    fn press(&mut self, key: Key) -> Option<Command> {
        let intent = intent_of(key, self.screen)?;
        self.notice = None;
        if self.help.is_some() {
            self.act_in_help(intent);
            return None;
        }
        self.act(intent)
    }

    fn act_in_help(&mut self, intent: Intent) {
        let page = usize::from(self.size.1 / 2).max(1);
        let Some(scroll) = &mut self.help else { return };
        match intent {
            Intent::Quit => self.end = Some(End::Quit),
            Intent::Help | Intent::Back => self.help = None,
            Intent::Move(motion) => *scroll = moved(*scroll, motion, page, usize::MAX),
            _ => {}
        }
    }

    fn act(&mut self, intent: Intent) -> Option<Command> {
        match intent {
            Intent::Quit => self.end = Some(End::Quit),
            Intent::Help => self.help = Some(0),
            Intent::Back => self.position_mut().in_details = false,
            Intent::Details => self.position_mut().in_details = self.screen.has_list(),
            Intent::Show(screen) => self.screen = screen,
            Intent::NextScreen => self.screen = self.neighbour(1),
            Intent::PreviousScreen => self.screen = self.neighbour(3),
            Intent::Move(motion) => self.go(motion),
            Intent::Toggle => self.toggle(),
            Intent::Approve => self.approve(),
            Intent::Reject => self.reject(),
            Intent::ApproveAll => {
                self.decisions.approve_all(&self.scene.plan);
                self.say(Tone::Good, "approved every step".to_owned());
            }
            Intent::RejectAll => {
                self.decisions.reject_all(&self.scene.plan);
                self.say(Tone::Warn, "rejected every step".to_owned());
            }
            Intent::Rehearse => return self.rehearse(),
            Intent::RunOnTwin => return self.run_on_twin(),
        }
        None
    }

    fn neighbour(&self, distance: usize) -> Screen {
        Screen::ALL[(self.screen as usize + distance) % Screen::ALL.len()]
    }

    fn position_mut(&mut self) -> &mut Position {
        &mut self.positions[self.screen as usize]
    }

    fn go(&mut self, motion: Motion) {
        let Some((list, detail)) = self.panes() else {
            return;
        };
        let entries = content::entries(self).len();
        let position = self.position_mut();
        match list {
            Some(list) if !position.in_details => {
                let page = usize::from(layout::inside(list).height).max(1);
                let last = entries.saturating_sub(1);
                let selected = moved(position.selected, motion, page, last);
                if selected != position.selected {
                    (position.selected, position.scroll) = (selected, 0);
                }
            }
            _ => {
                let page = usize::from(layout::inside(detail).height).max(1);
                position.scroll = moved(position.scroll, motion, page, usize::MAX);
            }
        }
    }

    /// The list, when the screen has one, and the details; none when the terminal is too small.
    pub(crate) fn panes(&self) -> Option<(Option<Rect>, Rect)> {
        let areas = layout::areas(self.size.0, self.size.1)?;
        Some(layout::panes(areas.body, content::list_length(self)))
    }

    /// Brings what was said too far back to what there is.
    fn clamp(&mut self) {
        let entries = content::entries(self).len();
        let Some((_, detail)) = self.panes() else {
            return;
        };
        let inside = layout::inside(detail);
        let there = rows(&content::details(self), inside.width, Theme::new(false)).len();
        let last = there.saturating_sub(usize::from(inside.height));
        let position = self.position_mut();
        position.scroll = position.scroll.min(last);
        position.selected = position.selected.min(entries.saturating_sub(1));
        if let (Some(scroll), Some(areas)) = (self.help, layout::areas(self.size.0, self.size.1)) {
            let inside = layout::inside(areas.body);
            let there = rows(&content::help(), inside.width, Theme::new(false)).len();
            let last = there.saturating_sub(usize::from(inside.height));
            self.help = Some(scroll.min(last));
        }
    }

    /// The step that is selected on the plan.
    pub(crate) fn selected_step(&self) -> Option<&sandtable_model::Step> {
        let selected = self.positions[Screen::Plan as usize].selected;
        self.scene.plan.steps.get(selected)
    }

    fn toggle(&mut self) {
        let Some(id) = self.selected_step().map(|step| step.id.clone()) else {
            return;
        };
        match self.approved().contains(&id) {
            true => self.reject(),
            false => self.approve(),
        }
    }

    fn approve(&mut self) {
        let Some(id) = self.selected_step().map(|step| step.id.clone()) else {
            return;
        };
        let along = self.decisions.approve(&self.scene.plan, &id);
        let text = match along.is_empty() {
            true => format!("approved {id}"),
            false => format!("approved {id} and with it {}", names(&along)),
        };
        self.say(Tone::Good, text);
    }

    fn reject(&mut self) {
        let Some(id) = self.selected_step().map(|step| step.id.clone()) else {
            return;
        };
        let along = self.decisions.reject(&self.scene.plan, &id);
        let text = match along.is_empty() {
            true => format!("rejected {id}"),
            false => format!(
                "rejected {id} and with it {} which cannot go without",
                names(&along)
            ),
        };
        self.say(Tone::Warn, text);
    }

    fn say(&mut self, tone: Tone, text: String) {
        self.notice = Some((tone, text));
    }

    /// Whether work can begin on the approved steps; says why not.
    fn may_work(&mut self) -> Option<BTreeSet<StepId>> {
        let approved = self.approved();
        if self.is_busy() {
            self.say(Tone::Warn, "the twin is at work already".to_owned());
            return None;
        }
        if approved.is_empty() {
            self.say(Tone::Warn, "no step is approved: see screen 2".to_owned());
            return None;
        }
        Some(approved)
    }

    fn rehearse(&mut self) -> Option<Command> {
        let approved = self.may_work()?;
        self.screen = Screen::Rehearsal;
        self.work = Work::Rehearsing(Duration::ZERO, approved.len());
        *self.position_mut() = Position::default();
        Some(Command::Rehearse(approved))
    }

    fn run_on_twin(&mut self) -> Option<Command> {
        let approved = self.may_work()?;
        if !content::is_rehearsed(self, &approved) {
            let text = "the approved steps did not pass a rehearsal yet: press t";
            self.say(Tone::Warn, text.to_owned());
            return None;
        }
        self.screen = Screen::Run;
        self.work = Work::Running(Duration::ZERO);
        self.run = Some(Run {
            steps: approved.clone(),
            ..Run::default()
        });
        *self.position_mut() = Position::default();
        Some(Command::RunOnTwin(approved))
    }

    fn take_rehearsal(&mut self, result: Result<Rehearsal, String>) {
        self.work = Work::Idle;
        let (tone, text) = match &result {
            Ok(it) if content::passed(it) => (Tone::Good, "the rehearsal passed"),
            Ok(_) => (Tone::Bad, "the rehearsal failed: see screen 3"),
            Err(_) => (Tone::Bad, "the rehearsal could not be made: see screen 3"),
        };
        self.say(tone, text.to_owned());
        self.rehearsal = Some(result);
    }

    fn take_end_of_run(&mut self, result: Result<TwinRun, String>) {
        self.work = Work::Idle;
        let (tone, text) = match &result {
            Ok(run) if run.succeeded => (Tone::Good, "the run on the twin succeeded"),
            Ok(_) => (Tone::Bad, "the run on the twin stopped: see screen 4"),
            Err(_) => (
                Tone::Bad,
                "the run on the twin could not be made: see screen 4",
            ),
        };
        self.say(tone, text.to_owned());
        self.run.get_or_insert_default().end = Some(result);
        self.follow_run();
    }

    /// Keeps the step that is under way in sight, and in the end the result.
    fn follow_run(&mut self) {
        let Some(areas) = layout::areas(self.size.0, self.size.1) else {
            return;
        };
        let inside = layout::inside(areas.body);
        let there = rows(
            &content::down_to_current(self),
            inside.width,
            Theme::new(false),
        )
        .len();
        let scroll = there.saturating_sub(usize::from(inside.height));
        self.positions[Screen::Run as usize].scroll = scroll;
    }
}

impl Run {
    /// How many steps are over.
    pub(crate) fn steps_over(&self) -> usize {
        let over = |state| matches!(state, StepState::Done | StepState::Skipped);
        let lines = self.progress.iter().filter(|it| over(it.state));
        lines
            .filter_map(|it| it.step.as_ref())
            .collect::<BTreeSet<_>>()
            .len()
    }
}

fn moved(from: usize, motion: Motion, page: usize, last: usize) -> usize {
    let to = match motion {
        Motion::Up => from.saturating_sub(1),
        Motion::Down => from.saturating_add(1),
        Motion::PageUp => from.saturating_sub(page),
        Motion::PageDown => from.saturating_add(page),
        Motion::First => 0,
        Motion::Last => last,
    };
    to.min(last)
}

fn names(steps: &BTreeSet<StepId>) -> String {
    let names: Vec<&str> = steps.iter().map(|id| id.0.as_str()).collect();
    names.join(" ")
}
