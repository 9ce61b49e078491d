//! Where things are on the screen, for a given size. Used by the view, and by the state to know how
//! far one can scroll.

use ratatui::layout::Rect;

/// The fewest columns that the console works on.
pub(crate) const WIDTH_MIN: u16 = 40;
/// The fewest rows that the console works on.
pub(crate) const HEIGHT_MIN: u16 = 12;
/// From this width on, list and details stand side by side.
const WIDTH_SIDE_BY_SIDE: u16 = 100;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Areas {
    /// The title.
    pub(crate) header: Rect,
    /// The names of the screens.
    pub(crate) tabs: Rect,
    /// What the screen is about.
    pub(crate) body: Rect,
    /// Notices and hints.
    pub(crate) footer: Rect,
}

/// The parts of the screen; none when the terminal is too small.
pub(crate) fn areas(width: u16, height: u16) -> Option<Areas> {
    if width < WIDTH_MIN || height < HEIGHT_MIN {
        return None;
    }
    let row = |y, height| Rect::new(0, y, width, height);
    Some(Areas {
        header: row(0, 1),
        tabs: row(1, 1),
        body: row(2, height - 3),
        footer: row(height - 1, 1),
    })
}

/// The list, when there is one with so many entries, and the details; each has a row for its title.
pub(crate) fn panes(body: Rect, entries: Option<usize>) -> (Option<Rect>, Rect) {
    let Some(entries) = entries else {
        return (None, body);
    };
    if body.width >= WIDTH_SIDE_BY_SIDE {
        let left = body.width / 2;
        let list = Rect::new(body.x, body.y, left, body.height);
        let (x, width) = (body.x + left + 1, body.width - left - 1);
        return (Some(list), Rect::new(x, body.y, width, body.height));
    }
    // As high as it needs to be, and no higher than leaves the details the better part.
    let wanted = u16::try_from(entries + 1).unwrap_or(u16::MAX);
    let top = wanted.clamp(2, (body.height * 2 / 5).max(4));
    let list = Rect::new(body.x, body.y, body.width, top);
    let (y, height) = (body.y + top, body.height - top);
    (Some(list), Rect::new(body.x, y, body.width, height))
}

/// The rows of a pane below its title.
pub(crate) fn inside(pane: Rect) -> Rect {
    Rect::new(
        pane.x,
        pane.y + 1,
        pane.width,
        pane.height.saturating_sub(1),
    )
}
