//! Describe operations: ids, filters, pages.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::SerializeMap;

use sandtable_model::resource::{AsResource, answer_key};
use sandtable_model::{Kind, Resource, ResourceId};

use super::{
    Filter, FilterTable, Filters, invalid_combination, invalid_value, parse, require_all, unknown,
};
use crate::{ApiError, Ctx, State};

/// What is asked of a describe operation.
#[derive(Clone, Debug, Default)]
pub struct Listing<'a> {
    /// Ids; each is an assertion that the resource exists.
    pub ids: &'a [String],
    /// Filters.
    pub filters: &'a [Filter],
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<&'a str>,
    /// The values that `max_results` may have in this operation; `None` when it is not paginated
    /// (facts, ec2-semantics, section 1).
    pub range: Option<RangeInclusive<i64>>,
    /// Whether ids and `max_results` may not stand together.
    pub ids_exclude_pages: bool,
}

impl Listing<'_> {
    fn check(&self) -> Result<usize, ApiError> {
        if self.max_results.is_some() && self.ids_exclude_pages && !self.ids.is_empty() {
            return Err(invalid_combination(
                "The parameter MaxResults cannot be used with the ids of resources in the same call",
            ));
        }
        match &self.range {
            Some(range) => page_size(self.max_results, range),
            None => Ok(usize::MAX),
        }
    }
}

/// How many entries a page may have; all when none is said.
///
/// # Errors
/// `InvalidParameterValue` for a number out of the operation's range.
pub(crate) fn page_size(
    max_results: Option<i64>,
    range: &RangeInclusive<i64>,
) -> Result<usize, ApiError> {
    let Some(max) = max_results else {
        return Ok(usize::MAX);
    };
    if range.contains(&max) {
        return Ok(usize::try_from(max).unwrap_or(usize::MAX));
    }
    let (least, most) = (range.start(), range.end());
    Err(invalid_value(format!(
        "Value ( {max} ) for parameter maxResults is invalid. Expecting a value between {least} and {most}."
    )))
}

/// The answer of a describe operation, under the kind's name (`Volumes`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The kind listed.
    pub kind: Kind,
    /// The entries, by id.
    pub items: Vec<Arc<Resource>>,
    /// Where the next page begins, if there is one.
    pub next_token: Option<String>,
}

impl Page {
    /// The entries of the kind `T`.
    pub fn all<T: AsResource + 'static>(&self) -> impl Iterator<Item = &T> {
        self.items.iter().filter_map(|it| it.get::<T>())
    }
}

impl Serialize for Page {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(answer_key(self.kind), &self.items)?;
        if let Some(token) = &self.next_token {
            map.serialize_entry("NextToken", token)?;
        }
        map.end()
    }
}

/// Lists resources of the kind `T` in the Region of the call.
///
/// # Errors
/// The kind's codes for malformed and unknown ids, `InvalidParameterValue` for unknown filters and
/// for `MaxResults` out of range, `InvalidNextToken`.
pub fn describe<T: AsResource + 'static>(
    state: &State,
    ctx: &Ctx,
    listing: &Listing<'_>,
    table: FilterTable<T>,
) -> Result<Page, ApiError> {
    describe_those(state, ctx, listing, table, &|_| true)
}

