//! What a caller may do: the policies that apply, and who it is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::context::Context;
use super::denial::{Layer, Why};
use super::document::{OneOrMany, PolicyDocument, Scalar, Word};
use super::keys;
use crate::Ctx;

/// The policies that apply to a caller. A layer that is not given allows everything.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawPermissions")]
pub struct Permissions(RawPermissions);

/// Who makes the calls, and which IAM policies apply. A list of policies that is left out allows
/// everything; an empty one allows nothing.
#[derive(Clone, Debug, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Permissions")]
struct RawPermissions {
    /// The caller's ARN; a user of the account called `sandtable` when absent.
    principal: Option<String>,
    /// The policies of the user or role.
    identity: Option<Vec<PolicyDocument>>,
    /// The permissions boundary of the user or role.
    boundary: Option<PolicyDocument>,
    /// The policies of the session, when a role was assumed with some.
    session: Option<Vec<PolicyDocument>>,
    /// The service control policies over the account.
    service_control: Option<Vec<PolicyDocument>>,
    /// Condition keys whose values the twin cannot know, such as `aws:SourceIp` or
    /// `aws:PrincipalTag/team`; an empty list when requests do not have the key.
    context: BTreeMap<String, OneOrMany<Scalar>>,
}

impl JsonSchema for Permissions {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        RawPermissions::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RawPermissions::json_schema(generator)
    }
}

impl TryFrom<RawPermissions> for Permissions {
    type Error = String;

    fn try_from(raw: RawPermissions) -> Result<Self, String> {
        if let Some(principal) = &raw.principal
            && !(principal.starts_with("arn:") && principal.split(':').count() >= 6)
        {
            return Err(format!("`{principal}` is not the ARN of a principal"));
        }
        let told = |key: &str| raw.context.keys().any(|it| it.eq_ignore_ascii_case(key));
        for key in raw.documents().flat_map(|(_, it)| it.keys()) {
            if !keys::is_known(key) && !told(key) {
                return Err(format!(
                    "the twin does not know the condition key `{key}`: say under `context` what it \
                     is, or `[]` when requests do not have it"
                ));
            }
        }
        Ok(Permissions(raw))
    }
}

impl RawPermissions {
    fn documents(&self) -> impl Iterator<Item = (Layer, &PolicyDocument)> {
        self.layers()
            .into_iter()
            .flat_map(|(layer, documents)| documents.iter().map(move |it| (layer, it)))
    }

    /// The layers that are given, in the order in which AWS looks at them (IAM User Guide, "How AWS
    /// enforcement code logic evaluates requests").
    fn layers(&self) -> Vec<(Layer, &[PolicyDocument])> {
        let boundary = self.boundary.as_ref().map(std::slice::from_ref);
        let all = [
            (Layer::ServiceControl, self.service_control.as_deref()),
            (Layer::Identity, self.identity.as_deref()),
            (Layer::Boundary, boundary),
            (Layer::Session, self.session.as_deref()),
        ];
        let given = all.into_iter().filter_map(|(layer, it)| Some((layer, it?)));
        given.collect()
    }
}

impl Permissions {
    /// A caller with these identity policies alone.
    ///
    /// # Errors
    /// When they ask for a condition key that the twin does not know.
    pub fn of_identity(identity: Vec<PolicyDocument>) -> Result<Self, String> {
        Self::try_from(RawPermissions {
            identity: Some(identity),
            ..RawPermissions::default()
        })
    }

    /// What of `all` (everything when there are no permissions) a session policy lets through.
    ///
    /// # Errors
    /// When it asks for a condition key that the twin does not know.
    pub(super) fn within(
        all: Option<&Permissions>,
        session: PolicyDocument,
    ) -> Result<Self, String> {
        let all = all.map(|it| it.0.clone()).unwrap_or_default();
        Self::try_from(RawPermissions {
            session: Some(vec![session]),
            ..all
        })
    }

    /// Reads a JSON file: permissions, or a policy document alone, which is then the caller's only
    /// identity policy.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        if value.get("Statement").is_some() {
            return Self::of_identity(vec![PolicyDocument::from_json(text)?]);
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The ARN of the caller.
    pub fn principal_arn(&self, ctx: &Ctx) -> String {
        let told = self.0.principal.clone();
        told.unwrap_or_else(|| super::default_principal(ctx))
    }

    /// What was told of requests.
    pub(super) fn context(&self) -> Context {
        let mut context = Context::default();
        for (key, values) in &self.0.context {
            let values = values.as_slice().iter().map(Scalar::text);
            context.set_all(key, values.collect());
        }
        context
    }

    /// Why a request is not allowed; nothing when it is. A denial in any layer wins over everything,
    /// then every layer must allow it.
    pub(crate) fn evaluate(&self, action: &str, resource: &str, context: &Context) -> Option<Why> {
        let mut first_silent = None;
        for (layer, documents) in self.0.layers() {
            let mut is_allowed = false;
            for document in documents {
                match document.says(action, resource, context) {
                    Word::Denied(sid) => return Some(Why::Explicit(layer, sid)),
                    Word::Allowed => is_allowed = true,
                    Word::Silent => {}
                }
            }
            if !is_allowed && first_silent.is_none() {
                first_silent = Some(Why::Implicit(layer));
            }
        }
        first_silent
    }
}
