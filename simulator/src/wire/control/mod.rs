//! The twin's own pages, under `/_sandtable/`: what is asked on them, and how it is answered.
//!
//! JSON in and out, strict: a member or parameter that is not known is refused. No AWS client can get
//! here by accident, since no service of AWS has such a path and a request that is signed or that
//! carries a target is refused; no web page can either (`browser`). `docs/serve.md` is the page for
//! people.
//!
//! Deliberately absent: what the pages do, which is the service's ([`Service::control`]).

mod read;

use http::{HeaderMap, Method, StatusCode, header};
use sandtable_model::{AccountId, Duration, Timestamp};
use serde_json::{Value, json};

use super::service::Service;
pub(super) use read::read;

/// Where the twin's own pages start; no AWS service has such a path.
pub(super) const CONTROL: &str = "/_sandtable/";
/// Where a fork lives, as a part of AWS's paths.
const FORKS: &str = "/_sandtable/forks/";

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

#[cfg(test)]
mod tests {
    use super::*;

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
