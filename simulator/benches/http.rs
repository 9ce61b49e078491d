//! Requests a second over loopback HTTP: the twin, a bare hyper server that returns the same bytes
//! ready-made, and moto's server, in one run with one client.
//!
//! moto is asked when `SANDTABLE_PYTHON` names a Python that has it; else its column stays empty.
//! A plain program, since criterion measures one thing at a time and ratios are what counts here.

#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads the clock, which nothing else here may"
)]

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener as StdListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sandtable_model::{AccountId, Duration as Span, Region, Timestamp};
use sandtable_simulator::wire::{ServeOptions, serve};
use sandtable_simulator::{Twin, TwinOptions, TwinService, dispatch};
use serde_json::json;

/// How long each case is measured, three times; the median counts.
const WINDOW: Duration = Duration::from_millis(700);
const ROUNDS: usize = 3;
/// How many calls a window has at most where each makes something: a subnet has room for 4091.
const LAUNCHES: u32 = 3_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("start") {
        start::child(arguments.next().as_deref());
    }
    start::measure();
    let moto = Moto::start();
    println!("requests a second, medians of {ROUNDS} windows of {WINDOW:?}");
    println!(
        "{:<28} {:>4} {:>10} {:>10} {:>6} {:>10} {:>8}",
        "", "conn", "twin", "bare", "ratio", "moto", "times"
    );
    for volumes in [0, 1_000, 10_000] {
        let call = request("Action=DescribeVolumes");
        let twin = Side::new(twin_with(volumes), &call);
        let peer = moto.as_ref().map(|it| {
            it.fill(volumes);
            let mut side = Side::new(it.address, &call);
            // A single answer of so many takes it a minute or two.
            side.only_once = volumes > 1_000;
            side
        });
        compare(
            &format!("DescribeVolumes of {volumes}"),
            &twin,
            peer.as_ref(),
        );
    }
    let address = twin_with(0);
    let create = request("Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a");
    let peer = moto.as_ref().map(|it| it.making(&create));
    compare(
        "CreateVolume",
        &twin_making(address, &create),
        peer.as_ref(),
    );
    let run = |image: &str| {
        request(&format!(
            "Action=RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1"
        ))
    };
    // One of the images that moto's accounts begin with.
    let peer = moto.as_ref().map(|it| it.making(&run("ami-12c6146b")));
    let ours = run(&image(address));
    compare("RunInstances", &twin_making(address, &ours), peer.as_ref());
}

/// A public image that the twin's accounts begin with.
fn image(address: SocketAddr) -> String {
    let call =
        "Action=DescribeImages&Owner.1=amazon&Filter.1.Name=architecture&Filter.1.Value.1=x86_64";
    let answer = ask(&mut Connection::to(address), &request(call));
    let text = String::from_utf8_lossy(&answer).into_owned();
    let rest = text.split("<imageId>").nth(1);
    let id = rest.and_then(|it| it.split('<').next());
    id.expect("an image").to_owned()
}

/// Who is asked, and what.
struct Side {
    address: SocketAddr,
    request: Vec<u8>,
    /// What is sent before each window, so that every one begins alike.
    reset: Option<&'static str>,
    only_once: bool,
}

impl Side {
    fn new(address: SocketAddr, request: &[u8]) -> Self {
        Side {
            address,
            request: request.to_vec(),
            reset: None,
            only_once: false,
        }
    }

