//! From any serializable output to XML, along its shape.
//!
//! What is written stands nowhere in between: an answer with ten thousand volumes would otherwise be
//! built a second time, as JSON, only to be walked once.

use std::fmt::Display;

use sandtable_model::Resource;
use sandtable_model::resource::answer_key;
use serde::Serialize;
use serde::ser::{
    self, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

use super::encode::{EncodeError, Xml, wrong};
use super::pieces::Pieces;
use super::table::{List, MapOf, Shape, ShapeId, Structure, Table, Type};
use crate::rules::Page;

impl ser::Error for EncodeError {
    fn custom<T: Display>(message: T) -> Self {
        EncodeError::Output {
            message: message.to_string(),
        }
    }
}

/// Writes the members of an output. Without a shape there must be none.
pub(super) fn write_members<T: Serialize + ?Sized>(
    table: &'static Table,
    shape: Option<ShapeId>,
    output: &T,
    xml: &mut Xml<'_>,
) -> Result<(), EncodeError> {
    output.serialize(Place {
        table,
        xml,
        element: None,
        of: shape.map(Type::Shape),
    })
}

/// Writes the members of a page of resources: as [`write_members`] does, but what was written of a
/// resource before is taken from the pieces.
pub(super) fn write_page(
    table: &'static Table,
    shape: Option<ShapeId>,
    (page, pieces): (&Page, &Pieces),
    xml: &mut Xml<'_>,
) -> Result<(), EncodeError> {
    let name = answer_key(page.kind);
    let structure = shape.and_then(|shape| table.structure(shape));
    let member = structure.and_then(|it| it.members.get(usize::from(it.named(name)?)));
    let list = member.and_then(|member| match member.of {
        Type::Shape(id) => match table.shape(id) {
            Shape::List(list) => Some((member.element, id, list)),
            _ => None,
        },
        _ => None,
    });
    let Some((element, id, list)) = list.filter(|_| !page.items.is_empty()) else {
        return write_members(table, shape, page, xml);
    };
    xml.start(element);
    let write = |resource: &Resource, into: &mut Vec<u8>| {
        resource.serialize(Place {
            table,
            xml: &mut Xml::onto(into),
            element: Some(list.item),
            of: Some(list.of),
        })
    };
    let written = pieces.append((table.api(), id), &page.items, xml.bytes(), write);
    written.map_err(|(number, error)| error.within(&format!("[{number}]")).within(name))?;
    xml.end(element);
    let rest = Rest {
        next_token: page.next_token.as_deref(),
    };
    write_members(table, shape, &rest, xml)
}

/// What stands behind the list of a page.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rest<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'p str>,
}

/// Where a value goes, and what it has to be.
struct Place<'p, 'x> {
    table: &'static Table,
    xml: &'p mut Xml<'x>,
    /// The element around it; none at the top, where the members stand beside each other.
    element: Option<&'static str>,
    /// What the value is made of; none where nothing may be.
    of: Option<Type>,
}

impl<'p, 'x> Place<'p, 'x> {
    /// A moment, which the services write with milliseconds (facts, wire, "Success response").
    fn moment(self, text: &str) -> Result<(), EncodeError> {
        match text.strip_suffix('Z') {
            Some(seconds) if !seconds.contains('.') => self.leaf(&format!("{seconds}.000Z")),
            _ => self.leaf(text),
        }
    }

    fn leaf(self, text: &str) -> Result<(), EncodeError> {
        self.xml.leaf(self.element.unwrap_or_default(), text);
        Ok(())
    }

    fn number(
        self,
        number: impl Display,
        fits_integer: bool,
        is_whole: bool,
    ) -> Result<(), EncodeError> {
        match self.of {
            // Clients parse an integer into 32 bits and fail on more.
            Some(Type::Integer) if !fits_integer => return Err(wrong("a 32-bit integer")),
            Some(Type::Long) if !is_whole => return Err(wrong("a 64-bit integer")),
            Some(Type::Integer | Type::Long | Type::Double) => {}
            other => return Err(mismatch(self.table, other)),
        }
        Ok(self.xml.number(self.element.unwrap_or_default(), number)?)
    }

    fn members(self) -> Result<Members<'p, 'x>, EncodeError> {
        let Place {
            table,
            xml,
            element,
            of,
        } = self;
        let what = match of {
            None => What::Nothing,
            Some(Type::Shape(id)) => match table.shape(id) {
                Shape::Structure(it) => What::Structure(it),
                Shape::Map(it) => What::Map(it),
                Shape::List(_) => return Err(wrong("a list")),
            },
            other => return Err(mismatch(table, other)),
        };
        if let (What::Structure(_), Some(element)) = (&what, element) {
            xml.start(element);
        }
        Ok(Members {
            table,
            xml,
            element,
            what,
            key: String::new(),
            is_begun: false,
        })
    }
}

/// What should have stood where something else is.
fn mismatch(table: &'static Table, of: Option<Type>) -> EncodeError {
    wrong(match of {
        None => "absent",
        Some(Type::String | Type::Blob) => "a string",
        Some(Type::Timestamp) => "a timestamp in a string",
        Some(Type::Boolean) => "a boolean",
        Some(Type::Integer) => "a 32-bit integer",
        Some(Type::Long) => "a 64-bit integer",
        Some(Type::Double) => "a number",
        Some(Type::Shape(id)) => match table.shape(id) {
            Shape::Structure(_) => "an object",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
        },
    })
}

