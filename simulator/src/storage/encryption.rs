//! Encryption: whether a Region encrypts by default, with which key, and what that means for a new
//! volume or snapshot.
//!
//! Deliberately absent: the keys themselves. The twin has no KMS; an id is made an ARN, an alias stays
//! an alias, and whether the key exists or may be used is not asked.
//!
//! The outcomes are those of "Encryption outcomes" of the EBS user guide
//! (<https://docs.aws.amazon.com/ebs/latest/userguide/encryption-examples.html>).

use sandtable_model::{AccountId, Region};
use smol_str::SmolStr;

use crate::network::request::{answers, requests};
use crate::rules::{invalid_combination, required};
use crate::{ApiError, Ctx, Twin};

/// What a Region does about encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encryption {
    by_default: bool,
    /// The customer's key; AWS's own when absent.
    key: Option<SmolStr>,
}

requests! {
    /// `EnableEbsEncryptionByDefault`, `DisableEbsEncryptionByDefault`, `GetEbsEncryptionByDefault`,
    /// `GetEbsDefaultKmsKeyId` and `ResetEbsDefaultKmsKeyId`, which take nothing.
    EncryptionRequest {}
    /// `ModifyEbsDefaultKmsKeyId`.
    ModifyEbsDefaultKmsKeyIdRequest { kms_key_id: String }
}

answers! {
    /// Whether new volumes are encrypted without being asked for.
    EncryptionByDefault { ebs_encryption_by_default: bool, sse_type: Option<&'static str> }
    /// Whether new volumes are encrypted from now on.
    EncryptionSwitched { ebs_encryption_by_default: bool }
    /// The key for what is encrypted without naming one.
    DefaultKey { kms_key_id: SmolStr }
}

/// Switches encryption by default on in the Region of the call.
///
/// # Errors
/// `DryRunOperation`.
pub fn enable_ebs_encryption_by_default(
    twin: &mut Twin,
    ctx: &Ctx,
    _: EncryptionRequest,
) -> Result<EncryptionSwitched, ApiError> {
    switch(twin, ctx, true)
}

/// Switches encryption by default off.
///
/// # Errors
/// `DryRunOperation`.
pub fn disable_ebs_encryption_by_default(
    twin: &mut Twin,
    ctx: &Ctx,
    _: EncryptionRequest,
) -> Result<EncryptionSwitched, ApiError> {
    switch(twin, ctx, false)
}

fn switch(twin: &mut Twin, ctx: &Ctx, on: bool) -> Result<EncryptionSwitched, ApiError> {
    ctx.end_dry_run()?;
    setting(twin, ctx).by_default = on;
    Ok(EncryptionSwitched {
        ebs_encryption_by_default: on,
    })
}

fn setting<'a>(twin: &'a mut Twin, ctx: &Ctx) -> &'a mut Encryption {
    let all = &mut twin.storage.encryption;
    all.entry(ctx.region.clone()).or_default()
}

/// Tells whether encryption by default is on.
///
/// # Errors
/// `DryRunOperation`.
pub fn get_ebs_encryption_by_default(
    twin: &mut Twin,
    ctx: &Ctx,
    _: EncryptionRequest,
) -> Result<EncryptionByDefault, ApiError> {
    ctx.end_dry_run()?;
    let on = is_on(twin, ctx);
    Ok(EncryptionByDefault {
        ebs_encryption_by_default: on,
        sse_type: Some(if on { "sse-kms" } else { "none" }),
    })
}

/// Tells the default key.
///
/// # Errors
/// `DryRunOperation`.
pub fn get_ebs_default_kms_key_id(
    twin: &mut Twin,
    ctx: &Ctx,
    _: EncryptionRequest,
) -> Result<DefaultKey, ApiError> {
    ctx.end_dry_run()?;
    Ok(DefaultKey {
        kms_key_id: default_key(twin, ctx),
    })
}

/// Sets the default key.
///
/// # Errors
/// `MissingParameter`.
pub fn modify_ebs_default_kms_key_id(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyEbsDefaultKmsKeyIdRequest,
) -> Result<DefaultKey, ApiError> {
    let key = arn_of(ctx, required("KmsKeyId", &request.kms_key_id)?);
    ctx.end_dry_run()?;
    setting(twin, ctx).key = Some(key.clone());
    Ok(DefaultKey { kms_key_id: key })
}

