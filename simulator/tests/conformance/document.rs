//! `docs/conformance.md`, made from the rows.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::rule::Section;

const SECTIONS: &[Section] = &[
    crate::teardown::SECTION,
    crate::localstack::SECTION,
    crate::common::SECTION,
    crate::tags::SECTION,
    crate::pages::SECTION,
    crate::codes::SECTION,
    crate::instances::SECTION,
    crate::storage::SECTION,
    crate::networks::SECTION,
    crate::security::SECTION,
    crate::connecting::SECTION,
    crate::quotas::SECTION,
    crate::throttling::SECTION,
    crate::wire::SECTION,
];

/// `SANDTABLE_UPDATE=1` writes the page anew.
#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md");
    let text = page();
    if std::env::var_os("SANDTABLE_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/conformance.md is stale: run this test with SANDTABLE_UPDATE=1"
    );
}

#[test]
fn every_row_says_what_and_whence() {
    for section in SECTIONS {
        let mut seen = BTreeSet::new();
        for rule in section.rules {
            let name = rule.test;
            assert!(seen.insert(rule.text), "{name}: {} stands twice", rule.text);
            assert!(rule.text.len() > 20 && !rule.source.is_empty(), "{name}");
            let all = [rule.text, rule.source, rule.elsewhere].concat();
            assert!(!all.contains(['|', '\n']), "{name} breaks the table");
        }
    }
}

fn page() -> String {
    let count: usize = SECTIONS.iter().map(|it| it.rules.len()).sum();
    let mut text = format!(
        "# How the twin follows AWS\n\n\
         {count} rules, each a test in `simulator/tests/conformance` that names its source. Made from the code by a test;\n\
         do not edit by hand. One rule is run with `cargo test -p sandtable-simulator --test conformance TEST`.\n\n\
         Sources are a page of the project's facts with a row or paragraph, and in brackets what that page rests on: [B] text and\n\
         constraints of AWS's own API model, [E] AWS's list of EC2 error codes, [U] and [V] its user guides of EC2 and VPC, [T] what\n\
         Terraform's provider matches, [SP] what Steampipe ignores, [F] accounts that the authors of floci looked at, [O] OpenStack's\n\
         EC2 API, [MO] moto, [W] messages that users report. Where AWS says nothing, or its texts differ, the twin has a switch: see\n\
         `network::Choices`, `storage::Choices`, `compute::Choices` and `connectivity::Choices`.\n"
    );
    for section in SECTIONS {
        let module = section.module.rsplit("::").next().unwrap_or_default();
        let has_others = section.rules.iter().any(|it| !it.elsewhere.is_empty());
        write!(
            text,
            "\n## {}\n\nFrom `{}`; tests in `{module}.rs`.\n\n| AWS | source |{} test |\n|---|---|{}---|\n",
            section.title,
            section.page,
            if has_others { " elsewhere |" } else { "" },
            if has_others { "---|" } else { "" },
        )
        .unwrap();
        for rule in section.rules {
            let others = match has_others {
                true => format!(" {} |", rule.elsewhere),
                false => String::new(),
            };
            writeln!(
                text,
                "| {} | {} |{others} `{}` |",
                rule.text, rule.source, rule.test
            )
            .unwrap();
        }
    }
    text
}
