//! One request in, one answer out: pure, synchronous, the same for the HTTP server and for the
//! connector under the real SDK.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use super::api::Api;
use super::caller::{self, Asked};
use super::date;
use super::form::Form;
use super::protocol::{self, Protocol};
use super::service::{Caller, Service};
use super::status::http_status_of;
use crate::error::ApiError;

/// Where the twin's own pages start; no AWS service has such a path.
const CONTROL: &str = "/_sandtable/";
/// The SDKs take the request id from this header and not from the body.
const REQUEST_ID: &str = "x-amzn-requestid";
/// How much of an action from the outside goes into the log and into messages.
const MAX_ACTION_CHARS: usize = 64;

/// The request ids of one service: a counter in the form of a UUID, the same in every run.
#[derive(Debug, Default)]
pub struct RequestIds {
    given: AtomicU64,
}

impl RequestIds {
    /// The number of ids that were given since the start or the last reset.
    pub fn given(&self) -> u64 {
        self.given.load(Ordering::Relaxed)
    }

    fn next(&self) -> String {
        let number = self.given.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        format!(
            "{:08x}-0000-4000-8000-{:012x}",
            number >> 48,
            number & 0xFFFF_FFFF_FFFF
        )
    }

    fn reset(&self) {
        self.given.store(0, Ordering::Relaxed);
    }
}

/// What to send back, and what to write into the log.
#[derive(Debug)]
pub struct Answer {
    /// The response; none when the service wants the connection to break instead
    /// ([`ApiError::no_answer`]).
    pub response: Option<Response<Vec<u8>>>,
    /// The line for the log.
    pub record: Record,
}

/// One line of the access log.
///
/// Columns: virtual time, status (`-` when the connection broke), error code (`-` when there was
/// none), account, region, service, action, request id. Every column is a single plain word,
/// whatever the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The virtual time after the call, in milliseconds since 1970 in UTC.
    pub now_millis: i64,
    /// The HTTP status, unless the connection broke.
    pub status: Option<u16>,
    /// The error code, if the answer is an error.
    pub code: Option<String>,
    /// Who asked, as far as it could be read.
    pub caller: Option<Caller>,
    /// The AWS service that was meant, or `sandtable` for the twin's own pages.
    pub service: String,
    /// The action that was meant.
    pub action: String,
    /// The id that the answer carries.
    pub request_id: String,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self
            .status
            .map_or_else(|| "-".to_owned(), |status| status.to_string());
        let (account, region) = self.caller.as_ref().map_or(("-", "-"), |caller| {
            (caller.account.as_str(), caller.region.as_str())
        });
        write!(
            f,
            "{} {status:>3} {} {account} {region} {} {} {}",
            date::timestamp(self.now_millis),
            self.code.as_deref().unwrap_or("-"),
            self.service,
            self.action,
            self.request_id
        )
    }
}

/// Answers one request. `POST /_sandtable/reset` returns service and ids to the start, and
/// `GET /_sandtable/health` says that the twin is there.
pub fn answer<B: AsRef<[u8]>>(
    service: &mut dyn Service,
    ids: &RequestIds,
    request: &Request<B>,
) -> Answer {
    if let Some(page) = request.uri().path().strip_prefix(CONTROL) {
        return control(service, ids, request.method(), page);
    }
    let mut exchange = Exchange::begin(ids, request);
    let result = exchange.run(service, request);
    exchange.finish(service.now_millis(), result)
}

/// The answer to a request that cannot be answered: its body is too large or too slow.
pub(crate) fn refuse(
    service: &mut dyn Service,
    ids: &RequestIds,
    head: &Request<()>,
    error: ApiError,
) -> Answer {
    let mut exchange = Exchange::begin(ids, head);
    // A signature that cannot be read either does not change what is wrong.
    let _ = exchange.identify(head, None);
    exchange.finish(service.now_millis(), Err(error))
}

/// What is known about a request while it is being answered.
struct Exchange {
    request_id: String,
    protocol: Protocol,
    service: String,
    api: Option<Api>,
    action: String,
    caller: Option<Caller>,
}

impl Exchange {
    fn begin<B>(ids: &RequestIds, request: &Request<B>) -> Self {
        Self {
            request_id: ids.next(),
            protocol: Protocol::of(request),
            service: "-".to_owned(),
            api: None,
            action: "-".to_owned(),
            caller: None,
        }
    }

    /// Finds out who asks which service for what.
    fn identify<B>(
        &mut self,
        request: &Request<B>,
        form: Option<&Form<'_>>,
    ) -> Result<Caller, ApiError> {
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        let target = protocol::target(request).map(|(prefix, _)| prefix);
        let asked = caller::asked(request.headers(), authority, target, form)?;
        let Asked {
            caller,
            service,
            api,
        } = asked;
        self.protocol = self.protocol.spoken_by(&service);
        self.service = service;
        self.api = api;
        self.action = plain(&protocol::action(request, form), MAX_ACTION_CHARS);
        Ok(self.caller.insert(caller).clone())
    }

