//! Texts of a policy: wildcards, and variables that a request fills in.

use super::context::Context;

/// A text of a policy, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// `*`
    Any,
    /// `?`
    One,
    /// `${key}` or `${key, 'default'}`
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// What one place of a pattern stands for, variables filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Glyph {
    Letter(char),
    One,
    Any { crosses_colons: bool },
}

/// How a pattern is held against a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Letter by letter; `*` spans everything.
    Text,
    /// As [`Rule::Text`], whatever the case.
    IgnoreCase,
    /// An ARN in `Resource`: `*` spans colons only where it ends a segment (IAM User Guide, "IAM JSON
    /// policy elements: Resource", "Using wildcards in resource ARNs").
    Resource,
}

impl Pattern {
    /// Reads a text in which `*` and `?` stand for others, and `${…}` too if `has_variables` (policies
    /// of version 2012-10-17).
    pub(crate) fn glob(text: &str, has_variables: bool) -> Result<Self, String> {
        Self::read(text, has_variables, true)
    }

    /// Reads a text in which `*` and `?` are letters.
    pub(crate) fn plain(text: &str, has_variables: bool) -> Result<Self, String> {
        Self::read(text, has_variables, false)
    }

    fn read(text: &str, has_variables: bool, is_glob: bool) -> Result<Self, String> {
        let mut pattern = Pattern { pieces: Vec::new() };
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let behind = &rest[letter.len_utf8()..];
            if has_variables && let Some(inside) = rest.strip_prefix("${") {
                let end = inside
                    .find('}')
                    .ok_or_else(|| format!("`{text}` has a variable without an end"))?;
                let (name, after) = inside.split_at(end);
                pattern.variable(text, name)?;
                rest = after.strip_prefix('}').unwrap_or(after);
                continue;
            }
            match letter {
                '*' if is_glob => pattern.pieces.push(Piece::Any),
                '?' if is_glob => pattern.pieces.push(Piece::One),
                other => pattern.letter(other),
            }
            rest = behind;
        }
        Ok(pattern)
    }

    fn variable(&mut self, text: &str, name: &str) -> Result<(), String> {
        match name {
            // How a policy writes the three letters that mean something.
            "*" | "?" | "$" => name.chars().for_each(|it| self.letter(it)),
            _ => {
                let (key, default) = match name.split_once(',') {
                    None => (name, None),
                    Some((key, default)) => {
                        let default = default.trim();
                        let quoted = default
                            .strip_prefix('\'')
                            .and_then(|it| it.strip_suffix('\''));
                        let quoted = quoted.ok_or_else(|| {
                            format!("`{text}`: the default of a variable stands in single quotes")
                        })?;
                        (key, Some(quoted.to_owned()))
                    }
                };
                let key = key.trim();
                if !key.contains(':') {
                    return Err(format!("`{text}`: `{name}` is no variable of a policy"));
                }
                let key = key.to_owned();
                self.pieces.push(Piece::Variable { key, default });
            }
        }
        Ok(())
    }

    fn letter(&mut self, letter: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(letter),
            _ => self.pieces.push(Piece::Text(letter.to_string())),
        }
    }

    /// The condition keys that the variables ask for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|it| match it {
            Piece::Variable { key, .. } => Some(key.as_str()),
            _ => None,
        })
    }

    /// Whether the pattern stands for `text`. One with a variable that the request does not have, and
    /// that has no default, stands for nothing (IAM User Guide, "Variables and tags").
    pub(crate) fn matches(&self, text: &str, rule: Rule, context: &Context) -> bool {
        let Some(glyphs) = self.glyphs(rule, context) else {
            return false;
        };
        let text: Vec<char> = match rule {
            Rule::IgnoreCase => text.to_lowercase().chars().collect(),
            _ => text.chars().collect(),
        };
        stands_for(&glyphs, &text)
    }

    /// Whether the request has all that the variables ask for, or they have defaults.
    pub(crate) fn is_filled_in(&self, context: &Context) -> bool {
        self.glyphs(Rule::Text, context).is_some()
    }

    /// As [`Pattern::matches`], for ARNs in conditions: each of the six parts by itself.
    pub(crate) fn matches_arn(&self, text: &str, context: &Context) -> bool {
        let Some(glyphs) = self.glyphs(Rule::Text, context) else {
            return false;
        };
        let mut rest = glyphs.as_slice();
        let mut text = text;
        for _ in 0..5 {
            let Some(at) = rest.iter().position(|it| *it == Glyph::Letter(':')) else {
                return false;
            };
            let Some((part, behind)) = text.split_once(':') else {
                return false;
            };
            let (glyphs, others) = rest.split_at(at);
            if !stands_for(glyphs, &part.chars().collect::<Vec<char>>()) {
                return false;
            }
            rest = others.get(1..).unwrap_or_default();
            text = behind;
        }
        stands_for(rest, &text.chars().collect::<Vec<char>>())
    }

    fn glyphs(&self, rule: Rule, context: &Context) -> Option<Vec<Glyph>> {
        let mut glyphs = Vec::new();
        let letters = |glyphs: &mut Vec<Glyph>, text: &str| match rule {
            Rule::IgnoreCase => glyphs.extend(text.to_lowercase().chars().map(Glyph::Letter)),
            _ => glyphs.extend(text.chars().map(Glyph::Letter)),
        };
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => letters(&mut glyphs, text),
                Piece::One => glyphs.push(Glyph::One),
                Piece::Any => {
                    let next = self.pieces.iter().skip(index).find(|it| **it != Piece::Any);
                    let ends_segment = match next {
                        None => true,
                        Some(Piece::Text(text)) => text.starts_with(':'),
                        Some(_) => false,
                    };
                    let crosses_colons = rule != Rule::Resource || ends_segment;
                    glyphs.push(Glyph::Any { crosses_colons });
                }
                Piece::Variable { key, default } => {
                    let values = context.get(key);
                    let value = match values {
                        Some([only]) => only,
                        // A key with several values fills in nothing.
                        Some(_) => return None,
                        None => default.as_ref()?,
                    };
                    letters(&mut glyphs, value);
                }
            }
        }
        Some(glyphs)
    }
}

/// Which beginnings of `text` the glyphs so far stand for, a glyph at a time.
fn stands_for(glyphs: &[Glyph], text: &[char]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for glyph in glyphs {
        match *glyph {
            Glyph::Any { crosses_colons } => {
                let mut is_on = false;
                for (index, slot) in reached.iter_mut().enumerate() {
                    // From the place before, over the letter between the two.
                    let is_stopped = !crosses_colons
                        && index.checked_sub(1).and_then(|it| text.get(it)) == Some(&':');
                    is_on = *slot || (is_on && !is_stopped);
                    *slot = is_on;
                }
            }
            Glyph::One | Glyph::Letter(_) => {
                let mut next = vec![false; text.len() + 1];
                let steps = reached.iter().zip(text).zip(next.iter_mut().skip(1));
                for ((was, letter), slot) in steps {
                    *slot = *was && (*glyph == Glyph::One || *glyph == Glyph::Letter(*letter));
                }
                reached = next;
            }
        }
    }
    reached.last().copied().unwrap_or(false)
}
