//! Accounts at an endpoint as sources.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use crate::localstack::LocalStack;
use crate::support::{Server, have_live_programs, python, sandtable, workspace};

const SCENARIO: &str = "scenarios/nat/empty-vpc.yaml";

fn run(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(workspace())
        // Nobody's credentials and Regions.
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
        .env("HOME", "/nonexistent")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .output()
        .unwrap()
}

/// Asserts how a command ends and that standard error has each of the texts.
fn ends(output: &Output, code: i32, says: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for text in says {
        assert!(said.contains(text), "`{text}` is not in:\n{said}");
    }
}

#[test]
fn a_source_can_be_what_answers_at_a_url() {
    if !have_live_programs() {
        println!("skipped: sandtable-eyes is not built");
        return;
    }
    let first = Server::start(&[SCENARIO]);
    let region = ["--region", "eu-central-1"];
    let second = Server::start(&[&first.url, region[0], region[1]]);
    // A twin of what is seen looks like what is seen.
    let output = run(
        sandtable(),
        &["diff", &first.url, &second.url, region[0], region[1]],
    );
    ends(&output, 0, &["resources seen"]);
    // It is what the scenario says, and more: the eyes ask every instance whether it is protected.
    let output = run(
        sandtable(),
        &["diff", SCENARIO, &first.url, region[0], region[1]],
    );
    ends(&output, 1, &["resources seen"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let facts = said.lines().filter(|line| line.contains(" -> "));
    for fact in facts {
        assert!(fact.trim().starts_with("DisableApi"), "{said}");
    }
    // A plan of it is that of the scenario, but for where it is from and when.
    let steps = |source: &str| {
        let output = run(
            sandtable(),
            &["plan", source, region[0], region[1], "--format=json"],
        );
        let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let steps = plan["plan"]["steps"]
            .as_array()
            .or(plan["steps"].as_array());
        let names = steps.expect("steps").iter();
        let names = names.map(|it| it["action"].to_string()).collect::<Vec<_>>();
        assert!(!names.is_empty());
        names
    };
    assert_eq!(steps(SCENARIO), steps(&second.url));
    let output = run(
        sandtable(),
        &[
            "plan",
            &first.url,
            "--region=eu-central-1",
            "--account=999999999999",
        ],
    );
    ends(
        &output,
        2,
        &[
            "999999999999, of which there is no twin here",
            "no snapshot could be taken of",
        ],
    );
    let output = run(sandtable(), &["plan", &first.url]);
    ends(&output, 2, &["no Region is given", "`--region`"]);
}

#[test]
fn what_is_no_account_is_no_source() {
    if !have_live_programs() {
        println!("skipped: sandtable-eyes is not built");
        return;
    }
    let nobody = ["plan", "http://127.0.0.1:9", "--region=eu-central-1"];
    ends(
        &run(sandtable(), &nobody),
        2,
        &["nobody answers at http://127.0.0.1:9", "start the emulator"],
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let page = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
            let _ = stream.write_all(page.as_bytes());
        }
    });
    let other = run(sandtable(), &["plan", &url, "--region=eu-central-1"]);
    ends(
        &other,
        2,
        &[&format!("no snapshot could be taken of {url}")],
    );
}

#[test]
fn without_eyes_a_url_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("sandtable");
    std::fs::copy(sandtable(), &alone).unwrap();
    let output = Command::new(&alone)
        .args(["plan", "http://127.0.0.1:9"])
        .env("PATH", folder.path())
        .output()
        .unwrap();
    ends(
        &output,
        2,
        &[
            "`sandtable-eyes` is neither beside this program nor on PATH",
            "cargo build",
        ],
    );
}

#[test]
fn a_twin_of_a_running_localstack_answers_like_it() {
    let (true, Some(python)) = (have_live_programs(), python()) else {
        println!("skipped: sandtable-eyes is not built, or there is no Python with boto3");
        return;
    };
    let localstack = match LocalStack::start() {
        Ok(it) => it,
        Err(why) => {
            let required = std::env::var("SANDTABLE_REQUIRE_LOCALSTACK").is_ok_and(|it| it == "1");
            assert!(!required, "LocalStack is required and cannot be had: {why}");
            println!("skipped: LocalStack cannot be had: {why}");
            return;
        }
    };
    let script = |arguments: &[&str]| {
        let script = ["tests/python/localstack_as_source.py"];
        let output = run(&python, &[&script, arguments].concat());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.lines().last().is_some_and(|it| it.starts_with("ok: ")),
            "{arguments:?}: {}\n{said}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    };
    script(&["make", &localstack.url]);
    let options = ["--region=us-east-1", "--account=111122223333", "--speed=1"];
    let server = Server::start(&[&localstack.url, options[0], options[1], options[2]]);
    script(&["compare", &localstack.url, &server.url]);
    // What LocalStack has no API for is not known, and said to be.
    let output = run(
        sandtable(),
        &["plan", &localstack.url, options[0], options[1]],
    );
    ends(
        &output,
        0,
        &[
            "not wholly seen: load-balancer",
            "not wholly seen: db-instance",
        ],
    );
}
