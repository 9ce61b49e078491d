//! LocalStack in a container of its own.

use std::process::Command;
use std::time::Duration;

const IMAGE: &str = "localstack/localstack:4.14.0";

/// A running LocalStack; it ends when it is dropped.
pub(crate) struct LocalStack {
    pub(crate) url: String,
    container: String,
}

impl LocalStack {
    /// Starts one with EC2 and STS and waits until it answers.
    ///
    /// # Errors
    /// Why none can be had: no Docker Engine, no image.
    #[expect(
        clippy::disallowed_methods,
        reason = "the other world is a process and starts when it starts"
    )]
    pub(crate) fn start() -> Result<Self, String> {
        let container = docker(&[
            "run",
            "--detach",
            "--rm",
            "--pull=never",
            "--publish=127.0.0.1::4566",
            "--env=SERVICES=ec2,sts",
            "--env=EAGER_SERVICE_LOADING=1",
            // Else 1,159 built-in images bring as many snapshots of one's own.
            "--env=MOTO_EC2_LOAD_DEFAULT_AMIS=false",
            IMAGE,
        ])?;
        let mut it = LocalStack {
            url: String::new(),
            container,
        };
        let address = docker(&["port", &it.container, "4566"])?;
        let address = address.lines().next().ok_or("no port is published")?;
        it.url = format!("http://{address}");
        for _ in 0..600 {
            let said = docker(&["logs", &it.container])?;
            if said.lines().any(|line| line == "Ready.") {
                return Ok(it);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("LocalStack was not ready in a minute".to_owned())
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        // Where there is no engine any more, there is no container either.
        drop(docker(&["kill", &self.container]));
    }
}

fn docker(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("docker").args(arguments).output();
    let output = output.map_err(|error| format!("docker: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
