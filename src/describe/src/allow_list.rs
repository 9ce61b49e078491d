//! The operations that a client lets pass.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use thiserror::Error;

/// Refuses every operation that is not listed, before a request is even made of it.
///
/// The check stands in `read_before_serialization`: the earliest hook at which a client's interceptor
/// can see which operation it is.
#[derive(Clone, Copy, Debug)]
pub struct AllowList {
    lists: &'static [&'static [&'static str]],
}

impl AllowList {
    /// Lets the operations on these lists pass, named as AWS names them, and no other.
    pub const fn new(lists: &'static [&'static [&'static str]]) -> Self {
        AllowList { lists }
    }
}

/// Why an operation was not let through.
#[derive(Debug, Error)]
#[error("the operation `{operation}` is not one that this client may call")]
struct NotAllowed {
    operation: String,
}

impl Intercept for AllowList {
    fn name(&self) -> &'static str {
        "AllowList"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Without a name there is nothing to allow.
        let operation = config.load::<Metadata>().map_or("unnamed", Metadata::name);
        if self.lists.iter().any(|list| list.contains(&operation)) {
            return Ok(());
        }
        let operation = operation.to_owned();
        Err(Box::new(NotAllowed { operation }))
    }
}
