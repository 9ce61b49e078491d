//! Trust policies of roles: who may assume them (IAM User Guide, "AWS JSON policy elements:
//! Principal").

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::context::Context;
use super::document::{
    OneOrMany, RawConditions, RawEffect, Set, Unique, Version, read_action, read_conditions, set,
    size_of,
};
use super::pattern::Rule;

/// The most characters of a trust policy, when the quota was raised as far as it can be (IAM User
/// Guide, "IAM and AWS STS quotas"; 2,048 unless it was).
const SIZE_MAX: usize = 8192;

/// The trust policy of a role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawTrust")]
pub struct TrustPolicy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq)]
struct Statement {
    is_allow: bool,
    principals: Principals,
    actions: Set,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq)]
enum Principals {
    Of(Vec<Trusted>),
    AllBut(Vec<Trusted>),
}

/// An entry of a `Principal`.
#[derive(Clone, Debug, PartialEq)]
enum Trusted {
    Everyone,
    /// An account, which says by its own policies who in it.
    Account(String),
    /// A user, role or session.
    Arn(String),
    /// A service or an identity provider, which no caller of the twin is.
    Other,
}

/// Who calls, as trust policies see it.
pub(super) struct Caller<'a> {
    /// The account.
    pub(super) account: &'a str,
    /// The ARN of the user or the session.
    pub(super) arn: &'a str,
    /// The ARN of the role, if it is a session.
    pub(super) role: Option<&'a str>,
}

/// What a trust policy says to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// Nothing.
    None,
    /// It trusts the account: the caller's own policies must allow it as well.
    Account,
    /// It trusts the role of which the caller is a session.
    Role,
    /// It trusts the very caller.
    Principal,
    /// It denies.
    Denied,
}

impl TrustPolicy {
    /// What the policy says to an action of a caller.
    pub(super) fn says(&self, action: &str, caller: &Caller<'_>, context: &Context) -> Trust {
        let mut most = Trust::None;
        for statement in &self.statements {
            let applies = statement.actions.has(action, Rule::IgnoreCase, context)
                && statement.conditions.iter().all(|it| it.holds(context));
            let trust = statement.principals.trust(caller, statement.is_allow);
            if !applies || trust == Trust::None {
                continue;
            }
            match statement.is_allow {
                true => most = most.max(trust),
                false => return Trust::Denied,
            }
        }
        most
    }

    /// The condition keys that the policy asks for.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let conditions = self.statements.iter().flat_map(|it| &it.conditions);
        conditions.flat_map(Condition::keys)
    }
}

impl Principals {
    fn trust(&self, caller: &Caller<'_>, is_allow: bool) -> Trust {
        let most = |all: &[Trusted]| {
            let each = all.iter().map(|it| it.trust(caller, is_allow));
            each.max().unwrap_or(Trust::None)
        };
        match self {
            Principals::Of(all) => most(all),
            Principals::AllBut(all) => match most(all) {
                Trust::None => Trust::Principal,
                _ => Trust::None,
            },
        }
    }
}

impl Trusted {
    fn trust(&self, caller: &Caller<'_>, is_allow: bool) -> Trust {
        match self {
            // As broad as an account: what is allowed to everyone is up to everyone's policies where
            // the account is another one, which the caller's side looks at.
            Trusted::Everyone => Trust::Principal,
            // A denial of an account is one of everybody in it.
            Trusted::Account(account) if account == caller.account => match is_allow {
                true => Trust::Account,
                false => Trust::Principal,
            },
            Trusted::Arn(arn) if arn == caller.arn => Trust::Principal,
            Trusted::Arn(arn) if Some(arn.as_str()) == caller.role => Trust::Role,
            _ => Trust::None,
        }
    }
}

/// A trust policy as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(rename = "TrustPolicy")]
struct RawTrust {
    /// The version of the policy language.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    /// A name.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Who is trusted and who is not.
    statement: OneOrMany<RawStatement>,
}

/// A statement of a trust policy. It has no `Resource`, which is the role itself.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(rename = "TrustStatement")]
struct RawStatement {
    /// A name.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Whether it allows or denies.
    effect: RawEffect,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<RawPrincipal>,
    /// Whom it is not about.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_principal: Option<RawPrincipal>,
    /// What it is about, such as `sts:AssumeRole`.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<OneOrMany<String>>,
    /// What it is not about.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_action: Option<OneOrMany<String>>,
    /// When it applies: by operator and key, the values that are wanted.
    #[serde(default, skip_serializing_if = "Unique::is_empty")]
    condition: RawConditions,
}

