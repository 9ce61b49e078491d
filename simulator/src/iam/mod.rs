//! Who may do what: the evaluation of IAM policies for the calls of a twin.
//!
//! A twin without [`Permissions`] allows everything. With them every call from outside is authorised
//! before it is carried out, dry runs included: on each resource that AWS's reference names for the
//! action (`table`), under the condition keys that it names for it (`keys`). A denial is
//! `UnauthorizedOperation` in AWS's words, and nothing is done.
//!
//! Effective permissions are what service control policies, identity policies, permissions boundary
//! and session policies all allow and none denies (IAM User Guide, "Policy evaluation logic").
//!
//! Deliberately absent: the other services, whose calls are refused by name while there are
//! policies; managed session policies, whose documents the twin does not have; policies of resources,
//! which EC2 has none of; actions of other services that a call needs besides (`iam:PassRole`); and
//! the `ec2:CreateTags` that a copy of tags would need.
//! A condition key whose value the twin cannot know is refused when the policy is read, unless
//! [`Permissions`] says what it is.

mod arn;
mod condition;
mod context;
mod denial;
mod document;
mod keys;
mod pattern;
mod permissions;
mod table;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;

pub use denial::decode_message;
pub use document::PolicyDocument;
pub use permissions::Permissions;

use crate::sts::{self, Principal};
use crate::wire::Api;
use crate::{ApiError, Ctx, Twin};
use arn::Arns;
use context::Context;
use denial::Denied;
use keys::Shown;
use table::{Row, Table};
use target::{Search, Target};

/// Whether EC2 has an action of this name, modelled here or not.
pub fn is_action(name: &str) -> bool {
    Table::ec2().action(name).is_some()
}

impl Twin {
    /// Sets what callers may do; everything when nothing is given.
    pub fn set_permissions(&mut self, permissions: Option<Arc<Permissions>>) {
        self.permissions = permissions;
    }

    /// What callers may do, when it is not everything.
    pub const fn permissions(&self) -> Option<&Arc<Permissions>> {
        self.permissions.as_ref()
    }

    /// Whether the caller may make a call.
    ///
    /// # Errors
    /// `UnauthorizedOperation` when not; `UnsupportedOperation` where the twin cannot tell.
    pub(crate) fn authorize(
        &self,
        ctx: &Ctx,
        api: Api,
        action: &str,
        input: &Value,
    ) -> Result<(), ApiError> {
        // "No permissions are required to perform this operation" (STS API Reference).
        if matches!(
            (api, action),
            (Api::Sts, "GetCallerIdentity" | "GetSessionToken")
        ) {
            return Ok(());
        }
        let Some(permissions) = self.effective(ctx)? else {
            return Ok(());
        };
        let permissions = permissions.as_ref();
        if api != Api::Ec2 {
            let message = format!(
                "The twin evaluates no permissions for {api}: nothing was done. Take the \
                 permissions away to call it."
            );
            return Err(ApiError::new("UnsupportedOperation", message));
        }
        let (region, account) = (&ctx.region, &ctx.account);
        let arns = Arns { account, region };
        let asked = Asked {
            twin: self,
            ctx,
            permissions,
            principal: permissions.principal_arn(ctx),
            arns: &arns,
        };
        let table = Table::ec2();
        let unknown = Row::default();
        let row = table.action(action).unwrap_or(&unknown);
        let search = Search {
            state: &self.state,
            region,
            arns: &arns,
            action,
            input,
        };
        let targets = search.targets(row);
        for target in &targets {
            let request_tags = request_tags(input, target);
            asked.check(table, action, row, target, input, &request_tags, None)?;
        }
        asked.check_tags_of_made(table, action, &targets, input)
    }
}

impl Twin {
    /// What the caller may do, when it is not everything: the twin's permissions, within the policies
    /// of the session (STS API Reference, AssumeRole, `Policy`).
    fn effective(&self, ctx: &Ctx) -> Result<Option<Arc<Permissions>>, ApiError> {
        let session = ctx.session.as_deref().and_then(|it| self.sessions.get(it));
        let Some(session) = session.filter(|it| it.has_policies()) else {
            return Ok(self.permissions.clone());
        };
        let refuse = |why: String| {
            let message =
                format!("The twin cannot evaluate this session: {why}. Nothing was done.");
            ApiError::new("UnsupportedOperation", message)
        };
        if let Some(arn) = session.policy_arns.first() {
            return Err(refuse(format!("it does not have the policy {arn}")));
        }
        let policy = session.policy.as_ref().map(Value::to_string);
        let document = PolicyDocument::from_json(&policy.unwrap_or_default()).map_err(refuse)?;
        let permissions = Permissions::within(self.permissions.as_deref(), document);
        permissions.map(Arc::new).map(Some).map_err(refuse)
    }
}

