//! The credentials file of `serve`: AWS's shared credentials file with three settings more.
//!
//! The form is the one that AWS documents (AWS SDKs and Tools Reference Guide, "Shared config and
//! credentials files"), so that the very file that clients read their keys from will do. What is
//! deliberately stricter: a setting that is not known, not where it belongs or there twice is
//! refused, since a misspelt one would let somebody in or keep somebody out unnoticed. That is also why
//! it is read here: readers of INI files let such things pass, and lose the line.

use std::path::Path;

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
    let mut keys = Keys::default();
    for profile in profiles(text)? {
        let name = profile.name;
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
    name: &'a str,
    id: Option<&'a str>,
    secret: Option<&'a str>,
    token: Option<&'a str>,
    account: Option<&'a str>,
    principal: Option<&'a str>,
    permissions: Option<&'a str>,
}

/// The profiles, in their order. Comments have lines of their own, and values neither quotes nor
/// escapes.
fn profiles(text: &str) -> miette::Result<Vec<Profile<'_>>> {
    let mut profiles: Vec<Profile<'_>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let number: usize = number;
        let line = line.trim_end();
        if line.trim_start().is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') {
            let name = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            let name = name.map(str::trim).filter(|it| !it.is_empty());
            let name = name.ok_or_else(|| {
                miette!("line {number}: a profile begins with its name in brackets, as `[default]`")
            })?;
            if profiles.iter().any(|it| it.name == name) {
                return Err(miette!(
                    "line {number}: the profile [{name}] is there twice"
                ));
            }
            profiles.push(Profile {
                name,
                ..Profile::default()
            });
            continue;
        }
        let setting = line.split_once('=').filter(|_| !line.starts_with(' '));
        let (key, value) = setting.ok_or_else(|| {
            miette!(
                "line {number}: neither a profile, as `[default]`, nor a setting, as `{ID} = …`"
            )
        })?;
        let profile = profiles.last_mut().ok_or_else(|| {
            miette!(
                help = "put a line such as `[default]` before it",
                "line {number}: the setting stands before the first profile"
            )
        })?;
        profile
            .set(key.trim(), value.trim())
            .wrap_err_with(|| format!("line {number}, in the profile [{}]", profile.name))?;
    }
    Ok(profiles)
}

impl<'a> Profile<'a> {
    fn set(&mut self, key: &str, value: &'a str) -> miette::Result<()> {
        let place = match key {
            ID => &mut self.id,
            SECRET => &mut self.secret,
            TOKEN => &mut self.token,
            ACCOUNT => &mut self.account,
            PRINCIPAL => &mut self.principal,
            PERMISSIONS => &mut self.permissions,
            _ if IGNORED.contains(&key) => return Ok(()),
            _ => {
                return Err(miette!(
                    help = "the settings are {ID}, {SECRET}, {TOKEN}, {ACCOUNT}, {PRINCIPAL} and \
                            {PERMISSIONS}",
                    "the setting `{key}` is not known"
                ));
            }
        };
        if value.is_empty() {
            return Err(miette!("`{key}` is empty"));
        }
        if place.replace(value).is_some() {
            return Err(miette!("`{key}` is there twice"));
        }
        Ok(())
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
