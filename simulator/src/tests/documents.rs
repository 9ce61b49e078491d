//! The table of operations in the documentation is made from the code.

use std::fmt::Write as _;
use std::path::Path;

use crate::dispatch::{IGNORED, modelled_operations};
use crate::wire::Api;

/// `SANDTABLE_UPDATE=1` writes the table anew.
#[test]
fn the_table_of_operations_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let text = table();
    if std::env::var_os("SANDTABLE_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/operations.md is stale: run this test with SANDTABLE_UPDATE=1"
    );
}

fn table() -> String {
    let all = modelled_operations();
    let mut text = format!(
        "# What the twin models\n\n\
         {} operations of {} services. Made from the code by a test; do not edit by hand.\n\n\
         A call that is not here is answered with an error that names it, and changes nothing. So is a parameter\n\
         that is not modelled: see [parameters.md](parameters.md). Harmless and ignored: {}.\n",
        all.len(),
        Api::ALL.len(),
        IGNORED.map(|name| format!("`{name}`")).join(", ")
    );
    for api in Api::ALL {
        let names = all.iter().filter(|(it, _)| *it == api);
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        if names.is_empty() {
            continue;
        }
        write!(text, "\n## {api}, {} operations\n\n", names.len()).unwrap();
        text.push_str("| verb | of |\n|---|---|\n");
        for (verb, nouns) in by_verb(&names) {
            writeln!(text, "| {verb} | {} |", nouns.join(", ")).unwrap();
        }
    }
    text
}

/// The operations by their first word, in order.
fn by_verb<'a>(names: &[&'a str]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut verbs: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in names {
        let end = name
            .char_indices()
            .skip(1)
            .find(|(_, it)| it.is_uppercase());
        let (verb, noun) = name.split_at(end.map_or(name.len(), |(at, _)| at));
        match verbs.last_mut().filter(|(last, _)| *last == verb) {
            Some((_, nouns)) => nouns.push(noun),
            None => verbs.push((verb, vec![noun])),
        }
    }
    verbs
}
