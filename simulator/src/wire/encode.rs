//! From the output of an operation to XML, and errors likewise.
//!
//! The output shape is walked, so that only modelled names can come out. Null and absent members
//! are left out; a list that is present and empty is an empty wrapper, as EC2 writes it.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write as _};

use quick_xml::escape::partial_escape;
use serde::Serialize;
use serde_json::Value;

use super::form::fits_xml;
use super::table::{ShapeId, Table};
use super::walk::{write_members, write_page};
use crate::error::ApiError;
use crate::output::Output;

/// Why a value is not an output of the operation. Always a bug of the handler, never of a client.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The table does not carry the action.
    #[error("there are no shapes for `{action}`")]
    UnknownAction {
        /// The action.
        action: String,
    },
    /// The shape has no member of this name.
    #[error("`{path}` is not in the output shape")]
    UnknownMember {
        /// The member, from the top of the output.
        path: String,
    },
    /// The value has another type than the shape says.
    #[error("`{path}` must be {expected}")]
    WrongType {
        /// The member, from the top of the output.
        path: String,
        /// What the shape says.
        expected: &'static str,
    },
    /// The output cannot be serialized.
    #[error("the output cannot be written: {message}")]
    Output {
        /// Why.
        message: String,
    },
    /// The writer failed. Memory does not, so this is not expected.
    #[error("cannot write the response")]
    Write(#[from] io::Error),
}

impl EncodeError {
    /// Adds the member or element that contains the place of the error.
    pub(crate) fn within(mut self, outer: &str) -> Self {
        if let Self::UnknownMember { path } | Self::WrongType { path, .. } = &mut self {
            let dot = if path.is_empty() || path.starts_with('[') {
                ""
            } else {
                "."
            };
            *path = format!("{outer}{dot}{path}");
        }
        self
    }
}

/// Appends the response of an operation of EC2 to `into`.
///
/// On an error, what was appended so far is incomplete and must be thrown away.
pub fn encode<T: Serialize + ?Sized>(
    action: &str,
    output: &T,
    request_id: &str,
    into: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    encode_xml(Table::ec2(), action, output, request_id, into)
}

/// Appends the response of an operation of a service to `into`.
///
/// On an error, what was appended so far is incomplete and must be thrown away.
pub fn encode_xml<T: Serialize + ?Sized>(
    table: &'static Table,
    action: &str,
    output: &T,
    request_id: &str,
    into: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let members = |shape, xml: &mut Xml<'_>| write_members(table, shape, output, xml);
    encode_around(table, action, members, request_id, into)
}

/// As [`encode_xml`], with the same bytes; of a page of resources it uses what was written before.
pub(crate) fn encode_output(
    table: &'static Table,
    action: &str,
    output: &Output,
    request_id: &str,
    into: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let members = |shape, xml: &mut Xml<'_>| match output.page() {
        Some(page) => write_page(table, shape, page, xml),
        None => write_members(table, shape, output, xml),
    };
    encode_around(table, action, members, request_id, into)
}

