//! Calls and answers as documents: the protocols of JSON and CBOR, which share one tree.
//!
//! A document has the model's names as it is; what differs from a [`Call`] is moments, which are
//! seconds since 1970 here and text there. Blobs have no place: no operation that the tables carry
//! has one where these protocols are spoken, and `shapes.py` refuses to carry one.

use sandtable_model::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use super::decode::operation;
use super::encode::{EncodeError, nothing, wrong};
use super::path::Path;
use super::refusal;
use super::service::Call;
use super::table::{Shape, Table, Type};
use crate::error::ApiError;

/// Reads a call from the document of a request.
///
/// # Errors
/// As [`decode`](super::decode()): what the model knows is checked, and nothing is ignored.
pub(crate) fn decode_document(
    table: &'static Table,
    action: &str,
    document: Value,
) -> Result<Call, ApiError> {
    let operation = operation(table, action)?;
    let document = match document {
        Value::Null => Value::Object(Map::new()),
        other => other,
    };
    let input = match operation.input {
        Some(input) => typed(table, Type::Shape(input), document, &Path::Root)?,
        None => match document.as_object().and_then(|it| it.keys().next()) {
            Some(name) => return Err(refusal::unknown_parameter(name)),
            None => document,
        },
    };
    Ok(Call::of(table.api(), action, input))
}

pub(super) fn typed(
    table: &Table,
    of: Type,
    value: Value,
    path: &Path<'_>,
) -> Result<Value, ApiError> {
    let misfit = |value: &Value, expected: &str| {
        refusal::misfit(table.api(), path, &value.to_string(), expected)
    };
    let Type::Shape(id) = of else {
        return match scalar(of, &value) {
            Ok(value) => Ok(value),
            Err(expected) => Err(misfit(&value, expected)),
        };
    };
    match (table.shape(id), value) {
        (Shape::List(list), Value::Array(values)) => {
            let numbered = (1..).zip(values).map(|(number, value)| {
                let path = Path::Number(path, number, Some(list.item));
                typed(table, list.of, value, &path)
            });
            Ok(Value::Array(numbered.collect::<Result<_, _>>()?))
        }
        (Shape::Map(map), Value::Object(entries)) => {
            let entries = entries.into_iter().map(|(key, value)| {
                let value = typed(table, map.of, value, &Path::Key(path, &key))?;
                Ok((key, value))
            });
            Ok(Value::Object(entries.collect::<Result<_, ApiError>>()?))
        }
        (Shape::Structure(structure), Value::Object(mut given)) => {
            given.retain(|_, value| !value.is_null());
            if let Some(name) = given.keys().find(|it| structure.named(it).is_none()) {
                return Err(refusal::unknown_parameter(
                    &Path::Key(path, name).to_string(),
                ));
            }
            let mut members = Map::new();
            for member in &structure.members {
                let path = Path::Key(path, member.name);
                if let Some(value) = given.remove(member.name) {
                    members.insert(
                        member.name.to_owned(),
                        typed(table, member.of, value, &path)?,
                    );
                } else if member.required {
                    return Err(refusal::missing(table.api(), &path));
                }
            }
            Ok(Value::Object(members))
        }
        (Shape::List(_), value) => Err(misfit(&value, "a list")),
        (Shape::Map(_) | Shape::Structure(_), value) => Err(misfit(&value, "an object")),
    }
}

/// A value as a call has it, or what was expected.
fn scalar(of: Type, value: &Value) -> Result<Value, &'static str> {
    let keep = |fits: bool, expected| fits.then(|| value.clone()).ok_or(expected);
    match of {
        Type::String => keep(value.is_string(), "a string"),
        Type::Boolean => keep(value.is_boolean(), "true or false"),
        Type::Long => keep(value.is_i64(), "an integer"),
        Type::Integer => {
            let fits = value.as_i64().is_some_and(|it| i32::try_from(it).is_ok());
            keep(fits, "an integer")
        }
        Type::Double => keep(value.is_number(), "a number"),
        Type::Timestamp => {
            let seconds = value.as_f64().ok_or("seconds since 1970")?;
            let millis = (seconds * 1000.0).round();
            // The moments that four digits can name.
            if !(-62_135_596_800_000.0..253_402_300_800_000.0).contains(&millis) {
                return Err("seconds since 1970");
            }
            Ok(Timestamp::from_millis(millis as i64).to_wire().into())
        }
        Type::Blob | Type::Shape(_) => Err("a shape that this protocol carries"),
    }
}

