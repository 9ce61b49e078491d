//! Looking at key pairs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use sandtable_model::Kind;
use sandtable_model::resource::KeyPair;

use super::find;
use crate::rules::{self, Filter, FilterTable, Listing, describe};
use crate::{ApiError, Ctx, Twin};

/// `DescribeKeyPairs`, which is not paginated.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeKeyPairsRequest {
    /// The pairs by their names; all when there are none.
    pub key_names: Vec<String>,
    /// The pairs by their ids.
    pub key_pair_ids: Vec<String>,
    /// Whether to tell the public halves.
    pub include_public_key: bool,
    /// Filters.
    pub filters: Vec<Filter>,
}

/// The answer of `DescribeKeyPairs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedKeyPairs {
    /// The pairs, by id.
    pub key_pairs: Vec<Value>,
}

const FILTERS: FilterTable<KeyPair> = &[
    ("fingerprint", |_, it, out| {
        it.key_fingerprint.iter().for_each(|it| out(it));
    }),
    ("key-name", |_, it, out| out(&it.key_name)),
    ("key-pair-id", |_, it, out| out(it.key_pair_id.as_str())),
];

/// Lists key pairs.
///
/// # Errors
/// See [`describe`]; `InvalidKeyPair.NotFound` for unknown names, too.
pub fn describe_key_pairs(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeKeyPairsRequest,
) -> Result<DescribedKeyPairs, ApiError> {
    let mut ids = request.key_pair_ids.clone();
    for name in &request.key_names {
        let pair = find(&twin.state, ctx, name)
            .ok_or_else(|| rules::unknown(Kind::KeyPair, &[name.as_str()]))?;
        ids.push(pair.key_pair_id.as_str().to_owned());
    }
    let listing = Listing {
        ids: &ids,
        filters: &request.filters,
        max_results: None,
        next_token: None,
        range: None,
        ids_exclude_pages: false,
    };
    let page = describe::<KeyPair>(&twin.state, ctx, &listing, FILTERS)?;
    let shown = page.all::<KeyPair>().map(|it| {
        let mut value = serde_json::to_value(it).unwrap_or_default();
        if !request.include_public_key
            && let Some(members) = value.as_object_mut()
        {
            members.remove("PublicKey");
        }
        value
    });
    Ok(DescribedKeyPairs {
        key_pairs: shown.collect(),
    })
}
