//! Key pairs: create, import, describe, delete.
//!
//! The twin makes no keys. What it gives as private half is a text that says so, in the armour that
//! clients look for; the public half has the form of one and belongs to no private half. Both follow
//! from the id alone, so that a run can be repeated. Fingerprints are computed as AWS computes them,
//! over what there is.

mod describe;
mod material;

pub use describe::{DescribeKeyPairsRequest, DescribedKeyPairs, describe_key_pairs};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::KeyPair;
use sandtable_model::{KeyPairId, Kind, Tags};

use crate::rules::{self, TagSpecification, invalid_value, required, tags_for};
use crate::{ApiError, Ctx, State, Twin};

/// The longest name (EC2 API reference, CreateKeyPair).
const NAME_MAX: usize = 255;

/// `CreateKeyPair`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateKeyPairRequest {
    /// The name.
    pub key_name: String,
    /// `rsa` or `ed25519`; `rsa` when absent.
    pub key_type: Option<SmolStr>,
    /// `pem`; what the twin gives is no key in either form, so it offers one.
    pub key_format: Option<SmolStr>,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// The answer of `CreateKeyPair` and `ImportKeyPair`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MadeKeyPair {
    /// The id.
    pub key_pair_id: KeyPairId,
    /// The name.
    pub key_name: SmolStr,
    /// What the key is known by.
    pub key_fingerprint: SmolStr,
    /// What stands for the private half; told by `CreateKeyPair` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_material: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// Makes a key pair, whose private half is told this once.
///
/// # Errors
/// `InvalidKeyPair.Duplicate`.
pub fn create_key_pair(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateKeyPairRequest,
) -> Result<MadeKeyPair, ApiError> {
    let name = checked_name(&request.key_name)?;
    let kind = request.key_type.as_deref().unwrap_or("rsa");
    if !matches!(kind, "rsa" | "ed25519") {
        return Err(invalid_value(format!(
            "Value ({kind}) for parameter KeyType is invalid."
        )));
    }
    match request.key_format.as_deref() {
        None | Some("pem") => {}
        Some("ppk") => {
            return Err(ApiError::new(
                "UnsupportedOperation",
                "The twin does not model the parameter KeyFormat of CreateKeyPair but for pem: nothing was done.",
            ));
        }
        Some(other) => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter KeyFormat is invalid."
            )));
        }
    }
    let tags = tags_of(&request.tag_specifications)?;
    ctx.end_dry_run()?;
    check_unused(&twin.state, ctx, name)?;
    let id = twin.fresh(KeyPairId::from_number);
    let made = material::make(&id, name, kind);
    let pair = KeyPair {
        key_pair_id: id.clone(),
        key_name: name.into(),
        key_type: kind.into(),
        key_fingerprint: Some(made.fingerprint.clone().into()),
        public_key: Some(made.public.into()),
        create_time: Some(twin.now()),
        tags: tags.clone(),
    };
    twin.state.insert(&ctx.region, pair);
    Ok(MadeKeyPair {
        key_pair_id: id,
        key_name: name.into(),
        key_fingerprint: made.fingerprint.into(),
        key_material: Some(made.private),
        tags,
    })
}

/// `ImportKeyPair`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ImportKeyPairRequest {
    /// The name.
    pub key_name: String,
    /// The public half in OpenSSH's form, in base64 as every blob of the API.
    pub public_key_material: String,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// Takes the public half of a key pair that was made elsewhere.
