//! The evaluation of policies: documents, conditions, the reference, and whole calls.

mod assume;
mod calls;
mod conditions;
mod documents;
mod facts;
mod launches;
mod managed;
mod naive;
mod peer;
mod properties;
mod reference;
mod services;
mod watch;

use std::sync::Arc;

use serde_json::{Value, json};

use super::context::Context;
use super::{Permissions, PolicyDocument};
use crate::testing::Account;
use crate::wire::{Api, encode_xml};
use crate::{ApiError, dispatch};

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

/// Sets what the caller may do.
fn set(account: &mut Account, value: &Value) {
    let permissions = Arc::new(permissions(value));
    account.twin.set_permissions(Some(permissions));
}

/// An account whose caller may do only what one statement says.
fn only(account: &mut Account, more: Value) {
    set(account, &statement(more));
}

/// A call of a service by the account itself, whose answer AWS's shapes must have room for.
fn ask(account: &mut Account, api: Api, action: &str, input: Value) -> Result<Value, ApiError> {
    let ctx = account.twin.context(&account.region);
    let answer = dispatch::call_of(&mut account.twin, &ctx, api, action, input)?;
    let mut xml = Vec::new();
    encode_xml(api.table(), action, &answer, "id", &mut xml)
        .unwrap_or_else(|error| panic!("{action}: {error}"));
    Ok(answer)
}

/// The message with which a service beside EC2 says no.
fn denied(account: &mut Account, api: Api, action: &str, input: Value) -> String {
    let error = ask(account, api, action, input).unwrap_err();
    assert_eq!(error.code, "AccessDenied", "{}", error.message);
    error.message
}
