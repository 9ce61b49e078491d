//! The documentation of a rule: what `explain` shows.

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
