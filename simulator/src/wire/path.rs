//! Where in a request a value stands; spelled out only when a refusal needs it.

use std::fmt;

/// A place in a request, from the top.
pub(crate) enum Path<'p> {
    /// The request itself.
    Root,
    /// A member of a structure, under its request name.
    Key(&'p Path<'p>, &'p str),
    /// An element of a list: its number, and the name that stands before it outside EC2.
    Number(&'p Path<'p>, u32, Option<&'p str>),
}

/// As it is written in a request: `Filter.1.Value.2`, and `Tags.member.1.Key` outside EC2.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) => f.write_str(key),
            Path::Key(parent, key) => write!(f, "{parent}.{key}"),
            Path::Number(parent, number, None) => write!(f, "{parent}.{number}"),
            Path::Number(parent, number, Some(item)) => write!(f, "{parent}.{item}.{number}"),
        }
    }
}

/// As AWS's common validation writes it: `tags.1.member.key`.
pub(crate) struct Constrained<'p>(pub(crate) &'p Path<'p>);

impl fmt::Display for Constrained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Path::Root => Ok(()),
            Path::Key(parent, key) => {
                let dot = if matches!(parent, Path::Root) {
                    ""
                } else {
                    "."
                };
                let first = key.get(..1).unwrap_or_default().to_ascii_lowercase();
                let rest = key.get(1..).unwrap_or(key);
                write!(f, "{}{dot}{first}{rest}", Constrained(parent))
            }
            Path::Number(parent, number, _) => {
                write!(f, "{}.{number}.member", Constrained(parent))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_places_are_written_in_two_ways() {
        let tags = Path::Key(&Path::Root, "Tags");
        let first = Path::Number(&tags, 1, Some("member"));
        let key = Path::Key(&first, "Key");
        assert_eq!(key.to_string(), "Tags.member.1.Key");
        assert_eq!(Constrained(&key).to_string(), "tags.1.member.key");
        let plain = Path::Number(&tags, 2, None);
        assert_eq!(plain.to_string(), "Tags.2");
    }
}
