//! Who is asking, and whose a key is.

use serde::{Deserialize, Serialize};

use sandtable_model::AccountId;

use super::constraint::Constraints;
use super::session::{role_id, unique_id};
use super::{Principal, partition};
use crate::{ApiError, Ctx, Twin};

/// The request of [`get_caller_identity`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GetCallerIdentityRequest {}

/// Who is asking.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallerIdentity {
    user_id: String,
    account: AccountId,
    arn: String,
}

/// `GetCallerIdentity`
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>), which needs no
/// permission.
///
/// # Errors
/// None of its own.
pub fn get_caller_identity(
    twin: &mut Twin,
    ctx: &Ctx,
    _: GetCallerIdentityRequest,
) -> Result<CallerIdentity, ApiError> {
    let arn = ctx
        .principal
        .arn(partition(ctx.region.as_str()), &ctx.account);
    let user_id = match &ctx.principal {
        Principal::Root => ctx.account.to_string(),
        Principal::User(_) => unique_id("AIDA", &arn),
        Principal::AssumedRole { session, .. } => {
            let is_it =
                |it: &&super::Session| it.account == ctx.account && it.principal == ctx.principal;
            let role = twin.sessions.iter().find(is_it);
            let role = role.and_then(|it| it.role_arn.as_deref());
            format!("{}:{session}", role_id(role.unwrap_or(&arn)))
        }
    };
    Ok(CallerIdentity {
        user_id,
        account: ctx.account.clone(),
        arn,
    })
}

/// The request of [`get_access_key_info`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct GetAccessKeyInfoRequest {
    /// The id of an access key.
    pub access_key_id: String,
}

/// Whose a key is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessKeyInfo {
    account: AccountId,
}

/// `GetAccessKeyInfo`
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>). A key that the
/// twin did not give out belongs to the account that calls with such a key are made in: its own.
///
/// # Errors
/// `ValidationError` for what is no id of a key.
pub fn get_access_key_info(
    twin: &mut Twin,
    _: &Ctx,
    request: GetAccessKeyInfoRequest,
) -> Result<AccessKeyInfo, ApiError> {
    let id = request.access_key_id.as_str();
    let mut constraints = Constraints::default();
    constraints.length("accessKeyId", id, 16..=128);
    constraints.characters("accessKeyId", id, r"[\w]*", |it| {
        it.is_ascii_alphanumeric() || it == '_'
    });
    constraints.check()?;
    let session = twin.sessions.get(id);
    let account = session.map_or_else(|| twin.account().clone(), |it| it.account.clone());
    Ok(AccessKeyInfo { account })
}