    fn run<B: AsRef<[u8]>>(
        &mut self,
        service: &mut dyn Service,
        request: &Request<B>,
    ) -> Result<Vec<u8>, ApiError> {
        let body = request.body().as_ref();
        // A body of JSON or CBOR is no form, which matters only to those who want one.
        let form = match self.protocol {
            Protocol::Ec2 | Protocol::Query => Form::parse(request.uri().query(), body),
            _ => Form::parse(request.uri().query(), b""),
        };
        let caller = self.identify(request, form.as_ref().ok())?;
        let Some(api) = self.api else {
            return Err(protocol::not_served(&self.service, &self.action));
        };
        let is_there = match (self.protocol, protocol::target(request)) {
            (Protocol::Ec2 | Protocol::Query, _) => request.uri().path() == "/",
            (_, Some((prefix, _))) => api.table().target() == Some(prefix),
            (_, None) => false,
        };
        if !self.protocol.is_spoken_by(api) || !is_there {
            return Err(protocol::not_spoken(&self.service, &self.action));
        }
        if request.method() != Method::POST && request.method() != Method::GET {
            return Err(ApiError::new(
                "MethodNotAllowed",
                "Requests are made with POST or GET.",
            ));
        }
        let call = self.protocol.read(api, &self.action, form, body)?;
        let output = service.call(&caller, &call)?;
        let written = self.protocol.write(&call, &output, &self.request_id);
        written.map_err(|error| {
            debug_assert!(false, "{}: {error}", call.action);
            let action = &call.action;
            ApiError::new(
                "InternalError",
                format!("The twin cannot word {action}: {error}."),
            )
        })
    }

    fn finish(self, now_millis: i64, result: Result<Vec<u8>, ApiError>) -> Answer {
        let mut record = Record {
            now_millis,
            status: None,
            code: None,
            caller: self.caller,
            service: self.service,
            action: self.action,
            request_id: self.request_id,
        };
        let api = self.api;
        let (status, body, error) = match result {
            Ok(body) => (StatusCode::OK, body, None),
            Err(error) => {
                record.code = Some(plain(&error.code, MAX_ACTION_CHARS));
                if error.is_no_answer() {
                    return Answer {
                        response: None,
                        record,
                    };
                }
                let body = self.protocol.error(api, &error, &record.request_id);
                (http_status_of(api, &error), body, Some(error))
            }
        };
        record.status = Some(status.as_u16());
        let mut response = response(now_millis, status, self.protocol.content_type(), body);
        let headers = response.headers_mut();
        // A request id is made of hexadecimal digits and dashes, so it always is a header.
        if let Ok(id) = HeaderValue::from_str(&record.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        self.protocol.mark(headers, api, error.as_ref());
        Answer {
            response: Some(response),
            record,
        }
    }
}

fn control(service: &mut dyn Service, ids: &RequestIds, method: &Method, page: &str) -> Answer {
    let (status, body) = match (method, page) {
        (&Method::POST, "reset") => {
            service.reset();
            ids.reset();
            (StatusCode::NO_CONTENT, String::new())
        }
        (&Method::GET, "health") => {
            let now = date::timestamp(service.now_millis());
            let health = serde_json::json!({ "status": "ok", "now": now, "calls": ids.given() });
            (StatusCode::OK, format!("{health}\n"))
        }
        (_, "reset" | "health") => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let now_millis = service.now_millis();
    let record = Record {
        now_millis,
        status: Some(status.as_u16()),
        code: None,
        caller: None,
        service: "sandtable".to_owned(),
        action: plain(page, MAX_ACTION_CHARS),
        request_id: "-".to_owned(),
    };
    let response = response(now_millis, status, "application/json", body.into_bytes());
    Answer {
        response: Some(response),
        record,
    }
}

fn response(
    now_millis: i64,
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if status != StatusCode::NO_CONTENT {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    headers.insert(header::SERVER, HeaderValue::from_static("AmazonEC2"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store"),
    );
    // Virtual time, because SDKs compare it with their own clock and sign again when it differs.
    if let Ok(date) = HeaderValue::from_str(&date::http_date(now_millis)) {
        headers.insert(header::DATE, date);
    }
    response
}

/// Text from the outside as one plain word: nothing that could break a log line or a terminal.
fn plain(text: &str, max_chars: usize) -> String {
    let safe = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '<' | '>' | '&' | '"');
    let word: String = text
        .chars()
        .take(max_chars)
        .map(|letter| if safe(letter) { letter } else { '?' })
        .collect();
    if word.is_empty() {
        "-".to_owned()
    } else {
        word
    }
}
