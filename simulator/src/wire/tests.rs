//! The wire as a whole, in front of a service that only repeats what it is told.

use std::sync::{Arc, Mutex};

use http::{Method, Request, header};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::service::{Call, Caller, Service};
use super::{Answer, RequestIds, answer};
use crate::error::ApiError;
use crate::output::Output;

/// 2026-07-20T13:44:30Z.
const NOW: i64 = 1_784_555_070_000;
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=111122223333/20260720/eu-west-1/ec2/aws4_request, \
    SignedHeaders=host;x-amz-date, Signature=0";

/// Answers every call with the same result and remembers what was asked.
pub(super) struct Parrot {
    pub(super) result: Result<Value, ApiError>,
    pub(super) heard: Vec<(Caller, Call)>,
    pub(super) resets: u32,
}

impl Parrot {
    pub(super) fn saying(result: Result<Value, ApiError>) -> Self {
        Self {
            result,
            heard: Vec::new(),
            resets: 0,
        }
    }
}

impl Service for Parrot {
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        assert_ne!(call.action, "RebootInstances", "the bug of a test");
        self.heard.push((caller.clone(), call.clone()));
        self.result.clone().map(Output::new)
    }

    fn reset(&mut self) {
        self.resets += 1;
    }

    fn now_millis(&self) -> i64 {
        NOW
    }
}

pub(super) fn post(body: &str) -> Request<Vec<u8>> {
    Request::post("/")
        .header(header::HOST, "localhost")
        .header(header::AUTHORIZATION, SIGNED)
        .body(body.as_bytes().to_vec())
        .expect("a request")
}

fn ask(result: Result<Value, ApiError>, request: &Request<Vec<u8>>) -> Answer {
    answer(&mut Parrot::saying(result), &RequestIds::default(), request)
}

/// Status, headers and body of an answer, the body one element a line, and the line of the log.
fn shown(answer: &Answer) -> String {
    let Some(response) = &answer.response else {
        return format!("(no answer)\n\n{}\n", answer.record);
    };
    let mut text = format!("{}\n", response.status());
    for (name, value) in response.headers() {
        text += &format!("{name}: {}\n", value.to_str().expect("plain"));
    }
    format!(
        "{text}\n{}\n\n{}\n",
        indented(response.body()),
        answer.record
    )
}

/// XML with a line for each element; everything between two tags stays as it is.
fn indented(body: &[u8]) -> String {
    let text = std::str::from_utf8(body).unwrap_or("(binary)");
    if !text.starts_with("<?xml") {
        return text.to_owned();
    }
    let mut depth = 0_usize;
    let mut lines = String::new();
    for line in text.replace("><", ">\n<").split_inclusive('\n') {
        if line.starts_with("</") {
            depth -= 1;
        }
        lines += &" ".repeat(2 * depth);
        lines += line;
        let is_open = line.starts_with('<') && !line.starts_with("</") && !line.starts_with("<?");
        if is_open && !line.contains("</") && !line.contains("/>") {
            depth += 1;
        }
    }
    lines
}

#[test]
fn wire_answers_a_describe() {
    let output = json!({
        "Volumes": [
            {
                "VolumeId": "vol-0a1b2c3d4e5f60718",
                "State": "available",
                "Size": 100,
                "Encrypted": false,
                "CreateTime": "2026-07-20T13:44:30.000Z",
                "Attachments": [],
                "SnapshotId": "",
                "KmsKeyId": null,
                "Tags": [{"Key": "owner", "Value": "R&D <ops>"}],
            },
            {
                "VolumeId": "vol-1a1b2c3d4e5f60718",
                "State": "in-use",
                "Attachments": [{"InstanceId": "i-0a1b2c3d4e5f60718", "DeleteOnTermination": true}],
            },
        ],
    });
    let request = post("Action=DescribeVolumes&Version=2016-11-15&MaxResults=500");
    insta::assert_snapshot!("describe_volumes", shown(&ask(Ok(output), &request)));
}

#[test]
fn wire_answers_nested_and_bare_outputs() {
    let reservation = json!({
        "ReservationId": "r-0a1b2c3d4e5f60718",
        "OwnerId": "111122223333",
        "Groups": [],
        "Instances": [{
            "InstanceId": "i-0a1b2c3d4e5f60718",
            "State": {"Code": 16, "Name": "running"},
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1"}}],
        }],
    });
    let request = post("Action=RunInstances&Version=2016-11-15&MinCount=1&MaxCount=1");
    insta::assert_snapshot!("run_instances", shown(&ask(Ok(reservation), &request)));
    let request = post("Action=DeleteVolume&Version=2016-11-15&VolumeId=vol-1");
    insta::assert_snapshot!("delete_volume", shown(&ask(Ok(Value::Null), &request)));
}

