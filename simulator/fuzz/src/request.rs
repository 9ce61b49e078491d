//! Requests by the shapes of AWS's models: any modelled operation, with parameters that could be meant.

use arbitrary::{Result, Unstructured};
use http::Request;
use minicbor::Encoder;
use sandtable_simulator::wire::{Api, Call, Parameter, Takes, encode_query};
use serde_json::{Map, Value};

use crate::vocabulary::Vocabulary;

/// How deep values are nested.
const DEEP: usize = 6;

/// The input of an operation.
pub(crate) fn input(
    choices: &mut Unstructured<'_>,
    vocabulary: &Vocabulary,
    api: Api,
    action: &str,
) -> Result<Value> {
    let parameters = api.table().parameters(action);
    members(choices, vocabulary, &parameters, DEEP)
}

/// The members that are required, and a few of the others.
fn members(
    choices: &mut Unstructured<'_>,
    vocabulary: &Vocabulary,
    parameters: &[Parameter],
    depth: usize,
) -> Result<Value> {
    let (required, optional): (Vec<&Parameter>, Vec<&Parameter>) =
        parameters.iter().partition(|it| it.is_required);
    let mut chosen = required;
    if !optional.is_empty() {
        let most = if depth == DEEP { 4 } else { 2 };
        for _ in 0..choices.int_in_range(0..=most)? {
            chosen.push(choices.choose(&optional)?);
        }
    }
    let mut values = Map::new();
    for parameter in chosen {
        // A dry run does nothing: one in a few is enough.
        if parameter.name == "DryRun" && !choices.ratio(1, 4)? {
            continue;
        }
        let value = value(choices, vocabulary, parameter.name, parameter, depth)?;
        values.insert(parameter.name.to_owned(), value);
    }
    Ok(Value::Object(values))
}

/// A value for a parameter; one of a list goes by the name of the list.
fn value(
    choices: &mut Unstructured<'_>,
    vocabulary: &Vocabulary,
    name: &str,
    parameter: &Parameter,
    depth: usize,
) -> Result<Value> {
    let Some(depth) = depth.checked_sub(1) else {
        return Ok(Value::Null);
    };
    let number = |of: &mut Unstructured<'_>, most: i64| -> Result<Value> {
        let known = vocabulary.fitting(name).unwrap_or_default();
        let known: Vec<i64> = known.iter().filter_map(|it| it.parse().ok()).collect();
        if !known.is_empty() && !of.ratio(1, 8)? {
            return Ok((*of.choose(&known)?).into());
        }
        Ok((*of.choose(&[1, 0, 2, 5, -1, 8, 100, 443, 3000, most])?).into())
    };
    Ok(match parameter.takes() {
        Takes::Text => vocabulary.choose(choices, name)?.into(),
        Takes::Moment => vocabulary.choose(choices, "Moment")?.into(),
        Takes::Blob => (*choices.choose(&["", "aGVsbG8=", "!"])?).into(),
        Takes::Integer => number(choices, i32::MAX.into())?,
        Takes::Long => number(choices, i64::MAX)?,
        Takes::Double => (*choices.choose(&[0.0, 1.0, -0.5, 1e300])?).into(),
        Takes::Flag => choices.ratio(1, 2)?.into(),
        Takes::Members(parts) => members(choices, vocabulary, &parts, depth)?,
        Takes::List(part) => {
            let count = *choices.choose(&[1, 1, 1, 2, 2, 3])?;
            let elements = (0..count).map(|_| value(choices, vocabulary, name, &part, depth));
            let elements: Vec<Value> = elements.collect::<Result<_>>()?;
            Value::Array(elements.into_iter().filter(|it| !it.is_null()).collect())
        }
        Takes::Map(part) => {
            let key = vocabulary.choose(choices, "Key")?;
            let value = value(choices, vocabulary, name, &part, depth)?;
            Value::Object([(key, value)].into_iter().collect())
        }
    })
}

/// A call as an HTTP request, in one of the protocols that its service speaks; nothing when its values
/// cannot be written in it.
pub(crate) fn written(
    choices: &mut Unstructured<'_>,
    region: &str,
    call: &Call,
) -> Result<Option<Request<Vec<u8>>>> {
    let service = call.api.signing_name();
    let scope = format!("AKIAIOSFODNN7EXAMPLE/20260601/{region}/{service}/aws4_request");
    let signed = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let post = Request::post("/").header("authorization", &signed);
    let protocol = match call.api {
        Api::CloudWatch => choices.int_in_range(0..=2_u8)?,
        _ => 0,
    };
    let target = "GraniteServiceVersion20100801";
    let request = match protocol {
        0 => match encode_query(call) {
            Ok(form) => post.body(form.into_bytes()),
            Err(_) => return Ok(None),
        },
        1 => post
            .header("x-amz-target", format!("{target}.{}", call.action))
            .header("content-type", "application/x-amz-json-1.0")
            .body(call.input.to_string().into_bytes()),
        _ => Request::post(format!("/service/{target}/operation/{}", call.action))
            .header("authorization", &signed)
            .header("smithy-protocol", "rpc-v2-cbor")
            .body(cbor(&call.input)),
    };
    Ok(request.ok())
}

fn cbor(value: &Value) -> Vec<u8> {
    fn put(into: &mut Encoder<&mut Vec<u8>>, value: &Value) {
        let put_one = |into: &mut Encoder<&mut Vec<u8>>| match value {
            Value::Null => into.null().map(drop),
            Value::Bool(it) => into.bool(*it).map(drop),
            Value::Number(it) => match it.as_i64() {
                Some(it) => into.i64(it).map(drop),
                None => into.f64(it.as_f64().unwrap_or_default()).map(drop),
            },
            Value::String(it) => into.str(it).map(drop),
            Value::Array(all) => into.array(all.len() as u64).map(drop),
            Value::Object(all) => into.map(all.len() as u64).map(drop),
        };
        put_one(into).expect("memory takes everything");
        match value {
            Value::Array(all) => all.iter().for_each(|it| put(into, it)),
            Value::Object(all) => {
                for (key, value) in all {
                    into.str(key).expect("memory takes everything");
                    put(into, value);
                }
            }
            _ => {}
        }
    }
    let mut bytes = Vec::new();
    put(&mut Encoder::new(&mut bytes), value);
    bytes
}
