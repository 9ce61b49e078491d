//! Every operation that the twin's wire carries, as the SDK has it: a row per operation, in a file per
//! service. The test fails where a row is missing, and names it.

mod autoscaling;
mod cloudformation;
mod cloudwatch;
mod ec2;
mod elb;
mod elbv2;
mod rds;
mod sts;

use std::fmt::Debug;

use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin;
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, FrozenLayer};
use sandtable_simulator::wire::Api;

/// An operation of the SDK: how it makes a call and reads the answer.
pub(super) struct Operation {
    /// AWS's name of it.
    pub(super) name: &'static str,
    call: HttpRequest,
    layer: FrozenLayer,
}

impl Operation {
    /// An operation from a call without parameters. None here has one in its path, without which the
    /// SDK would not build the call.
    fn new<I, E>(name: &'static str, plugin: &dyn RuntimePlugin, input: Result<I, E>) -> Self
    where
        I: Debug + Send + Sync + 'static,
        E: Debug,
    {
        let (input, layer) = (Input::erase(input.unwrap()), plugin.config().unwrap());
        let writer = layer.load::<SharedRequestSerializer>().unwrap();
        let call = writer.serialize_input(input, &mut ConfigBag::base());
        Self {
            name,
            call: call.unwrap(),
            layer,
        }
    }

    /// Whether the SDK makes its calls in CBOR, and not as forms.
    pub(super) fn speaks_cbor(&self) -> bool {
        self.call.headers().get("smithy-protocol") == Some("rpc-v2-cbor")
    }

    /// A call as the SDK makes it, before it is signed, with other parameters in its body.
    pub(super) fn call(&self, body: impl Into<SdkBody>) -> HttpRequest {
        let mut call = self.call.try_clone().unwrap();
        call.headers_mut().remove("content-length");
        *call.body_mut() = body.into();
        call
    }

    /// The answer as the SDK reads it, in the words of its own `Debug`.
    ///
    /// # Errors
    /// In the same words, for an answer that is an error or that cannot be read.
    pub(super) fn read(&self, response: &HttpResponse) -> Result<String, String> {
        let reader = self.layer.load::<SharedResponseDeserializer>().unwrap();
        let read = reader.deserialize_nonstreaming_with_config(response, &ConfigBag::base());
        match read {
            Ok(output) => {
                let text = format!("{output:?}");
                // How the SDK marks a value whose type it has forgotten: `Output(TypeErasedBox[!Clone]:…)`.
                let (_, text) = text.split_once("]:").unwrap();
                Ok(text.strip_suffix(')').unwrap().to_owned())
            }
            Err(error) => Err(format!("{error:?}")),
        }
    }
}

/// The rows of a service.
pub(super) fn of(api: Api) -> Vec<Operation> {
    match api {
        Api::Ec2 => ec2::all(),
        Api::Sts => sts::all(),
        Api::Elb => elb::all(),
        Api::ElbV2 => elbv2::all(),
        Api::AutoScaling => autoscaling::all(),
        Api::Rds => rds::all(),
        Api::CloudWatch => cloudwatch::all(),
        Api::CloudFormation => cloudformation::all(),
    }
}

/// Makes `all` of a service, whose crate is in scope as `sdk`, of `module::Operation` for each operation.
macro_rules! operations {
    ($($module:ident::$name:ident,)+) => {
        pub(super) fn all() -> Vec<super::Operation> {
            let retries = sdk::config::retry::RetryConfig::disabled();
            let config = sdk::Config::builder()
                .behavior_version(sdk::config::BehaviorVersion::v2026_01_12())
                .retry_config(retries);
            // Only to make inputs: nothing is sent with it.
            let client = sdk::Client::from_conf(config.build());
            vec![$(super::Operation::new(
                stringify!($name),
                &sdk::operation::$module::$name::new(),
                client.$module().as_input().clone().build(),
            )),+]
        }
    };
}
use operations;