impl<'p, 'x> Serializer for Place<'p, 'x> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = Elements<'p, 'x>;
    type SerializeTuple = Elements<'p, 'x>;
    type SerializeTupleStruct = Impossible<(), EncodeError>;
    type SerializeTupleVariant = Impossible<(), EncodeError>;
    type SerializeMap = Members<'p, 'x>;
    type SerializeStruct = Members<'p, 'x>;
    type SerializeStructVariant = Impossible<(), EncodeError>;

    fn serialize_bool(self, value: bool) -> Result<(), EncodeError> {
        match self.of {
            Some(Type::Boolean) => self.leaf(if value { "true" } else { "false" }),
            other => Err(mismatch(self.table, other)),
        }
    }

    fn serialize_i8(self, value: i8) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), EncodeError> {
        self.number(value, i32::try_from(value).is_ok(), true)
    }

    fn serialize_u8(self, value: u8) -> Result<(), EncodeError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), EncodeError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), EncodeError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), EncodeError> {
        let (integer, long) = (i32::try_from(value).is_ok(), i64::try_from(value).is_ok());
        self.number(value, integer, long)
    }

    fn serialize_f32(self, value: f32) -> Result<(), EncodeError> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), EncodeError> {
        self.number(value, false, false)
    }

    fn serialize_char(self, value: char) -> Result<(), EncodeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), EncodeError> {
        match self.of {
            Some(Type::String | Type::Blob) => self.leaf(value),
            Some(Type::Timestamp) => self.moment(value),
            other => Err(mismatch(self.table, other)),
        }
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), EncodeError> {
        Err(mismatch(self.table, self.of))
    }

    fn serialize_none(self) -> Result<(), EncodeError> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), EncodeError> {
        value.serialize(self)
    }

    /// Null: absent, or at the top an output whose members are all optional.
    fn serialize_unit(self) -> Result<(), EncodeError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), EncodeError> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), EncodeError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), EncodeError> {
        Err(mismatch(self.table, self.of))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'p, 'x>, EncodeError> {
        let Place {
            table,
            xml,
            element,
            of,
        } = self;
        let Some(Type::Shape(id)) = of else {
            return Err(mismatch(table, of));
        };
        let Shape::List(list) = table.shape(id) else {
            return Err(mismatch(table, of));
        };
        Ok(Elements {
            table,
            xml,
            element: element.unwrap_or_default(),
            list,
            count: 0,
        })
    }

    /// An array of a fixed length is a list like any other.
    fn serialize_tuple(self, length: usize) -> Result<Elements<'p, 'x>, EncodeError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, EncodeError> {
        Err(mismatch(self.table, self.of))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, EncodeError> {
        Err(mismatch(self.table, self.of))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'p, 'x>, EncodeError> {
        self.members()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'p, 'x>, EncodeError> {
        self.members()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, EncodeError> {
        Err(mismatch(self.table, self.of))
    }
}

/// A list that is being written. One without elements is an empty wrapper, as EC2 writes it.
struct Elements<'p, 'x> {
    table: &'static Table,
    xml: &'p mut Xml<'x>,
    element: &'static str,
    list: &'static List,
    count: usize,
}

impl SerializeSeq for Elements<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        if self.count == 0 {
            self.xml.start(self.element);
        }
        let place = Place {
            table: self.table,
            xml: self.xml,
            element: Some(self.list.item),
            of: Some(self.list.of),
        };
        let written = value.serialize(place);
        written.map_err(|error| error.within(&format!("[{}]", self.count)))?;
        self.count += 1;
        Ok(())
    }

    fn end(self) -> Result<(), EncodeError> {
        match self.count {
            0 => self.xml.empty(self.element),
            _ => self.xml.end(self.element),
        }
        Ok(())
    }
}

impl SerializeTuple for Elements<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        SerializeSeq::end(self)
    }
}

/// What named members belong to.
#[derive(Clone, Copy)]
enum What {
    Structure(&'static Structure),
    Map(&'static MapOf),
    /// Nothing: there may be no members.
    Nothing,
}

/// A structure or a map that is being written.
struct Members<'p, 'x> {
    table: &'static Table,
    xml: &'p mut Xml<'x>,
    element: Option<&'static str>,
    what: What,
    /// The key that was given last, for serializers that give key and value apart.
    key: String,
    /// Whether a map has had an entry.
    is_begun: bool,
}

impl Members<'_, '_> {
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), EncodeError> {
        let unknown = || EncodeError::UnknownMember {
            path: name.to_owned(),
        };
        let (element, of) = match self.what {
            What::Nothing => return Err(unknown()),
            What::Structure(structure) => {
                let index = structure.named(name).ok_or_else(unknown)?;
                let member = structure.members.get(usize::from(index));
                let member = member.ok_or_else(unknown)?;
                (member.element, member.of)
            }
            What::Map(map) => {
                if !self.is_begun {
                    self.is_begun = true;
                    self.xml.start(self.element.unwrap_or_default());
                }
                self.xml.start("entry");
                self.xml.leaf(map.key, name);
                (map.value, map.of)
            }
        };
        let place = Place {
            table: self.table,
            xml: self.xml,
            element: Some(element),
            of: Some(of),
        };
        value.serialize(place).map_err(|error| error.within(name))?;
        if matches!(self.what, What::Map(_)) {
            self.xml.end("entry");
        }
        Ok(())
    }

    fn finish(self) -> Result<(), EncodeError> {
        match (self.what, self.element) {
            (What::Map(_), Some(element)) if !self.is_begun => self.xml.empty(element),
            (What::Nothing, _) | (_, None) => {}
            (_, Some(element)) => self.xml.end(element),
        }
        Ok(())
    }
}

impl SerializeStruct for Members<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.member(name, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}

impl SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        let key = serde_json::to_value(key).map_err(<EncodeError as ser::Error>::custom)?;
        self.key = key
            .as_str()
            .ok_or_else(|| wrong("under a text"))?
            .to_owned();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let key = std::mem::take(&mut self.key);
        self.member(&key, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}
