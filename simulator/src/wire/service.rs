//! The seam between the wire and the twin: what is asked, who asks, and who answers.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::api::Api;
use super::control::{Ask, Page, Trouble, What};
use super::signature::{Refused, Signer};
use crate::error::ApiError;
use crate::output::Output;

/// One call of an operation, whichever way it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The service that is called.
    pub api: Api,
    /// The operation, such as `DeleteNatGateway`.
    pub action: String,
    /// An object with the model's member names, typed by the shapes: the JSON of the AWS command
    /// line. Absent members are absent, never null.
    pub input: Value,
}

impl Call {
    /// A call of EC2 with an input of model names.
    pub fn new(action: impl Into<String>, input: Value) -> Self {
        Self::of(Api::Ec2, action, input)
    }

    /// A call of a service with an input of model names.
    pub fn of(api: Api, action: impl Into<String>, input: Value) -> Self {
        Self {
            api,
            action: action.into(),
            input,
        }
    }

    /// A member of the input, if it is there.
    pub fn get(&self, member: &str) -> Option<&Value> {
        self.input.get(member)
    }

    /// A string, timestamp or blob member.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.get(member)?.as_str()
    }

    /// The strings of a list member; none when it is absent.
    pub fn texts(&self, member: &str) -> Vec<&str> {
        self.list(member).iter().filter_map(Value::as_str).collect()
    }

    /// The elements of a list member; none when it is absent.
    pub fn list(&self, member: &str) -> &[Value] {
        self.get(member)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// An integer or long member.
    pub fn integer(&self, member: &str) -> Option<i64> {
        self.get(member)?.as_i64()
    }

    /// A boolean member.
    pub fn flag(&self, member: &str) -> Option<bool> {
        self.get(member)?.as_bool()
    }

    /// Whether the caller asked only whether the call would succeed.
    pub fn is_dry_run(&self) -> bool {
        self.flag("DryRun").unwrap_or(false)
    }
}

/// Who is asking, and where: read from the signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The account, twelve digits: what the key says by itself, until the service knows better
    /// ([`Service::signer`]).
    pub account: String,
    /// The region, such as `eu-central-1`.
    pub region: String,
    /// The id of the access key that signed; empty when nothing was signed.
    pub access_key: String,
    /// The token that goes with temporary credentials, if one was sent.
    pub session_token: Option<String>,
    /// The fork that is called, if it is one.
    pub fork: Option<String>,
}

impl Caller {
    /// An account itself, in a region, as if no key had been used.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            ..Self::default()
        }
    }
}

/// What the wire serves.
///
/// Synchronous, because the twin computes and never waits: its time is virtual.
pub trait Service: Send + 'static {
    /// Whose a key is, and how its signatures are verified. By default every key is good, as the
    /// account that it says.
    ///
    /// # Errors
    /// When it is nobody's.
    fn signer(&mut self, caller: &Caller) -> Result<Signer, Refused> {
        if let Some(fork) = &caller.fork {
            return Err(Refused::Fork(fork.clone()));
        }
        Ok(Signer {
            account: caller.account.clone(),
            proof: None,
        })
    }

    /// Performs a call. The output has the member names of the operation's output shape; for an
    /// operation without output it is null or empty.
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError>;

    /// Returns to the state at the start.
    fn reset(&mut self);

    /// The virtual time, in milliseconds since 1970 in UTC.
    fn now_millis(&self) -> i64;

    /// The virtual time of a fork; that of the service itself when there is none.
    fn now_millis_of(&self, fork: Option<&str>) -> i64 {
        let _ = fork;
        self.now_millis()
    }

    /// Answers on the twin's own pages. By default there is nothing but health and the reset.
    ///
    /// # Errors
    /// For what is not there or cannot be done.
    fn control(&mut self, ask: &Ask) -> Result<Page, Trouble> {
        match (&ask.fork, &ask.what) {
            (None, What::Reset) => {
                self.reset();
                Ok(Page::Nothing)
            }
            (None, What::Health) => Ok(Page::Json(serde_json::json!({}))),
            _ => Err(Trouble::no_page()),
        }
    }
}

/// A shared service is a service, locked for each call: decoding and encoding stay outside.
///
/// A panic inside the service is a bug that may leave half a change behind. Every later call is
/// refused until a reset brings back a state that can be trusted.
impl<S: Service + ?Sized> Service for Arc<Mutex<S>> {
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        match self.lock() {
            Ok(mut service) => service.call(caller, call),
            Err(_) => Err(ApiError::new(
                "InternalError",
                "An earlier call failed inside the twin; its state is unknown until a reset.",
            )),
        }
    }

    fn signer(&mut self, caller: &Caller) -> Result<Signer, Refused> {
        // A service that failed refuses the call itself, in a moment.
        let mut service = self.lock().unwrap_or_else(PoisonError::into_inner);
        service.signer(caller)
    }

    fn reset(&mut self) {
        let mut service = self.lock().unwrap_or_else(PoisonError::into_inner);
        service.reset();
        self.clear_poison();
    }

    fn now_millis(&self) -> i64 {
        self.now_millis_of(None)
    }

    fn now_millis_of(&self, fork: Option<&str>) -> i64 {
        self.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .now_millis_of(fork)
    }

    fn control(&mut self, ask: &Ask) -> Result<Page, Trouble> {
        if *ask == Ask::RESET {
            let mut service = self.lock().unwrap_or_else(PoisonError::into_inner);
            let page = service.control(ask);
            self.clear_poison();
            return page;
        }
        match self.lock() {
            Ok(mut service) => service.control(ask),
            Err(_) => Err(Trouble::failed()),
        }
    }
}

impl<S: Service + ?Sized> Service for Box<S> {
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        (**self).call(caller, call)
    }

    fn signer(&mut self, caller: &Caller) -> Result<Signer, Refused> {
        (**self).signer(caller)
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn now_millis(&self) -> i64 {
        (**self).now_millis()
    }

    fn now_millis_of(&self, fork: Option<&str>) -> i64 {
        (**self).now_millis_of(fork)
    }

    fn control(&mut self, ask: &Ask) -> Result<Page, Trouble> {
        (**self).control(ask)
    }
}
