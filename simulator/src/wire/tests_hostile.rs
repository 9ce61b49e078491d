//! What a hostile client can send over a socket. After each the server still answers.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::ServeOptions;
use super::form::{MAX_DEPTH, MAX_PARAMETERS};
use super::tests_transport::{DESCRIBE, Running, posted, quick, run, to_end};

/// Sends something, with an answer or without, and sees that the next one is served.
async fn survives(server: &Running, name: &str, bytes: &[u8]) -> String {
    let mut stream = server.connect().await;
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let said = tokio::time::timeout(Duration::from_secs(20), to_end(&mut stream)).await;
    let said = said.unwrap_or_else(|_| panic!("{name}: the server leaves the connection open"));
    let next = server.exchange(&posted("/", DESCRIBE)).await;
    assert!(next.starts_with("HTTP/1.1 200"), "{name}: {next}");
    said
}

fn with_head(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn of_length(kind: &str, body: &[u8]) -> Vec<u8> {
    with_head(
        &format!("{kind}\r\nContent-Length: {}\r\n", body.len()),
        body,
    )
}

#[test]
fn wire_server_survives_broken_framing() {
    run(async {
        let server = Running::start(Ok(json!({})), quick()).await;
        let cases: [(&str, Vec<u8>, &str); 16] = [
            ("nothing", Vec::new(), ""),
            (
                "TLS",
                b"\x16\x03\x01\x02\x00\x01\x00\xfc\x03\x03\r\n\r\n".to_vec(),
                "HTTP/1.1 400",
            ),
            (
                "HTTP/2 with prior knowledge",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
                "",
            ),
            (
                "an upgrade",
                with_head(
                    "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\nContent-Length: 0\r\n",
                    b"",
                ),
                "HTTP/1.1 400",
            ),
            ("half a request line", b"POST / HT".to_vec(), ""),
            ("half a header", b"POST / HTTP/1.1\r\nHost".to_vec(), ""),
            (
                "half a body",
                with_head("Content-Length: 50\r\n", b"Action=Desc"),
                "HTTP/1.1 408",
            ),
            (
                "chunks without end",
                with_head("Transfer-Encoding: chunked\r\n", b"5\r\nActio\r\n"),
                "HTTP/1.1 408",
            ),
            (
                "chunks of garbage",
                with_head(
                    "Transfer-Encoding: chunked\r\n",
                    b"zz\r\nActio\r\n0\r\n\r\n",
                ),
                "",
            ),
            (
                "a chunk of endless length",
                with_head(
                    "Transfer-Encoding: chunked\r\n",
                    b"ffffffffffffffffffff\r\nx",
                ),
                "",
            ),
            (
                "two lengths",
                with_head("Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd"),
                "HTTP/1.1 400",
            ),
            (
                "a length and chunks",
                with_head(
                    "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                    b"0\r\n\r\n",
                ),
                "",
            ),
            (
                "a length of letters",
                with_head("Content-Length: many\r\n", b""),
                "HTTP/1.1 400",
            ),
            (
                "a noughty header",
                b"POST / HTTP/1.1\r\nHost: x\0y\r\n\r\n".to_vec(),
                "HTTP/1.1 400",
            ),
            (
                "a huge head",
                [
                    b"GET /?a=".to_vec(),
                    vec![b'a'; 600 * 1024],
                    b" HTTP/1.1\r\n\r\n".to_vec(),
                ]
                .concat(),
                "HTTP/1.1 4",
            ),
            (
                "ten thousand headers",
                with_head(&"X-A: b\r\n".repeat(10_000), b""),
                "HTTP/1.1 431",
            ),
        ];
        for (name, bytes, expected) in cases {
            let said = survives(&server, name, &bytes).await;
            assert!(
                said.starts_with(expected) && !said.contains(" 200 "),
                "{name}: {said}"
            );
        }
        server.stop().await;
    });
}

#[test]
fn wire_server_survives_what_is_well_framed() {
    run(async {
        let server = Running::start(Ok(json!({})), quick()).await;
        let form = "Content-Type: application/x-www-form-urlencoded";
        let json = "Content-Type: application/x-amz-json-1.0\r\n\
                    X-Amz-Target: GraniteServiceVersion20100801.GetMetricData";
        let cbor = "Smithy-Protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n\
                    X-Amz-Target: GraniteServiceVersion20100801.GetMetricData";
        let many: String = (0..=MAX_PARAMETERS).map(|n| format!("a{n}=&")).collect();
        let deep_key = format!(
            "Action=DescribeVpcs&{}=x",
            vec!["a"; MAX_DEPTH + 1].join(".")
        );
        let wide = (0..9_000).map(|n| format!("&Filter.{n}.Value.{n}=x"));
        let wide = format!("{DESCRIBE}{}", wide.collect::<String>());
        let cases: [(&str, Vec<u8>); 14] = [
            ("too many parameters", of_length(form, many.as_bytes())),
            ("a deep key", of_length(form, deep_key.as_bytes())),
            ("a sparse list", of_length(form, wide.as_bytes())),
            (
                "an endless index",
                of_length(form, b"Action=DescribeVpcs&VpcId.18446744073709551616=x"),
            ),
            ("no UTF-8", of_length(form, b"Action=\xff\xfe\x80")),
            (
                "escapes that are no UTF-8",
                of_length(form, b"Action=%ff%fe"),
            ),
            ("broken escapes", of_length(form, b"Action=%zz%")),
            ("deep JSON", of_length(json, "[".repeat(200_000).as_bytes())),
            (
                "deep objects",
                of_length(json, "{\"a\":".repeat(100_000).as_bytes()),
            ),
            (
                "JSON with half a letter",
                of_length(json, b"{\"a\":\"\\ud800\"}"),
            ),
            ("deep CBOR", of_length(cbor, &[0x81; 500_000])),
            ("CBOR without end", of_length(cbor, &[0x9f; 500_000])),
            (
                "CBOR of endless length",
                of_length(cbor, b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
            ),
            (
                "CBOR of an endless text",
                of_length(cbor, b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff"),
            ),
        ];
        for (name, bytes) in cases {
            let said = survives(&server, name, &bytes).await;
            assert!(said.starts_with("HTTP/1.1 4"), "{name}: {said}");
        }
        server.stop().await;
    });
}

#[test]
fn wire_server_survives_slow_and_many_clients() {
    run(async {
        let options = ServeOptions {
            max_connections: 8,
            ..quick()
        };
        let server = Running::start(Ok(json!({})), options).await;
        // More clients than there are slots, each sending a byte now and then: none keeps its slot.
        let mut slow = Vec::new();
        for _ in 0..24 {
            let mut stream = server.connect().await;
            slow.push(tokio::spawn(async move {
                for byte in b"POST / HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
                    if stream.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                to_end(&mut stream).await
            }));
        }
        let describe = posted("/", DESCRIBE);
        let next = tokio::time::timeout(Duration::from_secs(10), server.exchange(&describe));
        let next = next.await.expect("an answer in time");
        assert!(next.starts_with("HTTP/1.1 200"), "{next}");
        for client in slow {
            let said = client.await.expect("no panic");
            assert!(!said.contains(" 200 "), "{said}");
        }
        server.stop().await;
    });
}

#[test]
fn wire_server_answers_pipelines_in_order() {
    run(async {
        let server = Running::start(Ok(json!({})), ServeOptions::default()).await;
        let mut stream = server.connect().await;
        let one = |action: &str| {
            let body = format!("Action={action}&Version=2016-11-15");
            let length = body.len();
            format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}")
        };
        let (mut reads, mut writes) = stream.split();
        let send = async {
            for number in 0..500 {
                let action = if number % 2 == 0 {
                    "DescribeVpcs"
                } else {
                    "NoSuchAction"
                };
                writes
                    .write_all(one(action).as_bytes())
                    .await
                    .expect("sent");
            }
            writes.shutdown().await.expect("ended");
        };
        let mut said = Vec::new();
        let read = async { reads.read_to_end(&mut said).await.expect("read") };
        tokio::join!(send, read);
        let said = String::from_utf8_lossy(&said);
        let statuses: Vec<&str> = said.lines().filter(|it| it.contains("HTTP/1.1 ")).collect();
        assert_eq!(statuses.len(), 500);
        for (number, line) in statuses.iter().enumerate() {
            let expected = if number % 2 == 0 { "200" } else { "400" };
            assert!(line.contains(expected), "{number}: {line}");
        }
        server.stop().await;
    });
}

#[test]
fn wire_server_finishes_what_is_under_way() {
    run(async {
        let server = Running::start(Ok(json!({})), ServeOptions::default()).await;
        let address = server.address;
        let mut stream = server.connect().await;
        let request = posted("/", DESCRIBE);
        let (head, rest) = request.split_at(request.len() - 5);
        stream.write_all(head).await.expect("sent");
        tokio::time::sleep(Duration::from_millis(100)).await;
        let stopping = tokio::spawn(server.stop());
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.write_all(rest).await.expect("sent");
        let said = to_end(&mut stream).await;
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        stopping.await.expect("stopped");
        assert!(
            tokio::net::TcpStream::connect(address).await.is_err(),
            "nobody listens any more"
        );
    });
}