    fn reset(&self) {
        if let Some(page) = self.reset {
            let reset =
                format!("POST {page} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
            ask(&mut Connection::to(self.address), reset.as_bytes());
        }
    }
}

fn twin_making(address: SocketAddr, request: &[u8]) -> Side {
    Side {
        reset: Some("/_sandtable/reset"),
        ..Side::new(address, request)
    }
}

/// Prints a line for one connection and one for eight.
fn compare(name: &str, twin: &Side, moto: Option<&Side>) {
    let answer = ask(&mut Connection::to(twin.address), &twin.request);
    let bare = Side::new(ready_made(&answer), &twin.request);
    for connections in [1, 8] {
        let ours = rate(twin, connections);
        let ready = rate(&bare, connections);
        let theirs = moto.filter(|it| connections == 1 || !it.only_once);
        let theirs = theirs.map(|it| rate(it, connections));
        let (peer, times) = theirs.map_or((String::new(), String::new()), |it| {
            (format!("{it:.3}"), format!("{:.0}", ours / it))
        });
        println!(
            "{name:<28} {connections:>4} {ours:>10.0} {ready:>10.0} {:>6.2} {peer:>10} {times:>8}",
            ours / ready
        );
    }
}

fn request(call: &str) -> Vec<u8> {
    let body = format!("{call}&Version=2016-11-15");
    format!(
        "POST / HTTP/1.1\r\nhost: ec2.us-east-1.amazonaws.com\r\ncontent-type: application/x-www-form-urlencoded; charset=utf-8\r\nauthorization: AWS4-HMAC-SHA256 Credential=test/20260601/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Requests a second over `connections` connections, each with a thread of its own.
fn rate(side: &Side, connections: u32) -> f64 {
    let rounds = if side.only_once { 1 } else { ROUNDS };
    let mut rates: Vec<f64> = (0..rounds).map(|_| window(side, connections)).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rounds / 2).copied().unwrap_or_default()
}

fn window(side: &Side, connections: u32) -> f64 {
    side.reset();
    let most = match side.reset {
        Some(_) => LAUNCHES / connections,
        None => u32::MAX,
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(move || {
                    let mut connection = Connection::to(side.address);
                    let (start, mut count) = (Instant::now(), 0_u32);
                    // At least one, however long it takes.
                    while count == 0 || (count < most && start.elapsed() < WINDOW) {
                        ask(&mut connection, &side.request);
                        count += 1;
                    }
                    f64::from(count) / start.elapsed().as_secs_f64()
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|it| it.join().expect("a worker ends"))
            .sum()
    })
}

/// A connection that is opened again when the server closes it.
struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    fn to(address: SocketAddr) -> Self {
        Connection {
            address,
            stream: None,
            buffer: vec![0; 1 << 18],
        }
    }
}

/// Sends a request and reads the answer; its body.
fn ask(connection: &mut Connection, request: &[u8]) -> Vec<u8> {
    let stream = connection.stream.take().unwrap_or_else(|| {
        let stream = TcpStream::connect(connection.address).expect("the server listens");
        stream.set_nodelay(true).expect("nodelay");
        stream
    });
    let mut stream = stream;
    stream.write_all(request).expect("the server reads");
    let mut answer = Vec::new();
    let (mut head, mut length): (Option<usize>, Option<usize>) = (None, None);
    loop {
        if let (Some(head), Some(length)) = (head, length)
            && answer.len() >= head + length
        {
            break;
        }
        let read = stream
            .read(&mut connection.buffer)
            .expect("the server answers");
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&connection.buffer[..read]);
        if head.is_none()
            && let Some(at) = answer.windows(4).position(|it| it == b"\r\n\r\n")
        {
            head = Some(at + 4);
            let text = String::from_utf8_lossy(&answer[..at]).to_ascii_lowercase();
            assert!(
                text.starts_with("http/1.1 20"),
                "{}",
                String::from_utf8_lossy(&answer)
            );
            let line = text
                .lines()
                .find_map(|it| it.strip_prefix("content-length: ")?.parse().ok());
            length = if text.starts_with("http/1.1 204") {
                Some(0)
            } else {
                line
            };
            if !text.contains("connection: close") {
                connection.stream = Some(stream.try_clone().expect("a handle"));
            }
        }
    }
    answer.split_off(head.unwrap_or_default())
}

/// A served twin with so many volumes.
fn twin_with(volumes: usize) -> SocketAddr {
    let region = Region::new("us-east-1").expect("a Region");
    let account = AccountId::new("123456789012").expect("twelve digits");
    let now = Timestamp::from_millis(1_780_272_000_000);
    let mut twin = Twin::empty(account, now, TwinOptions::default());
    let ctx = twin.context(&region);
    // The account's quota of GiB is looked at, and never reached.
    let mut choices = twin.storage_choices().clone();
    choices.quotas.volume_gib_per_type = Some(u64::MAX);
    twin.set_storage_choices(choices);
    for _ in 0..volumes {
        let input = json!({"Size": 1, "AvailabilityZone": "us-east-1a"});
        dispatch::call(&mut twin, &ctx, "CreateVolume", input).expect("a plain volume");
    }
    let listener = StdListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || serve_on(listener, twin));
    address
}

fn serve_on(listener: StdListener, twin: Twin) {
    listener.set_nonblocking(true).expect("non-blocking");
    runtime().block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let service = Box::new(TwinService::new(twin, Span::ZERO));
        let never = std::future::pending::<()>();
        let served = serve(listener, service, ServeOptions::default(), never).await;
        served.expect("the listener stays");
    });
}

