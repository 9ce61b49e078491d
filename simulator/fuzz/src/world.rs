//! The twin behind the wire, and what each of its answers must be.

use std::str::from_utf8;

use http::{Request, header};
use minicbor::Decoder;
use quick_xml::Reader;
use quick_xml::events::Event;
use sandtable_model::Duration;
use sandtable_simulator::wire::{Answer, Call, Caller, RequestIds, Service, answer};
use sandtable_simulator::{ApiError, Output, Twin};
use serde_json::Value;

/// A served twin that remembers what it said last.
pub(crate) struct World {
    pub(crate) twin: Twin,
    /// The last answer, before it was put into any form; nothing when the call was refused.
    pub(crate) said: Option<Value>,
}

impl Service for World {
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        self.said = None;
        let output = self.twin.answer(caller, call)?;
        self.said = Some(output.to_value()?);
        Ok(output)
    }

    fn reset(&mut self) {
        self.said = None;
    }

    fn now_millis(&self) -> i64 {
        self.twin.now().millis()
    }
}

impl World {
    pub(crate) fn of(twin: &Twin) -> Self {
        World {
            twin: twin.fork(),
            said: None,
        }
    }

    /// Makes a request; what comes back is looked at. Gives the body of the answer.
    pub(crate) fn ask(&mut self, request: &Request<Vec<u8>>) -> Vec<u8> {
        self.said = None;
        // A number of its own for each, so that the same request gives the same bytes.
        let answered = answer(self, &RequestIds::default(), request);
        check(&answered);
        let response = answered.response.expect("no fault was asked for");
        response.into_body()
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.twin.advance(Duration::from_secs(seconds));
    }

    /// The state is sound.
    pub(crate) fn audit(&self) {
        if let Err(error) = self.twin.state().audit() {
            panic!("the state is unsound: {error}");
        }
    }
}

/// An answer is one that a client can read, and never blames the twin.
fn check(answered: &Answer) {
    let record = &answered.record;
    assert_ne!(record.code.as_deref(), Some("InternalError"), "{record}");
    let line = record.to_string();
    assert!(
        line.is_ascii() && !line.contains(char::is_control),
        "{line:?}"
    );
    assert_eq!(line.split_ascii_whitespace().count(), 9, "{line:?}");
    let response = answered.response.as_ref().expect("no fault was asked for");
    let body = response.body();
    let status = response.status().as_u16();
    assert!(status < 500, "{line}: {}", String::from_utf8_lossy(body));
    let of_type = response.headers().get(header::CONTENT_TYPE);
    let of_type = of_type.map(|it| it.to_str().expect("plain text"));
    match of_type {
        None => assert!(body.is_empty(), "{line}"),
        Some("application/json") if body.is_empty() => {}
        Some("application/cbor") => read_cbor(body),
        Some(it) if it.contains("json") => {
            let read: Value = serde_json::from_slice(body).expect("an answer in JSON");
            assert!(read.is_object(), "{line}: {read}");
        }
        Some(it) if it.starts_with("text/xml") => read_xml(body),
        Some(it) => panic!("{line}: an answer of type {it}"),
    }
}

fn read_cbor(body: &[u8]) {
    let mut decoder = Decoder::new(body);
    decoder.skip().expect("an answer in CBOR");
    assert_eq!(decoder.position(), body.len(), "more than one value");
}

fn read_xml(body: &[u8]) {
    let text = from_utf8(body).expect("an answer in UTF-8");
    let is_allowed = |it: char| it >= ' ' || matches!(it, '\t' | '\n' | '\r');
    assert!(text.chars().all(is_allowed), "{text:?}");
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots) = (0_usize, 0);
    loop {
        match reader.read_event().expect("an answer in XML") {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Empty(_) => roots += usize::from(depth == 0),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, roots), (0, 1), "{text}");
}