/// A value on its way out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item<'v> {
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(&'v str),
    Moment(Timestamp),
    List(Vec<Item<'v>>),
    Map(Vec<(&'v str, Item<'v>)>),
}

/// The output of an operation as a document.
///
/// # Errors
/// When the value is not an output of the operation, which is a bug of its handler.
pub(crate) fn encode_document<'v>(
    table: &'static Table,
    action: &str,
    output: &'v Value,
) -> Result<Item<'v>, EncodeError> {
    let operation = table.operation(action);
    let operation = operation.ok_or_else(|| EncodeError::UnknownAction {
        action: action.to_owned(),
    })?;
    match operation.output {
        Some(_) if output.is_null() => Ok(Item::Map(Vec::new())),
        Some(shape) => outgoing(table, Type::Shape(shape), output),
        None => nothing(output).map(|()| Item::Map(Vec::new())),
    }
}

/// A value by its shape, on its way out.
pub(super) fn outgoing<'v>(
    table: &Table,
    of: Type,
    value: &'v Value,
) -> Result<Item<'v>, EncodeError> {
    let text = |expected| value.as_str().ok_or_else(|| wrong(expected));
    Ok(match of {
        Type::String => Item::Text(text("a string")?),
        Type::Boolean => Item::Boolean(value.as_bool().ok_or_else(|| wrong("a boolean"))?),
        Type::Integer => {
            let number = value.as_i64().filter(|it| i32::try_from(*it).is_ok());
            Item::Integer(number.ok_or_else(|| wrong("a 32-bit integer"))?)
        }
        Type::Long => Item::Integer(value.as_i64().ok_or_else(|| wrong("a 64-bit integer"))?),
        Type::Double => Item::Double(value.as_f64().ok_or_else(|| wrong("a number"))?),
        Type::Timestamp => {
            let moment = text("a timestamp in a string")?.parse();
            Item::Moment(moment.map_err(|_| wrong("a timestamp in a string"))?)
        }
        Type::Blob => return Err(wrong("a shape that this protocol carries")),
        Type::Shape(id) => match table.shape(id) {
            Shape::List(list) => {
                let values = value.as_array().ok_or_else(|| wrong("a list"))?;
                let items = values.iter().enumerate().map(|(index, value)| {
                    outgoing(table, list.of, value)
                        .map_err(|error| error.within(&format!("[{index}]")))
                });
                Item::List(items.collect::<Result<_, _>>()?)
            }
            Shape::Map(map) => {
                let values = value.as_object().ok_or_else(|| wrong("a map"))?;
                let items = values.iter().map(|(key, value)| {
                    let item = outgoing(table, map.of, value);
                    Ok((key.as_str(), item.map_err(|error| error.within(key))?))
                });
                Item::Map(items.collect::<Result<_, EncodeError>>()?)
            }
            Shape::Structure(structure) => {
                let values = value.as_object().ok_or_else(|| wrong("an object"))?;
                let present = values.iter().filter(|(_, value)| !value.is_null());
                let items = present.map(|(name, value)| {
                    let index = structure.named(name).map(usize::from);
                    let member = index.and_then(|index| structure.members.get(index));
                    let member =
                        member.ok_or_else(|| EncodeError::UnknownMember { path: name.clone() })?;
                    let item = outgoing(table, member.of, value);
                    Ok((name.as_str(), item.map_err(|error| error.within(name))?))
                });
                Item::Map(items.collect::<Result<_, EncodeError>>()?)
            }
        },
    })
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Item::Boolean(it) => serializer.serialize_bool(*it),
            Item::Integer(it) => serializer.serialize_i64(*it),
            Item::Double(it) => serializer.serialize_f64(*it),
            Item::Text(it) => serializer.serialize_str(it),
            Item::Moment(it) => match it.millis() % 1000 {
                0 => serializer.serialize_i64(it.millis() / 1000),
                _ => serializer.serialize_f64(it.millis() as f64 / 1000.0),
            },
            Item::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|it| list.serialize_element(it))?;
                list.end()
            }
            Item::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries
                    .iter()
                    .try_for_each(|(key, it)| map.serialize_entry(key, it))?;
                map.end()
            }
        }
    }
}