/// What is the same in every response, around the members.
fn encode_around(
    table: &'static Table,
    action: &str,
    write_members: impl FnOnce(Option<ShapeId>, &mut Xml<'_>) -> Result<(), EncodeError>,
    request_id: &str,
    into: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let operation = table
        .operation(action)
        .ok_or_else(|| EncodeError::UnknownAction {
            action: action.to_owned(),
        })?;
    let mut xml = Xml::new(into);
    let root = format!("{action}Response");
    xml.root(&root, Some(table.namespace()));
    if table.is_ec2() {
        xml.leaf("requestId", request_id);
        write_members(operation.output, &mut xml)?;
        if operation.output.is_none() {
            xml.leaf("return", "true");
        }
    } else {
        let wrapper = operation.output.map(|_| format!("{action}Result"));
        wrapper.iter().for_each(|it| xml.start(it));
        write_members(operation.output, &mut xml)?;
        wrapper.iter().for_each(|it| xml.end(it));
        xml.start("ResponseMetadata");
        xml.leaf("RequestId", request_id);
        xml.end("ResponseMetadata");
    }
    xml.end(&root);
    Ok(())
}

/// Refuses an output where the operation has none.
pub(crate) fn nothing(output: &Value) -> Result<(), EncodeError> {
    if is_nothing(output) {
        return Ok(());
    }
    let first = output.as_object().and_then(|map| map.keys().next());
    Err(EncodeError::UnknownMember {
        path: first.cloned().unwrap_or_default(),
    })
}

/// Appends an error response of a service other than EC2 to `into`.
pub(crate) fn encode_query_error(
    table: Option<&Table>,
    error: &ApiError,
    is_sender: bool,
    request_id: &str,
    into: &mut Vec<u8>,
) {
    let mut xml = Xml::new(into);
    xml.root("ErrorResponse", table.map(Table::namespace));
    xml.start("Error");
    xml.leaf("Type", if is_sender { "Sender" } else { "Receiver" });
    xml.leaf("Code", &error.code);
    xml.leaf("Message", &error.message);
    xml.end("Error");
    xml.leaf("RequestId", request_id);
    xml.end("ErrorResponse");
}

/// Appends an error response of EC2 to `into`.
pub fn encode_error(error: &ApiError, request_id: &str, into: &mut Vec<u8>) {
    let mut xml = Xml::new(into);
    for name in ["Response", "Errors", "Error"] {
        xml.start(name);
    }
    xml.leaf("Code", &error.code);
    xml.leaf("Message", &error.message);
    xml.end("Error");
    xml.end("Errors");
    // On errors EC2 writes a capital D, on success `requestId`.
    xml.leaf("RequestID", request_id);
    xml.end("Response");
}

fn is_nothing(output: &Value) -> bool {
    output.is_null() || output.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The few forms that responses are made of, straight into the bytes: names come from the model and
/// need no escaping.
pub(crate) struct Xml<'v> {
    into: &'v mut Vec<u8>,
}

impl<'v> Xml<'v> {
    pub(crate) fn new(into: &'v mut Vec<u8>) -> Self {
        into.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        Self { into }
    }

    /// A part of a document that is already begun.
    pub(crate) fn onto(into: &'v mut Vec<u8>) -> Self {
        Self { into }
    }

    /// Where the document is written.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        self.into
    }

    fn put(&mut self, parts: &[&str]) {
        self.into.reserve(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.into.extend_from_slice(part.as_bytes());
        }
    }

    /// A root, with the namespace of the API.
    fn root(&mut self, name: &str, namespace: Option<&str>) {
        match namespace {
            Some(it) => self.put(&["<", name, " xmlns=\"", it, "\">"]),
            None => self.start(name),
        }
    }

    pub(crate) fn start(&mut self, name: &str) {
        self.put(&["<", name, ">"]);
    }

    pub(crate) fn end(&mut self, name: &str) {
        self.put(&["</", name, ">"]);
    }

    pub(crate) fn empty(&mut self, name: &str) {
        self.put(&["<", name, "/>"]);
    }

    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            return self.empty(name);
        }
        if is_plain(text) {
            self.put(&["<", name, ">", text, "</", name, ">"]);
        } else {
            let text = partial_escape(carried(text));
            self.put(&["<", name, ">", &text, "</", name, ">"]);
        }
    }

    pub(crate) fn number(&mut self, name: &str, number: impl Display) -> io::Result<()> {
        self.start(name);
        write!(self.into, "{number}")?;
        self.end(name);
        Ok(())
    }
}

/// Whether a text can stand between two tags as it is.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| (0x20..0x7F).contains(&byte) && !matches!(byte, b'<' | b'>' | b'&');
    // Without a way out in between, so that many bytes are looked at at once.
    text.bytes().fold(true, |all, byte| all & plain(byte))
}

/// The text as XML can carry it.
///
/// Requests with other characters are refused, but a snapshot may hold them. One odd tag must not
/// make a whole account unreadable, so they become the replacement character.
fn carried(text: &str) -> Cow<'_, str> {
    if text.chars().all(fits_xml) {
        return Cow::Borrowed(text);
    }
    let replace = |letter| {
        if fits_xml(letter) {
            letter
        } else {
            char::REPLACEMENT_CHARACTER
        }
    };
    Cow::Owned(text.chars().map(replace).collect())
}

