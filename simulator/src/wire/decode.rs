//! From the flat parameters of a request to a typed call.
//!
//! `Filter.1.Name=state&Filter.1.Value.1=available` becomes
//! `{"Filters":[{"Name":"state","Values":["available"]}]}`: the names of the AWS model, as in the
//! JSON of the AWS command line. The shapes of [`Table`] drive it; nothing is specific to an
//! operation. Lists keep the order of their numbers, and a gap between numbers is not an error.
//! Services other than EC2 write `Filters.member.1.Name` for the same.
//!
//! What is checked here is what the model knows: names, types and required members. Whether a
//! value makes sense (an id, a filter name, an enumeration) is for the handler to say.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::form::Form;
use super::path::Path;
use super::refusal;
use super::service::Call;
use super::table::{Operation, Shape, ShapeId, Table, Type};
use crate::error::ApiError;

/// Parameters of the protocol itself, which belong to no operation.
const PROTOCOL: [&str; 9] = [
    "Action",
    "Version",
    "AWSAccessKeyId",
    "Expires",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
];

/// Reads a call of EC2 from the parameters of a request.
pub fn decode(form: &Form<'_>) -> Result<Call, ApiError> {
    decode_form(Table::ec2(), form)
}

/// Reads a call of a service from the parameters of a request.
pub fn decode_form(table: &'static Table, form: &Form<'_>) -> Result<Call, ApiError> {
    let action = action(form)?;
    let version = form.get("Version");
    if let Some(version) = version.filter(|it| *it != table.version() && !table.is_ec2()) {
        return Err(refusal::unknown_version(table.api(), action, version));
    }
    let operation = operation(table, action)?;
    if let Some(version) = version.filter(|it| *it != table.version()) {
        return Err(refusal::unknown_version(table.api(), action, version));
    }
    let mut root = Node::default();
    for (key, value) in form.iter().filter(|(key, _)| !is_protocol(key)) {
        let known = operation
            .input
            .and_then(|input| place(table, input, &mut root, key, value));
        known.ok_or_else(|| refusal::unknown_parameter(key))?;
    }
    let input = match operation.input {
        Some(input) => value_of(table, Type::Shape(input), &root, &Path::Root)?,
        None => Value::Object(Map::new()),
    };
    Ok(Call {
        api: table.api(),
        action: action.to_owned(),
        input,
    })
}

/// The action that a request names.
fn action<'f>(form: &'f Form<'_>) -> Result<&'f str, ApiError> {
    let action = form.get("Action").filter(|action| !action.is_empty());
    action.ok_or_else(refusal::missing_action)
}

/// The operation of an action.
///
/// # Errors
/// `InvalidAction` when AWS does not have it, and the twin's own refusal when its shapes are not
/// carried.
pub(crate) fn operation(table: &Table, action: &str) -> Result<Operation, ApiError> {
    table.operation(action).ok_or_else(|| {
        if table.knows(action) {
            ApiError::not_modelled(action)
        } else {
            refusal::invalid_action(table.api(), action)
        }
    })
}

/// The name of the entries of a map.
const ENTRY: &str = "entry";
/// The two parts of an entry of a map, as children.
const ENTRY_KEY: u32 = 0;
const ENTRY_VALUE: u32 = 1;

/// A parameter on its way to becoming a value: a leaf, or children by member index or list number.
#[derive(Default)]
struct Node<'f> {
    leaf: Option<&'f str>,
    children: BTreeMap<u32, Node<'f>>,
}

