//! Who makes a call, and with which policies.

use std::borrow::Cow;

use serde_json::Value;

use super::call::Check;
use super::context::Context;
use super::denial::{Layer, Why};
use super::document::PolicyDocument;
use super::evaluate;
use super::permissions::Permissions;
use super::role::Role;
use crate::sts::{self, Principal, Session};
use crate::{ApiError, Ctx, Twin};

/// A caller who may not do everything.
pub(super) struct Caller<'a> {
    /// The ARN, as denials show it.
    pub(super) arn: String,
    /// The role of which it is a session.
    pub(super) role: Option<String>,
    /// What every call of it has.
    pub(super) context: Context,
    layers: Vec<(Layer, Vec<Cow<'a, PolicyDocument>>)>,
}

impl Twin {
    /// The caller, if there is something that it may not do: with the twin's permissions, or with the
    /// policies of its role, and within those of its session (STS API Reference, AssumeRole,
    /// `Policy`).
    pub(super) fn caller(&self, ctx: &Ctx) -> Result<Option<Caller<'_>>, ApiError> {
        let session = ctx.session.as_deref().and_then(|it| self.sessions.get(it));
        let narrowed = session.filter(|it| it.has_policies());
        let permissions = self.permissions.as_deref();
        if permissions.is_none() && narrowed.is_none() {
            return Ok(None);
        }
        let role_arn = session.and_then(|it| it.role_arn.as_deref());
        let role = permissions.zip(role_arn).and_then(|(it, arn)| it.role(arn));
        let mut layers = own_layers(permissions, role);
        if let Some(session) = narrowed {
            layers.push((Layer::Session, session_policies(permissions, session)?));
        }
        let arn = match (&ctx.principal, permissions) {
            (Principal::Root, Some(permissions)) => permissions.principal_arn(ctx),
            _ => default_principal(ctx),
        };
        let context = self.context_of(ctx, &arn, session, role);
        Ok(Some(Caller {
            arn,
            role: role_arn.map(str::to_owned),
            context,
            layers,
        }))
    }

    /// What every call of a caller has.
    fn context_of(
        &self,
        ctx: &Ctx,
        arn: &str,
        session: Option<&Session>,
        role: Option<&Role>,
    ) -> Context {
        let told = self.permissions.as_deref().map(Permissions::context);
        let mut context = told.unwrap_or_default();
        let now = self.now();
        context.set("aws:CurrentTime", now.format("%Y-%m-%dT%H:%M:%SZ"));
        context.set("aws:EpochTime", now.millis().div_euclid(1000).to_string());
        context.set("aws:PrincipalAccount", ctx.account.as_str());
        let role_arn = session.and_then(|it| it.role_arn.clone());
        let key = role_arn.unwrap_or_else(|| principal_key(arn));
        context.set("aws:PrincipalArn", key);
        context.set("aws:PrincipalIsAWSService", "false");
        let (kind, user) = principal_type(arn);
        context.set("aws:PrincipalType", kind);
        if let Some(user) = user {
            context.set("aws:username", user);
        }
        context.set("aws:RequestedRegion", ctx.region.as_str());
        context.set("aws:ResourceAccount", ctx.account.as_str());
        // The twin stands for endpoints that are reached over TLS, by the caller itself.
        context.set("aws:SecureTransport", "true");
        context.set("aws:ViaAWSService", "false");
        // Session tags take the place of the role's (IAM User Guide, "Pass session tags in AWS STS").
        let tags = role.iter().flat_map(|it| &it.tags);
        for (key, value) in tags.chain(session.iter().flat_map(|it| &it.tags)) {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        if let Some(identity) = session.and_then(|it| it.source_identity.as_deref()) {
            context.set("aws:SourceIdentity", identity);
        }
        context
    }
}

