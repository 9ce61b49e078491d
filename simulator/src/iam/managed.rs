//! The managed policies of AWS whose text the twin has, and references to managed policies.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::document::PolicyDocument;

/// Made by `simulator/tools/managed_policies.py`, which says where they are from.
const TEXT: &str = include_str!("managed-policies.json");

#[derive(Deserialize)]
struct Managed {
    document: PolicyDocument,
}

/// AWS's managed policies, by ARN.
fn of_aws() -> &'static BTreeMap<String, Managed> {
    static POLICIES: OnceLock<BTreeMap<String, Managed>> = OnceLock::new();
    // A test reads them; if they could not be read, none would be known.
    POLICIES.get_or_init(|| serde_json::from_str(TEXT).unwrap_or_default())
}

/// A policy of AWS, in any partition.
pub(super) fn find(arn: &str) -> Option<&'static PolicyDocument> {
    let name = arn.splitn(3, ':').nth(2)?;
    of_aws()
        .get(&format!("arn:aws:{name}"))
        .map(|it| &it.document)
}

/// The ARNs of the policies of AWS that are known.
pub fn managed_policies() -> impl Iterator<Item = &'static str> {
    of_aws().keys().map(String::as_str)
}

/// A policy: its document, or the ARN of a managed one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Document(Box<PolicyDocument>),
    Arn(String),
}

impl Source {
    /// The document: one of those told by ARN, or one of AWS's.
    pub(super) fn resolve(
        self,
        told: &BTreeMap<String, PolicyDocument>,
    ) -> Result<PolicyDocument, String> {
        match self {
            Source::Document(document) => Ok(*document),
            Source::Arn(arn) => {
                // AWS's own may be longer than those of an account.
                let of_aws = || find(&arn).cloned().map(PolicyDocument::without_size);
                told.get(&arn).cloned().or_else(of_aws).ok_or_else(|| {
                    format!("the twin does not have the policy {arn}: give its document under `policies`")
                })
            }
        }
    }
}

/// By hand, so that an error in a document says what and where it is.
impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Source;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a policy document, or the ARN of a managed policy")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Source, E> {
                let is_policy = text.starts_with("arn:") && text.contains(":policy/");
                match is_policy {
                    true => Ok(Source::Arn(text.to_owned())),
                    false => Err(E::custom(format!("`{text}` is not the ARN of a policy"))),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                let document = PolicyDocument::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Source::Document(Box::new(document)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A policy: its document, or the ARN of a managed policy.
#[derive(JsonSchema)]
#[schemars(rename = "IamPolicy", untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Schema {
    /// The ARN of a managed policy: one of `policies`, or one of AWS's.
    Arn(String),
    /// A document.
    Document(PolicyDocument),
}

impl JsonSchema for Source {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Schema::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Schema::json_schema(generator)
    }
}
