//! Every shape of every table, tried with made-up values: what is written can be read, here and by
//! other implementations.

use proptest::prelude::*;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

use super::api::Api;
use super::cbor;
use super::decode::decode_form;
use super::document::{encode_document, typed};
use super::encode::encode_xml;
use super::form::Form;
use super::path::Path;
use super::query::encode_query;
use super::service::Call;
use super::table::{Operation, Shape, ShapeId, Table, Type};

/// A small generator of values that fit a shape, so that every operation is tried.
pub(super) struct Maker {
    table: &'static Table,
    state: u64,
}

impl Maker {
    pub(super) fn new(table: &'static Table, seed: u64) -> Self {
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
    pub(super) fn structure(&mut self, id: ShapeId) -> Value {
        let structure = self.table.structure(id).expect("a structure");
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

    fn value(&mut self, of: Type) -> Value {
        const TEXTS: [&str; 6] = [
            "vol-1",
            "a b",
            "",
            "é&=%+<>\"'",
            "line\nline\r\n\tx",
            "10.0.0.0/8",
        ];
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
            Type::String => TEXTS[usize::try_from(self.below(6)).expect("small")].into(),
            Type::Timestamp => "2026-07-20T13:44:30.000Z".into(),
            Type::Blob => "Z29vZA==".into(),
            Type::Boolean => (self.below(2) == 0).into(),
            Type::Integer => (i32::MIN.wrapping_add(self.next() as i32)).into(),
            Type::Long => (self.next() as i64).into(),
            Type::Double => (self.next() as i32 as f64 / 8.0).into(),
        }
    }
}

/// Reads XML back by the shapes, independently of the writer.
fn read_back(table: &'static Table, xml: &[u8], output: ShapeId) -> Value {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(xml).expect("UTF-8"));
    reader.config_mut().expand_empty_elements = true;
    let mut start = || loop {
        if let Event::Start(start) = reader.read_event().expect("well-formed") {
            break start.name().as_ref().to_owned();
        }
    };
    assert!(start().ends_with("Response"));
    if !table.is_ec2() {
        assert!(start().ends_with("Result"));
    }
    Back { table, reader }.members(output)
}

struct Back<'x> {
    table: &'static Table,
    reader: quick_xml::Reader<&'x [u8]>,
}

impl Back<'_> {
    fn event(&mut self) -> Event<'_> {
        self.reader.read_event().expect("well-formed")
    }

    fn start(&mut self) -> Option<String> {
        match self.event() {
            Event::Start(start) => Some(start.name().as_ref().to_owned()),
            Event::End(_) => None,
            other => panic!("unexpected {other:?}"),
        }
    }

    fn members(&mut self, id: ShapeId) -> Value {
        let structure = self.table.structure(id).expect("a structure");
        let mut map = Map::new();
        while let Some(name) = self.start() {
            if name == "requestId" {
                self.value(Type::String);
                continue;
            }
            let mut members = structure.members.iter();
            let member = members.find(|member| member.element == name);
            let member = member.expect("a member");
            map.insert(member.name.to_owned(), self.value(member.of));
        }
        Value::Object(map)
    }

    fn value(&mut self, of: Type) -> Value {
        if let Type::Shape(id) = of {
            return match self.table.shape(id) {
                Shape::Structure(_) => self.members(id),
                Shape::List(list) => {
                    let mut values = Vec::new();
                    while let Some(name) = self.start() {
                        assert_eq!(name, list.item);
                        values.push(self.value(list.of));
                    }
                    Value::Array(values)
                }
                Shape::Map(map) => {
                    let mut values = Map::new();
                    while let Some(name) = self.start() {
                        assert_eq!(name, "entry");
                        assert_eq!(self.start().as_deref(), Some(map.key));
                        let key = self.value(Type::String);
                        assert_eq!(self.start().as_deref(), Some(map.value));
                        let value = self.value(map.of);
                        assert_eq!(self.start(), None);
                        values.insert(key.as_str().expect("text").to_owned(), value);
                    }
                    Value::Object(values)
                }
            };
        }
        let text = self.text();
        match of {
            Type::String | Type::Timestamp | Type::Blob | Type::Shape(_) => text.into(),
            Type::Boolean => (text == "true").into(),
            Type::Integer | Type::Long => text.parse::<i64>().expect("an integer").into(),
            Type::Double => text.parse::<f64>().expect("a number").into(),
        }
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        loop {
            match self.event() {
                Event::Text(part) => text += &part,
                Event::GeneralRef(entity) => {
                    let escaped = format!("&{};", &*entity);
                    text += &quick_xml::escape::unescape(&escaped).expect("an entity");
                }
                Event::End(_) => return text,
                other => panic!("unexpected {other:?}"),
            }
        }
    }
}

