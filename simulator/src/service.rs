//! The twin behind the wire, in virtual time: for tests of clients and for in-process use. A server
//! for people keeps pace with the real clock instead, which this crate may not read.

use sandtable_model::{Duration, Region};

use crate::wire::{Call, Caller, Service};
use crate::{ApiError, Ctx, Output, Twin, dispatch, sts};

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

impl Twin {
    /// Answers a call of the wire, by whoever signed it.
    ///
    /// # Errors
    /// As [`sts::identify`] and [`dispatch::call_of`].
    pub fn answer(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        let region = Region::new(&caller.region)
            .map_err(|error| ApiError::new("InvalidParameterValue", error.to_string()))?;
        let (account, principal) = sts::identify(self, call.api, caller)?;
        let session = self.sessions().get(&caller.access_key);
        let ctx = Ctx {
            account,
            principal,
            session: session.map(|it| it.access_key.clone()),
            region,
            dry_run: false,
        };
        dispatch::output_of(self, &ctx, call.api, &call.action, call.input.clone())
    }
}

impl Service for TwinService {
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        self.twin.advance(self.pace);
        self.twin.answer(caller, call)
    }

    fn reset(&mut self) {
        self.twin.clone_from(&self.start);
    }

    fn now_millis(&self) -> i64 {
        self.twin.now().millis()
    }
}
