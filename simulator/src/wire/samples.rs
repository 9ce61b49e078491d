//! Made-up calls and answers that fit the shapes, with what is sent for them: for tests of the wire
//! with other implementations, here and under the real SDK.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::api::Api;
use super::cbor;
use super::document::{encode_document, outgoing};
use super::encode::encode_xml;
use super::query::encode_query;
use super::service::Call;
use super::table::{Shape, ShapeId, Table, Type};

/// A call and an answer of an operation, with what is sent for them in each protocol.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// The service.
    pub service: Api,
    /// AWS's name of the operation.
    pub action: String,
    /// The form body of the call.
    pub query: String,
    /// The call in CBOR, where the service speaks it.
    #[serde(skip)]
    pub cbor_call: Option<Vec<u8>>,
    /// The parameters of the call.
    pub input: Value,
    /// The answer; `null` where the operation has none.
    pub output: Value,
    /// The answer in the Query protocols.
    pub xml: String,
    /// The answer in JSON, where the service speaks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// The answer in CBOR, where the service speaks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cbor: Option<Vec<u8>>,
}

/// A sample of an operation, the same for the same seed; `None` for one that the table does not have.
pub fn sample(table: &'static Table, action: &str, seed: u64) -> Option<Sample> {
    let operation = table.operation(action)?;
    let mut maker = Maker::new(table, seed);
    let input = operation.input.map(|id| maker.structure(id));
    let call = Call::of(table.api(), action, input.unwrap_or_else(|| json!({})));
    let output = operation.output.map(|id| maker.structure(id));
    let output = output.unwrap_or(Value::Null);
    let mut xml = Vec::new();
    encode_xml(table, action, &output, "req-1", &mut xml).ok()?;
    let cbor_call = match operation.input {
        Some(id) if table.speaks("smithy-rpc-v2-cbor") => {
            let item = outgoing(table, Type::Shape(id), &call.input).ok()?;
            Some(cbor::write(&item).ok()?)
        }
        _ => None,
    };
    let (json, cbor) = if table.speaks("json") {
        let item = encode_document(table, action, &output).ok()?;
        (
            Some(serde_json::to_string(&item).ok()?),
            Some(cbor::write(&item).ok()?),
        )
    } else {
        (None, None)
    };
    Some(Sample {
        service: table.api(),
        action: action.to_owned(),
        query: encode_query(&call).ok()?,
        cbor_call,
        input: call.input,
        output,
        xml: String::from_utf8(xml).ok()?,
        json,
        cbor,
    })
}

/// A small generator of values that fit a shape, so that every operation is tried.
pub(crate) struct Maker {
    table: &'static Table,
    state: u64,
}

impl Maker {
    pub(crate) fn new(table: &'static Table, seed: u64) -> Self {
        Self { table, state: seed }
    }

    /// The SplitMix64 sequence.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A structure; with every required member, and never empty if it has members at all.
    pub(crate) fn structure(&mut self, id: ShapeId) -> Value {
        let Some(structure) = self.table.structure(id) else {
            return Value::Null;
        };
        let mut map = Map::new();
        for member in &structure.members {
            if member.required || (self.below(3) == 0 && !self.is_bare(member.of)) {
                map.insert(member.name.to_owned(), self.value(member.of));
            }
        }
        if let (true, Some(member)) = (map.is_empty(), structure.members.first()) {
            map.insert(member.name.to_owned(), self.value(member.of));
        }
        Value::Object(map)
    }

    /// Whether this is a structure without members, which the Query protocols cannot send.
    fn is_bare(&self, of: Type) -> bool {
        let Type::Shape(id) = of else { return false };
        let structure = self.table.structure(id);
        structure.is_some_and(|it| {
            let mut members = it.members.iter();
            members.all(|member| self.is_bare(member.of))
        })
    }

    fn text(&mut self) -> &'static str {
        const TEXTS: [&str; 6] = [
            "vol-1",
            "a b",
            "",
            "é&=%+<>\"'",
            "line\nline\r\n\tx",
            "10.0.0.0/8",
        ];
        let at = usize::try_from(self.below(6)).unwrap_or_default();
        TEXTS.get(at).copied().unwrap_or_default()
    }

    fn value(&mut self, of: Type) -> Value {
        match of {
            Type::Shape(id) => match self.table.shape(id) {
                Shape::Structure(_) => self.structure(id),
                Shape::List(list) => {
                    Value::Array((0..=self.below(2)).map(|_| self.value(list.of)).collect())
                }
                Shape::Map(map) => {
                    let count = self.below(2);
                    let entry = |number| (format!("k{number} &"), self.value(map.of));
                    Value::Object((0..=count).map(entry).collect())
                }
            },
            Type::String => self.text().into(),
            Type::Timestamp => "2026-07-20T13:44:30.000Z".into(),
            Type::Blob => "Z29vZA==".into(),
            Type::Boolean => (self.below(2) == 0).into(),
            Type::Integer => (i32::MIN.wrapping_add(self.next() as i32)).into(),
            Type::Long => (self.next() as i64).into(),
            Type::Double => (self.next() as i32 as f64 / 8.0).into(),
        }
    }
}
