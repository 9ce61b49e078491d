//! The evaluation itself: a denial in any layer wins over everything, then every layer must allow.

use super::context::Context;
use super::denial::{Layer, Why};
use super::document::{PolicyDocument, Word};

/// The policies of a caller, layer by layer, in the order in which AWS looks at them.
pub(super) type Layers<'a> = [(Layer, Vec<&'a PolicyDocument>)];

/// Why a request is not allowed; nothing when it is.
pub(super) fn why_not(
    layers: &Layers<'_>,
    action: &str,
    resource: &str,
    context: &Context,
) -> Option<Why> {
    let mut first_silent = None;
    for (layer, documents) in layers {
        let mut is_allowed = false;
        for document in documents {
            match document.says(action, resource, context) {
                Word::Denied(sid) => return Some(Why::Explicit(*layer, sid)),
                Word::Allowed => is_allowed = true,
                Word::Silent => {}
            }
        }
        if !is_allowed && first_silent.is_none() {
            first_silent = Some(Why::Implicit(*layer));
        }
    }
    first_silent
}

/// What keeps statements of a layer from allowing a request that are about its action and resource.
pub(super) fn near_misses(
    layers: &Layers<'_>,
    of: Layer,
    action: &str,
    resource: &str,
    context: &Context,
) -> Vec<String> {
    let documents = layers.iter().filter(|(layer, _)| *layer == of);
    let documents = documents.flat_map(|(_, documents)| documents);
    documents
        .flat_map(|it| it.near_misses(action, resource, context))
        .collect()
}
