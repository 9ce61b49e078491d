//! Temporary credentials of the caller itself.

use sandtable_model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

use super::constraint::Constraints;
use super::{Principal, Session};
use crate::{ApiError, Ctx, Twin};

/// How long the credentials of an account itself last at most, and when nothing is said
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>).
const ROOT_SECONDS_MAX: i64 = 3600;
/// The same for users: what AWS says when nothing is said.
const USER_SECONDS: i64 = 43_200;

/// The request of [`get_session_token`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct GetSessionTokenRequest {
    /// How long the credentials last, in seconds.
    pub duration_seconds: Option<i64>,
}

/// Temporary credentials, as answers have them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

impl Credentials {
    pub(super) fn of(session: &Session) -> Self {
        Credentials {
            access_key_id: session.access_key.to_string(),
            secret_access_key: session.secret_key.clone(),
            session_token: session.token.clone(),
            expiration: expiration(session.expires_at),
        }
    }
}

/// The form that STS gives the end of a session: whole seconds.
fn expiration(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ")
}

/// The answer of [`get_session_token`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SessionToken {
    credentials: Credentials,
}

/// `GetSessionToken`
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>).
///
/// # Errors
/// `ValidationError` for a duration out of range, `AccessDenied` for callers that are a session
/// already.
pub fn get_session_token(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetSessionTokenRequest,
) -> Result<SessionToken, ApiError> {
    let mut constraints = Constraints::default();
    if let Some(seconds) = request.duration_seconds {
        constraints.value("durationSeconds", seconds, 900..=129_600);
    }
    constraints.check()?;
    let is_session = matches!(ctx.principal, Principal::AssumedRole { .. });
    if is_session || ctx.session.is_some() {
        return Err(ApiError::new(
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
        ));
    }
    // More than an hour is cut to an hour for the account itself, which AWS documents.
    let seconds = match ctx.principal {
        Principal::User(_) => request.duration_seconds.unwrap_or(USER_SECONDS),
        _ => request
            .duration_seconds
            .map_or(ROOT_SECONDS_MAX, |it| it.min(ROOT_SECONDS_MAX)),
    };
    let expires_at = twin.now().plus(Duration::from_secs(seconds));
    let (account, principal) = (ctx.account.clone(), ctx.principal.clone());
    let session = twin
        .sessions
        .begin(&ctx.account, |access_key, secret_key, token| Session {
            access_key,
            secret_key,
            token,
            account,
            principal,
            role_arn: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Default::default(),
            external_id: None,
            source_identity: None,
            expires_at,
        });
    Ok(SessionToken {
        credentials: Credentials::of(session),
    })
}