/// Sets the default key back to AWS's own.
///
/// # Errors
/// `DryRunOperation`.
pub fn reset_ebs_default_kms_key_id(
    twin: &mut Twin,
    ctx: &Ctx,
    _: EncryptionRequest,
) -> Result<DefaultKey, ApiError> {
    ctx.end_dry_run()?;
    setting(twin, ctx).key = None;
    Ok(DefaultKey {
        kms_key_id: default_key(twin, ctx),
    })
}

fn is_on(twin: &Twin, ctx: &Ctx) -> bool {
    let setting = twin.storage.encryption.get(&ctx.region);
    setting.is_some_and(|it| it.by_default)
}

fn default_key(twin: &Twin, ctx: &Ctx) -> SmolStr {
    let setting = twin.storage.encryption.get(&ctx.region);
    let own = setting.and_then(|it| it.key.clone());
    own.unwrap_or_else(|| managed_key(&ctx.account, &ctx.region))
}

/// Whether a new volume or snapshot is encrypted, and with which key. `source` is the key of the
/// encrypted snapshot that it comes from; the inner `None` when that is not known.
///
/// # Errors
/// `InvalidParameterDependency` for a key without encryption, `InvalidParameterCombination` for the
/// same said explicitly.
pub(crate) fn outcome(
    twin: &Twin,
    ctx: &Ctx,
    encrypted: Option<bool>,
    key: Option<&str>,
    source: Option<Option<&SmolStr>>,
) -> Result<(bool, Option<SmolStr>), ApiError> {
    let is_encrypted = encrypted == Some(true) || source.is_some() || is_on(twin, ctx);
    if let Some(key) = key.filter(|it| !it.is_empty()) {
        if encrypted == Some(false) {
            return Err(invalid_combination(
                "The parameter KmsKeyId cannot be used with Encrypted set to false.",
            ));
        }
        if !is_encrypted {
            return Err(ApiError::new(
                "InvalidParameterDependency",
                "The parameter KmsKeyId requires the parameter Encrypted to be set.",
            ));
        }
        return Ok((true, Some(arn_of(ctx, key))));
    }
    if !is_encrypted {
        return Ok((false, None));
    }
    let key = match source {
        Some(Some(key)) => key.clone(),
        _ => default_key(twin, ctx),
    };
    Ok((true, Some(key)))
}

/// As [`outcome`] for a copy into a Region: without a key it gets the Region's default one, never that
/// of its source.
///
/// # Errors
/// As [`outcome`].
pub(crate) fn outcome_of_copy(
    twin: &Twin,
    ctx: &Ctx,
    encrypted: Option<bool>,
    key: Option<&str>,
    source_is_encrypted: bool,
) -> Result<(bool, Option<SmolStr>), ApiError> {
    outcome(
        twin,
        ctx,
        encrypted,
        key,
        source_is_encrypted.then_some(None),
    )
}

/// Whether a key is AWS's own of an account and Region, which cannot be shared.
pub(super) fn is_managed_key(ctx: &Ctx, key: &str) -> bool {
    key == managed_key(&ctx.account, &ctx.region) || key.ends_with(":alias/aws/ebs")
}

/// The ARN of a key by its ARN, id or alias.
fn arn_of(ctx: &Ctx, key: &str) -> SmolStr {
    if key.starts_with("arn:") {
        return key.into();
    }
    let resource = match key.strip_prefix("alias/") {
        Some(_) => key.to_owned(),
        None => format!("key/{key}"),
    };
    format!("{}:{resource}", prefix(&ctx.account, &ctx.region)).into()
}

fn prefix(account: &AccountId, region: &Region) -> String {
    let name = region.as_str();
    let partition = if name.starts_with("cn-") {
        "aws-cn"
    } else if name.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    };
    format!("arn:{partition}:kms:{name}:{account}")
}

/// The key that AWS makes for EBS in each Region of an account. The twin makes its id of both names.
fn managed_key(account: &AccountId, region: &Region) -> SmolStr {
    let prefix = prefix(account, region);
    let sum = |seed: u64| {
        prefix.bytes().fold(seed, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        })
    };
    let (high, low) = (sum(0xcbf2_9ce4_8422_2325), sum(0x8422_2325_cbf2_9ce4));
    format!(
        "{prefix}:key/{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
    .into()
}
