//! The evaluation of policies: documents, conditions, the reference, and whole calls.

mod calls;
mod conditions;
mod documents;
mod reference;

use serde_json::{Value, json};

use super::context::Context;
use super::{Permissions, PolicyDocument};

/// A document of one statement that allows everything but for what `more` says.
fn statement(more: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    for (name, value) in more.as_object().into_iter().flatten() {
        if let Some(name) = name.strip_prefix("Not") {
            statement.as_object_mut().unwrap().shift_remove(name);
        }
        statement[name] = value.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn document(value: &Value) -> PolicyDocument {
    PolicyDocument::from_json(&value.to_string()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn permissions(value: &Value) -> Permissions {
    Permissions::from_json(&value.to_string()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn context(keys: &[(&str, &[&str])]) -> Context {
    let mut context = Context::default();
    for (key, values) in keys {
        context.set_all(key, values.iter().map(|it| (*it).to_owned()).collect());
    }
    context
}