/// A bare hyper server that always returns these bytes.
fn ready_made(body: &[u8]) -> SocketAddr {
    let body = Bytes::copy_from_slice(body);
    let listener = StdListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    listener.set_nonblocking(true).expect("non-blocking");
    thread::spawn(move || {
        runtime().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let _ = stream.set_nodelay(true);
                let body = body.clone();
                tokio::spawn(async move {
                    let service =
                        service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                            let body = body.clone();
                            async move {
                                let _ = http_body_util::BodyExt::collect(request.into_body()).await;
                                let mut response = hyper::Response::new(Full::new(body));
                                let kind = hyper::header::HeaderValue::from_static(
                                    "text/xml;charset=UTF-8",
                                );
                                response
                                    .headers_mut()
                                    .insert(hyper::header::CONTENT_TYPE, kind);
                                Ok::<_, Infallible>(response)
                            }
                        });
                    let connection = hyper::server::conn::http1::Builder::new();
                    let _ = connection
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        })
    });
    address
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// moto's server, ended when dropped.
struct Moto {
    child: Child,
    address: SocketAddr,
}

impl Moto {
    fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("SANDTABLE_PYTHON") else {
            println!("without moto: SANDTABLE_PYTHON names no Python that has it");
            return None;
        };
        let port = StdListener::bind("127.0.0.1:0")
            .ok()?
            .local_addr()
            .ok()?
            .port();
        let code = format!(
            "import sys; from moto.server import main; sys.argv = ['moto_server', '-H', '127.0.0.1', '-p', '{port}']; main()"
        );
        let child = Command::new(python)
            .args(["-c", &code])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let moto = Moto { child, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if start.elapsed() > Duration::from_secs(30) {
                println!("without moto: its server did not start");
                return None;
            }
            thread::sleep(Duration::from_millis(100));
        }
        Some(moto)
    }

    /// moto as it is asked for what makes something.
    fn making(&self, request: &[u8]) -> Side {
        Side {
            reset: Some("/moto-api/reset"),
            ..Side::new(self.address, request)
        }
    }

    /// Brings moto to an account with so many volumes.
    fn fill(&self, volumes: usize) {
        self.making(&[]).reset();
        let create = request("Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a");
        let mut connection = Connection::to(self.address);
        for _ in 0..volumes {
            ask(&mut connection, &create);
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From the start of a process to its first answer, in processes of their own: this program again.
mod start {
    use std::io::{BufRead, BufReader};

    use sandtable_model::{Document, Snapshot};
    use sandtable_simulator::estate;

    use super::*;

    const RUNS: usize = 5;

    pub(super) fn measure() {
        println!("start to first answer, medians of {RUNS}");
        println!("{:<28} {:>8.0?} (goal: 20 ms)", "empty", median(None));
        let file =
            std::env::temp_dir().join(format!("sandtable-start-{}.json.zst", std::process::id()));
        let bytes = estate::generate(1, 100_000)
            .to_file(&file)
            .expect("a snapshot is JSON");
        std::fs::write(&file, bytes).expect("a file of its own");
        let took = median(file.to_str());
        println!(
            "{:<28} {took:>8.0?} (goal: 1 s)",
            "100 k resources, from a file"
        );
        let _ = std::fs::remove_file(file);
    }

    fn median(file: Option<&str>) -> Duration {
        let mut times: Vec<Duration> = (0..RUNS).map(|_| once(file)).collect();
        times.sort_unstable();
        times.get(RUNS / 2).copied().unwrap_or_default()
    }

    fn once(file: Option<&str>) -> Duration {
        let this = std::env::current_exe().expect("a program has a path");
        let start = Instant::now();
        let mut command = Command::new(this);
        command.arg("start").args(file).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it runs again");
        let mut line = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("a port");
        let port = line.trim().parse().expect("a port's number");
        let call = request("Action=DescribeVolumes&MaxResults=5");
        let answer = ask(&mut Connection::to(([127, 0, 0, 1], port).into()), &call);
        let took = start.elapsed();
        assert!(!answer.is_empty());
        let _ = child.kill();
        let _ = child.wait();
        took
    }

    /// What `sandtable serve` does, without its command line.
    pub(super) fn child(file: Option<&str>) -> ! {
        let listener = StdListener::bind("127.0.0.1:0").expect("a port");
        println!("{}", listener.local_addr().expect("bound").port());
        let twin = match file {
            Some(file) => {
                let bytes = std::fs::read(file).expect("the parent wrote it");
                let snapshot = Snapshot::from_file(bytes).expect("it is one");
                Twin::from_snapshot(&snapshot, TwinOptions::default())
            }
            None => {
                let account = AccountId::new("123456789012").expect("twelve digits");
                let now = Timestamp::from_millis(1_780_272_000_000);
                Twin::empty(account, now, TwinOptions::default())
            }
        };
        serve_on(listener, twin);
        std::process::exit(1)
    }
}
