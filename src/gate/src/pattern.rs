//! OpenSSH's pattern lists (`ssh_config(5)`, PATTERNS), as `allowed_signers` files use them.

/// Whether a comma-separated list of patterns covers `text`: at least one pattern matches, and no
/// pattern behind a `!` does.
pub(crate) fn list_matches(patterns: &str, text: &str) -> bool {
    let mut found = false;
    for pattern in patterns.split(',') {
        if let Some(negated) = pattern.strip_prefix('!') {
            if matches(negated, text) {
                return false;
            }
        } else if matches(pattern, text) {
            found = true;
        }
    }
    found
}

/// Whether the pattern covers the whole text: `*` stands for any characters, `?` for one.
fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Where to take up again when the text does not go on as the pattern does: behind the last star.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let text_before = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                retry = Some((pattern.clone(), text_before.clone()));
                text = text_before;
            }
            (Some('?'), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => {
                let Some((after_star, covered)) = retry.as_mut() else {
                    return false;
                };
                if covered.next().is_none() {
                    return false;
                }
                (pattern, text) = (after_star.clone(), covered.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::list_matches;

    #[test]
    fn patterns_match_as_in_ssh() {
        for (patterns, text, expected) in [
            ("alice@example.com", "alice@example.com", true),
            ("alice@example.com", "alice@example.co", false),
            ("alice", "Alice", false),
            ("*@example.com", "bob@example.com", true),
            ("*@example.com", "@example.com", true),
            ("*@example.com", "bob@example.com.evil", false),
            ("*@*.com", "a@b@c.com", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "anything", true),
            ("**b", "aab", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            (
                "*@example.com,!mallory@example.com",
                "alice@example.com",
                true,
            ),
            (
                "*@example.com,!mallory@example.com",
                "mallory@example.com",
                false,
            ),
            ("!mallory@example.com", "alice@example.com", false),
            ("bob,alice", "alice", true),
            ("", "alice", false),
        ] {
            assert_eq!(
                list_matches(patterns, text),
                expected,
                "`{patterns}` on `{text}`"
            );
        }
    }
}
