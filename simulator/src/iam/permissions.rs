//! What a caller may do: the policies that apply, who it is, and what of IAM the account has.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::context::Context;
use super::denial::Layer;
use super::document::{OneOrMany, PolicyDocument, Scalar};
use super::keys;
use super::managed::{self, Source};
use super::role::{RawRole, Role};
use crate::Ctx;

/// The most characters of a policy that can belong to a user or role: an inline one of a role (IAM
/// User Guide, "IAM and AWS STS quotas"). Managed policies, and so boundaries, have fewer.
const IDENTITY_SIZE_MAX: usize = 10_240;
/// The most characters of a managed policy.
const MANAGED_SIZE_MAX: usize = 6_144;
/// The most characters of a service control policy (AWS Organizations User Guide, "Quotas"; 5,120
/// before 2025).
const CONTROL_SIZE_MAX: usize = 10_240;

/// The policies that apply to a caller. A layer that is not given allows everything.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawPermissions")]
pub struct Permissions {
    principal: Option<String>,
    pub(super) identity: Option<Vec<PolicyDocument>>,
    pub(super) boundary: Option<PolicyDocument>,
    pub(super) session: Option<Vec<PolicyDocument>>,
    pub(super) service_control: Option<Vec<PolicyDocument>>,
    context: BTreeMap<String, Vec<String>>,
    policies: BTreeMap<String, PolicyDocument>,
    roles: Option<BTreeMap<String, Role>>,
    instance_profiles: BTreeMap<String, String>,
    service_linked_roles: Option<BTreeSet<String>>,
}

/// Who makes the calls, and which IAM policies apply. A list of policies that is left out allows
/// everything; an empty one allows nothing.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Permissions")]
struct RawPermissions {
    /// The caller's ARN; a user of the account called `sandtable` when absent.
    principal: Option<String>,
    /// The policies of the user or role.
    identity: Option<Vec<Source>>,
    /// The permissions boundary of the user or role.
    boundary: Option<Source>,
    /// The policies of the session, when a role was assumed with some.
    session: Option<Vec<Source>>,
    /// The service control policies over the account.
    service_control: Option<Vec<PolicyDocument>>,
    /// Condition keys whose values the twin cannot know, such as `aws:SourceIp` or
    /// `aws:PrincipalTag/team`; an empty list when requests do not have the key.
    context: BTreeMap<String, OneOrMany<Scalar>>,
    /// Managed policies of the account, by ARN. Some of AWS's are known without.
    policies: BTreeMap<String, PolicyDocument>,
    /// The roles that there are, by ARN. Without this any role can be assumed, and its sessions may do
    /// what the caller may.
    roles: Option<BTreeMap<String, RawRole>>,
    /// The ARNs of the roles in instance profiles, by the ARN of the profile. A profile that is not
    /// listed has the role of its own name.
    instance_profiles: BTreeMap<String, String>,
    /// The services whose service-linked role the account has, such as `autoscaling.amazonaws.com`;
    /// all of them when absent.
    service_linked_roles: Option<BTreeSet<String>>,
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
        let told = raw.policies;
        if let Some(arn) = told.keys().find(|it| !it.contains(":policy/")) {
            return Err(format!("`policies`: `{arn}` is not the ARN of a policy"));
        }
        let resolve = |all: Vec<Source>| {
            let all = all.into_iter().map(|it| it.resolve(&told));
            all.collect::<Result<Vec<_>, String>>()
        };
        let mut roles = None;
        for (arn, role) in raw.roles.into_iter().flatten() {
            if !RawRole::is_arn(&arn) {
                return Err(format!("`roles`: `{arn}` is not the ARN of a role"));
            }
            let role = role.read(&told).map_err(|it| format!("role {arn}: {it}"))?;
            let roles = roles.get_or_insert_with(BTreeMap::new);
            roles.insert(arn, role);
        }
        for (profile, role) in &raw.instance_profiles {
            if !profile.contains(":instance-profile/") || !RawRole::is_arn(role) {
                return Err(format!(
                    "`instance_profiles`: `{profile}: {role}` is not the ARN of a profile and that \
                     of a role"
                ));
            }
        }
        let context = raw.context.iter().map(|(key, values)| {
            let values = values.as_slice().iter().map(Scalar::text);
            (key.clone(), values.collect())
        });
        let permissions = Permissions {
            principal: raw.principal,
            identity: raw.identity.map(resolve).transpose()?,
            boundary: raw.boundary.map(|it| it.resolve(&told)).transpose()?,
            session: raw.session.map(resolve).transpose()?,
            service_control: raw.service_control,
            context: context.collect(),
            roles,
            instance_profiles: raw.instance_profiles,
            service_linked_roles: raw.service_linked_roles,
            policies: told,
        };
        permissions.check()?;
        Ok(permissions)
    }
}

impl Permissions {
    /// Nothing but what is told of requests and of the account: everything is allowed.
    pub(super) fn open() -> Self {
        Permissions {
            principal: None,
            identity: None,
            boundary: None,
            session: None,
            service_control: None,
            context: BTreeMap::new(),
            policies: BTreeMap::new(),
            roles: None,
            instance_profiles: BTreeMap::new(),
            service_linked_roles: None,
        }
    }

