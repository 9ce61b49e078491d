//! From the flat parameters of a request to a typed call.
//!
//! `Filter.1.Name=state&Filter.1.Value.1=available` becomes
//! `{"Filters":[{"Name":"state","Values":["available"]}]}`: the names of the AWS model, as in the
//! JSON of the AWS command line. The shapes of [`Table`] drive it; nothing is specific to an
//! operation. Lists keep the order of their numbers, and a gap between numbers is not an error.
//!
//! What is checked here is what the model knows: names, types and required members. Whether a
//! value makes sense (an id, a filter name, an enumeration) is for the handler to say.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Number, Value};

use super::form::Form;
use super::service::Call;
use super::table::{Shape, ShapeId, Table, Type};
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

/// How much of a refused value is repeated in the message.
const MAX_ECHO_CHARS: usize = 64;

/// Reads a call from the parameters of a request.
pub fn decode(form: &Form<'_>) -> Result<Call, ApiError> {
    let table = Table::ec2();
    let action = action(form)?;
    let Some(operation) = table.operation(action) else {
        return Err(if table.knows(action) {
            ApiError::not_modelled(action)
        } else {
            invalid_action(action)
        });
    };
    if let Some(version) = form
        .get("Version")
        .filter(|version| *version != table.version())
    {
        return Err(ApiError::new(
            "NoSuchVersion",
            format!("The requested version ({}) does not exist", echo(version)),
        ));
    }
    let mut root = Node::default();
    for (key, value) in form.iter().filter(|(key, _)| !is_protocol(key)) {
        let known = operation
            .input
            .and_then(|input| place(table, input, &mut root, key, value));
        known.ok_or_else(|| unknown_parameter(key))?;
    }
    let input = match operation.input {
        Some(input) => value_of(table, Type::Shape(input), &root, &Path::Root)?,
        None => Value::Object(Map::new()),
    };
    Ok(Call {
        action: action.to_owned(),
        input,
    })
}

/// The action that a request names.
pub(crate) fn action<'f>(form: &'f Form<'_>) -> Result<&'f str, ApiError> {
    form.get("Action")
        .filter(|action| !action.is_empty())
        .ok_or_else(|| {
            ApiError::new(
                "MissingAction",
                "The request is missing an action or a required parameter.",
            )
        })
}

/// The refusal of an action that AWS does not have.
pub(crate) fn invalid_action(action: &str) -> ApiError {
    let message = format!(
        "The action {} is not valid for this web service.",
        echo(action)
    );
    ApiError::new("InvalidAction", message)
}

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
    for segment in key.split('.') {
        let Type::Shape(id) = of else { return None };
        let index = match table.shape(id) {
            Shape::Structure(structure) => {
                let (index, member) = structure.keyed(segment)?;
                of = member.of;
                u32::from(index)
            }
            Shape::List(list) => {
                of = list.of;
                list_number(segment)?
            }
        };
        node = node.children.entry(index).or_default();
    }
    match of {
        // Some clients write `Key=` for an empty list; any other value here has no meaning.
        Type::Shape(id) => match table.shape(id) {
            Shape::List(_) if value.is_empty() => {}
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
        return scalar(of, node.leaf.unwrap_or_default(), path);
    };
    match table.shape(id) {
        Shape::List(list) => {
            let mut values = Vec::with_capacity(node.children.len());
            for (number, child) in &node.children {
                values.push(value_of(
                    table,
                    list.of,
                    child,
                    &Path::Number(path, *number),
                )?);
            }
            Ok(Value::Array(values))
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
                    return Err(ApiError::new(
                        "MissingParameter",
                        format!("The request must contain the parameter {path}"),
                    ));
                }
            }
            Ok(Value::Object(values))
        }
    }
}

fn scalar(of: Type, text: &str, path: &Path<'_>) -> Result<Value, ApiError> {
    let invalid = |expected| {
        let message = format!(
            "Value ({}) for parameter {path} is invalid. Expected {expected}.",
            echo(text)
        );
        ApiError::new("InvalidParameterValue", message)
    };
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

fn unknown_parameter(key: &str) -> ApiError {
    let message = format!("The parameter {} is not recognized", echo(key));
    ApiError::new("UnknownParameter", message)
}

/// A value from the outside, short enough to repeat.
fn echo(text: &str) -> &str {
    match text.char_indices().nth(MAX_ECHO_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// Where in the request a value stands; spelled out only when an error needs it.
enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Number(&'p Path<'p>, u32),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) => f.write_str(key),
            Path::Key(parent, key) => write!(f, "{parent}.{key}"),
            Path::Number(parent, number) => write!(f, "{parent}.{number}"),
        }
    }
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
