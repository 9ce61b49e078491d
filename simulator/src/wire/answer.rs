//! One request in, one answer out: pure, synchronous, the same for the HTTP server and for the
//! connector under the real SDK.

use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};

use super::api::Api;
use super::caller::{self, Asked};
use super::control::{self, Place, Trouble};
use super::form::Form;
use super::protocol::{self, Protocol};
use super::record::{MAX_ACTION_CHARS, Record, RequestIds, plain};
use super::service::{Caller, Service};
use super::signature::{self, Claim, Signer};
use super::status::http_status_of;
use super::{browser, date};
use crate::error::ApiError;

/// The SDKs take the request id from this header and not from the body.
const REQUEST_ID: &str = "x-amzn-requestid";

/// What to send back, and what to write into the log.
#[derive(Debug)]
pub struct Answer {
    /// The response; none when the service wants the connection to break instead
    /// ([`ApiError::no_answer`]).
    pub response: Option<Response<Vec<u8>>>,
    /// The line for the log.
    pub record: Record,
}

/// Answers one request, of AWS or on the twin's own pages ([`control`]).
pub fn answer<B: AsRef<[u8]>>(
    service: &mut dyn Service,
    ids: &RequestIds,
    request: &Request<B>,
) -> Answer {
    let signed_path = request.uri().path();
    let (fork, path) = match Place::of(request.method(), signed_path) {
        Place::Own { .. } if control::is_call(request.headers()) => {
            let mut exchange = Exchange::begin(ids, request, None, signed_path);
            // What else is wrong with it makes no difference.
            let _ = exchange.identify(request, None);
            let error = ApiError::new(
                "sandtable.OwnPage",
                "This is a page of the twin's own, and the request is one for AWS: nothing was done.",
            );
            return exchange.finish(service, Err(error));
        }
        Place::Own { fork, page } => return own_page(service, ids, request, fork, page),
        Place::Aws { fork: None, .. } => {
            let mut exchange = Exchange::begin(ids, request, None, signed_path);
            let result = exchange.run(service, request);
            return exchange.finish(service, result);
        }
        Place::Aws {
            fork: Some(fork),
            path,
        } => (fork, path),
    };
    let mut exchange = Exchange::begin(ids, request, Some(fork), signed_path);
    let result = match within(request, path) {
        Some(request) => exchange.run(service, &request),
        None => Err(ApiError::new(
            "InvalidAction",
            "The path of the request cannot be read.",
        )),
    };
    exchange.finish(service, result)
}

/// A request of a fork, as AWS would get it.
fn within<'a, B: AsRef<[u8]>>(request: &'a Request<B>, path: &str) -> Option<Request<&'a [u8]>> {
    let query = request.uri().query();
    let path_and_query = match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse().ok()?);
    let mut inner = Request::new(request.body().as_ref());
    *inner.uri_mut() = Uri::from_parts(parts).ok()?;
    inner.method_mut().clone_from(request.method());
    request.headers().clone_into(inner.headers_mut());
    Some(inner)
}

/// The answer to a request that cannot be answered: its body is too large or too slow.
pub(crate) fn refuse(
    service: &mut dyn Service,
    ids: &RequestIds,
    head: &Request<()>,
    error: ApiError,
) -> Answer {
    let mut exchange = Exchange::begin(ids, head, None, head.uri().path());
    // A signature that cannot be read either does not change what is wrong.
    let _ = exchange.identify(head, None);
    if let Some(caller) = &mut exchange.caller {
        "-".clone_into(&mut caller.account);
    }
    exchange.finish(service, Err(error))
}

/// What is known about a request while it is being answered.
struct Exchange<'a> {
    /// The path that was signed, with that of the fork before it.
    signed_path: &'a str,
    fork: Option<&'a str>,
    request_id: String,
    protocol: Protocol,
    service: String,
    api: Option<Api>,
    action: String,
    caller: Option<Caller>,
}

