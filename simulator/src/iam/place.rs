//! Where in the text of a policy something stands.

/// Line and column, from 1, of a statement of a policy document, counted from 0.
pub(super) fn of_statement(text: &str, index: usize) -> Option<(usize, usize)> {
    let mut reader = Reader {
        text: text.char_indices().collect(),
        at: 0,
    };
    let at = reader.statement(index)?;
    let before = text.get(..at)?;
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    Some((line, column))
}

/// A reader of JSON that only knows where values begin and end.
struct Reader {
    text: Vec<(usize, char)>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).map(|(_, it)| *it)
    }

    fn offset(&self) -> Option<usize> {
        self.text.get(self.at).map(|(offset, _)| *offset)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Goes over a letter, and the space around it.
    fn over(&mut self, wanted: char) -> Option<()> {
        self.space();
        if self.peek()? != wanted {
            return None;
        }
        self.at += 1;
        self.space();
        Some(())
    }

    fn statement(&mut self, index: usize) -> Option<usize> {
        self.over('{')?;
        loop {
            let name = self.string()?;
            self.over(':')?;
            if name == "Statement" {
                break;
            }
            self.value()?;
            self.over(',')?;
        }
        if self.peek()? != '[' {
            return self.offset().filter(|_| index == 0);
        }
        self.over('[')?;
        for _ in 0..index {
            self.value()?;
            self.over(',')?;
        }
        self.offset()
    }

    /// Goes over a string; gives what is in it, escapes as they are.
    fn string(&mut self) -> Option<String> {
        self.over('"')?;
        let mut inside = String::new();
        loop {
            let letter = self.peek()?;
            self.at += 1;
            match letter {
                '"' => return Some(inside),
                '\\' => {
                    inside.push(letter);
                    inside.push(self.peek()?);
                    self.at += 1;
                }
                other => inside.push(other),
            }
        }
    }

    /// Goes over a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            self.space();
            match self.peek()? {
                '"' => drop(self.string()?),
                '{' | '[' => {
                    depth += 1;
                    self.at += 1;
                }
                '}' | ']' if depth == 0 => return Some(()),
                '}' | ']' => {
                    depth -= 1;
                    self.at += 1;
                }
                ',' if depth == 0 => return Some(()),
                _ => self.at += 1,
            }
        }
    }
}
