//! The two transports: what a socket can throw at the server, and the connector of the SDK.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::form::MAX_BODY_BYTES;
use super::tests::Parrot;
use super::{Record, ServeOptions, serve};
use crate::error::ApiError;

pub(super) const DESCRIBE: &str = "Action=DescribeVpcs&Version=2016-11-15";

/// A server on a free port, and what is needed to look at it and to stop it.
pub(super) struct Running {
    pub(super) address: std::net::SocketAddr,
    parrot: Arc<Mutex<Parrot>>,
    log: Arc<Mutex<Vec<Record>>>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

impl Running {
    pub(super) async fn start(result: Result<Value, ApiError>, mut options: ServeOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let parrot = Arc::new(Mutex::new(Parrot::saying(result)));
        let log = Arc::new(Mutex::new(Vec::new()));
        options.log = Some(Arc::new({
            let log = Arc::clone(&log);
            move |record: &Record| log.lock().expect("a log").push(record.clone())
        }));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            // A dropped sender stops the server as well.
            let _ = stopped.await;
        };
        let service = Box::new(Arc::clone(&parrot));
        let server = tokio::spawn(serve(listener, service, options, shutdown));
        Self {
            address,
            parrot,
            log,
            stop,
            server,
        }
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address)
            .await
            .expect("a connection")
    }

    /// Sends bytes and reads until the server closes.
    pub(super) async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.expect("the server reads");
        to_end(&mut stream).await
    }

    pub(super) async fn stop(self) {
        self.stop.send(()).expect("the server waits for it");
        self.server.await.expect("no panic").expect("no error");
    }
}

pub(super) async fn to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset instead of an end is a close as well.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn posted(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

pub(super) fn run(test: impl Future<Output = ()>) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), test)
            .await
            .expect("no test takes a minute");
    });
}

pub(super) fn quick() -> ServeOptions {
    let short = Duration::from_millis(150);
    ServeOptions {
        header_timeout: short,
        body_timeout: short,
        write_timeout: short,
        grace: Duration::from_secs(10),
        ..ServeOptions::default()
    }
}

#[test]
fn wire_server_answers_and_stops() {
    run(async {
        let server = Running::start(Ok(json!({"Vpcs": []})), ServeOptions::default()).await;
        let mut stream = server.connect().await;
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{DESCRIBE}",
            DESCRIBE.len()
        );
        // Twice on one connection, once in the URL, and the twin's own pages.
        stream
            .write_all(format!("{request}{request}").as_bytes())
            .await
            .expect("sent");
        let get = format!("GET /?{DESCRIBE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(get.as_bytes()).await.expect("sent");
        let text = to_end(&mut stream).await;
        assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3, "{text}");
        assert_eq!(text.matches("<vpcSet/>").count(), 3, "{text}");
        assert_eq!(
            text.matches("date: Mon, 20 Jul 2026 13:44:30 GMT").count(),
            3,
            "{text}"
        );
        let health = b"GET /_sandtable/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assert!(server.exchange(health).await.contains("\"status\":\"ok\""));
        let reset = server.exchange(&posted("/_sandtable/reset", "")).await;
        assert!(reset.starts_with("HTTP/1.1 204"), "{reset}");
        assert_eq!(server.parrot.lock().expect("sound").resets, 1);
        let lines = server.log.lock().expect("a log").len();
        assert_eq!(lines, 5);
        server.stop().await;
    });
}

