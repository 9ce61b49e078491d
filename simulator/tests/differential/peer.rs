//! The other world.

use std::cell::Cell;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::localstack::LocalStack;

/// A server that speaks EC2's Query protocol.
pub(crate) struct Peer {
    url: String,
    agent: ureq::Agent,
    /// What was started here, and how it ends.
    started: Option<Started>,
    /// The account of the sequence, where the server tells accounts apart by the access key.
    account: Cell<u64>,
}

enum Started {
    /// moto, which has one account that can be emptied.
    Moto(Child),
    /// LocalStack, which ends when it is dropped.
    LocalStack(#[expect(dead_code, reason = "held until the peer is dropped")] LocalStack),
}

/// Says that a peer is missing, which is a failure where it is required.
fn missing(name: &str, why: &str) {
    let required = std::env::var(format!("SANDTABLE_REQUIRE_{name}")).is_ok_and(|it| it == "1");
    assert!(!required, "{name} is required and cannot be had: {why}");
    println!("skipped: {name} cannot be had: {why}");
}

impl Peer {
    fn at(url: String, started: Option<Started>) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = ureq::Agent::new_with_config(config.build());
        // Every run has accounts of its own, so that a server can be used again.
        let account = Cell::new(100_000_000_000 + u64::from(std::process::id()) * 10_000);
        Peer {
            url,
            agent,
            started,
            account,
        }
    }

    /// What answers at `SANDTABLE_DIFFERENTIAL_URL`.
    pub(crate) fn given() -> Option<Self> {
        let Ok(url) = std::env::var("SANDTABLE_DIFFERENTIAL_URL") else {
            println!("skipped: SANDTABLE_DIFFERENTIAL_URL names no peer");
            return None;
        };
        Some(Peer::at(url, None))
    }

    /// LocalStack in a container.
    pub(crate) fn localstack() -> Option<Self> {
        match LocalStack::start() {
            Ok(it) => Some(Peer::at(it.url.clone(), Some(Started::LocalStack(it)))),
            Err(why) => {
                missing("LOCALSTACK", &why);
                None
            }
        }
    }

    /// moto's server, from the Python that the environment names.
    pub(crate) fn moto() -> Option<Self> {
        let Some(python) = std::env::var_os("SANDTABLE_PYTHON") else {
            missing("MOTO", "SANDTABLE_PYTHON names no Python with moto");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let code = format!(
            "import sys; from moto.server import main; sys.argv = ['moto_server', '-H', '127.0.0.1', '-p', '{port}']; main()"
        );
        let child = Command::new(python)
            .args(["-c", &code])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let peer = Peer::at(url, Some(Started::Moto(child)));
        peer.wait(|| TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(peer)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the other world is a process and starts when it starts"
    )]
    fn wait(&self, is_there: impl Fn() -> bool) {
        for _ in 0..600 {
            if is_there() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{} did not start in a minute", self.url);
    }

    /// An empty account: the same one again from moto, another one from those that take the access
    /// key, when it has twelve digits, for the account.
    pub(crate) fn reset(&self) {
        if let Some(Started::Moto(_)) = self.started {
            let url = format!("{}/moto-api/reset", self.url);
            self.agent.post(&url).send_empty().unwrap();
        }
        self.account.set(self.account.get() + 1);
    }

    /// Sends a form; the body of the answer.
    pub(crate) fn ask(&self, body: &str) -> String {
        let key = self.account.get();
        let request = self
            .agent
            .post(&self.url)
            .header("host", "ec2.us-east-1.amazonaws.com")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential={key}/20260601/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0"));
        let mut response = request.send(body).unwrap();
        response.body_mut().read_to_string().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(Started::Moto(child)) = &mut self.started {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
