//! The README is a promise: every command in its `console` blocks runs here, in order.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{have_live_programs, sandtable, workspace};

/// The port that the README names; a free one takes its place.
const PORT: &str = "4580";

#[test]
fn every_command_works() {
    let commands = commands();
    assert!(commands.len() > 10, "no console blocks found: {commands:?}");
    let live = have_live_programs();
    let mut reader = Reader::new();
    for command in &commands {
        reader.run(command, live);
    }
    assert!(!live || reader.served, "the README no longer serves a twin");
}

#[test]
fn the_test_command_is_the_one_of_ci() {
    let ci = std::fs::read_to_string(workspace().join(".ci/run")).unwrap();
    let tests = commands()
        .into_iter()
        .filter(|it| it.starts_with("cargo test"));
    for command in tests {
        assert!(ci.contains(&command), ".ci/run does not run `{command}`");
    }
}

/// The commands of the `console` blocks, without their `$ `.
fn commands() -> Vec<String> {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let mut inside = false;
    let mut found = Vec::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            let command = line
                .strip_prefix("$ ")
                .expect("console blocks hold only commands");
            found.push(command.to_owned());
        }
    }
    found
}

/// Somebody who follows the README, in a folder of their own.
struct Reader {
    folder: tempfile::TempDir,
    port: String,
    server: Option<Child>,
    served: bool,
}

impl Reader {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(
            workspace().join("scenarios"),
            folder.path().join("scenarios"),
        )
        .unwrap();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port().to_string();
        Reader {
            folder,
            port,
            server: None,
            served: false,
        }
    }

    fn run(&mut self, command: &str, live: bool) {
        let command = command.replace(PORT, &self.port);
        if let Some(arguments) = command.strip_prefix("cargo run -- ") {
            self.shell(&format!("sandtable {arguments}"));
        } else if command.starts_with("sandtable serve ") {
            if live {
                self.serve(&command);
            }
        } else if command.starts_with("cargo ") || command.starts_with("export PATH") {
            // Building is what the test run itself did.
        } else if live || !needs_live(&command) {
            self.shell(&command);
        } else {
            println!(
                "skipped, because sandtable-eyes and sandtable-hands are not built: {command}"
            );
        }
    }

    fn shell(&self, command: &str) {
        let output = self.command(command).output().unwrap();
        assert!(
            output.status.success(),
            "`{command}` ended with {}\n{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn serve(&mut self, command: &str) {
        let mut child = self
            .command(&format!("exec {command}"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains(&self.port));
        assert!(ready, "`{command}` did not say where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        self.server = Some(child);
        self.served = true;
    }

    fn command(&self, command: &str) -> Command {
        let programs = sandtable().parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths: Vec<PathBuf> = std::iter::once(programs)
            .chain(std::env::split_paths(&path))
            .collect();
        let mut shell = Command::new("bash");
        shell
            .args(["-c", command])
            .current_dir(self.folder.path())
            .env("PATH", std::env::join_paths(paths).unwrap())
            .stdin(Stdio::null());
        shell
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// Whether the command is part of the section that needs the two programs that talk to AWS.
fn needs_live(command: &str) -> bool {
    [
        "scan",
        "apply",
        "account.json",
        "approval",
        "expected.json",
        "statement",
        "key.pub",
        "./key",
    ]
    .iter()
    .any(|word| command.contains(word))
}

#[test]
fn every_document_it_links_to_is_there() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    for link in readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        assert!(
            Path::new(&workspace().join(link)).exists(),
            "{link} is not there"
        );
    }
}