/// Puts a value where its key says. `None` when the shapes have no such place.
fn place<'f>(
    table: &Table,
    input: ShapeId,
    root: &mut Node<'f>,
    key: &str,
    value: &'f str,
) -> Option<()> {
    let mut of = Type::Shape(input);
    let mut node = root;
    let mut segments = key.split('.');
    while let Some(segment) = segments.next() {
        let Type::Shape(id) = of else { return None };
        let index = match table.shape(id) {
            Shape::Structure(structure) => {
                let (index, member) = structure.keyed(segment)?;
                of = member.of;
                u32::from(index)
            }
            Shape::List(list) => {
                of = list.of;
                if table.is_ec2() {
                    list_number(segment)?
                } else if segment == list.item {
                    list_number(segments.next()?)?
                } else {
                    return None;
                }
            }
            // `Map.entry.1.key` and `Map.entry.1.value`: an entry has two children.
            Shape::Map(map) if segment == ENTRY => {
                node = node
                    .children
                    .entry(list_number(segments.next()?)?)
                    .or_default();
                match segments.next()? {
                    part if part == map.key => {
                        of = Type::String;
                        ENTRY_KEY
                    }
                    part if part == map.value => {
                        of = map.of;
                        ENTRY_VALUE
                    }
                    _ => return None,
                }
            }
            Shape::Map(_) => return None,
        };
        node = node.children.entry(index).or_default();
    }
    match of {
        // Some clients write `Key=` for an empty list; any other value here has no meaning.
        Type::Shape(id) => match table.shape(id) {
            Shape::List(_) | Shape::Map(_) if value.is_empty() => {}
            _ => return None,
        },
        _ => node.leaf = Some(value),
    }
    Some(())
}

/// Reads a list number: from 1, in the one way to write it, so that two keys never mean one place.
fn list_number(segment: &str) -> Option<u32> {
    let canonical = segment.bytes().all(|byte| byte.is_ascii_digit()) && !segment.starts_with('0');
    if canonical {
        segment.parse().ok()
    } else {
        None
    }
}

fn value_of(table: &Table, of: Type, node: &Node<'_>, path: &Path<'_>) -> Result<Value, ApiError> {
    let Type::Shape(id) = of else {
        return scalar(table, of, node.leaf.unwrap_or_default(), path);
    };
    match table.shape(id) {
        Shape::List(list) => {
            let item = Some(list.item).filter(|_| !table.is_ec2());
            let mut values = Vec::with_capacity(node.children.len());
            for (number, child) in &node.children {
                let path = Path::Number(path, *number, item);
                values.push(value_of(table, list.of, child, &path)?);
            }
            Ok(Value::Array(values))
        }
        Shape::Map(map) => {
            let mut values = Map::new();
            for (number, child) in &node.children {
                let path = Path::Number(path, *number, Some(ENTRY));
                let part = |part| child.children.get(&part);
                let key = part(ENTRY_KEY)
                    .and_then(|it| it.leaf)
                    .ok_or_else(|| refusal::missing(table.api(), &Path::Key(&path, map.key)))?;
                let path = Path::Key(&path, map.value);
                let value =
                    part(ENTRY_VALUE).ok_or_else(|| refusal::missing(table.api(), &path))?;
                values.insert(key.to_owned(), value_of(table, map.of, value, &path)?);
            }
            Ok(Value::Object(values))
        }
        Shape::Structure(structure) => {
            let mut values = Map::new();
            for (index, member) in (0..).zip(&structure.members) {
                let path = Path::Key(path, member.key);
                if let Some(child) = node.children.get(&index) {
                    values.insert(
                        member.name.to_owned(),
                        value_of(table, member.of, child, &path)?,
                    );
                } else if member.required {
                    return Err(refusal::missing(table.api(), &path));
                }
            }
            Ok(Value::Object(values))
        }
    }
}

fn scalar(table: &Table, of: Type, text: &str, path: &Path<'_>) -> Result<Value, ApiError> {
    let invalid = |expected| refusal::misfit(table.api(), path, text, expected);
    // Rust reads a leading plus sign, which no AWS client writes.
    let plain = || Some(text).filter(|text| !text.starts_with('+'));
    match of {
        Type::String | Type::Timestamp | Type::Blob | Type::Shape(_) => Ok(text.into()),
        Type::Integer => {
            let number = plain().and_then(|text| text.parse::<i32>().ok());
            number.map(Value::from).ok_or_else(|| invalid("an integer"))
        }
        Type::Long => {
            let number = plain().and_then(|text| text.parse::<i64>().ok());
            number.map(Value::from).ok_or_else(|| invalid("an integer"))
        }
        Type::Double => {
            let number = plain().and_then(|text| text.parse::<f64>().ok());
            // Infinity and not-a-number, which Rust reads too, have no place in JSON.
            let number = number.and_then(Number::from_f64);
            number.map(Value::Number).ok_or_else(|| invalid("a number"))
        }
        Type::Boolean => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(invalid("true or false")),
        },
    }
}

