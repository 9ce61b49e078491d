//! The answer of an operation, before anyone has decided in which form it is sent.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::ApiError;
use crate::rules::Page;
use crate::wire::Pieces;

/// An answer under the member names of AWS's model. It is written straight from the operation's own
/// type, so that long answers are built once.
pub struct Output {
    answer: Box<dyn Answer>,
    pieces: Option<Arc<Pieces>>,
}

/// What an operation gives: written as whatever it is, and known again when it is a [`Page`].
trait Answer: erased_serde::Serialize + Send {
    fn as_any(&self) -> &dyn Any;
}

impl<T: Serialize + Send + 'static> Answer for T {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Output {
    /// The answer that an operation gives.
    pub fn new(answer: impl Serialize + Send + 'static) -> Self {
        Output {
            answer: Box::new(answer),
            pieces: None,
        }
    }

    /// The answer, with what was written before of the resources in it.
    pub(crate) fn with_pieces(mut self, pieces: &Arc<Pieces>) -> Self {
        self.pieces = Some(Arc::clone(pieces));
        self
    }

    /// The page that the answer is, if it is one, and the pieces to write it with.
    pub(crate) fn page(&self) -> Option<(&Page, &Pieces)> {
        let page = self.answer.as_any().downcast_ref::<Page>()?;
        Some((page, self.pieces.as_deref()?))
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
        erased_serde::serialize(&*self.answer, serializer)
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
