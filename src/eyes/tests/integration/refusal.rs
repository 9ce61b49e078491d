//! The eyes cannot act, whatever their credentials permit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use sandtable_describe::{CallFailure, Clients, SERVICES, failure_of};

use crate::support::{clients, region};

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

pub(crate) fn counted(wire: &Counting) -> Clients {
    clients(wire.clone(), &region(), 1)
}

#[tokio::test]
async fn a_mutation_is_refused_before_anything_is_sent() {
    let wire = Counting::default();
    let clients = counted(&wire);
    macro_rules! refused {
        ($($operation:literal: $asked:expr;)+) => {$(
            let failure = failure_of(&$asked.send().await.unwrap_err());
            assert!(matches!(failure, CallFailure::NotSent(_)), "{failure:?}");
            let text = failure.to_string();
            let told = concat!("`", $operation, "` is not one that this client may call");
            assert!(text.contains(told), "{text}");
        )+};
    }
    refused! {
        "DeleteVpc": clients.ec2.delete_vpc().vpc_id("vpc-1");
        "DeleteAutoScalingGroup":
            clients.autoscaling.delete_auto_scaling_group().auto_scaling_group_name("web");
        "DeleteStack": clients.cloudformation.delete_stack().stack_name("web");
        "DeleteLoadBalancer": clients.elb.delete_load_balancer().load_balancer_name("web");
        "DeleteLoadBalancer": clients.elbv2.delete_load_balancer().load_balancer_arn("arn:aws:x");
        "DeleteDBInstance": clients.rds.delete_db_instance().db_instance_identifier("web");
    }
    assert_eq!(wire.count(), 0);
}

#[tokio::test]
async fn a_read_that_is_not_listed_is_refused_too() {
    let wire = Counting::default();
    let asked = counted(&wire)
        .ec2
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
    let asked = counted(&wire).ec2.describe_vpcs().send().await;
    assert!(matches!(
        failure_of(&asked.unwrap_err()),
        CallFailure::NoAnswer(_)
    ));
    assert_eq!(wire.count(), 1);
}

/// How AWS's reads begin.
const READS: &[&str] = &["Describe", "Get", "List", "Search"];

#[test]
fn the_lists_have_reads_alone() {
    for operation in SERVICES.iter().flat_map(|it| it.operations) {
        assert!(
            READS.iter().any(|verb| operation.starts_with(verb)),
            "{operation}"
        );
    }
}

/// The policy that allows what the lists let pass and nothing else.
fn policy() -> String {
    let mut actions: Vec<String> = Vec::new();
    for service in SERVICES {
        let operations = service.operations.iter();
        actions.extend(operations.map(|it| format!("{}:{it}", service.prefix)));
    }
    actions.sort();
    actions.dedup();
    let statement = serde_json::json!({
        "Sid": "Look", "Effect": "Allow", "Action": actions, "Resource": "*",
    });
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
    serde_json::to_string_pretty(&policy).unwrap() + "\n"
}

/// `SANDTABLE_UPDATE=1` writes the file.
#[test]
fn the_iam_policy_allows_what_the_lists_let_pass_and_nothing_else() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/iam-policy.json");
    if std::env::var_os("SANDTABLE_UPDATE").is_some() {
        std::fs::write(path, policy()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), policy());
}
