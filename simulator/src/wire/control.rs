//! The twin's own pages, under `/_sandtable/`: what is asked on them, and how it is answered.
//!
//! JSON in and out, strict: a member or parameter that is not known is refused. No AWS client can get
//! here by accident, since no service of AWS has such a path and a request that is signed or that
//! carries a target is refused; no web page can either (`browser`). `docs/serve.md` is the page for
//! people.
//!
//! Deliberately absent: what the pages do, which is the service's ([`Service::control`]).

use http::{HeaderMap, Method, StatusCode, header};
use sandtable_model::{AccountId, Duration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::form::Form;
use super::service::Service;

/// Where the twin's own pages start; no AWS service has such a path.
pub(super) const CONTROL: &str = "/_sandtable/";
/// Where a fork lives, as a part of AWS's paths.
const FORKS: &str = "/_sandtable/forks/";
/// The longest name of a fork, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// What is asked, and of which fork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The fork; none for what was loaded.
    pub fork: Option<String>,
    /// What is asked.
    pub what: What,
}

impl Ask {
    /// To go back to the start.
    pub(super) const RESET: Ask = Ask {
        fork: None,
        what: What::Reset,
    };
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// How it goes.
    Health,
    /// To go back to the start; for a fork, to where it was forked.
    Reset,
    /// To let time pass.
    Advance(Step),
    /// What there is.
    Snapshot(Option<AccountId>),
    /// What has changed since the start; for a fork, since it was forked.
    Diff(Option<AccountId>),
    /// Which forks there are.
    Forks,
    /// To fork what was loaded, or a fork.
    Fork {
        /// The name of the new fork.
        name: String,
        /// What is forked.
        of: Option<String>,
    },
    /// How a fork goes.
    Show,
    /// To drop a fork.
    Drop,
}

/// How far time is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So far.
    By(Duration),
    /// Up to a moment.
    Until(Timestamp),
}

impl Step {
    /// The longest that time is let pass at once: ten years.
    pub const MAX: Duration = Duration::from_days(3_653);
}

/// An answer.
pub enum Page {
    /// It is done.
    Nothing,
    /// This is how things are.
    Json(Value),
    /// This was made.
    Made(Value),
    /// A document that takes its time to be written, so that others need not wait for it.
    Document(Box<dyn FnOnce() -> Result<Vec<u8>, String> + Send>),
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Page::Nothing => f.write_str("Nothing"),
            Page::Json(value) => f.debug_tuple("Json").field(value).finish(),
            Page::Made(value) => f.debug_tuple("Made").field(value).finish(),
            Page::Document(_) => f.write_str("Document"),
        }
    }
}

/// Why a page does not do what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The HTTP status.
    pub status: StatusCode,
    /// The kind of trouble, for programs.
    pub code: &'static str,
    /// What is wrong and what to do, for people.
    pub message: String,
}

impl Trouble {
    /// Something else should have been asked.
    pub fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// With another status.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Trouble {
            status,
            code,
            message: message.into(),
        }
    }

    /// There is no such page.
    pub fn no_page() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NoSuchPage",
            "There is no such page. There are health, reset, advance, snapshot, diff and forks under \
             /_sandtable/, and all but the last under /_sandtable/forks/NAME/_sandtable/ for a fork.",
        )
    }

    /// There is no such fork.
    pub fn no_fork(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NoSuchFork",
            format!("There is no fork `{name}`. GET /_sandtable/forks lists them."),
        )
    }

    /// The service failed earlier.
    pub(super) fn failed() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Failed",
            "An earlier call failed inside the twin; its state is unknown until POST \
             /_sandtable/reset.",
        )
    }
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// To AWS, on a path of its own, of a fork or not.
    Aws {
        fork: Option<&'a str>,
        path: &'a str,
    },
    /// To a page of the twin's own.
    Own {
        fork: Option<&'a str>,
        page: &'a str,
    },
}

impl<'a> Place<'a> {
    /// `/_sandtable/forks/NAME` stands before the paths of a fork, AWS's and the twin's own ones.
    pub(super) fn of(method: &Method, path: &'a str) -> Self {
        let Some(rest) = path.strip_prefix(FORKS) else {
            return match path.strip_prefix(CONTROL) {
                Some(page) => Place::Own { fork: None, page },
                None => Place::Aws { fork: None, path },
            };
        };
        let (name, inner) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let fork = Some(name);
        match inner.strip_prefix(CONTROL) {
            Some(page) => Place::Own { fork, page },
            // What has no body and names no action is about the fork.
            None if inner.is_empty() && method != Method::POST => Place::Own { fork, page: "" },
            None if inner.is_empty() => Place::Aws { fork, path: "/" },
            None => Place::Aws { fork, path: inner },
        }
    }
}