/// A call, as it is held against policies.
struct Asked<'a> {
    twin: &'a Twin,
    ctx: &'a Ctx,
    permissions: &'a Permissions,
    principal: String,
    arns: &'a Arns<'a>,
}

type RequestTags = Vec<(String, Option<String>)>;

impl Asked<'_> {
    /// What is made with tags must be allowed to be tagged too (EC2 User Guide, "Grant permission to
    /// tag Amazon EC2 resources during creation").
    fn check_tags_of_made(
        &self,
        table: &Table,
        action: &str,
        targets: &[Target<'_>],
        input: &Value,
    ) -> Result<(), ApiError> {
        let Some(row) = table.action("CreateTags") else {
            return Ok(());
        };
        for target in targets.iter().filter(|it| it.id.is_none()) {
            let request_tags = request_tags(input, target);
            let of = target
                .of
                .and_then(|it| row.types.iter().find(|of| of.name == it.name));
            if request_tags.is_empty() || of.is_none() {
                continue;
            }
            let target = Target {
                of,
                ..target.clone()
            };
            self.check(
                table,
                "CreateTags",
                row,
                &target,
                input,
                &request_tags,
                Some(action),
            )?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one question")]
    fn check(
        &self,
        table: &Table,
        action: &str,
        row: &Row,
        target: &Target<'_>,
        input: &Value,
        request_tags: &RequestTags,
        create_action: Option<&str>,
    ) -> Result<(), ApiError> {
        let mut context = self.context();
        let names = table.keys(row, target.of);
        let attribute = keys::text_at(input, "Attribute");
        for name in &names {
            match *name {
                "ec2:Region" => context.set(name, self.ctx.region.as_str()),
                "ec2:CreateAction" => {
                    if let Some(action) = create_action {
                        context.set(name, action);
                    }
                }
                "ec2:Attribute" => {
                    if let Some(attribute) = &attribute {
                        context.set(name, attribute.as_str());
                    }
                }
                _ => {}
            }
        }
        let shown = Shown {
            id: target.id.as_ref().map(|it| it.as_str()),
            members: &target.members,
            tags: target.tags.as_ref(),
            request_tags,
            arn: &|kind, id| self.arns.named(kind, id),
        };
        keys::show(&shown, &names, &mut context);
        let action = format!("ec2:{action}");
        let verdict = self.permissions.evaluate(&action, &target.arn, &context);
        let Some(why) = verdict else {
            return Ok(());
        };
        let denied = Denied {
            principal: &self.principal,
            action: &action,
            resource: &target.arn,
            context: &context,
            why,
        };
        Err(denied.error())
    }

    /// What every call has.
    fn context(&self) -> Context {
        let mut context = self.permissions.context();
        let now = self.twin.now();
        context.set("aws:CurrentTime", now.format("%Y-%m-%dT%H:%M:%SZ"));
        context.set("aws:EpochTime", now.millis().div_euclid(1000).to_string());
        context.set("aws:PrincipalAccount", self.ctx.account.as_str());
        context.set("aws:PrincipalArn", principal_key(&self.principal));
        let (kind, user) = principal_type(&self.principal);
        context.set("aws:PrincipalType", kind);
        if let Some(user) = user {
            context.set("aws:username", user);
        }
        context.set("aws:RequestedRegion", self.ctx.region.as_str());
        context.set("aws:ResourceAccount", self.ctx.account.as_str());
        // The twin stands for endpoints that are reached over TLS, by the caller itself.
        context.set("aws:SecureTransport", "true");
        context.set("aws:ViaAWSService", "false");
        context
    }
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

/// The tags that a request gives a resource: in the specification for its type when it is being made,
/// else, for `CreateTags` and `DeleteTags`, to all.
fn request_tags(input: &Value, target: &Target<'_>) -> RequestTags {
    let list = |value: &Value| -> RequestTags {
        let entries = value.as_array().into_iter().flatten();
        let tags = entries.filter_map(|it| {
            let key = it.get("Key")?.as_str()?.to_owned();
            Some((
                key,
                it.get("Value").and_then(Value::as_str).map(str::to_owned),
            ))
        });
        tags.collect()
    };
    if target.id.is_some() {
        return input.get("Tags").map(list).unwrap_or_default();
    }
    let kind = target.of.map(|it| it.name);
    let specifications = input.get("TagSpecifications").and_then(Value::as_array);
    let ours = specifications
        .into_iter()
        .flatten()
        .filter(|it| it.get("ResourceType").and_then(Value::as_str) == kind);
    ours.filter_map(|it| it.get("Tags"))
        .flat_map(list)
        .collect()
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
fn default_principal(ctx: &Ctx) -> String {
    let (account, partition) = (&ctx.account, sts::partition(ctx.region.as_str()));
    match &ctx.principal {
        Principal::Root => format!("arn:{partition}:iam::{account}:user/sandtable"),
        session => session.arn(partition, account),
    }
}