/// `*`, or principals by type.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "TrustedPrincipals")]
enum RawPrincipal {
    /// `*`: everyone.
    Everyone(String),
    /// Principals by type.
    By(ByType),
}

/// Principals by type.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TrustedPrincipalsByType")]
struct ByType {
    /// Accounts, users, roles and sessions: by ARN, an account by its number too.
    #[serde(rename = "AWS", default, skip_serializing_if = "Option::is_none")]
    aws: Option<OneOrMany<String>>,
    /// Services, such as `ec2.amazonaws.com`.
    #[serde(rename = "Service", default, skip_serializing_if = "Option::is_none")]
    service: Option<OneOrMany<String>>,
    /// Identity providers.
    #[serde(rename = "Federated", default, skip_serializing_if = "Option::is_none")]
    federated: Option<OneOrMany<String>>,
    /// Canonical ids of users of Amazon S3.
    #[serde(
        rename = "CanonicalUser",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    canonical: Option<OneOrMany<String>>,
}

impl JsonSchema for TrustPolicy {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        RawTrust::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RawTrust::json_schema(generator)
    }
}

impl TryFrom<RawTrust> for TrustPolicy {
    type Error = String;

    fn try_from(raw: RawTrust) -> Result<Self, String> {
        let has_variables = raw.version == Some(Version::V2012);
        let size = size_of(&raw)?;
        if size > SIZE_MAX {
            return Err(format!(
                "a trust policy of {size} characters: IAM takes at most {SIZE_MAX}"
            ));
        }
        let mut statements = Vec::new();
        for (index, raw) in raw.statement.as_slice().iter().enumerate() {
            let statement = Statement::read(raw, has_variables);
            statements
                .push(statement.map_err(|error| format!("statement {}: {error}", index + 1))?);
        }
        match statements.is_empty() {
            true => Err("a policy needs a statement".to_owned()),
            false => Ok(TrustPolicy { statements }),
        }
    }
}

impl Statement {
    fn read(raw: &RawStatement, has_variables: bool) -> Result<Self, String> {
        let principals = match (&raw.principal, &raw.not_principal) {
            (Some(of), None) => Principals::Of(of.read()?),
            (None, Some(_)) if raw.effect == RawEffect::Allow => {
                return Err("`NotPrincipal` cannot allow".to_owned());
            }
            (None, Some(but)) => Principals::AllBut(but.read()?),
            (Some(_), Some(_)) => {
                return Err("`Principal` and `NotPrincipal` exclude each other".to_owned());
            }
            (None, None) => {
                return Err("neither `Principal` nor `NotPrincipal`".to_owned());
            }
        };
        Ok(Statement {
            is_allow: raw.effect == RawEffect::Allow,
            principals,
            actions: set("Action", &raw.action, &raw.not_action, read_action)?,
            conditions: read_conditions(&raw.condition, has_variables)?,
        })
    }
}

impl RawPrincipal {
    fn read(&self) -> Result<Vec<Trusted>, String> {
        let by = match self {
            RawPrincipal::Everyone(text) if text == "*" => return Ok(vec![Trusted::Everyone]),
            RawPrincipal::Everyone(text) => {
                return Err(format!(
                    "`{text}` is no principal: give `*`, or principals by type"
                ));
            }
            RawPrincipal::By(by) => by,
        };
        let aws = by.aws.iter().flat_map(OneOrMany::as_slice);
        let mut all = aws.map(|it| principal(it)).collect::<Result<Vec<_>, _>>()?;
        let others = by.service.iter().chain(&by.federated).chain(&by.canonical);
        all.extend(others.flat_map(OneOrMany::as_slice).map(|_| Trusted::Other));
        match all.is_empty() {
            true => Err("`Principal` is empty".to_owned()),
            false => Ok(all),
        }
    }
}

/// A principal of AWS: no wildcards but `*` alone.
fn principal(text: &str) -> Result<Trusted, String> {
    let is_account = |it: &str| it.len() == 12 && it.bytes().all(|byte| byte.is_ascii_digit());
    if text == "*" {
        return Ok(Trusted::Everyone);
    }
    if is_account(text) {
        return Ok(Trusted::Account(text.to_owned()));
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match *parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] if is_account(account) => {
            Ok(Trusted::Account(account.to_owned()))
        }
        ["arn", _, "iam" | "sts", "", account, name]
            if is_account(account) && !name.is_empty() && !name.contains(['*', '?']) =>
        {
            Ok(Trusted::Arn(text.to_owned()))
        }
        _ => Err(format!(
            "`{text}` is no principal: give an account, or the ARN of a user, role or session \
             without wildcards"
        )),
    }
}
