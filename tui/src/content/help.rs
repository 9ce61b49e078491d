//! Help: every key.

use crate::text::Paragraph;

/// Keys and what they do.
const KEYS: &[(&str, &str)] = &[
    ("1 2 3 4", "show a screen"),
    ("Tab", "next screen, with Shift the one before"),
    ("↑ ↓ k j", "select or scroll"),
    ("PgUp PgDn", "a page at a time"),
    ("Home End", "first and last"),
    ("Enter →", "into the details"),
    ("Esc ←", "back to the list"),
    ("Space", "approve the step, or reject it if it is approved"),
    ("a r", "approve or reject the step"),
    ("A R", "approve or reject every step"),
    ("t", "rehearse the approved steps on the twin"),
    ("x", "run the approved steps on the twin"),
    ("?", "help, and back"),
    ("q Ctrl-C", "leave"),
];

/// The text of the help.
pub(crate) fn help() -> Vec<Paragraph> {
    let mut text: Vec<Paragraph> = KEYS
        .iter()
        .map(|(keys, meaning)| Paragraph::field(keys, *meaning))
        .collect();
    text.extend([
        Paragraph::blank(),
        Paragraph::field("[x]", "approved"),
        Paragraph::field("[-]", "rejected"),
        Paragraph::field("[~]", "cannot be done: it needs a rejected step"),
        Paragraph::blank(),
        Paragraph::plain(
            "Approving a step approves what it needs; rejecting a step rejects what needs it. \
             Nothing here touches a real account: that takes `sandtable approve` and `sandtable \
             apply`.",
        ),
    ]);
    text
}
