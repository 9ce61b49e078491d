//! The twin behind the wire, in virtual time: for tests of clients and for in-process use. A server
//! for people keeps pace with the real clock instead, which this crate may not read.

use sandtable_model::{AccountId, Duration, Region};
use serde_json::Value;

use crate::wire::{Call, Caller, Service};
use crate::{ApiError, Twin, dispatch};

/// A twin that answers calls of the wire.
#[derive(Clone, Debug)]
pub struct TwinService {
    twin: Twin,
    start: Box<Twin>,
    pace: Duration,
}

impl TwinService {
    /// Serves a twin; a reset brings back the state that it has now. Before each call `pace` passes
    /// on the virtual clock, so that clients which poll come to an end.
    pub fn new(twin: Twin, pace: Duration) -> Self {
        TwinService {
            start: Box::new(twin.fork()),
            twin,
            pace,
        }
    }

    /// The twin as it is now.
    pub const fn twin(&self) -> &Twin {
        &self.twin
    }

    /// The twin, to prepare or to change it behind the clients' backs.
    pub const fn twin_mut(&mut self) -> &mut Twin {
        &mut self.twin
    }
}

impl Service for TwinService {
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Value, ApiError> {
        let refuse = |error: sandtable_model::PlaceError| {
            ApiError::new("InvalidParameterValue", error.to_string())
        };
        let region = Region::new(&caller.region).map_err(refuse)?;
        self.twin.advance(self.pace);
        let mut ctx = self.twin.context(&region);
        ctx.account = AccountId::new(&caller.account).map_err(refuse)?;
        dispatch::call(&mut self.twin, &ctx, &call.action, call.input.clone())
    }

    fn reset(&mut self) {
        self.twin.clone_from(&self.start);
    }

    fn now_millis(&self) -> i64 {
        self.twin.now().millis()
    }
}
