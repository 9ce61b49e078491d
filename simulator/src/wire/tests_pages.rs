//! The twin's own pages, forks as parts of paths, and signatures that the service has verified.

use http::{HeaderValue, Request, header};
use serde_json::{Value, json};

use super::tests::Parrot;
use super::*;
use crate::error::ApiError;
use crate::output::Output;
use control::{Ask, Page, Trouble, What};

/// A service that has everyone sign with one secret, and tells what it was asked.
struct Strict {
    parrot: Parrot,
    asks: Vec<Ask>,
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z, when the vectors of AWS were signed.
const SIGNED_AT: i64 = 1_440_938_160_000;

impl Strict {
    fn new() -> Self {
        Strict {
            parrot: Parrot::saying(Ok(json!({}))),
            asks: Vec::new(),
        }
    }
}

impl Service for Strict {
    fn signer(&mut self, caller: &Caller) -> Result<Signer, Refused> {
        match caller.access_key.as_str() {
            "" => Err(Refused::Unsigned),
            "AKIDEXAMPLE" => Ok(Signer {
                account: "222222222222".to_owned(),
                proof: Some(Proof {
                    secret: SECRET.to_owned(),
                    moments: vec![0, SIGNED_AT],
                }),
            }),
            _ => Err(Refused::Key),
        }
    }

    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        self.parrot.call(caller, call)
    }

    fn reset(&mut self) {}

    fn now_millis(&self) -> i64 {
        0
    }

    fn control(&mut self, ask: &Ask) -> Result<Page, Trouble> {
        self.asks.push(ask.clone());
        match &ask.what {
            What::Fork { name, .. } => Ok(Page::Made(json!({ "name": name }))),
            What::Drop => Ok(Page::Nothing),
            What::Snapshot(_) => Ok(Page::Document(Box::new(|| Ok(b"{}".to_vec())))),
            What::Health => Ok(Page::Json(json!({"accounts": []}))),
            _ => Err(Trouble::no_page()),
        }
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Vec<u8>> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.as_bytes().to_vec()).expect("a request")
}

fn send(service: &mut Strict, request: &Request<Vec<u8>>) -> (u16, String, Record) {
    let Answer { response, record } = answer(service, &RequestIds::default(), request);
    let response = response.expect("a response");
    let body = String::from_utf8_lossy(response.body()).into_owned();
    (response.status().as_u16(), body, record)
}

const LOCAL: (&str, &str) = ("host", "localhost:4580");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Method, page, headers and body.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn wire_pages_are_strict() {
    let cases: [Case<'_>; 22] = [
        ("GET", "health", &[LOCAL], ""),
        ("GET", "health?x=1", &[LOCAL], ""),
        ("POST", "health", &[LOCAL], ""),
        ("GET", "snapshot?account=111111111111", &[LOCAL], ""),
        ("GET", "snapshot?account=1", &[LOCAL], ""),
        ("GET", "snapshot?of=111111111111", &[LOCAL], ""),
        ("POST", "advance", &[LOCAL, JSON], "{\"by\":\"1h30m\"}"),
        ("POST", "advance", &[LOCAL, JSON], "{\"by\":\"soon\"}"),
        (
            "POST",
            "advance",
            &[LOCAL, JSON],
            "{\"by\":\"1h\",\"until\":\"2026-01-01T00:00:00Z\"}",
        ),
        ("POST", "advance", &[LOCAL, JSON], "{\"for\":\"1h\"}"),
        ("POST", "advance", &[LOCAL, JSON], ""),
        (
            "POST",
            "advance",
            &[LOCAL, ("content-type", "text/plain")],
            "{\"by\":\"1h\"}",
        ),
        ("POST", "forks", &[LOCAL, JSON], "{\"name\":\"blue\"}"),
        ("POST", "forks", &[LOCAL, JSON], "{\"name\":\"Blue/../x\"}"),
        ("GET", "forks/blue/_sandtable/forks", &[LOCAL], ""),
        ("DELETE", "forks/blue", &[LOCAL], ""),
        ("PUT", "forks/blue", &[LOCAL], ""),
        ("GET", "else", &[LOCAL], ""),
        ("POST", "reset", &[LOCAL], "x"),
        ("GET", "health", &[("host", "evil.example")], ""),
        (
            "POST",
            "reset",
            &[LOCAL, ("origin", "https://evil.example")],
            "",
        ),
        (
            "POST",
            "reset",
            &[LOCAL, ("x-amz-date", "20150830T123600Z")],
            "",
        ),
    ];
    let mut text = String::new();
    for (method, page, headers, body) in cases {
        let mut service = Strict::new();
        let asked = request(method, &format!("/_sandtable/{page}"), headers, body);
        let (status, said, record) = send(&mut service, &asked);
        let asks: Vec<String> = service.asks.iter().map(|it| format!("{it:?}")).collect();
        text.push_str(&format!(
            "{method} {page} {body}\n  {status} {}\n  {}\n  {record}\n",
            said.trim_end(),
            asks.join(" ")
        ));
    }
    insta::assert_snapshot!(text);
}

