//! The program: what it writes, what it prints, and how it ends.

use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use sandtable_model::{Diff, Document, Duration, Snapshot};
use sandtable_simulator::wire::{ServeOptions, serve};
use sandtable_simulator::{Effect, Fault, Twin, TwinOptions, TwinService, estate};
use serde_json::Value;
use tokio::sync::oneshot;

/// A twin that the program can call over HTTP, until it is dropped.
struct Server {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn of(twin: Twin) -> Self {
        let service = Arc::new(Mutex::new(TwinService::new(twin, Duration::ZERO)));
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let options = ServeOptions {
                    grace: std::time::Duration::from_millis(100),
                    ..ServeOptions::default()
                };
                let until = async move { drop(stopped.await) };
                serve(listener, Box::new(service), options, until)
                    .await
                    .unwrap();
            });
        });
        Server {
            url,
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server has shown in its answers already.
            drop(thread.join());
        }
    }
}

fn there() -> Snapshot {
    estate::generate(11, 60)
}

/// The program, with an environment that holds no credentials and no configuration.
fn program(arguments: &[&str]) -> Output {
    let nowhere = "/nonexistent";
    Command::new(env!("CARGO_BIN_EXE_sandtable-eyes"))
        .env_clear()
        .env("HOME", nowhere)
        .env("AWS_CONFIG_FILE", nowhere)
        .env("AWS_SHARED_CREDENTIALS_FILE", nowhere)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const NOW: &str = "2026-06-01T00:00:00Z";

#[test]
fn a_snapshot_is_written_whole_and_summed_up() {
    let there = there();
    let server = Server::of(Twin::from_snapshot(&there, TwinOptions::default()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.json");
    let file = path.to_str().unwrap();
    let region = there.regions().next().unwrap().as_str();
    let output = program(&[
        "--endpoint",
        &server.url,
        "--region",
        region,
        "--now",
        NOW,
        "--attributes",
        "-o",
        file,
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = std::fs::read_to_string(&path).unwrap();
    let seen = Snapshot::from_json(&text).unwrap();
    assert_eq!(Diff::between(&there, &seen), Diff::default());
    assert_eq!(seen.taken_at.to_string(), NOW);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["account"], there.account.as_str());
    let count: u64 = summary["resources"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(count, there.len() as u64);
    let talk = stderr(&output);
    assert!(
        talk.contains("EBS volume: "),
        "plain lines where there is no terminal: {talk}"
    );
}

#[test]
fn the_same_account_gives_the_same_bytes() {
    let there = there();
    let region = there.regions().next().unwrap().as_str().to_owned();
    let scan = || {
        let server = Server::of(Twin::from_snapshot(&there, TwinOptions::default()));
        let output = program(&[
            "--endpoint",
            &server.url,
            "--region",
            &region,
            "--now",
            NOW,
            "-o",
            "-",
        ]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let mut snapshot = Snapshot::from_json(&String::from_utf8(output.stdout).unwrap()).unwrap();
        // The port of the server is another one every time.
        snapshot.origin = String::new();
        snapshot.canonical().unwrap()
    };
    assert_eq!(scan(), scan());
}

#[test]
fn what_could_not_be_seen_makes_the_scan_partial() {
    let there = there();
    let mut twin = Twin::from_snapshot(&there, TwinOptions::default());
    let mut fault = Fault::new("DescribeNetworkInterfaces", Effect::Denied);
    fault.times = 100;
    twin.set_faults(vec![fault]);
    let server = Server::of(twin);
    let region = there.regions().next().unwrap().as_str();
    let output = program(&["--endpoint", &server.url, "--region", region, "-o", "-"]);
    assert_eq!(code(&output), 5, "{}", stderr(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        Snapshot::from_json(&text).is_ok(),
        "standard output is the snapshot alone"
    );
    assert!(
        stderr(&output).contains("not wholly seen: network-interface"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn another_accounts_answers_are_refused() {
    let there = there();
    let server = Server::of(Twin::from_snapshot(&there, TwinOptions::default()));
    let region = there.regions().next().unwrap().as_str();
    let output = program(&[
        "--endpoint",
        &server.url,
        "--region",
        region,
        "--account",
        "999999999999",
        "-o",
        "-",
    ]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn wrong_input_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.json");
    let file = path.to_str().unwrap();
    for (arguments, says) in [
        (
            vec!["--endpoint", "http://127.0.0.1:9", "-o", file],
            "`--region`",
        ),
        (
            vec!["--endpoint", "127.0.0.1:9", "-o", file],
            "is not an endpoint",
        ),
        (
            vec!["--region", "Frankfurt", "-o", file],
            "is not an AWS Region",
        ),
        (
            vec![
                "--endpoint",
                "http://127.0.0.1:9",
                "--region",
                "eu-central-1",
                "-o",
                file,
            ],
            "nobody answers at http://127.0.0.1:9",
        ),
    ] {
        let output = program(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(says),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(!path.exists());
    }
}
