//! A served twin whose callers may not do everything, used by boto3.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use sandtable_model::{AccountId, Duration, Timestamp};
use sandtable_simulator::wire::{ServeOptions, serve};
use sandtable_simulator::{Permissions, Twin, TwinOptions, TwinService};

#[test]
fn boto3_meets_denials_and_roles() {
    let Some(python) = std::env::var_os("SANDTABLE_PYTHON") else {
        assert!(
            std::env::var_os("SANDTABLE_REQUIRE_PEERS").is_none(),
            "SANDTABLE_PYTHON is not set"
        );
        println!("skipped: SANDTABLE_PYTHON names no Python with boto3");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(folder.join("tests/permissions.json")).unwrap();
    let permissions = Permissions::from_json(&text).unwrap();
    let account = AccountId::new("123456789012").unwrap();
    let start = Timestamp::from_millis(1_780_272_000_000);
    let mut twin = Twin::empty(account, start, TwinOptions::default());
    twin.set_permissions(Some(Arc::new(permissions)));
    let service = TwinService::new(twin, Duration::from_secs(1));

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let options = ServeOptions::default();
    let never = std::future::pending();
    runtime.spawn(serve(listener, Box::new(service), options, never));

    let script = folder.join("../tests/python/iam_permissions.py");
    let output = Command::new(python).arg(script).arg(url).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.lines().last().is_some_and(|it| it.starts_with("ok: ")),
        "{}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{said}");
}
