//! `explain`: the page of a rule, or everything known of a resource.

use miette::{IntoDiagnostic, miette};
use sandtable_model::ResourceId;
use sandtable_orchestrator::{Prices, RuleDoc, explain_resource, explain_rule, rules};

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::output::print;
use crate::render;
use crate::source;

/// Explains a rule or a resource, whichever the subject names.
pub(crate) fn run(args: &ExplainArgs) -> miette::Result<Exit> {
    if let Some(rule) = explain_rule(&args.subject) {
        print(args.format.format, rule, &rule.to_markdown())?;
        return Ok(Exit::Success);
    }
    let id: ResourceId = args
        .subject
        .parse()
        .map_err(|_| unknown_subject(&args.subject))?;
    let path = args.source.as_deref().ok_or_else(|| {
        miette!(
            help = format!("sandtable explain {id} SOURCE"),
            "to explain a resource, name the scenario, snapshot or folder that it is in"
        )
    })?;
    let mut opened = source::open_path(path, &args.reading)?;
    source::override_policy(&mut opened, &args.policy)?;
    let report = explain_resource(&opened.snapshot, &opened.policy, &Prices::embedded(), &id)
        .ok_or_else(|| miette!("there is no {id} in `{}`", path.display()))?;
    let value = serde_json::to_value(&report).into_diagnostic()?;
    print(args.format.format, &value, &render::resource(&report))?;
    Ok(Exit::Success)
}

fn unknown_subject(subject: &str) -> miette::Report {
    let known: Vec<&str> = rules().map(|rule: &RuleDoc| rule.id).collect();
    miette!(
        help = format!(
            "rules are {}; a resource is named by its id",
            known.join(" ")
        ),
        "`{subject}` is neither a rule nor the id of a resource"
    )
}