/// A wrong type, at a place that the callers on the way out fill in.
pub(crate) fn wrong(expected: &'static str) -> EncodeError {
    EncodeError::WrongType {
        path: String::new(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn xml(action: &str, output: &Value) -> Result<String, EncodeError> {
        let mut bytes = Vec::new();
        encode(action, output, "req-1", &mut bytes)?;
        Ok(String::from_utf8(bytes).expect("UTF-8"))
    }

    fn error(action: &str, output: &Value) -> String {
        xml(action, output)
            .expect_err("must be refused")
            .to_string()
    }

    #[test]
    fn wire_encode_names_the_place_of_a_bug() {
        let wrong = |output: Value| error("DescribeVolumes", &output);
        assert_eq!(
            wrong(json!({"volumes": []})),
            "`volumes` is not in the output shape"
        );
        assert_eq!(
            wrong(json!({"Volumes": [{}, {"Tags": [{"Key": "a", "Colour": null}]}]})),
            "`Volumes[1].Tags[0].Colour` is not in the output shape"
        );
        assert_eq!(wrong(json!({"Volumes": {}})), "`Volumes` must be a list");
        assert_eq!(
            wrong(json!({"Volumes": ["x"]})),
            "`Volumes[0]` must be an object"
        );
        assert_eq!(
            wrong(json!({"Volumes": [{"Size": 1_i64 << 40}]})),
            "`Volumes[0].Size` must be a 32-bit integer"
        );
        assert_eq!(
            wrong(json!({"Volumes": [{"CreateTime": 5}]})),
            "`Volumes[0].CreateTime` must be a timestamp in a string"
        );
        assert_eq!(
            error("DeleteVolume", &json!({"X": 1})),
            "`X` is not in the output shape"
        );
        assert_eq!(
            error("MakeCoffee", &json!({})),
            "there are no shapes for `MakeCoffee`"
        );
    }

    /// Types serialize in ways of their own: arrays as tuples, enumerations as variants, and what is
    /// absent as nothing.
    #[test]
    fn wire_encode_takes_every_form_of_a_list() {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Tags<T> {
            tags: T,
            next_token: Option<&'static str>,
        }
        #[derive(Clone, Copy, Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Tag {
            key: char,
        }
        let encode = |output: &dyn erased_serde::Serialize| {
            let mut bytes = Vec::new();
            encode("DescribeTags", output, "r", &mut bytes).expect("good");
            String::from_utf8(bytes).expect("UTF-8")
        };
        let none = Tags {
            tags: [(); 0],
            next_token: None,
        };
        assert!(encode(&none).contains("<tagSet/></DescribeTagsResponse>"));
        let one = Tags {
            tags: [Some(Tag { key: 'k' })],
            next_token: Some("t"),
        };
        let expected = "<tagSet><item><key>k</key></item></tagSet><nextToken>t</nextToken>";
        assert!(encode(&one).contains(expected), "{}", encode(&one));
    }

    #[test]
    fn wire_encode_without_output_returns_true() {
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><DeleteVolumeResponse \
            xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>req-1</requestId>\
            <return>true</return></DeleteVolumeResponse>";
        assert_eq!(xml("DeleteVolume", &Value::Null).expect("good"), expected);
        assert_eq!(xml("DeleteVolume", &json!({})).expect("good"), expected);
    }

    #[test]
    fn wire_encode_carries_every_text() {
        let tag = |value: &str| json!({"Tags": [{"Key": "k", "Value": value}]});
        let body = |value: &str| xml("DescribeTags", &tag(value)).expect("good");
        assert!(body("a<b & \"c\">\r\n").contains("<value>a&lt;b &amp; \"c\"&gt;&#13;\n</value>"));
        assert!(body("\u{0}é\u{FFFF}").contains("<value>\u{FFFD}é\u{FFFD}</value>"));
        assert!(body("").contains("<value/>"));
    }
}
