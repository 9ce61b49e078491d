//! The eyes cannot act, whatever their credentials permit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use sandtable_describe::{AllowList, CallFailure, OPERATIONS, failure_of};

/// Counts the requests that reach the wire, and answers none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counting(Arc<AtomicUsize>);

impl Counting {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl HttpConnector for Counting {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.0.fetch_add(1, Ordering::SeqCst);
        HttpConnectorFuture::ready(Err(ConnectorError::timeout("nobody is here".into())))
    }
}

impl HttpClient for Counting {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

pub(crate) fn client(wire: &Counting) -> Client {
    let conf = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::for_tests())
        .retry_config(aws_sdk_ec2::config::retry::RetryConfig::disabled())
        .http_client(wire.clone())
        .interceptor(AllowList::new(&[OPERATIONS]));
    Client::from_conf(conf.build())
}

#[tokio::test]
async fn a_mutation_is_refused_before_anything_is_sent() {
    let wire = Counting::default();
    let client = client(&wire);
    let error = client
        .delete_vpc()
        .vpc_id("vpc-1")
        .send()
        .await
        .unwrap_err();
    let failure = failure_of(&error);
    assert!(matches!(failure, CallFailure::NotSent(_)), "{failure:?}");
    let text = failure.to_string();
    assert!(
        text.contains("`DeleteVpc` is not one that this client may call"),
        "{text}"
    );
    assert_eq!(wire.count(), 0);
}

#[tokio::test]
async fn a_read_that_is_not_listed_is_refused_too() {
    let wire = Counting::default();
    let asked = client(&wire)
        .get_console_output()
        .instance_id("i-1")
        .send()
        .await;
    assert!(matches!(
        failure_of(&asked.unwrap_err()),
        CallFailure::NotSent(_)
    ));
    assert_eq!(wire.count(), 0);
}

#[tokio::test]
async fn a_listed_read_passes() {
    let wire = Counting::default();
    let asked = client(&wire).describe_vpcs().send().await;
    assert!(matches!(
        failure_of(&asked.unwrap_err()),
        CallFailure::NoAnswer(_)
    ));
    assert_eq!(wire.count(), 1);
}

#[test]
fn the_list_has_reads_alone() {
    assert!(
        OPERATIONS.iter().all(|name| name.starts_with("Describe")),
        "{OPERATIONS:?}"
    );
}

#[test]
fn the_iam_policy_allows_what_the_list_lets_pass_and_nothing_else() {
    let policy: serde_json::Value =
        serde_json::from_str(include_str!("../../iam-policy.json")).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    let actions = statements[0]["Action"].as_array().unwrap().iter();
    let actions: Vec<&str> = actions.map(|it| it.as_str().unwrap()).collect();
    let listed: Vec<String> = OPERATIONS.iter().map(|it| format!("ec2:{it}")).collect();
    assert_eq!(actions, listed);
}
