//! The program: what it prints, how it ends, and what it refuses.

use std::fs;
use std::path::Path;
use std::process::Output;

use sandtable_model::{Diff, Snapshot};
use sandtable_scenario::Rehearsal;
use serde_json::Value;

use crate::support::{Files, Server, apply, now, program, rehearsed, scenario, state_of};

struct Scene {
    snapshot: Snapshot,
    rehearsal: Rehearsal,
    server: Server,
    files: Files,
}

impl Scene {
    fn new() -> Self {
        let snapshot = scenario("addresses/idle");
        let rehearsal = rehearsed(&snapshot);
        let server = Server::of(&snapshot);
        let files = Files::of(&rehearsal, now());
        Scene {
            snapshot,
            rehearsal,
            server,
            files,
        }
    }

    /// Nothing was changed, and no journal was begun.
    fn untouched(&self) {
        assert!(
            self.server.changes().is_empty(),
            "{:?}",
            self.server.changes()
        );
        let diff = Diff::between(&self.snapshot, &state_of(&self.server.served));
        assert_eq!(diff, Diff::default());
        assert!(!self.files.path("run.journal").exists());
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn edit(path: &Path, change: impl FnOnce(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed, "the edit must change something");
    fs::write(path, changed).unwrap();
}

#[test]
fn a_plan_is_carried_out_and_told() {
    let scene = Scene::new();
    let mut command = apply(&scene.files, &scene.server.url);
    let output = command.args(["--format", "json"]).output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["outcome"], "completed");
    let steps = result["steps"].as_array().unwrap();
    assert_eq!(steps.len(), scene.rehearsal.plan.steps.len());
    assert!(steps.iter().all(|it| it["outcome"] == "done"), "{steps:?}");
    let talk = stderr(&output);
    assert!(talk.contains("approved by alice@example.com"), "{talk}");
    assert!(talk.contains("ReleaseAddress"), "{talk}");
    let diff = Diff::between(&scene.rehearsal.after, &state_of(&scene.server.served));
    assert_eq!(diff, Diff::default());
    assert!(
        scene
            .files
            .path("run.journal.d")
            .join("plan.json")
            .is_file()
    );

    let mut again = apply(&scene.files, &scene.server.url);
    let again = again.output().unwrap();
    assert_eq!(code(&again), 2, "{}", stderr(&again));
    assert!(
        stderr(&again).contains("is there already"),
        "{}",
        stderr(&again)
    );

    let mut resume = program();
    let resume = resume
        .arg("resume")
        .arg(scene.files.path("run.journal"))
        .output()
        .unwrap();
    assert_eq!(
        code(&resume),
        0,
        "a finished run needs nothing more: {}",
        stderr(&resume)
    );
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    let scene = Scene::new();
    edit(&scene.files.path("plan.json"), |it| {
        it.replacen("\"reason\": \"", "\"reason\": \"x", 1)
    });
    let output = apply(&scene.files, &scene.server.url).output().unwrap();
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    scene.untouched();
}

#[test]
fn somebody_who_may_not_approve_is_refused() {
    let scene = Scene::new();
    fs::write(scene.files.path("allowed_signers"), "# nobody\n").unwrap();
    let output = apply(&scene.files, &scene.server.url).output().unwrap();
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("alice@example.com"),
        "{}",
        stderr(&output)
    );
    scene.untouched();
}

#[test]
fn an_approval_that_expired_is_refused() {
    let scene = Scene::new();
    let week = sandtable_model::Duration::from_days(7).millis();
    let long_ago = sandtable_model::Timestamp::from_millis(now().millis() - week);
    let files = Files::of(&scene.rehearsal, long_ago);
    let output = apply(&files, &scene.server.url).output().unwrap();
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(stderr(&output).contains("expired"), "{}", stderr(&output));
    scene.untouched();
}

