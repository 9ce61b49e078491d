//! The served twin, used by real clients: boto3, the AWS CLI and Cloud Custodian.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{python, sandtable, workspace};

/// Every `boto3_*.py`, each against an account of its own.
#[test]
fn boto3_finds_aws() {
    let scripts = std::fs::read_dir(workspace().join("tests/python")).unwrap();
    let names = scripts.map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| name.starts_with("boto3_") && name.ends_with(".py"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        with_peer(&name, |python, script, url| {
            Command::new(python).arg(script).arg(url).output().unwrap()
        });
    }
}

#[test]
fn the_aws_cli_finds_ec2() {
    with_peer("awscli_smoke.sh", |python, script, url| {
        Command::new("bash")
            .arg(script)
            .arg(url)
            .env("AWS", python.with_file_name("aws"))
            .output()
            .unwrap()
    });
}

#[test]
fn cloud_custodian_finds_ec2() {
    with_peer("c7n_policies.py", |python, script, url| {
        Command::new(python).arg(script).arg(url).output().unwrap()
    });
}

/// Runs a script of `tests/python` against an empty account and looks at its last line.
fn with_peer(script: &str, run: impl Fn(&Path, &Path, &str) -> std::process::Output) {
    let Some(python) = python() else {
        println!("skipped: SANDTABLE_PYTHON names no Python with boto3, awscli and c7n");
        return;
    };
    let server = Server::start();
    let output = run(
        &python,
        &workspace().join("tests/python").join(script),
        &server.url,
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.lines().last().is_some_and(|it| it.starts_with("ok: ")),
        "{script}: {}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A served twin of an empty account, ended when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(sandtable())
            .args(["serve", "--listen", "127.0.0.1:0", "--quiet"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let url = first
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap();
        Server {
            url: url.to_owned(),
            child,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
