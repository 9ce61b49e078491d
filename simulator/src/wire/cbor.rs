//! CBOR to JSON and back, as far as Smithy's RPC v2 goes
//! (<https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>).
//!
//! Maps have text keys, and the only tag is the one of a moment in seconds since 1970, which stands
//! for its number. Everything else that CBOR has is refused.

use std::io;

use minicbor::data::{IanaTag, Type};
use minicbor::encode::{Error, Write};
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Number, Value};

use super::document::Item;

/// How deep values may be nested. The deepest input of CloudWatch has six levels.
const MAX_DEPTH: usize = 32;

/// Reads one value, which must fill the bytes. No bytes at all are an empty map.
///
/// # Errors
/// Says what is wrong with the bytes.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut decoder = Decoder::new(bytes);
    let value = item(&mut decoder, MAX_DEPTH)?;
    match decoder.position() == bytes.len() {
        true => Ok(value),
        false => Err("there is more than one value".to_owned()),
    }
}

fn item(from: &mut Decoder<'_>, depth: usize) -> Result<Value, String> {
    let depth = depth.checked_sub(1).ok_or("values are nested too deep")?;
    let said = |error: minicbor::decode::Error| error.to_string();
    Ok(match from.datatype().map_err(said)? {
        Type::Null => {
            from.null().map_err(said)?;
            Value::Null
        }
        Type::Undefined => {
            from.undefined().map_err(said)?;
            Value::Null
        }
        Type::Bool => from.bool().map_err(said)?.into(),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => from.u64().map_err(said)?.into(),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => from.i64().map_err(said)?.into(),
        Type::F16 | Type::F32 | Type::F64 => {
            let number = Number::from_f64(from.f64().map_err(said)?);
            Value::Number(number.ok_or("a number is not finite")?)
        }
        Type::String | Type::StringIndef => text(from)?.into(),
        Type::Array | Type::ArrayIndef => {
            let count = from.array().map_err(said)?;
            let mut values = Vec::new();
            while more(from, count, values.len())? {
                values.push(item(from, depth)?);
            }
            Value::Array(values)
        }
        Type::Map | Type::MapIndef => {
            let count = from.map().map_err(said)?;
            let mut values = Map::new();
            while more(from, count, values.len())? {
                let key = text(from)?;
                let value = item(from, depth)?;
                if values.insert(key, value).is_some() {
                    return Err("a key is given twice".to_owned());
                }
            }
            Value::Object(values)
        }
        Type::Tag if from.tag().map_err(said)? == IanaTag::Timestamp.tag() => item(from, depth)?,
        other => return Err(format!("a value of the type {other} has no meaning here")),
    })
}

/// Whether a list or map goes on after `seen` elements: its head says how many there are, or a mark
/// ends it.
fn more(from: &mut Decoder<'_>, count: Option<u64>, seen: usize) -> Result<bool, String> {
    let Some(count) = count else {
        let next = from.datatype().map_err(|error| error.to_string())?;
        if next == Type::Break {
            from.set_position(from.position().saturating_add(1));
        }
        return Ok(next != Type::Break);
    };
    Ok(u64::try_from(seen).is_ok_and(|seen| seen < count))
}

fn text(from: &mut Decoder<'_>) -> Result<String, String> {
    let parts = from.str_iter().map_err(|error| error.to_string())?;
    let parts: Result<String, _> = parts.collect();
    parts.map_err(|error| error.to_string())
}

/// Writes a value.
///
/// # Errors
/// When the writer fails, which memory does not.
pub(crate) fn write(item: &Item<'_>) -> Result<Vec<u8>, io::Error> {
    minicbor::to_vec(item).map_err(|error| io::Error::other(error.to_string()))
}

impl<C> minicbor::Encode<C> for Item<'_> {
    fn encode<W: Write>(&self, into: &mut Encoder<W>, with: &mut C) -> Result<(), Error<W::Error>> {
        match self {
            Item::Boolean(it) => into.bool(*it)?.ok(),
            Item::Integer(it) => into.i64(*it)?.ok(),
            Item::Double(it) => into.f64(*it)?.ok(),
            Item::Text(it) => into.str(it)?.ok(),
            Item::Moment(it) => {
                into.tag(IanaTag::Timestamp)?;
                // Whole seconds are a number without a fraction, which every client reads exactly.
                match it.millis() % 1000 {
                    0 => into.i64(it.millis() / 1000)?.ok(),
                    _ => into.f64(it.millis() as f64 / 1000.0)?.ok(),
                }
            }
            Item::List(items) => {
                into.array(items.len() as u64)?;
                items.iter().try_for_each(|item| item.encode(into, with))
            }
            Item::Map(entries) => {
                into.map(entries.len() as u64)?;
                entries.iter().try_for_each(|(key, item)| {
                    into.str(key)?;
                    item.encode(into, with)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sandtable_model::Timestamp;
    use serde_json::json;

    use super::*;

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn wire_cbor_reads_the_examples_of_the_standard() {
        let read = |hex: &str| {
            let digits = hex.as_bytes().chunks(2);
            let bytes: Vec<u8> = digits
                .map(|it| u8::from_str_radix(std::str::from_utf8(it).unwrap(), 16).unwrap())
                .collect();
            read(&bytes)
        };
        for (hex, value) in [
            ("", json!({})),
            ("1903e8", json!(1000)),
            ("3903e7", json!(-1000)),
            ("f93c00", json!(1.0)),
            ("fb3ff199999999999a", json!(1.1)),
            ("f5", json!(true)),
            ("f6", Value::Null),
            ("f7", Value::Null),
            ("c11a514b67b0", json!(1_363_896_240)),
            ("c1fb41d452d9ec200000", json!(1_363_896_240.5)),
            ("62c3bc", json!("ü")),
            ("7f657374726561646d696e67ff", json!("streaming")),
            ("9f018202039f0405ffff", json!([1, [2, 3], [4, 5]])),
            ("a26161016162820203", json!({"a": 1, "b": [2, 3]})),
            ("bf6346756ef563416d7421ff", json!({"Fun": true, "Amt": -2})),
        ] {
            assert_eq!(read(hex), Ok(value), "{hex}");
        }
        for broken in [
            "f97e00",         // not a number
            "f97c00",         // infinity
            "4401020304",     // bytes
            "c074323031332d", // a date as text, and cut short
            "a10102",         // a key that is no text
            "a2616101616102", // a key twice
            "0101",           // two values
            "9f01",           // no end
            "ff",
            "1b",
        ] {
            assert!(read(broken).is_err(), "{broken}");
        }
        assert!(read(&"81".repeat(40)).is_err());
    }

    proptest! {
        #[test]
        fn wire_cbor_causes_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
        }
    }

    #[test]
    fn wire_cbor_writes_what_it_reads() {
        let item = Item::Map(vec![
            ("a", Item::List(vec![Item::Integer(-7), Item::Double(0.5)])),
            ("b", Item::Text("x")),
            ("c", Item::Boolean(false)),
            ("d", Item::Moment(Timestamp::from_millis(1_500))),
            ("e", Item::Moment(Timestamp::from_millis(2_000))),
        ]);
        let expected = json!({"a": [-7, 0.5], "b": "x", "c": false, "d": 1.5, "e": 2});
        assert_eq!(read(&write(&item).unwrap()), Ok(expected));
    }
}