/// Every operation with an input or output, by `side`.
fn sides(side: fn(Operation) -> Option<ShapeId>) -> Vec<(&'static Table, &'static str, ShapeId)> {
    let mut all = Vec::new();
    for table in Api::ALL.map(Api::table) {
        for action in table.actions() {
            if let Some(shape) = table.operation(action).and_then(side) {
                all.push((table, action, shape));
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn wire_every_input_survives_the_round_trip(seed in any::<u64>()) {
        for (table, action, input) in sides(|it| it.input) {
            let call = Call::of(table.api(), action, Maker::new(table, seed).structure(input));
            let query = encode_query(&call).expect("a call");
            // The limits are not the subject here, and the largest inputs go beyond them.
            if let Ok(form) = Form::parse(None, query.as_bytes()) {
                let read = decode_form(table, &form).map_err(|error| error.to_string());
                prop_assert_eq!(read, Ok(call));
            }
        }
    }

    #[test]
    fn wire_every_output_survives_the_round_trip(seed in any::<u64>()) {
        for (table, action, output) in sides(|it| it.output) {
            let value = Maker::new(table, seed).structure(output);
            let mut xml = Vec::new();
            encode_xml(table, action, &value, "req-1", &mut xml).expect("an output");
            prop_assert_eq!(read_back(table, &xml, output), value);
        }
    }

    /// A document that is written by an output's shape is read back by the same shape.
    #[test]
    fn wire_every_document_survives_the_round_trip(seed in any::<u64>()) {
        let table = Api::CloudWatch.table();
        for action in table.actions() {
            let Some(shape) = table.operation(action).and_then(|it| it.output) else { continue };
            let value = Maker::new(table, seed).structure(shape).to_string();
            let value: Value = serde_json::from_str(&value).expect("JSON");
            let item = encode_document(table, action, &value).expect("an output");
            let json = serde_json::to_vec(&item).expect("JSON");
            let json: Value = serde_json::from_slice(&json).expect("JSON");
            let cbor = cbor::read(&cbor::write(&item).expect("CBOR")).expect("CBOR");
            for document in [json, cbor] {
                let read = typed(table, Type::Shape(shape), document, &Path::Root);
                prop_assert_eq!(read.map_err(|error| error.to_string()), Ok(value.clone()));
            }
        }
    }
}

/// Writes what `simulator/tools/check_wire.py` compares with botocore; does nothing otherwise.
#[test]
fn wire_samples_for_other_implementations() {
    let Some(folder) = std::env::var_os("SANDTABLE_WIRE_SAMPLES") else {
        return;
    };
    let mut samples = Vec::new();
    for table in Api::ALL.map(Api::table) {
        for action in table.actions() {
            samples.extend((0..4).map(|seed| sample(table, action, seed)));
        }
    }
    let text = serde_json::to_vec(&samples).expect("JSON");
    let folder = std::path::PathBuf::from(folder);
    std::fs::write(folder.join("samples.json"), text).expect("a folder to write to");
}

/// A call and an output of an operation, with what is sent for them in each protocol.
fn sample(table: &'static Table, action: &str, seed: u64) -> Value {
    let operation = table.operation(action).expect("listed");
    let mut maker = Maker::new(table, seed);
    let input = operation.input.map(|id| maker.structure(id));
    let call = Call::of(table.api(), action, input.unwrap_or_else(|| json!({})));
    let output = operation.output.map(|id| maker.structure(id));
    let output = output.unwrap_or(Value::Null);
    let mut xml = Vec::new();
    encode_xml(table, action, &output, "req-1", &mut xml).expect("an output");
    let mut sample = json!({
        "service": table.api(),
        "action": action,
        "query": encode_query(&call).expect("a call"),
        "input": call.input,
        "output": output,
        "xml": String::from_utf8(xml).expect("UTF-8"),
    });
    if table.speaks("json") {
        let item = encode_document(table, action, &output).expect("an output");
        sample["json"] = serde_json::to_string(&item).expect("JSON").into();
        sample["cbor"] = cbor::write(&item).expect("CBOR").into();
    }
    sample
}
