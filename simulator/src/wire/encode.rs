//! From the output of an operation to XML, and errors likewise.
//!
//! The output shape is walked, so that only modelled names can come out. Null and absent members
//! are left out; a list that is present and empty is an empty wrapper, as EC2 writes it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value;

use super::form::fits_xml;
use super::table::{MapOf, Shape, ShapeId, Structure, Table, Type};
use crate::error::ApiError;

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
pub fn encode(
    action: &str,
    output: &Value,
    request_id: &str,
    into: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    encode_xml(Table::ec2(), action, output, request_id, into)
}

/// Appends the response of an operation of a service to `into`.
///
/// On an error, what was appended so far is incomplete and must be thrown away.
pub fn encode_xml(
    table: &'static Table,
    action: &str,
    output: &Value,
    request_id: &str,
    into: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let operation = table
        .operation(action)
        .ok_or_else(|| EncodeError::UnknownAction {
            action: action.to_owned(),
        })?;
    let mut xml = Xml::new(into)?;
    let root = format!("{action}Response");
    let start = BytesStart::new(root.as_str()).with_attributes([("xmlns", table.namespace())]);
    xml.writer.write_event(Event::Start(start))?;
    if table.is_ec2() {
        xml.leaf("requestId", request_id)?;
        if operation.output.is_none() && is_nothing(output) {
            xml.leaf("return", "true")?;
        }
        members(table, operation.output, output, &mut xml)?;
    } else {
        if operation.output.is_some() {
            let wrapper = format!("{action}Result");
            xml.start(&wrapper)?;
            members(table, operation.output, output, &mut xml)?;
            xml.end(&wrapper)?;
        } else {
            members(table, None, output, &mut xml)?;
        }
        xml.start("ResponseMetadata")?;
        xml.leaf("RequestId", request_id)?;
        xml.end("ResponseMetadata")?;
    }
    Ok(xml.end(&root)?)
}

/// Writes the members of an output, if the operation has any.
fn members(
    table: &'static Table,
    shape: Option<ShapeId>,
    output: &Value,
    xml: &mut Xml<'_>,
) -> Result<(), EncodeError> {
    let Some(shape) = shape else {
        return nothing(output);
    };
    let mut walk = Walk {
        table,
        xml,
        scratch: String::new(),
        present: Vec::new(),
    };
    walk.members(shape, output)
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
) -> io::Result<()> {
    let mut xml = Xml::new(into)?;
    let mut start = BytesStart::new("ErrorResponse");
    if let Some(table) = table {
        start = start.with_attributes([("xmlns", table.namespace())]);
    }
    xml.writer.write_event(Event::Start(start))?;
    xml.start("Error")?;
    xml.leaf("Type", if is_sender { "Sender" } else { "Receiver" })?;
    xml.leaf("Code", &error.code)?;
    xml.leaf("Message", &error.message)?;
    xml.end("Error")?;
    xml.leaf("RequestId", request_id)?;
    xml.end("ErrorResponse")
}

/// Appends an error response of EC2 to `into`.
pub fn encode_error(error: &ApiError, request_id: &str, into: &mut Vec<u8>) -> io::Result<()> {
    let mut xml = Xml::new(into)?;
    for name in ["Response", "Errors", "Error"] {
        xml.start(name)?;
    }
    xml.leaf("Code", &error.code)?;
    xml.leaf("Message", &error.message)?;
    xml.end("Error")?;
    xml.end("Errors")?;
    // On errors EC2 writes a capital D, on success `requestId`.
    xml.leaf("RequestID", request_id)?;
    xml.end("Response")
}

fn is_nothing(output: &Value) -> bool {
    output.is_null() || output.as_object().is_some_and(serde_json::Map::is_empty)
}

/// A thin hold on the writer: the few forms that responses are made of.
pub(crate) struct Xml<'v> {
    pub(crate) writer: Writer<&'v mut Vec<u8>>,
}

impl<'v> Xml<'v> {
    pub(crate) fn new(into: &'v mut Vec<u8>) -> io::Result<Self> {
        let mut writer = Writer::new(into);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Self { writer })
    }

    pub(crate) fn start(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::Start(BytesStart::new(name)))
    }

    pub(crate) fn end(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    pub(crate) fn empty(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::Empty(BytesStart::new(name)))
    }

    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return self.empty(name);
        }
        self.start(name)?;
        let text = partial_escape(carried(text));
        self.writer
            .write_event(Event::Text(BytesText::from_escaped(text)))?;
        self.end(name)
    }
}

