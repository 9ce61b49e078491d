//! The other direction of [`decode`](mod@super::decode): a call as the parameters of a request.
//!
//! For tests and tools that speak to an endpoint without an SDK. The round trip through
//! [`decode`](super::decode()) gives the same call.

use form_urlencoded::Serializer;
use serde_json::Value;

use super::service::Call;
use super::table::{Shape, Table, Type};
use crate::error::ApiError;

/// The form body of a call, unsigned.
pub fn encode_query(call: &Call) -> Result<String, ApiError> {
    let table = call.api.table();
    let operation = table
        .operation(&call.action)
        .ok_or_else(|| ApiError::not_modelled(&call.action))?;
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", &call.action)
        .append_pair("Version", table.version());
    if let Some(input) = operation.input {
        append(
            table,
            &mut form,
            &mut String::new(),
            Type::Shape(input),
            &call.input,
        )?;
    }
    Ok(form.finish())
}

fn append(
    table: &Table,
    form: &mut Serializer<'_, String>,
    key: &mut String,
    of: Type,
    value: &Value,
) -> Result<(), ApiError> {
    let misfit = |key: &str| {
        ApiError::new(
            "InvalidParameterValue",
            format!("The value of {key} does not fit its shape"),
        )
    };
    let length = key.len();
    let dot = if key.is_empty() { "" } else { "." };
    match (of, value) {
        (_, Value::Null) => {}
        (Type::Shape(id), value) => match (table.shape(id), value) {
            (Shape::List(_), Value::Array(values)) if values.is_empty() => {
                // EC2's clients leave empty lists out; the others write them.
                if !table.is_ec2() {
                    form.append_pair(key, "");
                }
            }
            (Shape::List(list), Value::Array(values)) => {
                for (number, value) in (1..).zip(values) {
                    let number: usize = number;
                    key.push_str(dot);
                    if !table.is_ec2() {
                        key.push_str(list.item);
                        key.push('.');
                    }
                    key.push_str(&number.to_string());
                    append(table, form, key, list.of, value)?;
                    key.truncate(length);
                }
            }
            (Shape::Map(map), Value::Object(entries)) => {
                for (number, (name, value)) in (1..).zip(entries) {
                    let number: usize = number;
                    key.push_str(&format!("{dot}entry.{number}"));
                    form.append_pair(&format!("{key}.{}", map.key), name);
                    key.push('.');
                    key.push_str(map.value);
                    append(table, form, key, map.of, value)?;
                    key.truncate(length);
                }
            }
            (Shape::Structure(structure), Value::Object(map)) => {
                for (name, value) in map {
                    let index = structure.named(name).map(usize::from);
                    let member = index.and_then(|index| structure.members.get(index));
                    let member = member.ok_or_else(|| misfit(&format!("{key}{dot}{name}")))?;
                    key.push_str(dot);
                    key.push_str(member.key);
                    append(table, form, key, member.of, value)?;
                    key.truncate(length);
                }
            }
            _ => return Err(misfit(key)),
        },
        (Type::String | Type::Timestamp | Type::Blob, Value::String(text)) => {
            form.append_pair(key, text);
        }
        (Type::Integer | Type::Long | Type::Double, Value::Number(_))
        | (Type::Boolean, Value::Bool(_)) => {
            form.append_pair(key, &value.to_string());
        }
        _ => return Err(misfit(key)),
    }
    Ok(())
}
