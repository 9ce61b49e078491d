//! Keeps web pages out: whoever looks at a page on the machine that serves a twin must not thereby let
//! that page change the twin.
//!
//! A browser says where a request comes from (`Origin` with everything that is not a plain read,
//! `Sec-Fetch-Site` with everything from where it is trusted to), so that requests on behalf of other
//! sites are refused. Against a name that somebody points to this machine (DNS rebinding), for which
//! the browser takes the page to be the twin's own, the twin's own pages answer under local names
//! only. AWS tools send none of these headers and use whatever name they like for AWS's calls.

use http::{HeaderMap, HeaderValue, header};

/// Why a request is refused that a browser sent, or may have.
pub(crate) fn refusal(headers: &HeaderMap, is_own_page: bool) -> Option<String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let host = headers.get(header::HOST).map(text);
    if is_own_page && host.as_deref().is_some_and(|it| !is_local(it)) {
        return Some(
            "The twin's own pages answer under local names only: an address, localhost, or a name \
             without dots. Send such a `Host` header."
                .to_owned(),
        );
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let is_foreign = matches!(site, Some(b"cross-site" | b"same-site"));
    let is_elsewhere = headers.get_all(header::ORIGIN).iter().any(|origin| {
        let origin = text(origin);
        let of = origin.split_once("://").map(|(_, it)| it);
        let is_own = of.is_some() && of == host.as_deref() && of.is_some_and(is_local);
        !is_own
    });
    (is_foreign || is_elsewhere).then(|| {
        "The request comes from a web page of another site. The twin answers programs: nothing was \
         done."
            .to_owned()
    })
}

/// Whether a name cannot be one that somebody else points here: an address, the machine itself, or a
/// name of a local network, such as that of a container.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(address) => return address.split(']').next().is_some_and(is_address),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    is_address(&name)
        || !name.contains('.')
        || name.ends_with(".localhost")
        || name == "host.docker.internal"
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pairs: &[(&'static str, &'static str)], is_own_page: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        refusal(&headers, is_own_page).is_some()
    }

    #[test]
    fn wire_web_pages_are_kept_out() {
        let local = ("host", "127.0.0.1:4580");
        let evil = ("host", "evil.example:4580");
        for own in [false, true] {
            assert!(!refused(&[local], own));
            assert!(!refused(&[], own), "old clients have no host");
            assert!(!refused(&[local, ("origin", "http://127.0.0.1:4580")], own));
            assert!(!refused(&[local, ("sec-fetch-site", "none")], own));
            assert!(refused(&[local, ("origin", "https://evil.example")], own));
            assert!(refused(&[local, ("origin", "null")], own));
            assert!(refused(&[local, ("sec-fetch-site", "cross-site")], own));
            // A name that was pointed here: the browser takes the page for the twin's own.
            assert!(refused(
                &[evil, ("origin", "http://evil.example:4580")],
                own
            ));
        }
        assert!(!refused(&[evil], false), "a name of AWS, or of one's own");
        assert!(refused(&[evil], true));
    }

    #[test]
    fn wire_local_names_are_told_apart() {
        for local in [
            "127.0.0.1",
            "[::1]:80",
            "localhost:1",
            "a.localhost",
            "twin:4580",
            "10.0.0.7",
        ] {
            assert!(is_local(local), "{local}");
        }
        for other in [
            "evil.example",
            "127.0.0.1.evil.example:80",
            "[evil.example]",
            "a.b:1",
        ] {
            assert!(!is_local(other), "{other}");
        }
    }
}