impl Caller<'_> {
    /// The layers, for evaluation.
    pub(super) fn layers(&self) -> Vec<(Layer, Vec<&PolicyDocument>)> {
        let each = self.layers.iter().map(|(layer, documents)| {
            let documents = documents.iter().map(AsRef::as_ref);
            (*layer, documents.collect())
        });
        each.collect()
    }

    /// Why the caller may not do something; nothing when it may.
    pub(super) fn why_not(&self, check: &Check) -> Option<Why> {
        self.why_not_by(check, |_| true)
    }

    /// As [`Caller::why_not`], where a policy of the resource makes some layers needless: their
    /// silence then does not count, their denials do.
    pub(super) fn why_not_by(&self, check: &Check, counts: impl Fn(Layer) -> bool) -> Option<Why> {
        let (action, resource) = (&check.action, &check.resource);
        let layers = self.layers();
        let why = evaluate::why_not(&layers, action, resource, &check.context)?;
        if matches!(why, Why::Explicit(..)) {
            return Some(why);
        }
        let layers: Vec<_> = layers.into_iter().filter(|(it, _)| counts(*it)).collect();
        evaluate::why_not(&layers, action, resource, &check.context)
    }
}

fn own_layers<'a>(
    permissions: Option<&'a Permissions>,
    role: Option<&'a Role>,
) -> Vec<(Layer, Vec<Cow<'a, PolicyDocument>>)> {
    let Some(permissions) = permissions else {
        return Vec::new();
    };
    let borrow = |all: &'a [PolicyDocument]| all.iter().map(Cow::Borrowed).collect::<Vec<_>>();
    let Some(role) = role else {
        let own = permissions.layers().into_iter();
        return own.map(|(layer, all)| (layer, borrow(all))).collect();
    };
    let boundary = role.boundary.as_ref().map(std::slice::from_ref);
    let all = [
        (
            Layer::ServiceControl,
            permissions.service_control.as_deref(),
        ),
        (Layer::Identity, role.identity.as_deref()),
        (Layer::Boundary, boundary),
    ];
    let given = all.into_iter().filter_map(|(layer, it)| Some((layer, it?)));
    given.map(|(layer, all)| (layer, borrow(all))).collect()
}

/// The policies with which a role was assumed: an inline one, and managed ones.
fn session_policies<'a>(
    permissions: Option<&'a Permissions>,
    session: &Session,
) -> Result<Vec<Cow<'a, PolicyDocument>>, ApiError> {
    let refuse = |why: String| {
        let message = format!("The twin cannot evaluate this session: {why}. Nothing was done.");
        ApiError::new("UnsupportedOperation", message)
    };
    let mut documents = Vec::new();
    for arn in &session.policy_arns {
        let found = match permissions {
            Some(it) => it.policy(arn),
            None => super::managed::find(arn),
        };
        let missing = || refuse(format!("it does not have the policy {arn}"));
        documents.push(Cow::Borrowed(found.ok_or_else(missing)?));
    }
    if let Some(policy) = session.policy.as_ref().map(Value::to_string) {
        let document = PolicyDocument::from_json(&policy).map_err(refuse)?;
        let open = Permissions::open();
        for key in document.keys() {
            permissions
                .unwrap_or(&open)
                .check_key(key)
                .map_err(refuse)?;
        }
        documents.push(Cow::Owned(document));
    }
    Ok(documents)
}

/// The value of `aws:PrincipalType`, and the name of a user (IAM User Guide, "Principal key values").
fn principal_type(arn: &str) -> (&'static str, Option<&str>) {
    let name = arn.splitn(6, ':').nth(5).unwrap_or_default();
    match name.split_once('/') {
        Some(("user", path)) => ("User", path.rsplit('/').next()),
        Some(("assumed-role" | "role", _)) => ("AssumedRole", None),
        Some(("federated-user", _)) => ("FederatedUser", None),
        _ => ("Account", None),
    }
}

/// The value of `aws:PrincipalArn`: for a session that of its role (IAM User Guide, "Properties of the
/// principal"). A path of the role, which the session's ARN does not have, is not in it.
fn principal_key(arn: &str) -> String {
    let Some((head, name)) = arn.split_once(":assumed-role/") else {
        return arn.to_owned();
    };
    let role = name.split('/').next().unwrap_or_default();
    format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1))
}

/// The ARN of the caller: the session's, or that of the user whom a twin takes the account's own keys
/// to belong to, since no policy binds the account itself.
pub(super) fn default_principal(ctx: &Ctx) -> String {
    let (account, partition) = (&ctx.account, sts::partition(ctx.region.as_str()));
    match &ctx.principal {
        Principal::Root => format!("arn:{partition}:iam::{account}:user/sandtable"),
        session => session.arn(partition, account),
    }
}
