//! Rules and their documentation: what `explain` shows and what the website is made of.

use crate::detect;

/// The documentation of one detector. The texts are Markdown; ids are rows of the waste catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RuleDoc {
    /// The rule's id (`G1`).
    pub id: &'static str,
    /// Other ids of the catalogue that mean the same.
    pub aliases: &'static [&'static str],
    /// A line that names the pattern.
    pub title: &'static str,
    /// What it finds.
    pub finds: &'static str,
    /// Why that costs money.
    pub costs: &'static str,
    /// How it is proven from what was seen.
    pub proof: &'static str,
    /// What would make it wrong, and what is done about that.
    pub wrong: &'static str,
    /// What is proposed, and how it is taken back.
    pub remedy: &'static str,
    /// An example.
    pub example: &'static str,
}

impl RuleDoc {
    /// The whole documentation as a Markdown page.
    pub fn to_markdown(&self) -> String {
        let RuleDoc {
            id,
            aliases,
            title,
            finds,
            costs,
            proof,
            wrong,
            remedy,
            example,
        } = self;
        let also = match aliases {
            [] => String::new(),
            some => format!(
                "Also known as {} in the waste catalogue.\n\n",
                some.join(", ")
            ),
        };
        format!(
            "# {id}: {title}\n\n{also}## What it finds\n\n{finds}\n\n## Why it costs\n\n{costs}\n\n\
             ## How it is proven\n\n{proof}\n\n## What would make it wrong\n\n{wrong}\n\n\
             ## Remedy and undo\n\n{remedy}\n\n## Example\n\n{example}\n"
        )
    }
}

const RULES: &[RuleDoc] = &[
    detect::v1::DOC,
    detect::s2::DOC,
    detect::n1::DOC,
    detect::g15::DOC,
    detect::n5::DOC,
    detect::g4::DOC,
    detect::g5::DOC,
    detect::g1::DOC,
    detect::g2::DOC,
];

/// Every rule, from the simplest to those that look at whole VPCs.
pub fn rules() -> &'static [RuleDoc] {
    RULES
}

/// The documentation of the rule with this id or alias, whatever its case.
pub fn explain_rule(id: &str) -> Option<&'static RuleDoc> {
    RULES.iter().find(|rule| {
        rule.id.eq_ignore_ascii_case(id)
            || rule
                .aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_reads_as_reviewed() {
        let pages: Vec<String> = rules().iter().map(RuleDoc::to_markdown).collect();
        insta::assert_snapshot!(pages.join("\n---\n\n"));
    }

    #[test]
    fn rules_are_found_by_id_and_alias() {
        assert_eq!(explain_rule("g1").unwrap().id, "G1");
        assert_eq!(explain_rule("G3").unwrap().id, "N5");
        assert!(explain_rule("Z9").is_none());
    }
}
