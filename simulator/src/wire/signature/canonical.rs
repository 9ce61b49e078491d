//! The one form of a request that client and server both arrive at (IAM User Guide, "Create a
//! canonical request").

use http::{HeaderMap, header};

use super::Request;

/// The parameter of a signed URL that is not part of what it signs.
const SIGNATURE: &str = "X-Amz-Signature";

/// The canonical request.
pub(super) fn request(request: &Request<'_>, signed_headers: &[&str], body_hash: &str) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n",
        request.method,
        path(request.path),
        query(request.query)
    );
    for name in signed_headers {
        text.push_str(name);
        text.push(':');
        text.push_str(&values(request.headers, request.authority, name));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&signed_headers.join(";"));
    text.push('\n');
    text.push_str(body_hash);
    text
}

/// The path without `.`, `..` and doubled slashes, and its bytes, encoded already, encoded again.
pub(super) fn path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let mut text = String::new();
    for part in &kept {
        text.push('/');
        text.push_str(&encode(part.as_bytes()));
    }
    let ends_open = ["/", "/.", "/.."].iter().any(|it| path.ends_with(it));
    if ends_open || text.is_empty() {
        text.push('/');
    }
    text
}

/// The parameters, decoded and encoded again in the one way, in order.
fn query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (encode(&decode(key)), encode(&decode(value))))
        .filter(|(key, _)| key != SIGNATURE)
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
    pairs.join("&")
}

/// The values of a header, trimmed, with single spaces inside.
fn values(headers: &HeaderMap, authority: Option<&str>, name: &str) -> String {
    let values = headers.get_all(name).iter();
    let mut values: Vec<String> = values
        .map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned())
        .collect();
    if values.is_empty() && name == header::HOST.as_str() {
        values.extend(authority.map(str::to_owned));
    }
    let folded = |value: &String| {
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        words.join(" ")
    };
    values.iter().map(folded).collect::<Vec<_>>().join(",")
}

/// Percent encoding of everything that RFC 3986 does not leave alone.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(*byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Undoes percent encoding; what is none stays as it is.
fn decode(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|it| char::from(*it).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = (digit(bytes.get(at + 1)), digit(bytes.get(at + 2)));
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                decoded.extend(u8::try_from(high * 16 + low));
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}
