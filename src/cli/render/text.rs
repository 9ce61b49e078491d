//! Headings and line breaking.

/// A heading, underlined.
pub(crate) fn heading(text: &str) -> String {
    format!("{text}\n{}\n", "-".repeat(text.chars().count()))
}

/// Breaks `text` at spaces into lines of at most 80 columns, the first one behind `first`, the others
/// behind as many spaces. Words longer than a line stay whole, so that ids can be copied.
pub(crate) fn wrap(first: &str, text: &str) -> String {
    const WIDTH: usize = 80;
    let indent = " ".repeat(first.chars().count());
    let mut out = String::from(first);
    let mut column = indent.len();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !fresh && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(&indent);
            column = indent.len();
            fresh = true;
        }
        if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        fresh = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn breaks_at_spaces_and_keeps_long_words() {
        let text = super::wrap(
            "  - ",
            &format!("{} {}", "word ".repeat(20), "x".repeat(90)),
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].len() <= 80 && lines[1].starts_with("    word"));
        assert_eq!(lines[2].trim().len(), 90);
    }
}
