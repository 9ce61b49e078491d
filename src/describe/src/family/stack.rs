//! CloudFormation stacks with what they made.

use aws_sdk_cloudformation::types;
use sandtable_model::Kind;

use super::{all, present};
use crate::answer::{Object, answers, resource, texts};
use crate::clients::Clients;
use crate::error::{CallFailure, ReadError};
use crate::list::Listing;

/// Every stack that is not deleted.
pub(crate) async fn list(clients: &Clients) -> Result<Listing, ReadError> {
    let client = &clients.cloudformation;
    let stacks = client.describe_stacks().into_paginator();
    let mut listing = Listing::default();
    for stack in all("DescribeStacks", stacks.send(), |it| {
        (it.stacks, it.next_token)
    })
    .await?
    {
        let asked = client.list_stack_resources();
        let asked = asked.set_stack_name(stack.stack_id.clone());
        let asked = asked.into_paginator().send();
        let made = gone(
            all("ListStackResources", asked, |it| {
                (it.stack_resource_summaries, it.next_token)
            })
            .await,
        );
        if let Some(made) = present(made)?.flatten() {
            let stack = Object::of(stack).with("Resources", made);
            listing.take(resource(Kind::Stack, Some(&clients.region), stack));
        }
    }
    Ok(listing)
}

/// CloudFormation has no code of its own for a stack that does not exist.
fn gone<T>(answer: Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    match answer {
        Err(ReadError::Call {
            failure: CallFailure::Refused { code, message, .. },
            ..
        }) if code == "ValidationError" && message.contains("does not exist") => Ok(None),
        other => other.map(Some),
    }
}

answers! {
    types::Stack {
        stack_id, stack_name, description, stack_status, stack_status_reason, creation_time,
        last_updated_time, deletion_time, parent_id, root_id, role_arn = "RoleARN",
        enable_termination_protection, parameters, outputs, tags,
    }
    types::Parameter { parameter_key, parameter_value }
    types::Output { output_key, output_value, description, export_name }
    types::StackResourceSummary {
        logical_resource_id, physical_resource_id, resource_type, resource_status,
        resource_status_reason, last_updated_timestamp,
    }
    types::Tag { key, value }
}

texts!(types::ResourceStatus, types::StackStatus);