/// Reads what is asked on a page.
pub(super) fn read<B: AsRef<[u8]>>(
    fork: Option<&str>,
    page: &str,
    request: &http::Request<B>,
) -> Result<Ask, Trouble> {
    let method = request.method();
    let (query, body) = (request.uri().query(), request.body().as_ref());
    let posted = || -> Result<(), Trouble> { no_parameters(query) };
    let read = || -> Result<(), Trouble> {
        match body.is_empty() {
            true => Ok(()),
            false => Err(Trouble::bad("UnknownBody", "This page takes no body.")),
        }
    };
    let what = match (method, page, fork) {
        (&Method::GET, "health", _) => {
            read()?;
            no_parameters(query)?;
            What::Health
        }
        (&Method::POST, "reset", _) => {
            posted()?;
            read()?;
            What::Reset
        }
        (&Method::POST, "advance", _) => {
            posted()?;
            What::Advance(step(json(request.headers(), body)?)?)
        }
        (&Method::GET, "snapshot", _) => {
            read()?;
            What::Snapshot(account(query)?)
        }
        (&Method::GET, "diff", _) => {
            read()?;
            What::Diff(account(query)?)
        }
        (&Method::GET, "forks", None) => {
            read()?;
            no_parameters(query)?;
            What::Forks
        }
        (&Method::POST, "forks", None) => {
            posted()?;
            let Forking { name, of } = json(request.headers(), body)?;
            named(&name)?;
            What::Fork { name, of }
        }
        (&Method::GET, "", Some(_)) => {
            read()?;
            no_parameters(query)?;
            What::Show
        }
        (&Method::DELETE, "", Some(_)) => {
            posted()?;
            read()?;
            What::Drop
        }
        (_, "forks", Some(_)) => {
            return Err(Trouble::bad(
                "NoForksOfForks",
                "A fork holds no forks. POST /_sandtable/forks with its name as `of` forks it.",
            ));
        }
        (_, "health" | "reset" | "advance" | "snapshot" | "diff" | "forks", _)
        | (_, "", Some(_)) => {
            return Err(Trouble::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                format!("This page is not for {method}."),
            ));
        }
        _ => return Err(Trouble::no_page()),
    };
    Ok(Ask {
        fork: fork.map(str::to_owned),
        what,
    })
}

/// Asks the service, and gives status, body and the code of what went wrong.
pub(super) fn answer(
    service: &mut dyn Service,
    asked: Result<Ask, Trouble>,
    given: u64,
) -> (StatusCode, Vec<u8>, Option<&'static str>) {
    let page = asked.and_then(|ask| {
        let mut page = service.control(&ask)?;
        if let (What::Health, Page::Json(Value::Object(members))) = (&ask.what, &mut page) {
            let now = service.now_millis_of(ask.fork.as_deref());
            members.insert("status".to_owned(), json!("ok"));
            members.insert("now".to_owned(), json!(super::date::timestamp(now)));
            members.insert("calls".to_owned(), json!(given));
        }
        Ok(page)
    });
    let written = page.and_then(|page| match page {
        Page::Nothing => Ok((StatusCode::NO_CONTENT, Vec::new(), None)),
        Page::Json(value) => Ok((StatusCode::OK, line(&value), None)),
        Page::Made(value) => Ok((StatusCode::CREATED, line(&value), None)),
        Page::Document(write) => match write() {
            Ok(bytes) => Ok((StatusCode::OK, bytes, None)),
            Err(message) => Err(Trouble::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Failed",
                message,
            )),
        },
    });
    written.unwrap_or_else(|trouble| {
        let error = json!({"error": {"code": trouble.code, "message": trouble.message}});
        (trouble.status, line(&error), Some(trouble.code))
    })
}