/// As [`describe`], for those only of which `is_shown` holds; others are left out, named or not.
///
/// # Errors
/// As [`describe`].
pub(crate) fn describe_those<T: AsResource + 'static>(
    state: &State,
    ctx: &Ctx,
    listing: &Listing<'_>,
    table: FilterTable<T>,
    is_shown: &dyn Fn(&T) -> bool,
) -> Result<Page, ApiError> {
    let most = listing.check()?;
    let named = require_all::<T>(state, ctx, listing.ids)?;
    let filters = Filters::new(listing.filters, table)?;
    ctx.end_dry_run()?;
    let after = match listing.next_token {
        Some(token) => Some(read_token(T::KIND, token)?),
        None => None,
    };
    let mut wanted: Vec<ResourceId> = named.iter().map(|it| it.resource_id()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut all: Box<dyn Iterator<Item = &Arc<Resource>>> = match listing.ids.is_empty() {
        true => Box::new(state.list_after(&ctx.region, T::KIND, after.as_ref())),
        false => {
            let rest = wanted
                .into_iter()
                .filter(|id| after.as_ref().is_none_or(|it| id > it));
            Box::new(rest.filter_map(|id| state.get(&id)))
        }
    };
    let mut matching = all
        .by_ref()
        .filter(|resource| resource.get::<T>().is_some_and(is_shown))
        .filter(|resource| filters.pass_resource(state, resource));
    let items: Vec<Arc<Resource>> = matching.by_ref().take(most).cloned().collect();
    let more = matching.next().is_some();
    let next_token = items
        .last()
        .filter(|_| more)
        .map(|last| write_token(&last.id()));
    Ok(Page {
        kind: T::KIND,
        items,
        next_token,
    })
}

/// Lists what is chosen of the kind `T`, where that is not simply what stands in the Region of the
/// call: connections that are shown at both ends, or some of a kind.
///
/// # Errors
/// As [`describe`]; an id that is not among the `chosen` is unknown.
pub(crate) fn describe_chosen<'a, T: AsResource + 'static>(
    state: &State,
    ctx: &Ctx,
    listing: &Listing<'_>,
    table: FilterTable<T>,
    chosen: impl Iterator<Item = &'a Arc<Resource>>,
) -> Result<Page, ApiError> {
    let most = listing.check()?;
    let mut chosen: Vec<&Arc<Resource>> = chosen.collect();
    chosen.sort_by_key(|it| it.id());
    let mut wanted = Vec::with_capacity(listing.ids.len());
    for text in listing.ids {
        wanted.push(parse(state, T::KIND, text)?);
    }
    let is_missing = |id: &&ResourceId| !chosen.iter().any(|it| it.id() == **id);
    let missing: Vec<&str> = wanted
        .iter()
        .filter(is_missing)
        .map(ResourceId::as_str)
        .collect();
    if !missing.is_empty() {
        return Err(unknown(T::KIND, &missing));
    }
    let filters = Filters::new(listing.filters, table)?;
    ctx.end_dry_run()?;
    let after = match listing.next_token {
        Some(token) => Some(read_token(T::KIND, token)?),
        None => None,
    };
    let mut matching = chosen.into_iter().filter(|it| {
        let id = it.id();
        (wanted.is_empty() || wanted.contains(&id))
            && after.as_ref().is_none_or(|after| id > *after)
            && filters.pass_resource(state, it)
    });
    let items: Vec<Arc<Resource>> = matching.by_ref().take(most).cloned().collect();
    let more = matching.next().is_some();
    let next_token = items
        .last()
        .filter(|_| more)
        .map(|last| write_token(&last.id()));
    Ok(Page {
        kind: T::KIND,
        items,
        next_token,
    })
}

/// A token says after which id the next page begins, so that pages stay right when resources come
/// and go between two calls. It is opaque to callers, and a check sum refuses invented ones.
fn write_token(last: &ResourceId) -> String {
    sealed(last.as_str())
}

fn read_token(kind: Kind, token: &str) -> Result<ResourceId, ApiError> {
    let id = unsealed(token).and_then(|text| ResourceId::new(&text).ok());
    id.filter(|id| id.kind() == kind).ok_or_else(invalid_token)
}

/// A token for lists that are made anew for each call: how many entries came before.
pub(crate) fn write_offset(offset: usize) -> String {
    sealed(&format!("#{offset}"))
}

/// Reads a token of [`write_offset`].
///
/// # Errors
/// `InvalidNextToken`.
pub(crate) fn read_offset(token: &str) -> Result<usize, ApiError> {
    let text = unsealed(token);
    let offset = text.and_then(|text| text.strip_prefix('#')?.parse().ok());
    offset.ok_or_else(invalid_token)
}

/// A marker for lists of other services: the key after which the next page begins.
pub(crate) fn write_key(key: &str) -> String {
    sealed(&format!("@{key}"))
}

/// Reads a marker of [`write_key`]; nothing when it is invented.
pub(crate) fn read_key(marker: &str) -> Option<String> {
    Some(unsealed(marker)?.strip_prefix('@')?.to_owned())
}

/// A page of a list that is made anew for each call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    from: usize,
    most: usize,
}

impl Slice {
    /// Checks the page that a request asks for.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a number out of the operation's range, `InvalidNextToken`.
    pub(crate) fn new(
        max_results: Option<i64>,
        next_token: Option<&str>,
        range: &RangeInclusive<i64>,
    ) -> Result<Self, ApiError> {
        let most = page_size(max_results, range)?;
        let from = next_token.map_or(Ok(0), read_offset)?;
        Ok(Slice { from, most })
    }

    /// The entries of the page, and where the next one begins, if there is one.
    pub(crate) fn of<T>(self, all: Vec<T>) -> (Vec<T>, Option<String>) {
        let end = self.from.saturating_add(self.most);
        let next_token = (end < all.len()).then(|| write_offset(end));
        let page = all.into_iter().skip(self.from).take(self.most).collect();
        (page, next_token)
    }
}

fn invalid_token() -> ApiError {
    ApiError::new("InvalidNextToken", "The token is invalid")
}

fn sealed(text: &str) -> String {
    let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
    format!("{:08x}{hex}", check_sum(text))
}

fn unsealed(token: &str) -> Option<String> {
    let (sum, hex) = token.split_at_checked(8)?;
    let bytes = (0..hex.len()).step_by(2).map(|at| {
        let digits = hex.get(at..at + 2)?;
        u8::from_str_radix(digits, 16).ok()
    });
    let text = String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()?;
    (u32::from_str_radix(sum, 16).ok()? == check_sum(&text)).then_some(text)
}

/// FNV-1a.
fn check_sum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