impl<'a> Exchange<'a> {
    fn begin<B>(
        ids: &RequestIds,
        request: &Request<B>,
        fork: Option<&'a str>,
        signed_path: &'a str,
    ) -> Self {
        Self {
            signed_path,
            fork,
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
            mut caller,
            service,
            api,
        } = asked;
        caller.fork = self.fork.map(str::to_owned);
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
        let mut caller = self.identify(request, form.as_ref().ok())?;
        if let Some(why) = browser::refusal(request.headers(), false) {
            return Err(ApiError::new("sandtable.CrossOrigin", why));
        }
        let account = self.authenticate(service, request, &caller);
        // Nobody whose key is not known is of any account.
        caller.account = account.as_ref().map_or("-", String::as_str).to_owned();
        self.caller = Some(caller.clone());
        account?;
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

    /// The account of the caller, once its signature is good.
    fn authenticate<B: AsRef<[u8]>>(
        &self,
        service: &mut dyn Service,
        request: &Request<B>,
        caller: &Caller,
    ) -> Result<String, ApiError> {
        let refuse = |it: signature::Refused| it.error_in(self.protocol);
        let signer = service.signer(caller);
        if let Ok(Signer {
            account,
            proof: None,
        }) = signer
        {
            return Ok(account);
        }
        // A key that is nobody's is no worse than a signature that cannot be read, which comes first;
        // whatever else is wrong is so however the request is signed.
        let is_first = |it: &signature::Refused| {
            !matches!(it, signature::Refused::Unsigned | signature::Refused::Key)
        };
        let signer = match signer {
            Err(refused) if is_first(&refused) => return Err(refuse(refused)),
            other => other,
        };
        // A signature in a URL is in its parameters alone; in a body there is none.
        let url = Form::parse(request.uri().query(), b"").unwrap_or_default();
        let claim = Claim::read(request.headers(), |name| url.get(name)).map_err(refuse)?;
        let signer = signer.map_err(refuse)?;
        let (Some(claim), Some(proof)) = (claim, signer.proof) else {
            return Err(refuse(signature::Refused::Unsigned));
        };
        let signed = signature::Request {
            method: request.method().as_str(),
            path: self.signed_path,
            query: request.uri().query().unwrap_or_default(),
            headers: request.headers(),
            authority: request.uri().authority().map(http::uri::Authority::as_str),
            body: request.body().as_ref(),
        };
        signature::verify(&claim, &signed, self.api, &proof).map_err(refuse)?;
        Ok(signer.account)
    }

    fn finish(self, service: &dyn Service, result: Result<Vec<u8>, ApiError>) -> Answer {
        let now_millis = service.now_millis_of(self.fork);
        let mut record = Record {
            now_millis,
            status: None,
            code: None,
            caller: self.caller,
            service: self.service,
            action: self.action,
            request_id: self.request_id,
            took_micros: None,
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

fn own_page<B: AsRef<[u8]>>(
    service: &mut dyn Service,
    ids: &RequestIds,
    request: &Request<B>,
    fork: Option<&str>,
    page: &str,
) -> Answer {
    let asked = match browser::refusal(request.headers(), true) {
        Some(why) => Err(Trouble::new(StatusCode::FORBIDDEN, "CrossOrigin", why)),
        None => control::read(fork, page, request),
    };
    let is_reset = matches!(&asked, Ok(ask) if *ask == control::Ask::RESET);
    let (status, body, code) = control::answer(service, asked, ids.given());
    if is_reset && status.is_success() {
        ids.reset();
    }
    let now_millis = service.now_millis_of(fork);
    let page = match fork {
        None => page.to_owned(),
        Some(fork) => format!("forks/{fork}/{page}"),
    };
    let record = Record {
        now_millis,
        status: Some(status.as_u16()),
        code: code.map(str::to_owned),
        caller: None,
        service: "sandtable".to_owned(),
        action: plain(&page, MAX_ACTION_CHARS),
        request_id: "-".to_owned(),
        took_micros: None,
    };
    Answer {
        response: Some(response(now_millis, status, "application/json", body)),
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