#[test]
fn credentials_of_another_account_are_refused() {
    let scene = Scene::new();
    let mut command = apply(&scene.files, &scene.server.url);
    command
        .env("AWS_ACCESS_KEY_ID", "999999999999")
        .env("AWS_SECRET_ACCESS_KEY", "x");
    let output = command.output().unwrap();
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("belong to account 999999999999"),
        "{}",
        stderr(&output)
    );
    scene.untouched();
}

#[test]
fn steps_in_a_region_that_was_not_named_are_refused() {
    let scene = Scene::new();
    let mut command = apply(&scene.files, &scene.server.url);
    let output = command.args(["--region", "us-west-2"]).output().unwrap();
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    scene.untouched();
}

#[test]
fn nothing_is_tolerated_on_aws() {
    let scene = Scene::new();
    let mut command = program();
    command
        .arg("apply")
        .arg("--tolerate")
        .arg("nat-interface-stays");
    for (option, name) in [
        ("--plan", "plan.json"),
        ("--receipt", "receipt.json"),
        ("--approval", "approval.json"),
        ("--allowed-signers", "allowed_signers"),
    ] {
        command.arg(option).arg(scene.files.path(name));
    }
    let output = command.output().unwrap();
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("--endpoint"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_laxness_that_does_not_exist_is_named() {
    let scene = Scene::new();
    let mut command = apply(&scene.files, &scene.server.url);
    let output = command.args(["--tolerate", "everything"]).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("nat-interface-stays"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_document_of_the_wrong_kind_is_told_by_name() {
    let scene = Scene::new();
    fs::copy(
        scene.files.path("plan.json"),
        scene.files.path("receipt.json"),
    )
    .unwrap();
    let output = apply(&scene.files, &scene.server.url).output().unwrap();
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("receipt.json"),
        "{}",
        stderr(&output)
    );
    scene.untouched();
}

#[test]
fn nobody_at_the_endpoint_is_told_before_a_journal_is_begun() {
    let scene = Scene::new();
    let output = apply(&scene.files, "http://127.0.0.1:9").output().unwrap();
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    scene.untouched();
}

#[test]
fn a_journal_that_was_changed_is_not_resumed() {
    let scene = Scene::new();
    assert_eq!(
        code(&apply(&scene.files, &scene.server.url).output().unwrap()),
        0
    );
    edit(&scene.files.path("run.journal"), |it| {
        it.replacen("\"seq\":1", "\"seq\":2", 1)
    });
    let mut command = program();
    let output = command
        .arg("resume")
        .arg(scene.files.path("run.journal"))
        .output()
        .unwrap();
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(stderr(&output).contains("damaged"), "{}", stderr(&output));
}

#[test]
fn a_key_that_was_struck_off_since_does_not_resume() {
    let scene = Scene::new();
    assert_eq!(
        code(&apply(&scene.files, &scene.server.url).output().unwrap()),
        0
    );
    fs::write(scene.files.path("allowed_signers"), "# nobody\n").unwrap();
    let mut command = program();
    let output = command
        .arg("resume")
        .arg(scene.files.path("run.journal"))
        .output()
        .unwrap();
    assert_eq!(code(&output), 3, "{}", stderr(&output));
}

#[test]
fn what_cannot_be_restored_stays_when_a_run_is_taken_back() {
    let scene = Scene::new();
    assert_eq!(
        code(&apply(&scene.files, &scene.server.url).output().unwrap()),
        0
    );
    let mut command = program();
    command
        .arg("undo")
        .arg(scene.files.path("run.journal"))
        .args(["--format", "json"]);
    let output = command.output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["undone"].as_array().unwrap().len(), 0);
    assert!(!result["kept"].as_array().unwrap().is_empty());
}

#[test]
fn a_journal_that_is_not_there_is_a_mistake_of_the_command_line() {
    for verb in ["resume", "undo"] {
        let output = program().args([verb, "no/such.journal"]).output().unwrap();
        assert_eq!(code(&output), 2, "{}", stderr(&output));
        assert!(stderr(&output).contains("no/such.journal"));
    }
}
