//! Every shape of every table, tried with made-up values: what is written can be read, here and by
//! other implementations.

use std::process::{Command, Stdio};

use proptest::prelude::*;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use super::api::Api;
use super::cbor;
use super::decode::decode_form;
use super::document::{encode_document, typed};
use super::encode::encode_xml;
use super::form::Form;
use super::path::Path;
use super::query::encode_query;
use super::samples::{Maker, Sample, sample};
use super::service::Call;
use super::table::{Operation, Shape, ShapeId, Table, Type};

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

/// botocore, which boto3 and the AWS CLI are made of, writes the same requests and reads the same
/// answers (`simulator/tools/check_wire.py`).
#[test]
fn wire_agrees_with_botocore() {
    let Some(python) = std::env::var_os("SANDTABLE_PYTHON") else {
        let required = std::env::var_os("SANDTABLE_REQUIRE_PEERS").is_some();
        assert!(!required, "SANDTABLE_PYTHON is not set");
        println!("skipped: SANDTABLE_PYTHON names no Python with botocore");
        return;
    };
    let mut all: Vec<Sample> = Vec::new();
    for table in Api::ALL.map(Api::table) {
        for action in table.actions() {
            let made = (0..4).map(|seed| sample(table, action, seed));
            all.extend(made.map(|it| it.expect("a sample")));
        }
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/check_wire.py");
    let mut checker = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python");
    // Dropped at the end of the statement, which tells the checker that this is all.
    serde_json::to_writer(checker.stdin.take().expect("piped"), &all).expect("read to its end");
    let checked = checker.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&checked.stdout);
    let said = format!("{said}{}", String::from_utf8_lossy(&checked.stderr));
    assert!(checked.status.success(), "{said}");
    assert!(
        said.contains(&format!("{} samples, 0 differences", all.len())),
        "{said}"
    );
}