    /// A caller with these identity policies alone.
    ///
    /// # Errors
    /// When they ask for a condition key that the twin does not know, or are longer than IAM takes.
    pub fn of_identity(identity: Vec<PolicyDocument>) -> Result<Self, String> {
        let permissions = Permissions {
            identity: Some(identity),
            ..Permissions::open()
        };
        permissions.check()?;
        Ok(permissions)
    }

    /// Reads a JSON file: permissions, or a policy document alone, which is then the caller's only
    /// identity policy.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        if value.get("Statement").is_some() {
            return Self::of_identity(vec![PolicyDocument::from_json(text)?]);
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// What cannot be: condition keys that nobody knows, and policies that IAM would not have taken.
    fn check(&self) -> Result<(), String> {
        let trusts = self.roles.iter().flatten();
        let trusts = trusts.flat_map(|(_, it)| it.trust.keys());
        for key in self.documents().flat_map(|it| it.keys()).chain(trusts) {
            self.check_key(key)?;
        }
        let sized = |what: &str, documents: &[PolicyDocument], most: usize| {
            let size = documents.iter().map(PolicyDocument::size).max();
            match size.filter(|it| *it > most) {
                None => Ok(()),
                Some(size) => Err(format!(
                    "{what} has {size} characters: IAM takes at most {most}"
                )),
            }
        };
        let roles = self.roles.iter().flatten().map(|(_, it)| it);
        let identities = roles.clone().map(|it| &it.identity).chain([&self.identity]);
        for documents in identities.flatten() {
            sized("an identity policy", documents, IDENTITY_SIZE_MAX)?;
        }
        for boundary in roles.map(|it| &it.boundary).chain([&self.boundary]) {
            let boundary = boundary.as_ref().map(std::slice::from_ref);
            sized(
                "a permissions boundary",
                boundary.unwrap_or_default(),
                MANAGED_SIZE_MAX,
            )?;
        }
        let control = self.service_control.as_deref().unwrap_or_default();
        sized("a service control policy", control, CONTROL_SIZE_MAX)?;
        for (arn, document) in &self.policies {
            sized(arn, std::slice::from_ref(document), MANAGED_SIZE_MAX)?;
        }
        Ok(())
    }

    /// Whether the twin knows, or is told, what a condition key is.
    pub(super) fn check_key(&self, key: &str) -> Result<(), String> {
        let mut told = self.context.keys();
        match keys::is_known(key) || told.any(|it| it.eq_ignore_ascii_case(key)) {
            true => Ok(()),
            false => Err(format!(
                "the twin does not know the condition key `{key}`: say under `context` what it \
                 is, or `[]` when requests do not have it"
            )),
        }
    }

    fn documents(&self) -> impl Iterator<Item = &PolicyDocument> {
        let roles = self.roles.iter().flatten().flat_map(|(_, it)| {
            let identity = it.identity.iter().flatten();
            identity.chain(&it.boundary)
        });
        let own = self.identity.iter().chain(&self.session).flatten();
        own.chain(&self.boundary)
            .chain(self.service_control.iter().flatten())
            .chain(self.policies.values())
            .chain(roles)
    }

    /// The ARN of the caller.
    pub fn principal_arn(&self, ctx: &Ctx) -> String {
        let told = self.principal.clone();
        told.unwrap_or_else(|| super::caller::default_principal(ctx))
    }

    /// What was told of requests.
    pub(super) fn context(&self) -> Context {
        let mut context = Context::default();
        for (key, values) in &self.context {
            context.set_all(key, values.clone());
        }
        context
    }

    /// A role that was told, by ARN.
    pub(crate) fn role(&self, arn: &str) -> Option<&Role> {
        self.roles.as_ref()?.get(arn)
    }

    /// Whether the roles that there are were told.
    pub(crate) const fn knows_roles(&self) -> bool {
        self.roles.is_some()
    }

    /// The role in an instance profile, when it was told.
    pub(super) fn role_of(&self, profile: &str) -> Option<String> {
        self.instance_profiles.get(profile).cloned()
    }

    /// A managed policy: one that was told, or one of AWS's.
    pub(super) fn policy(&self, arn: &str) -> Option<&PolicyDocument> {
        self.policies.get(arn).or_else(|| managed::find(arn))
    }

    /// Whether the account has the service-linked role of a service.
    pub(super) fn has_service_linked_role(&self, service: &str) -> bool {
        let told = self.service_linked_roles.as_ref();
        told.is_none_or(|it| it.contains(service))
    }

    /// The caller's own policies, layer by layer, in the order in which AWS looks at them (IAM User
    /// Guide, "How AWS enforcement code logic evaluates requests").
    pub(super) fn layers(&self) -> Vec<(Layer, &[PolicyDocument])> {
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

    /// Why a request is not allowed by the caller's own policies; nothing when it is.
    #[cfg(test)]
    pub(crate) fn evaluate(
        &self,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> Option<super::denial::Why> {
        let layers = self.layers();
        let layers = layers
            .iter()
            .map(|(layer, all)| (*layer, all.iter().collect::<Vec<_>>()));
        super::evaluate::why_not(&layers.collect::<Vec<_>>(), action, resource, context)
    }
}
