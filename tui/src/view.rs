//! Drawing: a pure function of the state.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph as Text;

use crate::content::{self, Entry};
use crate::layout::{self, HEIGHT_MIN, WIDTH_MIN};
use crate::state::{Screen, State};
use crate::text::{Paragraph, clip, columns, rows};
use crate::theme::{Theme, Tone};

/// From this width on, a list has its right column.
const WIDTH_RIGHT_COLUMN: usize = 56;

/// Draws the state.
pub fn draw(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let (width, height) = state.size;
    let whole = frame.area();
    // Between a resize and the event that tells of it, the frame is the smaller truth.
    let (width, height) = (width.min(whole.width), height.min(whole.height));
    let Some(areas) = layout::areas(width, height) else {
        let text = format!(
            "terminal too small: {width}x{height}, needs {WIDTH_MIN}x{HEIGHT_MIN} (q quits)"
        );
        let lines = rows(&[Paragraph::plain(text)], whole.width, theme);
        frame.render_widget(Text::new(lines), whole);
        return;
    };
    header(frame, areas.header, state, theme);
    tabs(frame, areas.tabs, state.screen, theme);
    match state.help {
        Some(scroll) => {
            let text = rows(&content::help(), areas.body.width, theme);
            pane(frame, areas.body, ("Help", true), text, scroll, theme);
        }
        None => body(frame, areas.body, state, theme),
    }
    footer(frame, areas.footer, state, theme);
}

fn body(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let (list, detail) = layout::panes(area, content::list_length(state));
    if let Some(list) = list {
        draw_list(frame, list, state, theme);
    }
    draw_details(frame, detail, state, theme);
}

fn header(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let width = usize::from(area.width);
    let plan = &state.scene.plan;
    let account = format!(" {} ", plan.account);
    let title = format!(" sandtable  {}", state.scene.source);
    let room = width.saturating_sub(columns(&account));
    let title = clip(&title, room);
    let gap = " ".repeat(room.saturating_sub(columns(&title)));
    let style = theme.style(Tone::Heading).add_modifier(Modifier::REVERSED);
    let line = Line::styled(format!("{title}{gap}{account}"), style);
    frame.render_widget(line, area);
}

fn tabs(frame: &mut Frame<'_>, area: Rect, shown: Screen, theme: Theme) {
    let tab = |(number, screen): (usize, &Screen)| {
        let name = format!("{} {}", number + 1, screen.name());
        match *screen == shown {
            true => Span::styled(format!("[{name}]"), theme.style(Tone::Heading)),
            false => Span::raw(format!(" {name} ")),
        }
    };
    let line: Line<'_> = Screen::ALL.iter().enumerate().map(tab).collect();
    frame.render_widget(line, area);
}

fn draw_list(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let entries = content::entries(state);
    let position = state.position();
    let inside = layout::inside(area);
    let height = usize::from(inside.height);
    // The selected entry stands in the middle, except near the ends.
    let last = entries.len().saturating_sub(height);
    let first = position.selected.saturating_sub(height / 2).min(last);
    let width = usize::from(inside.width);
    let shown = entries.iter().enumerate().skip(first).take(height);
    let focused = !position.in_details;
    let lines = shown.map(|(index, entry)| {
        let line = entry_line(entry, index == position.selected, width, theme);
        match index == position.selected {
            true => line.patch_style(theme.selected(focused)),
            false => line,
        }
    });
    let lines = lines.collect();
    pane(
        frame,
        area,
        (&content::list_title(state), focused),
        lines,
        0,
        theme,
    );
}

fn entry_line(entry: &Entry, selected: bool, width: usize, theme: Theme) -> Line<'static> {
    let mark = if selected { "▸ " } else { "  " };
    let right = match width >= WIDTH_RIGHT_COLUMN {
        true => format!(" {}", entry.right),
        false => String::new(),
    };
    let room = width.saturating_sub(columns(mark) + columns(&right));
    let left = clip(&entry.left, room);
    let gap = " ".repeat(room.saturating_sub(columns(&left)));
    Line::styled(format!("{mark}{left}{gap}{right}"), theme.style(entry.tone))
}

fn draw_details(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let position = state.position();
    let text = rows(&content::details(state), layout::inside(area).width, theme);
    let focused = position.in_details || !state.screen.has_list();
    let title = if state.screen.has_list() {
        "Details"
    } else {
        state.screen.name()
    };
    pane(frame, area, (title, focused), text, position.scroll, theme);
}

/// A title in a rule, with what is out of sight, and rows below.
fn pane(
    frame: &mut Frame<'_>,
    area: Rect,
    (title, focused): (&str, bool),
    lines: Vec<Line<'static>>,
    scroll: usize,
    theme: Theme,
) {
    if area.is_empty() {
        return;
    }
    let inside = layout::inside(area);
    let height = usize::from(inside.height);
    let below = lines.len().saturating_sub(scroll + height);
    let more = match (scroll, below) {
        (0, 0) => String::new(),
        (above, below) => format!(" ↑{above} ↓{below} "),
    };
    let width = usize::from(area.width);
    let mark = if focused { "━━" } else { "──" };
    let title = clip(title, width.saturating_sub(6 + columns(&more)));
    let left = format!("{mark} {title} ");
    let fill = width.saturating_sub(columns(&left) + columns(&more));
    let rule = mark.chars().next().map(String::from).unwrap_or_default();
    let tone = if focused { Tone::Heading } else { Tone::Dim };
    let head = Line::styled(
        format!("{left}{}{more}", rule.repeat(fill)),
        theme.style(tone),
    );
    frame.render_widget(head, Rect::new(area.x, area.y, area.width, 1));
    let shown: Vec<Line<'static>> = lines.into_iter().skip(scroll).take(height).collect();
    frame.render_widget(Text::new(shown), inside);
}

fn footer(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let (tone, text) = match &state.notice {
        Some((tone, text)) => (*tone, text.as_str()),
        None => (Tone::Dim, content::hints(state)),
    };
    let text = clip(text, usize::from(area.width.saturating_sub(1)));
    frame.render_widget(Line::styled(format!(" {text}"), theme.style(tone)), area);
}