///
/// # Errors
/// `InvalidKeyPair.Duplicate`, `InvalidKey.Format`.
pub fn import_key_pair(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ImportKeyPairRequest,
) -> Result<MadeKeyPair, ApiError> {
    let name = checked_name(&request.key_name)?;
    let text = required("PublicKeyMaterial", &request.public_key_material)?;
    let read = material::read(text).ok_or_else(|| {
        ApiError::new(
            "InvalidKey.Format",
            "Key is not in valid OpenSSH public key format",
        )
    })?;
    let tags = tags_of(&request.tag_specifications)?;
    ctx.end_dry_run()?;
    check_unused(&twin.state, ctx, name)?;
    let id = twin.fresh(KeyPairId::from_number);
    let pair = KeyPair {
        key_pair_id: id.clone(),
        key_name: name.into(),
        key_type: read.kind.into(),
        key_fingerprint: Some(read.fingerprint.clone().into()),
        public_key: Some(read.public.into()),
        create_time: Some(twin.now()),
        tags: tags.clone(),
    };
    twin.state.insert(&ctx.region, pair);
    Ok(MadeKeyPair {
        key_pair_id: id,
        key_name: name.into(),
        key_fingerprint: read.fingerprint.into(),
        key_material: None,
        tags,
    })
}

/// `DeleteKeyPair`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteKeyPairRequest {
    /// The pair by its name.
    pub key_name: Option<String>,
    /// The pair by its id.
    pub key_pair_id: Option<String>,
}

/// The answer of `DeleteKeyPair`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedKeyPair {
    /// Always true.
    pub r#return: bool,
    /// The id, if there was such a pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_pair_id: Option<KeyPairId>,
}

/// Deletes AWS's half of a key pair. Instances that were launched with it keep the key; a pair that
/// there is not is deleted with success, too (facts, ec2-semantics, section 1, "Idempotency").
///
/// # Errors
/// `MissingParameter`, `InvalidKeyPair.Malformed`.
pub fn delete_key_pair(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteKeyPairRequest,
) -> Result<DeletedKeyPair, ApiError> {
    let found = match (request.key_pair_id.as_deref(), request.key_name.as_deref()) {
        (Some(text), _) if !text.is_empty() => {
            let id = rules::parse(&twin.state, Kind::KeyPair, text)?;
            let pair = twin.state.get_in(&ctx.region, &id);
            pair.and_then(|it| it.get::<KeyPair>())
        }
        (_, name) => find(
            &twin.state,
            ctx,
            required("KeyName", name.unwrap_or_default())?,
        ),
    };
    let id = found.map(|it| it.key_pair_id.clone());
    ctx.end_dry_run()?;
    if let Some(id) = &id {
        twin.state.remove(id);
    }
    Ok(DeletedKeyPair {
        r#return: true,
        key_pair_id: id,
    })
}

/// Refuses a name that no key pair has.
///
/// # Errors
/// `InvalidKeyPair.NotFound`.
pub(super) fn check_there(state: &State, ctx: &Ctx, name: &str) -> Result<(), ApiError> {
    match find(state, ctx, name) {
        Some(_) => Ok(()),
        None => Err(rules::unknown(Kind::KeyPair, &[name])),
    }
}

fn find<'a>(state: &'a State, ctx: &Ctx, name: &str) -> Option<&'a KeyPair> {
    let mut pairs = state.all::<KeyPair>(&ctx.region);
    pairs.find(|it| it.key_name == name)
}

fn check_unused(state: &State, ctx: &Ctx, name: &str) -> Result<(), ApiError> {
    if find(state, ctx, name).is_some() {
        return Err(ApiError::new(
            "InvalidKeyPair.Duplicate",
            format!("The keypair '{name}' already exists."),
        ));
    }
    Ok(())
}

fn checked_name(name: &str) -> Result<&str, ApiError> {
    required("KeyName", name)?;
    let is_plain = name.bytes().all(|it| (0x20..0x7f).contains(&it));
    if name.len() > NAME_MAX || !is_plain {
        return Err(invalid_value(format!(
            "Value ({name}) for parameter KeyName is invalid. Length exceeds {NAME_MAX} characters or it has others than ASCII."
        )));
    }
    Ok(name)
}

fn tags_of(specifications: &[TagSpecification]) -> Result<Tags, ApiError> {
    tags_for(Kind::KeyPair, &[Kind::KeyPair], specifications)
}
