//! The answer of an operation, before anyone has decided in which form it is sent.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::ApiError;

/// An answer under the member names of AWS's model. It is written straight from the operation's own
/// type, so that long answers are built once.
pub struct Output(Box<dyn erased_serde::Serialize + Send>);

impl Output {
    /// The answer that an operation gives.
    pub fn new(answer: impl Serialize + Send + 'static) -> Self {
        Output(Box::new(answer))
    }

    /// The answer as JSON.
    ///
    /// # Errors
    /// `InternalError` when it cannot be told as JSON, which is a bug of its operation.
    pub fn to_value(&self) -> Result<Value, ApiError> {
        let value = serde_json::to_value(self);
        value.map_err(|error| ApiError::new("InternalError", error.to_string()))
    }
}

impl Serialize for Output {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        erased_serde::serialize(&*self.0, serializer)
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_value() {
            Ok(value) => write!(f, "{value}"),
            Err(error) => write!(f, "{error}"),
        }
    }
}