#[test]
fn wire_answers_errors() {
    let message = "The volume 'vol-1' does not exist.";
    let missing = || Err(ApiError::new("InvalidVolume.NotFound", message));
    let delete = post("Action=DeleteVolume&Version=2016-11-15&VolumeId=vol-1");
    insta::assert_snapshot!("error", shown(&ask(missing(), &delete)));
    insta::assert_snapshot!(
        "no_answer",
        shown(&ask(Err(ApiError::no_answer()), &delete))
    );
    let put = Request::put("/").body(Vec::new()).expect("a request");
    insta::assert_snapshot!("error_method", shown(&ask(missing(), &put)));
}

#[test]
fn wire_names_services_that_it_is_not() {
    let foreign = |service: &str| {
        let scope = SIGNED.replace("/ec2/", &format!("/{service}/"));
        Request::builder()
            .method(Method::POST)
            .header(header::AUTHORIZATION, scope)
    };
    let cbor = foreign("oam")
        .uri("/service/Other/operation/ListSinks")
        .header("smithy-protocol", "rpc-v2-cbor")
        .body(vec![0xA0])
        .expect("a request");
    let answer = ask(Ok(Value::Null), &cbor);
    let response = answer.response.as_ref().expect("an answer");
    assert_eq!(response.headers()["content-type"], "application/cbor");
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    assert!(
        response
            .body()
            .starts_with(b"\xA2\x66__type\x74UnsupportedOperation\x67message\x78")
    );
    assert_eq!(
        (
            answer.record.service.as_str(),
            answer.record.action.as_str()
        ),
        ("oam", "ListSinks")
    );
    let json = foreign("logs")
        .uri("/")
        .header("x-amz-target", "Logs_20140328.DescribeLogGroups")
        .body(b"{}".to_vec())
        .expect("a request");
    insta::assert_snapshot!("foreign_json", shown(&ask(Ok(Value::Null), &json)));
}

#[test]
fn wire_answers_in_one_line_of_xml() {
    let output = json!({"Vpcs": [{"Tags": [{"Key": "a", "Value": "x\r\n<y>"}]}]});
    let answer = ask(Ok(output), &post("Action=DescribeVpcs"));
    let body = answer.response.expect("an answer").into_body();
    insta::assert_snapshot!(
        "describe_vpcs_bytes",
        String::from_utf8(body).expect("UTF-8")
    );
}

#[test]
fn wire_passes_caller_and_call_on() {
    let mut parrot = Parrot::saying(Ok(json!({})));
    let ids = RequestIds::default();
    answer(
        &mut parrot,
        &ids,
        &post("Action=DescribeVpcs&VpcId.1=vpc-1&DryRun=true"),
    );
    let get = Request::get("http://ec2.us-west-2.amazonaws.com/?Action=DescribeVpcs&VpcId.1=vpc-2");
    answer(&mut parrot, &ids, &get.body(Vec::new()).expect("a request"));
    let caller = |account: &str, region: &str, key: &str| Caller {
        access_key: key.to_owned(),
        ..Caller::new(account, region)
    };
    let first = Call::new("DescribeVpcs", json!({"VpcIds": ["vpc-1"], "DryRun": true}));
    assert!(first.is_dry_run());
    assert_eq!(first.texts("VpcIds"), ["vpc-1"]);
    let second = Call::new("DescribeVpcs", json!({"VpcIds": ["vpc-2"]}));
    let expected = vec![
        (caller("111122223333", "eu-west-1", "111122223333"), first),
        (caller("123456789012", "us-west-2", ""), second),
    ];
    assert_eq!(parrot.heard, expected);
}