/// The request of AWS's suite that is a call of nothing, as the wire gets it.
fn signed(path: &str, authorization: &str, body: &str) -> Request<Vec<u8>> {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("host", "example.amazonaws.com"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization),
    ];
    request("POST", path, &headers, body)
}

const GOOD: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date, \
    Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a";

#[test]
fn wire_verifies_signatures_before_anything_else() {
    let mut service = Strict::new();
    // The service of the vectors is none of AWS's: its signature is good, and then it is not served.
    let (status, said, record) = send(&mut service, &signed("/", GOOD, "Param1=value1"));
    assert!(
        said.contains("UnsupportedOperation") && said.contains("service"),
        "{status} {said}"
    );
    assert_eq!(record.caller.expect("known").account, "222222222222");
    let (status, said, _) = send(&mut service, &signed("/", GOOD, "Param1=value2"));
    assert_eq!(status, 403, "{said}");
    assert!(
        said.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{said}"
    );
    assert!(said.contains("String-to-Sign"), "{said}");
    let stranger = GOOD.replace("AKIDEXAMPLE", "AKIDSTRANGER");
    let (_, said, _) = send(&mut service, &signed("/", &stranger, "Param1=value1"));
    assert!(said.contains("<Code>InvalidClientTokenId</Code>"), "{said}");
    let mut unsigned = signed("/", GOOD, "Action=DescribeVpcs");
    unsigned.headers_mut().remove(header::AUTHORIZATION);
    let (status, said, _) = send(&mut service, &unsigned);
    assert_eq!(status, 400);
    assert!(said.contains("<Code>MissingParameter</Code>"), "{said}");
    // In JSON the same has another name.
    let target = HeaderValue::from_static("GraniteServiceVersion20100801.ListMetrics");
    unsigned.headers_mut().insert("x-amz-target", target);
    let (_, said, _) = send(&mut service, &unsigned);
    assert!(
        said.contains("MissingAuthenticationTokenException"),
        "{said}"
    );
    assert!(service.parrot.heard.is_empty(), "nobody got through");
}

#[test]
fn wire_forks_are_part_of_the_path_and_of_what_is_signed() {
    let mut service = Strict::new();
    // Signed for `/`, sent to a fork: that is another path.
    let (_, said, record) = send(
        &mut service,
        &signed("/_sandtable/forks/a/", GOOD, "Param1=value1"),
    );
    assert!(said.contains("SignatureDoesNotMatch"), "{said}");
    assert!(said.contains("/_sandtable/forks/a/"), "{said}");
    assert_eq!(record.caller.expect("known").fork.as_deref(), Some("a"));
    // A service without forks refuses them.
    let mut parrot = Parrot::saying(Ok(json!({})));
    let body = "Action=DescribeVpcs&Version=2016-11-15";
    let asked = request("POST", "/_sandtable/forks/a/?x=y", &[LOCAL], body);
    let Answer { response, record } = answer(&mut parrot, &RequestIds::default(), &asked);
    assert_eq!(response.expect("a response").status().as_u16(), 404);
    assert!(record.to_string().contains(" -/a "), "{record}");
}

#[test]
fn wire_calls_from_web_pages_are_refused() {
    let mut parrot = Parrot::saying(Ok(json!({})));
    let body = "Action=DescribeVpcs&Version=2016-11-15";
    let headers = [LOCAL, ("origin", "https://evil.example")];
    let asked = request("POST", "/", &headers, body);
    let Answer { response, record } = answer(&mut parrot, &RequestIds::default(), &asked);
    assert_eq!(response.expect("a response").status().as_u16(), 403);
    assert_eq!(record.code.as_deref(), Some("sandtable.CrossOrigin"));
    assert!(parrot.heard.is_empty());
    let health: Value = {
        let asked = request("GET", "/_sandtable/health", &[LOCAL], "");
        let answer = answer(&mut parrot, &RequestIds::default(), &asked);
        serde_json::from_slice(answer.response.expect("a response").body()).expect("JSON")
    };
    assert_eq!(health["status"], "ok");
}
