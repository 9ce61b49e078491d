//! `graph`: how the resources hang together, drawn.

use sandtable_orchestrator::{Prices, graph_dot, graph_mermaid, understand};

use crate::args::{GraphArgs, GraphFormat};
use crate::exit::Exit;
use crate::output::print_text;
use crate::source;

/// Prints the architecture graph.
pub(crate) fn run(args: &GraphArgs) -> miette::Result<Exit> {
    let opened = source::open(&args.source)?;
    let understanding = understand(&opened.snapshot, &opened.policy, &Prices::embedded());
    print_text(&match args.format {
        GraphFormat::Dot => graph_dot(&understanding.graph),
        GraphFormat::Mermaid => graph_mermaid(&understanding.graph),
    })?;
    Ok(Exit::Success)
}
