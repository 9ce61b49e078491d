//! Every answer that the twin's wire writes is read by the real SDK, operation by operation: answers
//! made up along the shapes, so that every member has its turn, and errors.
//!
//! The SDK says in which protocol and where a call is made, the wire answers it, and the operation's
//! own reader of the SDK takes the answer. What it read is compared with what was sent, member by
//! member and value by value, but for the few members that the SDK calls sensitive and does not print;
//! botocore reads these in the simulator's own test, and the parameters of calls.
//!
//! What stands around reader and writer in the SDK, signatures and retries above all, is not the
//! subject here: the other tests of the eyes and those of the hands go through all of it.

mod compare;
mod operations;
mod seen;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use sandtable_simulator::wire::connector::TwinClient;
use sandtable_simulator::wire::samples::{Sample, sample};
use sandtable_simulator::wire::{Api, Call, Caller, Service};
use sandtable_simulator::{ApiError, Output};
use serde_json::Value;

use compare::Compared;
use operations::Operation;
use seen::Seen;

/// How many made-up answers of each operation are read.
const SEEDS: u64 = 32;

/// Members that the shapes have and this version of the SDK has not: an operation that gives them, and
/// their name. One that the SDK reads after all fails the test.
const UNREAD: &[(Api, &str, &str)] = &[(Api::Rds, "DescribeOptionGroups", "SourceRegion")];

/// Answers every call of one operation with the same answer.
struct Made {
    api: Api,
    action: &'static str,
    answer: Result<Value, ApiError>,
}

impl Service for Made {
    fn call(&mut self, _: &Caller, call: &Call) -> Result<Output, ApiError> {
        assert_eq!((call.api, call.action.as_str()), (self.api, self.action));
        self.answer.clone().map(Output::new)
    }

    fn reset(&mut self) {}

    fn now_millis(&self) -> i64 {
        0
    }
}

/// An operation of a service, with what is said to it.
struct Line {
    made: Arc<Mutex<Made>>,
    client: TwinClient,
    operation: Operation,
    /// A call that the wire lets through, as all that is required is there.
    parameters: Vec<u8>,
}

impl Line {
    fn new(api: Api, operation: Operation, samples: &[Sample]) -> Self {
        // The largest go beyond the limits.
        let call = samples.iter().min_by_key(|it| it.query.len()).unwrap();
        let parameters = match operation.speaks_cbor() {
            // An operation that takes nothing still gets an empty map.
            true => call.cbor_call.clone().unwrap_or(vec![0xA0]),
            false => call.query.clone().into_bytes(),
        };
        let made = Arc::new(Mutex::new(Made {
            api,
            action: operation.name,
            answer: Ok(Value::Null),
        }));
        let client = TwinClient::new(made.clone());
        Self {
            made,
            client,
            operation,
            parameters,
        }
    }

    /// What the wire sends for an answer.
    async fn response(&self, answer: Result<Value, ApiError>) -> HttpResponse {
        self.made.lock().unwrap().answer = answer;
        let call = self.operation.call(self.parameters.clone());
        self.client.call(call).await.unwrap()
    }
}

/// Tries every operation of a service.
async fn try_all(api: Api) {
    let table = api.table();
    let named: BTreeSet<_> = operations::of(api).iter().map(|it| it.name).collect();
    let carried: BTreeSet<_> = table.actions().into_iter().collect();
    let (missing, stale) = (&carried - &named, &named - &carried);
    assert!(
        missing.is_empty() && stale.is_empty(),
        "the rows of {api} in sdk/operations: missing {missing:?}, of no use {stale:?}"
    );
    let mut values = 0;
    let mut unread: BTreeSet<_> = UNREAD.iter().filter(|it| it.0 == api).collect();
    let known = unread.clone();
    let mut failures = Vec::new();
    for operation in operations::of(api) {
        let name = operation.name;
        let samples = (0..SEEDS).map(|seed| sample(table, name, seed).unwrap());
        let samples: Vec<_> = samples.collect();
        let line = Line::new(api, operation, &samples);
        for (seed, Sample { output: sent, .. }) in samples.iter().enumerate() {
            let response = line.response(Ok(sent.clone())).await;
            match line.operation.read(&response) {
                Ok(text) => {
                    let compared = Compared::of(sent, &Seen::read(&text));
                    values += compared.values;
                    for difference in compared.differences {
                        let is_known =
                            |it: &&&(_, &str, &str)| it.1 == name && difference.is_unread(it.2);
                        match known.iter().find(is_known) {
                            Some(it) => drop(unread.remove(it)),
                            None => failures.push(format!("{name}, seed {seed}: {difference}")),
                        }
                    }
                }
                Err(error) => failures.push(format!("{name}, seed {seed}: {error}")),
            }
        }
        let refusal = ApiError::new("UnauthorizedOperation", "It is <not> for you.");
        let response = line.response(Err(refusal)).await;
        let read = line.operation.read(&response).unwrap_err();
        for told in ["\"UnauthorizedOperation\"", "\"It is <not> for you.\""] {
            if !read.contains(told) {
                failures.push(format!("{name}: no {told} in {read}"));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{values} values are the same, {} are not:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(unread.is_empty(), "is read: {unread:?}");
    assert!(values > 0);
    println!("{api}: {values} values");
}

macro_rules! services {
    ($($test:ident: $api:ident;)+) => {
        $(#[tokio::test]
        async fn $test() {
            try_all(Api::$api).await;
        })+

        #[test]
        fn the_sdk_reads_every_service() {
            assert_eq!([$(Api::$api),+], Api::ALL);
        }
    };
}

services! {
    the_sdk_reads_ec2: Ec2;
    the_sdk_reads_sts: Sts;
    the_sdk_reads_classic_load_balancers: Elb;
    the_sdk_reads_load_balancers: ElbV2;
    the_sdk_reads_auto_scaling: AutoScaling;
    the_sdk_reads_rds: Rds;
    the_sdk_reads_cloudwatch: CloudWatch;
    the_sdk_reads_cloudformation: CloudFormation;
}
