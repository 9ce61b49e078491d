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

fn main() {
    let moto = Moto::start();
    println!("requests a second, medians of {ROUNDS} windows of {WINDOW:?}");
    println!(
        "{:<28} {:>4} {:>10} {:>10} {:>6} {:>10} {:>8}",
        "", "conn", "twin", "bare", "ratio", "moto", "times"
    );
    for volumes in [0, 1_000, 10_000] {
        let address = twin_with(volumes);
        if let Some(moto) = &moto {
            moto.fill(volumes);
        }
        let name = format!("DescribeVolumes of {volumes}");
        let call = "Action=DescribeVolumes";
        let peer = moto.as_ref().map(|it| (it.address, call));
        compare(&name, (address, call), peer);
    }
    let address = twin_with(0);
    if let Some(moto) = &moto {
        moto.fill(0);
    }
    let peer = |call| moto.as_ref().map(|it| (it.address, call));
    let volume = "Action=CreateVolume&Size=8&AvailabilityZone=us-east-1a";
    compare("CreateVolume", (address, volume), peer(volume));
    let run = |image: &str| {
        format!("Action=RunInstances&ImageId={image}&InstanceType=t3.micro&MinCount=1&MaxCount=1")
    };
    // One of the images that moto's accounts begin with.
    let theirs = run("ami-12c6146b");
    let ours = run(&image(address));
    compare("RunInstances", (address, &ours), peer(&theirs));
}

/// Registers an image; its id.
fn image(address: SocketAddr) -> String {
    let made = |call: &str, element: &str| {
        let answer = ask(&mut Connection::to(address), &request(call));
        let text = String::from_utf8_lossy(&answer).into_owned();
        let rest = text.split(&format!("<{element}>")).nth(1);
        let id = rest.and_then(|it| it.split('<').next());
        id.expect("an id").to_owned()
    };
    let volume = made(
        "Action=CreateVolume&Size=8&AvailabilityZone=us-east-1a",
        "volumeId",
    );
    // Time passes on the virtual clock with every call: a volume takes seconds, a snapshot minutes.
    let pass = |calls: usize| {
        let mut connection = Connection::to(address);
        let call = request("Action=DescribeRegions");
        (0..calls).for_each(|_| drop(ask(&mut connection, &call)));
    };
    pass(200);
    let snapshot = made(
        &format!("Action=CreateSnapshot&VolumeId={volume}"),
        "snapshotId",
    );
    pass(2_000);
    made(
        &format!(
            "Action=RegisterImage&Name=bench&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
        ),
        "imageId",
    )
}

/// Prints a line for one connection and one for eight.
fn compare(name: &str, twin: (SocketAddr, &str), moto: Option<(SocketAddr, &str)>) {
    let (twin, call) = twin;
    let request = request(call);
    let answer = ask(&mut Connection::to(twin), &request);
    let bare = ready_made(&answer);
    for connections in [1, 8] {
        let ours = rate(twin, &request, connections);
        let ready = rate(bare, &request, connections);
        let theirs = moto.map(|(it, call)| rate(it, &self::request(call), connections));
        let (peer, times) = theirs.map_or((String::new(), String::new()), |it| {
            (format!("{it:.1}"), format!("{:.0}", ours / it))
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
fn rate(address: SocketAddr, request: &[u8], connections: usize) -> f64 {
    let mut rates: Vec<f64> = (0..ROUNDS)
        .map(|_| window(address, request, connections))
        .collect();
    rates.sort_by(f64::total_cmp);
    rates.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn window(address: SocketAddr, request: &[u8], connections: usize) -> f64 {
    thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(move || {
                    let mut connection = Connection::to(address);
                    let (start, mut count) = (Instant::now(), 0_u32);
                    // At least one, however long it takes.
                    while count == 0 || start.elapsed() < WINDOW {
                        ask(&mut connection, request);
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
                text.starts_with("http/1.1 200"),
                "{}",
                String::from_utf8_lossy(&answer)
            );
            let line = text
                .lines()
                .find_map(|it| it.strip_prefix("content-length: ")?.parse().ok());
            length = line;
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
    for _ in 0..volumes {
        let input = json!({"Size": 8, "AvailabilityZone": "us-east-1a"});
        dispatch::call(&mut twin, &ctx, "CreateVolume", input).expect("a plain volume");
    }
    let listener = StdListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    listener.set_nonblocking(true).expect("non-blocking");
    thread::spawn(move || {
        runtime().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let service = Box::new(TwinService::new(twin, Span::ZERO));
            serve(
                listener,
                service,
                ServeOptions::default(),
                std::future::pending::<()>(),
            )
            .await
        })
    });
    address
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

    /// Brings moto to an account with so many volumes.
    fn fill(&self, volumes: usize) {
        let reset = "POST /moto-api/reset HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n";
        ask(&mut Connection::to(self.address), reset.as_bytes());
        let create = request("Action=CreateVolume&Size=8&AvailabilityZone=us-east-1a");
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
