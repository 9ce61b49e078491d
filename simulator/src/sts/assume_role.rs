//! Sessions of roles.

use std::collections::BTreeMap;

use sandtable_model::{AccountId, Duration};
use serde::{Deserialize, Serialize};

use super::constraint::{Constraints, is_name};
use super::session::role_id;
use super::session_token::Credentials;
use super::{Principal, Session, policy};
use crate::{ApiError, Ctx, Twin};

/// How long a session lasts when nothing is said, and at most when a role assumes another
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>, `DurationSeconds`).
const HOUR: i64 = 3600;

/// The request of [`assume_role`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct AssumeRoleRequest {
    /// The ARN of the role.
    pub role_arn: String,
    /// The name of the session.
    pub role_session_name: String,
    /// Managed session policies.
    pub policy_arns: Vec<PolicyDescriptor>,
    /// An inline session policy.
    pub policy: Option<String>,
    /// How long the session lasts, in seconds.
    pub duration_seconds: Option<i64>,
    /// Session tags.
    pub tags: Vec<SessionTag>,
    /// What a third party proves with that it acts for the account.
    pub external_id: Option<String>,
    /// Who is behind the session.
    pub source_identity: Option<String>,
}

/// A managed session policy. Its member has a lower-case name in AWS's model.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyDescriptor {
    /// The ARN.
    pub arn: String,
}

/// A session tag.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct SessionTag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// The answer of [`assume_role`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumedRole {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_policy_size: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

/// The principal of a session.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

/// `AssumeRole` (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
///
/// Laxer than AWS in that the account itself may assume a role, which AWS denies to its root user:
/// in the twin, a key that it did not give out stands for anyone in the account.
///
/// # Errors
/// `ValidationError` for what the model or the ARN's form rules out and for more than an hour by a
/// session of a role, `MalformedPolicyDocument`, `PackedPolicyTooLarge`.
pub fn assume_role(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssumeRoleRequest,
) -> Result<AssumedRole, ApiError> {
    check(&request)?;
    let role = RoleArn::read(&request.role_arn)?;
    if let Some(key) = repeated(&request.tags) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive: {key}"
            ),
        ));
    }
    let inline = request.policy.as_deref().map(policy::read).transpose()?;
    let arns: Vec<String> = request.policy_arns.into_iter().map(|it| it.arn).collect();
    let packed_policy_size = policy::packed_size(request.policy.as_deref(), &arns)?;
    let seconds = request.duration_seconds.unwrap_or(HOUR);
    if seconds > HOUR && matches!(ctx.principal, Principal::AssumedRole { .. }) {
        return Err(ApiError::new(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }
    let known = twin.permissions().and_then(|it| it.role(&request.role_arn));
    if known.is_some_and(|it| seconds > it.session_seconds_max) {
        return Err(ApiError::new(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let principal = Principal::AssumedRole {
        role: role.name.into(),
        session: request.role_session_name.as_str().into(),
    };
    let assumed_role_user = AssumedRoleUser {
        assumed_role_id: format!(
            "{}:{}",
            role_id(&request.role_arn),
            request.role_session_name
        ),
        arn: principal.arn(role.partition, &role.account),
    };
    let expires_at = twin.now().plus(Duration::from_secs(seconds));
    let account = role.account.clone();
    let role_arn = request.role_arn.clone();
    let source_identity = request.source_identity.clone();
    let session = twin
        .sessions
        .begin(&role.account, |access_key, secret_key, token| Session {
            access_key,
            secret_key,
            token,
            account,
            principal,
            role_arn: Some(role_arn),
            policy: inline,
            policy_arns: arns,
            tags: request
                .tags
                .into_iter()
                .map(|it| (it.key, it.value))
                .collect::<BTreeMap<_, _>>(),
            external_id: request.external_id,
            source_identity,
            expires_at,
        });
    Ok(AssumedRole {
        credentials: Credentials::of(session),
        assumed_role_user,
        packed_policy_size,
        source_identity: request.source_identity,
    })
}

/// The constraints of the service model.
fn check(request: &AssumeRoleRequest) -> Result<(), ApiError> {
    const NAME: &str = r"[\w+=,.@-]*";
    let mut constraints = Constraints::default();
    constraints.length("roleArn", &request.role_arn, 20..=2048);
    let name = request.role_session_name.as_str();
    constraints.characters("roleSessionName", name, NAME, is_name);
    constraints.length("roleSessionName", name, 2..=64);
    constraints.count("policyArns", request.policy_arns.len(), 0..=10);
    for (number, policy) in (1..).zip(&request.policy_arns) {
        let number: usize = number;
        constraints.length(
            &format!("policyArns.{number}.member.arn"),
            &policy.arn,
            20..=2048,
        );
    }
    if let Some(policy) = &request.policy {
        constraints.length("policy", policy, 1..=usize::MAX);
        let pattern = r"[\u0009\u000A\u000D\u0020-\u00FF]+";
        constraints.characters("policy", policy, pattern, |it| {
            matches!(it, '\t' | '\n' | '\r' | ' '..='\u{ff}')
        });
    }
    if let Some(seconds) = request.duration_seconds {
        constraints.value("durationSeconds", seconds, 900..=43_200);
    }
    constraints.count("tags", request.tags.len(), 0..=50);
    for (number, tag) in (1..).zip(&request.tags) {
        let number: usize = number;
        constraints.length(&format!("tags.{number}.member.key"), &tag.key, 1..=128);
        constraints.length(&format!("tags.{number}.member.value"), &tag.value, 0..=256);
    }
    if let Some(id) = &request.external_id {
        constraints.characters("externalId", id, r"[\w+=,.@:\/-]*", |it| {
            is_name(it) || ":/".contains(it)
        });
        constraints.length("externalId", id, 2..=1224);
    }
    if let Some(identity) = &request.source_identity {
        constraints.characters("sourceIdentity", identity, NAME, is_name);
        constraints.length("sourceIdentity", identity, 2..=64);
    }
    constraints.check()
}

/// A tag key that is there twice; case makes no difference.
fn repeated(tags: &[SessionTag]) -> Option<&str> {
    let keys: Vec<String> = tags.iter().map(|it| it.key.to_lowercase()).collect();
    let twice = (0..keys.len()).find(|at| keys[..*at].contains(&keys[*at]))?;
    Some(tags[twice].key.as_str())
}

/// The parts of a role's ARN.
struct RoleArn<'a> {
    partition: &'a str,
    account: AccountId,
    /// Without the path.
    name: &'a str,
}

impl<'a> RoleArn<'a> {
    fn read(arn: &'a str) -> Result<Self, ApiError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let read = match *parts.as_slice() {
            ["arn", partition, "iam", "", account, resource] => {
                let account = AccountId::new(account).ok();
                let path = resource.strip_prefix("role/");
                let name = path.and_then(|it| it.rsplit('/').next());
                account.zip(name).map(|(account, name)| RoleArn {
                    partition,
                    account,
                    name,
                })
            }
            _ => None,
        };
        let is_sound = |it: &RoleArn<'_>| {
            let partition = matches!(it.partition, "aws" | "aws-cn" | "aws-us-gov");
            partition && (1..=64).contains(&it.name.len()) && it.name.chars().all(is_name)
        };
        let invalid = || ApiError::new("ValidationError", "Request ARN is invalid");
        read.filter(is_sound).ok_or_else(invalid)
    }
}
