//! Text that knows its width: paragraphs with a label and a hanging indent, broken into rows.

use ratatui::text::{Line, Span};

use crate::theme::{Theme, Tone};

/// A paragraph: a label in a column of its own, and text behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paragraph {
    label: String,
    label_tone: Tone,
    text: String,
    tone: Tone,
    /// How far later rows stand in when there is no label.
    hang: u16,
}

impl Paragraph {
    /// Text without a label.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::toned(Tone::Plain, text)
    }

    /// Text without a label, in a tone.
    pub(crate) fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self::labelled(Tone::Plain, "", tone, text)
    }

    /// A heading.
    pub(crate) fn heading(text: impl Into<String>) -> Self {
        Self::toned(Tone::Heading, text)
    }

    /// An empty row.
    pub(crate) fn blank() -> Self {
        Self::plain("")
    }

    /// A dim label of eleven columns and text behind it.
    pub(crate) fn field(label: &str, text: impl Into<String>) -> Self {
        Self::labelled(Tone::Dim, &format!("{label:<11} "), Tone::Plain, text)
    }

    /// A label and text, each in a tone.
    pub(crate) fn labelled(
        label_tone: Tone,
        label: &str,
        tone: Tone,
        text: impl Into<String>,
    ) -> Self {
        Paragraph {
            label: label.to_owned(),
            label_tone,
            text: text.into(),
            tone,
            hang: 0,
        }
    }

    /// A row of a table: what does not fit goes on below, this many columns in.
    pub(crate) fn table_row(text: impl Into<String>, hang: u16) -> Self {
        let paragraph = Self::plain(text);
        Paragraph { hang, ..paragraph }
    }
}

/// The rows of the paragraphs at this width: text broken at spaces, words that are longer than a row
/// broken where it ends.
pub(crate) fn rows(paragraphs: &[Paragraph], width: u16, theme: Theme) -> Vec<Line<'static>> {
    let width = usize::from(width).max(1);
    let mut rows = Vec::new();
    for paragraph in paragraphs {
        // A label that would leave too little room for the text gets a row of its own.
        let beside = columns(&paragraph.label) * 2 <= width;
        let indent = if beside {
            columns(&paragraph.label)
        } else {
            2.min(width - 1)
        };
        let hang = usize::from(paragraph.hang).min(width / 4);
        let style = theme.style(paragraph.tone);
        let label = Span::styled(paragraph.label.clone(), theme.style(paragraph.label_tone));
        let mut first = Some(label);
        if !beside {
            rows.extend(first.take().map(Line::from));
        }
        for piece in break_text(&paragraph.text, width - indent, hang) {
            let head = first
                .take()
                .unwrap_or_else(|| Span::raw(" ".repeat(indent)));
            rows.push(Line::from(vec![head, Span::styled(piece, style)]));
        }
    }
    rows
}

/// How many columns the text takes.
pub(crate) fn columns(text: &str) -> usize {
    Span::raw(text).width()
}

/// The text cut to the width, with an ellipsis when something was cut off.
pub(crate) fn clip(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut clipped = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        if used + wide + 1 > width {
            break;
        }
        clipped.push(c);
        used += wide;
    }
    if width > 0 {
        clipped.push('…');
    }
    clipped
}

/// Breaks text into pieces of at most `width` columns, at least one. Later pieces of a line begin
/// `hang` columns in.
fn break_text(text: &str, width: usize, hang: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    for line in text.split('\n') {
        break_line(line, width.max(1), hang, &mut pieces);
    }
    pieces
}

fn break_line(line: &str, width: usize, hang: usize, pieces: &mut Vec<String>) {
    // Leading spaces are layout of whoever wrote the line: tables and timelines keep them.
    let body = line.trim_start_matches(' ');
    let lead = (line.len() - body.len()).min(width / 2);
    let hang = lead + hang.min(width / 4);
    let mut current = " ".repeat(lead);
    let (mut used, mut start) = (lead, lead);
    let mut next = |current: &mut String| {
        pieces.push(current.trim_end_matches(' ').to_owned());
        *current = " ".repeat(hang);
        (hang, hang)
    };
    let mut fresh = true;
    for word in body.split(' ') {
        let wide = columns(word);
        if !fresh && used + 1 + wide > width {
            (used, start) = next(&mut current);
            fresh = true;
        }
        // Spaces at a break belong to it.
        if fresh && word.is_empty() {
            continue;
        }
        if !fresh {
            current.push(' ');
            used += 1;
        }
        fresh = false;
        for c in word.chars() {
            let wide = columns(c.encode_utf8(&mut [0; 4]));
            if used + wide > width && used > start {
                (used, start) = next(&mut current);
            }
            current.push(c);
            used += wide;
        }
    }
    pieces.push(current.trim_end_matches(' ').to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(paragraph: Paragraph, width: u16) -> Vec<String> {
        let rows = rows(&[paragraph], width, Theme::new(false));
        rows.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn text_hangs_behind_its_label() {
        let paragraph = Paragraph::field("evidence", "no route leads to the gateway");
        assert_eq!(
            broken(paragraph.clone(), 26),
            ["evidence    no route leads", "            to the gateway"]
        );
        assert_eq!(
            broken(paragraph, 16),
            ["evidence    ", "  no route leads", "  to the gateway"]
        );
    }

    #[test]
    fn long_words_and_wide_characters_are_broken_at_the_edge() {
        assert_eq!(
            broken(Paragraph::plain("abcdefgh ij"), 5),
            ["abcde", "fgh", "ij"]
        );
        assert_eq!(broken(Paragraph::plain("表表表"), 4), ["表表", "表"]);
        assert_eq!(broken(Paragraph::plain("表"), 1), ["表"]);
        assert_eq!(broken(Paragraph::plain("  a b c"), 5), ["  a b", "  c"]);
        assert_eq!(broken(Paragraph::blank(), 5), [""]);
        assert_eq!(
            broken(
                Paragraph::table_row("1 ms  s01    done  effect seen", 6),
                24
            ),
            ["1 ms  s01    done", "      effect seen"]
        );
    }

    #[test]
    fn clipping_leaves_an_ellipsis() {
        assert_eq!(clip("vpc-0123", 8), "vpc-0123");
        assert_eq!(clip("vpc-0123", 5), "vpc-…");
        assert_eq!(clip("表表表", 4), "表…");
        assert_eq!(clip("a", 0), "");
    }
}
