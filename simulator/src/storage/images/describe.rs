//! Describing images.

use std::collections::BTreeSet;

use sandtable_model::Kind;
use sandtable_model::resource::Image;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::deregister::is_remembered;
use crate::rules::{self, Filter, Filters, Listing, Page, describe_those, invalid_value};
use crate::storage::access::{Grant, is_own};
use crate::storage::filters;
use crate::{ApiError, Ctx, Twin};

/// `DescribeImages`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeImagesRequest {
    /// The images; all when there are none.
    pub image_ids: Vec<String>,
    /// Owners: `self`, `amazon`, accounts.
    pub owners: Vec<String>,
    /// Those who may launch the images: `all`, `self`, accounts.
    pub executable_users: Vec<String>,
    /// Whether to list images of others past their deprecation.
    pub include_deprecated: bool,
    /// Whether to list disabled ones.
    pub include_disabled: bool,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// Lists images. Disabled ones are left out unless asked for, and so are those of others that are
/// deprecated, unless named by their id.
///
/// # Errors
/// See [`rules::describe`]; `InvalidUserID.Malformed` for owners and users that are none.
pub fn describe_images(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeImagesRequest,
) -> Result<Page, ApiError> {
    check_users(
        &request.owners,
        &["self", "amazon", "aws-marketplace", "aws-backup-vault"],
    )?;
    check_users(&request.executable_users, &["self", "all"])?;
    let filters = only_of_owners(ctx, &request.filters, &request.owners);
    let ids = request.image_ids.iter();
    let ids: Vec<String> = ids
        .filter(|id| !is_remembered(twin, ctx, id))
        .cloned()
        .collect();
    if ids.is_empty() && !request.image_ids.is_empty() {
        Filters::new(&filters, filters::IMAGE)?;
        ctx.end_dry_run()?;
        return Ok(Page {
            kind: Kind::Image,
            items: Vec::new(),
            next_token: None,
        });
    }
    let listing = Listing {
        ids: &ids,
        filters: &filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(rules::UNCONSTRAINED),
        ids_exclude_pages: false,
    };
    let is_shown = |it: &Image| {
        let is_past = it.deprecation_time.is_some_and(|at| at <= twin.now());
        let is_deprecated = is_past && !is_own(ctx, it.owner_id.as_ref());
        (request.include_disabled || it.state != "disabled")
            && (request.include_deprecated || !ids.is_empty() || !is_deprecated)
            && may_launch(twin, ctx, it, &request.executable_users)
    };
    describe_those::<Image>(&twin.state, ctx, &listing, filters::IMAGE, &is_shown)
}

fn check_users(users: &[String], words: &[&str]) -> Result<(), ApiError> {
    let fits = |user: &&String| {
        words.contains(&user.as_str()) || sandtable_model::AccountId::new(user).is_ok()
    };
    match users.iter().find(|it| !fits(it)) {
        None => Ok(()),
        Some(user) => Err(ApiError::new(
            "InvalidUserID.Malformed",
            format!("Invalid user id: \"{user}\""),
        )),
    }
}

/// Whether one of `users` may launch the image by a permission: the owner needs none and has none.
fn may_launch(twin: &Twin, ctx: &Ctx, image: &Image, users: &[String]) -> bool {
    if users.is_empty() {
        return true;
    }
    let grants = twin.storage.image_grants.get(&image.image_id);
    let may = |account: &str| {
        let grant = Grant::Account(SmolStr::from(account));
        grants.is_some_and(|it| it.contains(&grant))
    };
    users.iter().any(|user| match user.as_str() {
        "all" => image.public,
        "self" => may(ctx.account.as_str()),
        account => may(account),
    })
}

/// The filters, and one more for the owners that a request names.
pub(crate) fn only_of_owners(ctx: &Ctx, filters: &[Filter], owners: &[String]) -> Vec<Filter> {
    let mut filters = filters.to_vec();
    if !owners.is_empty() {
        let own = |owner: &String| match owner.as_str() {
            "self" => ctx.account.to_string(),
            other => other.to_owned(),
        };
        let owners: BTreeSet<String> = owners.iter().map(own).collect();
        filters.push(Filter {
            name: filters::OWNER.to_owned(),
            values: owners.into_iter().collect(),
        });
    }
    filters
}

/// The refusal of a text that is too long.
pub(super) fn check_description(text: Option<&SmolStr>) -> Result<(), ApiError> {
    const MOST: usize = 255;
    match text {
        Some(text) if text.chars().count() > MOST => Err(invalid_value(format!(
            "The description must not be longer than {MOST} characters"
        ))),
        _ => Ok(()),
    }
}
