//! What several integration tests need.

use std::path::{Path, PathBuf};

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
