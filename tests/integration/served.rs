//! The served twin, used by real clients: boto3, the AWS CLI and Cloud Custodian.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Server, python, sandtable, workspace};

/// How fast the clock of a served twin goes where nothing else is said: scripts wait for what takes
/// minutes, and their time is nobody's. Faster than this, states that they look at pass by unseen on a
/// busy machine.
const SPEED: u32 = 240;

/// Scripts for which that is too fast, since temporary credentials expire while they are in use.
const AT_LEISURE: &[&str] = &["boto3_services.py"];

/// Every `boto3_*.py`, each against an account of its own. They do little but wait, so they run at the
/// same time.
#[test]
fn boto3_finds_aws() {
    let scripts = std::fs::read_dir(workspace().join("tests/python")).unwrap();
    let names = scripts.map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| name.starts_with("boto3_") && name.ends_with(".py"))
        .collect();
    names.sort();
    assert!(names.len() > 5, "{names:?}");
    for name in AT_LEISURE {
        assert!(names.iter().any(|it| it == name), "there is no {name}");
    }
    // All are waited for, and each tells what is wrong with it.
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(move || {
                with_peer(name, |python, script, url| {
                    Command::new(python).arg(script).arg(url).output().unwrap()
                });
            });
        }
    });
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

/// Two accounts whose callers must sign, by boto3 and the AWS CLI; keys, policies and roles are those of
/// the file that the clients read theirs from.
#[test]
fn accounts_signatures_and_forks_are_served() {
    let Some(python) = python() else {
        println!("skipped: SANDTABLE_PYTHON names no Python with boto3, awscli and c7n");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let look = r#"{"Statement": {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}}"#;
    std::fs::write(at("look.json"), look).unwrap();
    std::fs::write(at("credentials"), CREDENTIALS).unwrap();
    let credentials = at("credentials");
    let look = format!("222222222222={}", at("look.json").display());
    let server = Server::start(&[
        "--account=111111111111",
        "--account=222222222222",
        "--credentials",
        credentials.to_str().unwrap(),
        "--permissions",
        &look,
        "--speed=1",
        "--now=2026-03-01T00:00:00Z",
    ]);
    let output = Command::new(&python)
        .arg(workspace().join("tests/python/served_accounts.py"))
        .arg(&server.url)
        .arg(python.with_file_name("aws"))
        .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
        .env("AWS_CONFIG_FILE", at("none"))
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_ENDPOINT_URL")
        .output()
        .unwrap();
    assert_ok("served_accounts.py", &output);
}

const CREDENTIALS: &str = "\
# What `sandtable serve` and its clients both read.
[admin]
aws_access_key_id = AKIAADMIN
aws_secret_access_key = admin/secret+with=letters
sandtable_principal = arn:aws:iam::111111111111:user/team/admin

[reader]
aws_access_key_id = AKIAREADER
aws_secret_access_key = reader-secret
sandtable_principal = arn:aws:iam::111111111111:user/reader
sandtable_permissions = look.json

[other]
aws_access_key_id = AKIAOTHER
aws_secret_access_key = other-secret
aws_account_id = 222222222222

; a role, whose keys the twin gives out
[cleaner]
sandtable_principal = arn:aws:iam::222222222222:role/ops/cleaner
sandtable_permissions = look.json
";

/// The access log of two accounts, and an end that lets the last request finish.
#[cfg(unix)]
#[test]
fn the_log_names_accounts_and_the_end_is_graceful() {
    let mut child = Command::new(sandtable())
        .args(["serve", "--listen", "127.0.0.1:0", "--speed=0"])
        .args(["--account=111111111111", "--account=222222222222"])
        .arg("--now=2026-03-01T00:00:00Z")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first.split("http://").nth(1).unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    assert!(
        first.contains("twins of 111111111111, 222222222222"),
        "{first}"
    );
    let request = |key: &str, path: &str, body: &str| {
        let scope = format!("{key}/20260301/eu-west-1/ec2/aws4_request");
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    };
    let send = |bytes: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    };
    let look = "Action=DescribeVpcs&Version=2016-11-15";
    send(&request("111111111111", "/", look));
    send(&request("222222222222", "/", look));
    send(&request("333333333333", "/", look));
    send(&request("test", "/_sandtable/forks/x/", look));
    send(&request(
        "test",
        "/",
        "Action=NoSuchThing&Version=2016-11-15",
    ));
    send("GET /_sandtable/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    // A request that is under way when the end comes.
    let last = request("test", "/", look);
    let (head, tail) = last.split_at(last.len() - 3);
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    pause();
    let killed = Command::new("kill").arg(child.id().to_string()).status();
    assert!(killed.unwrap().success());
    pause();
    stream.write_all(tail.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    assert!(child.wait().unwrap().success());
    let logged: Vec<String> = lines.map(Result::unwrap).collect();
    // How long an answer takes is no fact of the twin's.
    let steady = |line: &String| {
        let (line, took) = line.rsplit_once(' ').unwrap();
        assert!(took.ends_with("ms") && took.contains('.'), "{took}");
        line.to_owned()
    };
    let logged: Vec<String> = logged.iter().map(steady).collect();
    insta::assert_snapshot!(logged.join("\n"));
}

#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "a signal takes its real time to arrive"
)]
fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(300));
}