#[test]
fn wire_server_survives_hostile_clients() {
    run(async {
        let server = Running::start(Ok(json!({})), quick()).await;
        let garbage = server
            .exchange(b"\x16\x03\x01\x02\x00\x01\x00\xFC\x03\x03\r\n\r\n")
            .await;
        assert!(
            garbage.is_empty() || garbage.starts_with("HTTP/1.1 400"),
            "{garbage}"
        );
        let large = server
            .exchange(&posted("/", &"a".repeat(MAX_BODY_BYTES + 1)))
            .await;
        assert!(large.starts_with("HTTP/1.1 413"), "{large}");
        assert!(
            large.contains("<Code>RequestEntityTooLarge</Code>"),
            "{large}"
        );
        let slow_body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nAct";
        let slow_body = server.exchange(slow_body.as_bytes()).await;
        assert!(slow_body.starts_with("HTTP/1.1 408"), "{slow_body}");
        let slow_head = server.exchange(b"POST / HTTP/1.1\r\nHost:").await;
        assert!(!slow_head.contains("200 OK"), "{slow_head}");
        let mut half = server.connect().await;
        half.write_all(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nA")
            .await
            .expect("sent");
        drop(half);
        assert!(
            server
                .exchange(&posted("/", DESCRIBE))
                .await
                .starts_with("HTTP/1.1 200")
        );
        server.stop().await;
    });
}

#[test]
fn wire_server_outlives_a_broken_service() {
    run(async {
        let server = Running::start(Ok(json!({})), ServeOptions::default()).await;
        let broken = posted("/", "Action=RebootInstances&InstanceId.1=i-1");
        let describe = posted("/", DESCRIBE);
        for request in [&broken, &describe] {
            let text = server.exchange(request).await;
            assert!(text.starts_with("HTTP/1.1 500"), "{text}");
            assert!(text.contains("<Code>InternalError</Code>"), "{text}");
        }
        server.exchange(&posted("/_sandtable/reset", "")).await;
        assert!(server.exchange(&describe).await.starts_with("HTTP/1.1 200"));
        server.stop().await;
    });
}

#[test]
fn wire_server_breaks_the_connection_when_asked_to() {
    run(async {
        let server = Running::start(Err(ApiError::no_answer()), ServeOptions::default()).await;
        assert_eq!(server.exchange(&posted("/", DESCRIBE)).await, "");
        let line = server.log.lock().expect("a log")[0].to_string();
        assert!(line.contains("sandtable.NoAnswer"), "{line}");
        server.stop().await;
    });
}

#[test]
fn wire_server_makes_clients_wait_for_a_slot() {
    run(async {
        let options = ServeOptions {
            max_connections: 1,
            ..ServeOptions::default()
        };
        let server = Running::start(Ok(json!({})), options).await;
        let mut first = server.connect().await;
        first
            .write_all(b"GET /_sandtable/health HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .expect("sent");
        let mut start = [0; 12];
        first.read_exact(&mut start).await.expect("an answer");
        assert_eq!(&start, b"HTTP/1.1 200");
        let mut second = server.connect().await;
        second
            .write_all(&posted("/", DESCRIBE))
            .await
            .expect("sent");
        let wait = tokio::time::timeout(Duration::from_millis(200), second.readable()).await;
        assert!(wait.is_err(), "the only slot is taken");
        drop(first);
        assert!(to_end(&mut second).await.starts_with("HTTP/1.1 200"));
        server.stop().await;
    });
}

#[test]
fn wire_server_drops_clients_that_do_not_read() {
    run(async {
        let tags = vec![json!({"Key": "k".repeat(1000), "Value": "v".repeat(1000)}); 20_000];
        let server = Running::start(Ok(json!({"Tags": tags})), quick()).await;
        // A kernel may let a receive buffer grow to tens of megabytes, and swallow the response.
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket
            .set_recv_buffer_size(16 * 1024)
            .expect("a small buffer");
        let mut stream = socket.connect(server.address).await.expect("connected");
        let request = posted("/", "Action=DescribeTags");
        stream.write_all(&request).await.expect("sent");
        // The response has begun; from here on, longer than the limit for writing without a read, with
        // a response larger than any buffer on the way.
        stream.readable().await.expect("a response");
        tokio::time::sleep(Duration::from_millis(900)).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        assert!(
            bytes.len() < 40_000_000,
            "all {} bytes arrived",
            bytes.len()
        );
        server.stop().await;
    });
}

#[cfg(feature = "sdk")]
mod sdk {
    use aws_smithy_runtime_api::client::http::HttpConnector;
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;

    use super::super::connector::TwinClient;
    use super::*;

    fn ask(result: Result<Value, ApiError>) -> Result<HttpResponse, ConnectorError> {
        let client = TwinClient::new(Arc::new(Mutex::new(Parrot::saying(result))));
        let mut request = HttpRequest::new(SdkBody::from(DESCRIBE));
        request.set_method("POST").expect("a method");
        request
            .set_uri("https://ec2.eu-west-1.amazonaws.com/")
            .expect("a URI");
        let mut answered = None;
        run(async { answered = Some(client.call(request).await) });
        answered.expect("an answer")
    }

    #[test]
    fn wire_connector_answers_without_a_socket() {
        let response = ask(Ok(json!({"Vpcs": []}))).expect("a response");
        assert_eq!(response.status().as_u16(), 200);
        let id = response.headers().get("x-amzn-requestid");
        assert_eq!(id, Some("00000000-0000-4000-8000-000000000001"));
        let body = response.body().bytes().expect("in memory");
        assert!(String::from_utf8_lossy(body).contains("<vpcSet/>"));
        let error = ask(Err(ApiError::no_answer())).expect_err("no response");
        assert!(error.is_timeout());
    }
}
