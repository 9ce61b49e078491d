//! The run while it goes: one line on standard error for each event, in the columns of the plan.

use std::io::Write;

use sandtable_executor::{Entry, TimelineEntry, timeline};
use sandtable_model::{Plan, ResourceId};

/// Tells of each journal entry as it becomes durable.
pub(crate) fn listener(plan: Plan, mut entries: Vec<Entry>) -> impl FnMut(&Entry) + Send + 'static {
    let columns = Columns::of(&plan);
    let mut told = timeline(&entries, &plan).len();
    move |entry| {
        entries.push(entry.clone());
        let events = timeline(&entries, &plan);
        for event in events.get(told..).unwrap_or_default() {
            say(&columns.line(event));
        }
        told = events.len();
    }
}

/// Widths, so that lines that come one by one still align.
struct Columns {
    step: usize,
    action: usize,
    target: usize,
}

impl Columns {
    fn of(plan: &Plan) -> Self {
        let widest = |cells: &mut dyn Iterator<Item = usize>| cells.max().unwrap_or(1);
        let steps = &plan.steps;
        Columns {
            step: widest(&mut steps.iter().map(|it| it.id.0.len())),
            action: widest(&mut steps.iter().map(|it| it.action.name().len())),
            target: widest(&mut steps.iter().map(|it| it.target().as_str().len())),
        }
    }

    fn line(&self, event: &TimelineEntry) -> String {
        let step = event.step.as_ref().map_or("-", |step| step.0.as_str());
        let target = event.target.as_ref().map_or("-", ResourceId::as_str);
        let (action, text) = (event.action.unwrap_or("-"), &event.text);
        let at = event.at.format("%H:%M:%S");
        let line = format!(
            "{at}  {step:0$}  {event:12}  {action:1$}  {target:2$}  {text}",
            self.step,
            self.action,
            self.target,
            event = name(event),
        );
        line.trim_end().to_owned()
    }
}

/// The event as documents write it.
fn name(event: &TimelineEntry) -> String {
    let value = serde_json::to_value(event.event).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Says something to the person at the terminal.
pub(crate) fn say(text: &str) {
    // Nobody to tell when standard error is closed; the journal has it all.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
