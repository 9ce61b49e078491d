//! The credentials file of `serve`: AWS's shared credentials file with three settings more.
//!
//! The form is the one that AWS documents (AWS SDKs and Tools Reference Guide, "Shared config and
//! credentials files"), so that the very file that clients read their keys from will do. What is
//! deliberately stricter: a setting that is not known, not where it belongs or there twice is
//! refused, since a misspelt one would let somebody in or keep somebody out unnoticed.

use std::path::Path;

use ini::{Ini, ParseOption};
use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_model::AccountId;
use sandtable_simulator::sts::Principal;
use sandtable_simulator::world::{Key, Keys};

use super::world::permissions;
use crate::files::read_text;

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
const TOKEN: &str = "aws_session_token";
const ACCOUNT: &str = "aws_account_id";
const PRINCIPAL: &str = "sandtable_principal";
const PERMISSIONS: &str = "sandtable_permissions";
/// Settings that clients need and the twin does not.
const IGNORED: [&str; 2] = ["region", "output"];

/// Reads a credentials file. A profile that names no account is of `first`.
pub(super) fn read(path: &Path, first: &AccountId) -> miette::Result<Keys> {
    let text = read_text(path)?;
    keys(&text, path, first).wrap_err_with(|| format!("`{}`", path.display()))
}

fn keys(text: &str, path: &Path, first: &AccountId) -> miette::Result<Keys> {
    // AWS's files know neither quotes nor escapes, and comments have lines of their own.
    let options = ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        enabled_indented_mutiline_value: false,
        enabled_preserve_key_leading_whitespace: false,
    };
    let file = Ini::load_from_str_opt(text, options).into_diagnostic()?;
    let mut keys = Keys::default();
    let mut seen = Vec::new();
    for (name, settings) in file.iter() {
        let Some(name) = name else {
            if settings.is_empty() {
                continue;
            }
            return Err(miette!(
                help = "put a line such as `[default]` before them",
                "there are settings before the first profile"
            ));
        };
        if seen.contains(&name) {
            return Err(miette!("the profile [{name}] is there twice"));
        }
        seen.push(name);
        let profile = Profile::read(name, settings)?;
        add(&mut keys, &profile, path, first)
            .wrap_err_with(|| format!("in the profile [{name}]"))?;
    }
    if keys.is_empty() {
        return Err(miette!(
            help = "give profiles with `{ID}` and `{SECRET}`",
            "there is no access key, so nobody could call anything"
        ));
    }
    Ok(keys)
}

/// The settings of a profile.
#[derive(Default)]
struct Profile<'a> {
    id: Option<&'a str>,
    secret: Option<&'a str>,
    token: Option<&'a str>,
    account: Option<&'a str>,
    principal: Option<&'a str>,
    permissions: Option<&'a str>,
}

impl<'a> Profile<'a> {
    fn read(name: &str, settings: &'a ini::Properties) -> miette::Result<Self> {
        let mut profile = Profile::default();
        for (key, value) in settings.iter() {
            let key = key.trim();
            let place = match key {
                ID => &mut profile.id,
                SECRET => &mut profile.secret,
                TOKEN => &mut profile.token,
                ACCOUNT => &mut profile.account,
                PRINCIPAL => &mut profile.principal,
                PERMISSIONS => &mut profile.permissions,
                _ if IGNORED.contains(&key) => continue,
                _ => {
                    return Err(miette!(
                        help = "the settings are {ID}, {SECRET}, {TOKEN}, {ACCOUNT}, {PRINCIPAL} and \
                                {PERMISSIONS}",
                        "the profile [{name}] has the setting `{key}`, which is not known"
                    ));
                }
            };
            let value = value.trim();
            if value.is_empty() {
                return Err(miette!("in the profile [{name}], `{key}` is empty"));
            }
            if place.replace(value).is_some() {
                return Err(miette!("in the profile [{name}], `{key}` is there twice"));
            }
        }
        Ok(profile)
    }
}

fn add(
    keys: &mut Keys,
    profile: &Profile<'_>,
    path: &Path,
    first: &AccountId,
) -> miette::Result<()> {
    let (account, principal) = holder(profile, first)?;
    match (profile.id, profile.secret) {
        (Some(id), Some(secret)) => keys
            .add(Key {
                id: id.to_owned(),
                secret: secret.to_owned(),
                token: profile.token.map(str::to_owned),
                account: account.clone(),
                principal: principal.clone(),
            })
            .into_diagnostic()?,
        (None, None) if profile.permissions.is_some() && profile.principal.is_some() => {}
        (None, None) => {
            return Err(miette!(
                help = "give `{ID}` and `{SECRET}`; without them a profile says with `{PRINCIPAL}` and \
                        `{PERMISSIONS}` what a role may do",
                "there is no access key"
            ));
        }
        (Some(_), None) => return Err(miette!("`{SECRET}` is missing")),
        (None, Some(_)) => return Err(miette!("`{ID}` is missing")),
    }
    if let Some(file) = profile.permissions {
        let folder = path.parent().unwrap_or(Path::new("."));
        let permissions = permissions(&folder.join(file))?;
        keys.permit(&account, &principal, permissions)
            .into_diagnostic()?;
    }
    Ok(())
}

/// Whose the keys of a profile are: the principal's that is named, or the account's own.
fn holder(profile: &Profile<'_>, first: &AccountId) -> miette::Result<(AccountId, Principal)> {
    let told = profile.account.map(AccountId::new).transpose();
    let told = told.into_diagnostic()?;
    let Some(arn) = profile.principal else {
        return Ok((told.unwrap_or_else(|| first.clone()), Principal::Root));
    };
    let (account, principal) = Keys::principal(arn).into_diagnostic()?;
    match told {
        Some(told) if told != account => Err(miette!(
            "`{ACCOUNT}` is {told}, and `{PRINCIPAL}` is one of {account}"
        )),
        _ => Ok((account, principal)),
    }
}