fn is_protocol(key: &str) -> bool {
    let is_amz = |head: &str| head.eq_ignore_ascii_case("X-Amz-");
    PROTOCOL.contains(&key) || key.get(..6).is_some_and(is_amz)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(query: &str) -> Result<Call, ApiError> {
        decode(&Form::parse(Some(query), b"")?)
    }

    fn input(query: &str) -> Value {
        call(query).expect("must decode").input
    }

    fn error(query: &str) -> String {
        call(query).expect_err("must be refused").to_string()
    }

    #[test]
    fn wire_decode_gives_model_names_and_types() {
        assert_eq!(
            input(
                "Action=DescribeVolumes&Version=2016-11-15&VolumeId.1=vol-1&VolumeId.2=vol-2\
                 &Filter.1.Name=status&Filter.1.Value.1=available&MaxResults=5&DryRun=true"
            ),
            json!({
                "VolumeIds": ["vol-1", "vol-2"],
                "Filters": [{"Name": "status", "Values": ["available"]}],
                "MaxResults": 5,
                "DryRun": true,
            })
        );
    }

    #[test]
    fn wire_decode_reads_nested_lists_and_query_names() {
        assert_eq!(
            input(
                "Action=RunInstances&MinCount=1&MaxCount=1&NetworkInterface.1.DeviceIndex=0\
                 &NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.0.5\
                 &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a\
                 &TagSpecification.1.Tag.1.Value="
            ),
            json!({
                "MinCount": 1,
                "MaxCount": 1,
                "NetworkInterfaces": [{
                    "DeviceIndex": 0,
                    "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.5"}],
                }],
                "TagSpecifications": [
                    {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": ""}]},
                ],
            })
        );
    }

    #[test]
    fn wire_decode_keeps_the_order_of_list_numbers() {
        let got = input("Action=DescribeVpcs&VpcId.10=c&VpcId.9=b&VpcId.2=a");
        assert_eq!(got, json!({"VpcIds": ["a", "b", "c"]}));
    }

    #[test]
    fn wire_decode_refuses_in_the_words_of_aws() {
        let refusals = [
            "VolumeId.1=x",
            "Action=MakeCoffee",
            "Action=CreateIpam",
            "Action=DescribeVpcs&Version=2012-01-01",
            "Action=DeleteVolume",
            "Action=CreateTags&ResourceId.1=vpc-1",
            "Action=RunInstances&MinCount=1&MaxCount=1&BlockDeviceMapping.1.Ebs.VolumeSize=x",
            "Action=RunInstances&MinCount=99999999999&MaxCount=1",
            "Action=RunInstances&MinCount=%2B1&MaxCount=1",
            "Action=DescribeVpcs&DryRun=True",
            "Action=DescribeVpcs&VpcId=vpc-1",
            "Action=DescribeVpcs&VpcId.0=vpc-1",
            "Action=DescribeVpcs&VpcId.01=vpc-1",
            "Action=DescribeVpcs&VpcIds.1=vpc-1",
            "Action=DescribeVpcs&VpcId.1.Name=vpc-1",
            "Action=DescribeVpcs&Filter.1.Values.1=x",
            "Action=DescribeVpcs&Filter.99999999999.Name=x",
            "Action=DescribeVpcs&vpcId.1=x",
            "Action=DescribeVpcs&Filter..Name=x",
        ]
        .map(|query| format!("{query}\n    {}\n", error(query)))
        .concat();
        insta::assert_snapshot!("decode_refusals", refusals);
    }

    #[test]
    fn wire_decode_ignores_what_belongs_to_the_protocol() {
        let got = input(
            "Action=DescribeVpcs&AWSAccessKeyId=x&SignatureVersion=2&X-Amz-Date=x&x-amz-signature=y",
        );
        assert_eq!(got, json!({}));
        assert_eq!(input("Action=DescribeVpcs&VpcId="), json!({"VpcIds": []}));
    }
}
