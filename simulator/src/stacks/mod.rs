//! CloudFormation, for reading: which stack owns what.
//!
//! The stacks are those of the snapshot. Deliberately absent: templates, and every change of a stack
//! (`CreateStack`, `UpdateStack`, `DeleteStack` and the rest), which is refused by name. A resource
//! that is deleted under a stack stays named by it, as in AWS.

mod describe;
mod find;
mod resources;

#[cfg(test)]
mod tests;

pub use describe::{
    DescribeStacksRequest, DescribedStacks, ListStacksRequest, ListedStacks, describe_stacks,
    list_stacks,
};
pub use resources::{
    DescribeStackResourceRequest, DescribeStackResourcesRequest, DescribedResource,
    DescribedResources, ListStackResourcesRequest, ListedResources, describe_stack_resource,
    describe_stack_resources, list_stack_resources,
};

use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "DescribeStackResource" => describe_stack_resource,
    "DescribeStackResources" => describe_stack_resources,
    "DescribeStacks" => describe_stacks,
    "ListStackResources" => list_stack_resources,
    "ListStacks" => list_stacks,
};
