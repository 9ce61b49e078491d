//! What one answer costs without the socket: a request's bytes in, a response's bytes out.
//!
//! Nanoseconds say little on a shared machine. `cargo bench --bench answers -- CASE COUNT` answers one
//! case so many times and prints nothing, to be counted from outside: the difference between two counts
//! under `perf stat -e instructions:u`, divided, is what one answer costs; `callgrind` says where.

#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads the clock, which nothing else here may"
)]

use std::hint::black_box;
use std::time::Instant;

use sandtable_model::{AccountId, Duration, Region, Timestamp};
use sandtable_simulator::wire::{self, RequestIds};
use sandtable_simulator::{Twin, TwinOptions, TwinService, dispatch};
use serde_json::json;

/// A name, how many volumes there are, and the call.
const CASES: &[(&str, usize, &str)] = &[
    ("describe-0", 0, "Action=DescribeVolumes"),
    ("describe-1", 1, "Action=DescribeVolumes"),
    ("describe-1k", 1_000, "Action=DescribeVolumes"),
    ("describe-10k", 10_000, "Action=DescribeVolumes"),
    (
        "create",
        0,
        "Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a",
    ),
    (
        "run",
        0,
        "Action=RunInstances&InstanceType=t3.micro&MinCount=1&MaxCount=1",
    ),
];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let wanted = arguments.next();
    if let (Some(name), Some(count)) = (&wanted, arguments.next()) {
        let case = CASES.iter().find(|it| it.0 == name).expect("a case's name");
        let count = count.parse().expect("a number");
        black_box(answer(case, count));
        return;
    }
    println!("{:<14} {:>12} {:>12}", "", "bytes", "ns/answer");
    for case in CASES {
        let rounds = if case.1 > 100 { 50 } else { 2_000 };
        let mut times: Vec<u128> = (0..5).map(|_| answer(case, rounds).1).collect();
        times.sort_unstable();
        let (bytes, _) = answer(case, 1);
        println!(
            "{:<14} {bytes:>12} {:>12}",
            case.0,
            times[2] / rounds as u128
        );
    }
}

/// Answers a case so many times: the bytes of the last answer, and the nanoseconds of all.
fn answer(case: &(&str, usize, &str), count: usize) -> (usize, u128) {
    let (_, volumes, call) = case;
    let region = Region::new("us-east-1").expect("a Region");
    let account = AccountId::new("123456789012").expect("twelve digits");
    let now = Timestamp::from_millis(1_780_272_000_000);
    let mut twin = Twin::empty(account, now, TwinOptions::default());
    let ctx = twin.context(&region);
    for _ in 0..*volumes {
        let input = json!({"Size": 1, "AvailabilityZone": "us-east-1a"});
        dispatch::call(&mut twin, &ctx, "CreateVolume", input).expect("a plain volume");
    }
    let filters = json!([{"Name": "architecture", "Values": ["x86_64"]}]);
    let owners = json!({"Owners": ["amazon"], "Filters": filters});
    let images = dispatch::call(&mut twin, &ctx, "DescribeImages", owners).expect("a list");
    let image = images["Images"][0]["ImageId"].as_str().expect("an id");
    let image = match call.starts_with("Action=RunInstances") {
        true => format!("&ImageId={image}"),
        false => String::new(),
    };
    let mut service = TwinService::new(twin, Duration::ZERO);
    let ids = RequestIds::default();
    let request = http::Request::post("http://localhost/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=k/20260601/us-east-1/ec2/aws4_request",
        )
        .body(format!("{call}{image}&Version=2016-11-15").into_bytes())
        .expect("a plain request");
    let start = Instant::now();
    let mut bytes = 0;
    for _ in 0..count {
        let answer = wire::answer(&mut service, &ids, black_box(&request));
        let response = answer.response.expect("a response");
        assert_eq!(response.status(), 200);
        bytes = response.body().len();
    }
    (bytes, start.elapsed().as_nanos())
}
