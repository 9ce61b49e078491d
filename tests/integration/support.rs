//! What several integration tests need.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program under test.
pub(crate) fn sandtable() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_sandtable"))
}

/// Whether the two programs that talk to AWS were built beside the one under test. They are not by a
/// plain `cargo test`, since they compile the AWS SDK; CI demands them.
pub(crate) fn have_live_programs() -> bool {
    let beside = |name: &str| sandtable().with_file_name(name).is_file();
    let have = beside("sandtable-eyes") && beside("sandtable-hands");
    assert!(
        have || std::env::var_os("SANDTABLE_REQUIRE_PEERS").is_none(),
        "sandtable-eyes and sandtable-hands are not beside {}",
        sandtable().display()
    );
    have
}

/// The Python with boto3, the AWS CLI and Cloud Custodian, where CI has made one.
pub(crate) fn python() -> Option<PathBuf> {
    let python = std::env::var_os("SANDTABLE_PYTHON").map(PathBuf::from);
    assert!(
        python.is_some() || std::env::var_os("SANDTABLE_REQUIRE_PEERS").is_none(),
        "SANDTABLE_PYTHON is not set"
    );
    python
}

/// A served twin, of an empty account unless a source is named; ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(sandtable())
            .args(["serve", "--listen", "127.0.0.1:0", "--quiet"])
            .args(arguments)
            .current_dir(workspace())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // Before the address may stand what people should know about the source.
        let url = lines.by_ref().find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("serving ")?;
            let url = rest.split_whitespace().find(|it| it.starts_with("http://"));
            url.map(str::to_owned)
        });
        // What is said later must find somebody who listens.
        std::thread::spawn(move || lines.for_each(drop));
        Server {
            url: url.expect("the address"),
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