/// What cannot be served is refused with words that say why.
#[test]
fn what_cannot_be_served_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let key = "aws_access_key_id = A\naws_secret_access_key = B\n";
    let scenario = workspace().join("scenarios/nat/empty-vpc.yaml");
    let scenario = scenario.to_str().unwrap();
    let with = |name: &str, text: &str| vec!["--credentials".to_owned(), write(name, text)];
    let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let cases = [
        (words(&[scenario, scenario]), "is there already"),
        (
            words(&["--account=123456789012", "--account=123456789012"]),
            "is there already",
        ),
        (words(&["--account=12"]), "twelve digits"),
        (
            words(&["--permissions=999999999999=x.json"]),
            "no twin of 999999999999",
        ),
        (with("empty", ""), "no access key"),
        (
            with("early", key),
            "line 1: the setting stands before the first profile",
        ),
        (
            with("misspelt", &format!("[a]\n{key}aws_token = x\n")),
            "aws_token",
        ),
        (
            with("half", "[a]\naws_access_key_id = A\n"),
            "aws_secret_access_key",
        ),
        (with("blank", "[a]\naws_access_key_id =\n"), "is empty"),
        (
            with("twice", &format!("[a]\n{key}[b]\n{key}")),
            "there twice",
        ),
        (
            with("profile", &format!("[a]\n{key}[a]\n{key}")),
            "line 4: the profile [a] is there twice",
        ),
        (
            with("setting", &format!("[a]\n{key}aws_access_key_id = C\n")),
            "there twice",
        ),
        (
            with("account", &format!("[a]\n{key}aws_account_id = 1\n")),
            "twelve digits",
        ),
        (
            with(
                "stranger",
                &format!("[a]\n{key}aws_account_id = 111111111111\n"),
            ),
            "has no twin",
        ),
        (
            with("arn", &format!("[a]\n{key}sandtable_principal = me\n")),
            "ARN of a principal",
        ),
        (
            with(
                "policy",
                &format!("[a]\n{key}sandtable_permissions = none.json\n"),
            ),
            "none.json",
        ),
        (with("broken", "[a\n"), "name in brackets"),
        (with("words", "[a]\nsecret\n"), "line 2: neither a profile"),
    ];
    for (arguments, expected) in cases {
        let output = Command::new(sandtable())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(&arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        // Words may be broken over lines.
        let said = said.replace("\n  │ ", " ").replace('\n', " ");
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

/// Runs a script of `tests/python` against an empty account and looks at its last line.
fn with_peer(script: &str, run: impl Fn(&Path, &Path, &str) -> std::process::Output) {
    let Some(python) = python() else {
        println!("skipped: SANDTABLE_PYTHON names no Python with boto3, awscli and c7n");
        return;
    };
    let speed = if AT_LEISURE.contains(&script) {
        60
    } else {
        SPEED
    };
    let server = Server::start(&["--speed", &speed.to_string()]);
    let output = run(
        &python,
        &workspace().join("tests/python").join(script),
        &server.url,
    );
    assert_ok(script, &output);
}

/// A script has said, in its last line, that all of its checks hold.
fn assert_ok(script: &str, output: &std::process::Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.lines().last().is_some_and(|it| it.starts_with("ok: ")),
        "{script}: {}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}