fn line(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

/// Whether a request is one for AWS, which must not do anything here.
pub(super) fn is_call(headers: &HeaderMap) -> bool {
    let authorization = headers.get(header::AUTHORIZATION);
    let is_signed = authorization.is_some_and(|it| it.as_bytes().starts_with(b"AWS"));
    let names = ["x-amz-target", "x-amz-date", "smithy-protocol"];
    is_signed || names.iter().any(|it| headers.contains_key(*it))
}

/// The body of a page that takes one. The type must be given, so that no form of a web page passes.
fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Trouble> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Trouble::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "NotJson",
            "Send JSON, with the header `Content-Type: application/json`.",
        ));
    }
    serde_json::from_slice(body).map_err(|error| Trouble::bad("BadBody", error.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forking {
    name: String,
    of: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advancing {
    by: Option<String>,
    until: Option<Timestamp>,
}

fn step(asked: Advancing) -> Result<Step, Trouble> {
    let bad = |message: &str| Trouble::bad("BadStep", message);
    match (asked.by, asked.until) {
        (Some(text), None) => {
            let millis = duration_millis(&text)
                .ok_or_else(|| bad("`by` is a duration such as `90s`, `1h30m` or `2d`."))?;
            Ok(Step::By(Duration::from_millis(millis)))
        }
        (None, Some(at)) => Ok(Step::Until(at)),
        _ => Err(bad(
            "Say `by` a duration, such as `1h30m`, or `until` a time (RFC 3339).",
        )),
    }
}

/// `500ms`, `90s`, `15m`, `8h`, `2d`, or several of them in a row.
fn duration_millis(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let unit_at = rest.find(|it: char| !it.is_ascii_digit())?;
        let (digits, from_unit) = rest.split_at(unit_at);
        let unit_end = from_unit.find(|it: char| it.is_ascii_digit());
        let (unit, next) = from_unit.split_at(unit_end.unwrap_or(from_unit.len()));
        let millis = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let number: i64 = digits.parse().ok()?;
        sum = sum.checked_add(number.checked_mul(millis)?)?;
        rest = next;
    }
    (!text.is_empty()).then_some(sum)
}

/// The account that a page is about, in its URL.
fn account(query: Option<&str>) -> Result<Option<AccountId>, Trouble> {
    let form = Form::parse(query, b"").map_err(|it| Trouble::bad("BadParameter", it.message))?;
    if let Some((name, _)) = form.iter().find(|(name, _)| *name != "account") {
        return Err(Trouble::bad(
            "UnknownParameter",
            format!("This page takes `account` and not `{name}`."),
        ));
    }
    let account = form.get("account").map(AccountId::new).transpose();
    account.map_err(|error| Trouble::bad("BadParameter", error.to_string()))
}

fn no_parameters(query: Option<&str>) -> Result<(), Trouble> {
    match query.is_none_or(str::is_empty) {
        true => Ok(()),
        false => Err(Trouble::bad(
            "UnknownParameter",
            "This page takes no parameters in its URL.",
        )),
    }
}

fn named(name: &str) -> Result<(), Trouble> {
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    let is_good = (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(plain);
    match is_good {
        true => Ok(()),
        false => Err(Trouble::bad(
            "BadName",
            format!(
                "The name of a fork is 1 to {MAX_NAME_BYTES} lower-case letters, digits and dashes."
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_durations_are_read() {
        let cases = [
            ("500ms", 500),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("2d", 172_800_000),
        ];
        for (text, millis) in cases {
            assert_eq!(duration_millis(text), Some(millis), "{text}");
        }
        for broken in [
            "",
            "1",
            "h",
            "1x",
            "-1s",
            "1.5h",
            "1h 30m",
            "99999999999999999999d",
        ] {
            assert_eq!(duration_millis(broken), None, "{broken}");
        }
    }

    #[test]
    fn wire_paths_lead_to_one_place() {
        let of = |method: &Method, path: &'static str| Place::of(method, path);
        let (get, post) = (&Method::GET, &Method::POST);
        let aws = |fork, path| Place::Aws { fork, path };
        let own = |fork, page| Place::Own { fork, page };
        assert_eq!(of(post, "/"), aws(None, "/"));
        assert_eq!(of(post, "/_sandtable"), aws(None, "/_sandtable"));
        assert_eq!(of(get, "/_sandtable/forks"), own(None, "forks"));
        assert_eq!(of(post, "/_sandtable/forks/a/"), aws(Some("a"), "/"));
        assert_eq!(of(post, "/_sandtable/forks/a"), aws(Some("a"), "/"));
        assert_eq!(of(get, "/_sandtable/forks/a"), own(Some("a"), ""));
        let inner = of(get, "/_sandtable/forks/a/_sandtable/diff");
        assert_eq!(inner, own(Some("a"), "diff"));
        let cbor = of(post, "/_sandtable/forks/a/service/S/operation/O");
        assert_eq!(cbor, aws(Some("a"), "/service/S/operation/O"));
    }
}
