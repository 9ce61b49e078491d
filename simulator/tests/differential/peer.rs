//! The other world.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that speaks EC2's Query protocol.
pub(crate) struct Peer {
    url: String,
    agent: ureq::Agent,
    /// moto, when it was started here; ended when dropped.
    child: Option<Child>,
}

impl Peer {
    /// The peer that the environment names.
    pub(crate) fn start() -> Option<Self> {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = ureq::Agent::new_with_config(config.build());
        if let Ok(url) = std::env::var("SANDTABLE_DIFFERENTIAL_URL") {
            let child = None;
            return Some(Peer { url, agent, child });
        }
        let Some(python) = std::env::var_os("SANDTABLE_PYTHON") else {
            let required = std::env::var_os("SANDTABLE_REQUIRE_MOTO").is_some_and(|it| it == "1");
            assert!(
                !required,
                "SANDTABLE_REQUIRE_MOTO is set, but SANDTABLE_PYTHON is not"
            );
            println!("skipped: SANDTABLE_PYTHON names no Python with moto");
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
        let peer = Peer {
            url: format!("http://127.0.0.1:{port}"),
            agent,
            child: Some(child),
        };
        peer.wait(port);
        Some(peer)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the other world is a process and starts when it starts"
    )]
    fn wait(&self, port: u16) {
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("moto did not start in a minute");
    }

    /// An empty account again, where the peer can do that; elsewhere things pile up.
    pub(crate) fn reset(&self) {
        if self.child.is_some() {
            let url = format!("{}/moto-api/reset", self.url);
            self.agent.post(&url).send_empty().unwrap();
        }
    }

    /// Sends a form; the body of the answer.
    pub(crate) fn ask(&self, body: &str) -> String {
        let request = self
            .agent
            .post(&self.url)
            .header("host", "ec2.us-east-1.amazonaws.com")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260601/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0");
        let mut response = request.send(body).unwrap();
        response.body_mut().read_to_string().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
