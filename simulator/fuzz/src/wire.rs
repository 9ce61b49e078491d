//! The decoder of the wire: any head and body of an HTTP request, in any of the protocols.
//!
//! The input is a request as one would write it down: `POST /` on the first line, headers, an empty
//! line, and the body as it is. What the HTTP library would not let through is passed over.

use std::str::from_utf8;

use http::Request;

use crate::scene::furnished;
use crate::world::World;

/// Answers a request on a small account. The answer is well-formed, and the state stays sound.
pub fn run(data: &[u8]) {
    let Some(request) = read(data) else { return };
    let mut world = World::of(&furnished().twin);
    world.ask(&request);
    world.audit();
}

/// A request, when it is one.
fn read(data: &[u8]) -> Option<Request<Vec<u8>>> {
    let mut rest = data;
    let first = from_utf8(line(&mut rest)?).ok()?;
    let (method, target) = first.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target);
    loop {
        let header = line(&mut rest)?;
        if header.is_empty() {
            return request.body(rest.to_vec()).ok();
        }
        let colon = header.iter().position(|byte| *byte == b':')?;
        let (name, value) = header.split_at(colon);
        request = request.header(name, value.get(1..)?.trim_ascii());
    }
}

/// The next line of a head, without its end.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at(end);
    *rest = after.get(1..)?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}