/// The text as XML can carry it.
///
/// Requests with other characters are refused, but a snapshot may hold them. One odd tag must not
/// make a whole account unreadable, so they become the replacement character.
fn carried(text: &str) -> Cow<'_, str> {
    let plain = |byte: &u8| (0x20..0x7F).contains(byte);
    if text.as_bytes().iter().all(plain) || text.chars().all(fits_xml) {
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

/// A walk over shape and value together.
struct Walk<'w, 'v, 'x> {
    table: &'static Table,
    xml: &'w mut Xml<'x>,
    /// For numbers on their way to text.
    scratch: String,
    /// The members present in the structures that are open, innermost last. One buffer for the
    /// whole walk, since every instance and every tag is a structure.
    present: Vec<(u16, &'v Value)>,
}

impl<'v> Walk<'_, 'v, '_> {
    fn members(&mut self, id: ShapeId, value: &'v Value) -> Result<(), EncodeError> {
        let Shape::Structure(structure) = self.table.shape(id) else {
            return Err(wrong("a structure"));
        };
        let first = self.present.len();
        self.collect(structure, value)?;
        // The order of the model, whatever the order of the map.
        if let Some(present) = self.present.get_mut(first..) {
            present.sort_unstable_by_key(|(index, _)| *index);
        }
        let last = self.present.len();
        for at in first..last {
            let Some((index, value)) = self.present.get(at).copied() else {
                continue;
            };
            let Some(member) = structure.members.get(usize::from(index)) else {
                continue;
            };
            self.value(member.element, member.of, value)
                .map_err(|error| error.within(member.name))?;
        }
        self.present.truncate(first);
        Ok(())
    }

    fn collect(&mut self, structure: &Structure, value: &'v Value) -> Result<(), EncodeError> {
        let map = match value {
            Value::Object(map) => map,
            // An operation may have outputs that are all optional: null says none of them.
            Value::Null => return Ok(()),
            _ => return Err(wrong("an object")),
        };
        for (name, value) in map {
            let index = structure
                .named(name)
                .ok_or_else(|| EncodeError::UnknownMember { path: name.clone() })?;
            if !value.is_null() {
                self.present.push((index, value));
            }
        }
        Ok(())
    }

    fn value(&mut self, element: &str, of: Type, value: &'v Value) -> Result<(), EncodeError> {
        match of {
            Type::Shape(id) => self.nested(element, id, value),
            Type::String | Type::Blob => self.text(element, value, "a string"),
            Type::Timestamp => self.text(element, value, "a timestamp in a string"),
            Type::Boolean => match value {
                Value::Bool(true) => Ok(self.xml.leaf(element, "true")?),
                Value::Bool(false) => Ok(self.xml.leaf(element, "false")?),
                _ => Err(wrong("a boolean")),
            },
            // Clients parse an integer into 32 bits and fail on more.
            Type::Integer => {
                let fits = value
                    .as_i64()
                    .is_some_and(|number| i32::try_from(number).is_ok());
                self.number(element, value, fits, "a 32-bit integer")
            }
            Type::Long => self.number(element, value, value.is_i64(), "a 64-bit integer"),
            Type::Double => self.number(element, value, value.is_number(), "a number"),
        }
    }

    fn nested(&mut self, element: &str, id: ShapeId, value: &'v Value) -> Result<(), EncodeError> {
        let list = match self.table.shape(id) {
            Shape::List(list) => list,
            Shape::Map(map) => return self.map(element, map, value),
            Shape::Structure(_) => {
                self.xml.start(element)?;
                self.members(id, value)?;
                return Ok(self.xml.end(element)?);
            }
        };
        let values = value.as_array().ok_or_else(|| wrong("a list"))?;
        if values.is_empty() {
            return Ok(self.xml.empty(element)?);
        }
        self.xml.start(element)?;
        for (index, value) in values.iter().enumerate() {
            self.value(list.item, list.of, value)
                .map_err(|error| error.within(&format!("[{index}]")))?;
        }
        Ok(self.xml.end(element)?)
    }

    fn map(&mut self, element: &str, map: &MapOf, value: &'v Value) -> Result<(), EncodeError> {
        let entries = value.as_object().ok_or_else(|| wrong("a map"))?;
        if entries.is_empty() {
            return Ok(self.xml.empty(element)?);
        }
        self.xml.start(element)?;
        for (key, value) in entries {
            self.xml.start("entry")?;
            self.xml.leaf(map.key, key)?;
            self.value(map.value, map.of, value)
                .map_err(|error| error.within(key))?;
            self.xml.end("entry")?;
        }
        Ok(self.xml.end(element)?)
    }

    fn text(
        &mut self,
        element: &str,
        value: &Value,
        expected: &'static str,
    ) -> Result<(), EncodeError> {
        let text = value.as_str().ok_or_else(|| wrong(expected))?;
        Ok(self.xml.leaf(element, text)?)
    }

    fn number(
        &mut self,
        element: &str,
        value: &Value,
        fits: bool,
        expected: &'static str,
    ) -> Result<(), EncodeError> {
        if !fits {
            return Err(wrong(expected));
        }
        self.scratch.clear();
        write!(self.scratch, "{value}").map_err(io::Error::other)?;
        Ok(self.xml.leaf(element, &self.scratch)?)
    }
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