#[test]
fn wire_reset_returns_to_the_first_request_id() {
    let mut parrot = Parrot::saying(Ok(json!({})));
    let ids = RequestIds::default();
    let id = |answer: Answer| answer.record.request_id;
    let describe = post("Action=DescribeVpcs");
    let first = id(answer(&mut parrot, &ids, &describe));
    assert_eq!(first, "00000000-0000-4000-8000-000000000001");
    assert_ne!(id(answer(&mut parrot, &ids, &describe)), first);
    let reset = Request::post("/_sandtable/reset")
        .body(Vec::new())
        .expect("a request");
    let response = answer(&mut parrot, &ids, &reset)
        .response
        .expect("an answer");
    assert_eq!((response.status().as_u16(), parrot.resets), (204, 1));
    assert_eq!(id(answer(&mut parrot, &ids, &describe)), first);
    let health = Request::get("/_sandtable/health")
        .body(Vec::new())
        .expect("a request");
    let response = answer(&mut parrot, &ids, &health)
        .response
        .expect("an answer");
    let health: Value = serde_json::from_slice(response.body()).expect("JSON");
    assert_eq!(
        health,
        json!({"status": "ok", "now": "2026-07-20T13:44:30.000Z", "calls": 1})
    );
}

#[test]
fn wire_log_lines_are_plain_words() {
    let mut request = post("Action=a%0Ab%1B+%C3%A9&Version=2016-11-15");
    let line = ask(Ok(Value::Null), &request).record.to_string();
    // The escape character is refused as a character, so the action is not known at all.
    assert_eq!(line.split(' ').count(), 9, "{line}");
    *request.body_mut() = b"Action=a%0Ab+%C3%A9".to_vec();
    let line = ask(Ok(Value::Null), &request).record.to_string();
    assert_eq!(
        line,
        "2026-07-20T13:44:30.000Z 400 InvalidAction 111122223333 eu-west-1 ec2 a?b?? \
         00000000-0000-4000-8000-000000000001 -"
    );
}

#[test]
fn wire_a_broken_service_stays_broken_until_reset() {
    let shared = Arc::new(Mutex::new(Parrot::saying(Ok(json!({})))));
    let mut service = Arc::clone(&shared);
    let caller = Caller::new("111122223333", "eu-west-1");
    let describe = Call::new("DescribeVpcs", json!({}));
    let breaking = std::thread::spawn({
        let (mut service, caller) = (Arc::clone(&shared), caller.clone());
        move || service.call(&caller, &Call::new("RebootInstances", json!({})))
    });
    assert!(breaking.join().is_err());
    assert_eq!(
        service.call(&caller, &describe).expect_err("refused").code,
        "InternalError"
    );
    assert_eq!(service.now_millis(), NOW);
    service.reset();
    assert!(service.call(&caller, &describe).is_ok());
}

fn a_key() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("Filter"),
        Just("Value"),
        Just("Name"),
        Just("VolumeId"),
        Just("DryRun"),
        Just("1"),
        Just("2"),
        Just("0"),
        Just(""),
        Just("MaxResults"),
        Just("Tag"),
        Just("TagSpecification"),
        Just("NetworkInterface"),
        Just("BlockDeviceMapping"),
        Just("Ebs"),
        Just("4294967296"),
    ];
    prop::collection::vec(part, 1..6).prop_map(|parts| parts.join("."))
}

proptest! {
    #[test]
    fn wire_no_bytes_cause_a_panic(
        method in prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("XYZZY")],
        path in "/[a-z_/.%0-9]{0,12}|/|/_sandtable/(reset|health)|/_sandtable/",
        query in "[ -~]{0,60}",
        credential in "[ -~]{0,60}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}?{}", query.replace(['<', '>', '"', '{', '}', '`', '\\', '^', '|', ' ', '#'], "_")))
            .header(header::AUTHORIZATION, format!("AWS4-HMAC-SHA256 Credential={credential}"))
            .body(body);
        if let Ok(request) = request {
            let answer = ask(Ok(Value::Null), &request);
            prop_assert!(answer.response.is_some());
            prop_assert_eq!(answer.record.to_string().split(' ').count(), 9);
        }
    }

    #[test]
    fn wire_no_form_causes_a_panic(
        action in prop_oneof![
            Just("DescribeVolumes"), Just("RunInstances"), Just("CreateTags"), Just("DeleteVpc"),
            Just("CreateIpam"), Just("MakeCoffee"), Just(""),
        ],
        pairs in prop::collection::vec((a_key(), "[ -~]{0,8}"), 0..12),
    ) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).extend_pairs(pairs);
        let answer = ask(Ok(Value::Null), &post(&form.finish()));
        let response = answer.response.expect("an answer");
        prop_assert!(matches!(response.status().as_u16(), 200 | 400));
        indented(response.body());
    }
}
