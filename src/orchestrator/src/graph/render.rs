//! The graph as text that drawing tools read: Graphviz's DOT and Mermaid.

use std::fmt::Write as _;

use petgraph::visit::EdgeRef;

use super::{Graph, Node, NodeId};

/// The graph in Graphviz's DOT language. Deterministic: nodes and edges are sorted.
pub fn graph_dot(graph: &Graph) -> String {
    let mut out = String::from("digraph sandtable {\n  rankdir=\"RL\";\n  node [shape=\"box\"];\n");
    for node in sorted(graph) {
        let style = if node.resource.is_none() {
            ", style=\"dashed\""
        } else {
            ""
        };
        let (id, label) = (quote(node.id.as_str()), quote(&label(node)));
        _ = writeln!(out, "  \"{id}\" [label=\"{label}\"{style}];");
    }
    for (from, to, relation) in edges(graph) {
        let (from, to, relation) = (quote(&from), quote(&to), quote(&relation));
        _ = writeln!(out, "  \"{from}\" -> \"{to}\" [label=\"{relation}\"];");
    }
    out.push_str("}\n");
    out
}

/// The graph as a Mermaid flowchart. Deterministic: nodes and edges are sorted.
pub fn graph_mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart RL\n");
    let nodes = sorted(graph);
    let name = |id: &str| {
        let at = nodes.binary_search_by(|node| node.id.as_str().cmp(id));
        format!("n{}", at.unwrap_or_else(|at| at))
    };
    for node in &nodes {
        let text = label(node).replace('"', "#quot;").replace('\n', "<br/>");
        let (open, close) = if node.resource.is_none() {
            ("([", "])")
        } else {
            ("[", "]")
        };
        _ = writeln!(out, "  {}{open}\"{text}\"{close}", name(node.id.as_str()));
    }
    for (from, to, relation) in edges(graph) {
        let relation = relation.replace(['"', '|'], " ");
        _ = writeln!(out, "  {} -->|\"{relation}\"| {}", name(&from), name(&to));
    }
    out
}

fn sorted(graph: &Graph) -> Vec<&Node> {
    let mut nodes: Vec<&Node> = graph.inner.node_weights().collect();
    nodes.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
    nodes
}

fn edges(graph: &Graph) -> Vec<(String, String, String)> {
    let text = |at| {
        graph
            .inner
            .node_weight(at)
            .map_or("", |node| node.id.as_str())
            .to_owned()
    };
    let mut edges: Vec<(String, String, String)> = graph
        .inner
        .edge_references()
        .map(|edge| {
            let (relation, note) = (edge.weight().relation, &edge.weight().note);
            let gap = if note.is_empty() { "" } else { " " };
            (
                text(edge.source()),
                text(edge.target()),
                format!("{relation}{gap}{note}"),
            )
        })
        .collect();
    edges.sort();
    edges.dedup();
    edges
}

fn label(node: &Node) -> String {
    let id = node.id.as_str();
    let kind = match &node.id {
        NodeId::Resource(id) => id.kind().noun(),
        NodeId::External(_) => "not modelled",
    };
    let unseen = if node.resource.is_none() {
        " (not seen)"
    } else {
        ""
    };
    let name = node
        .resource
        .as_ref()
        .and_then(|it| it.tags().get("Name"))
        .unwrap_or_default();
    let gap = if name.is_empty() { "" } else { "\n" };
    format!("{kind}{unseen}\n{id}{gap}{name}")
}

fn quote(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
