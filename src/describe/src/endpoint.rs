//! An endpoint instead of AWS, and how it is talked to.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use thiserror::Error;

/// The URL of an emulator: LocalStack, moto, or `sandtable serve`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    host: String,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not an endpoint such as `http://127.0.0.1:4566`")]
pub struct EndpointError(String);

impl Endpoint {
    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it is on this machine: `localhost`, a name below it, LocalStack's public name for it,
    /// or a loopback address.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || self.host == "localhost.localstack.cloud"
            || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let host = host_of(text).ok_or_else(|| EndpointError(text.to_owned()))?;
        Ok(Endpoint {
            url: text.to_owned(),
            host: host.to_owned(),
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

fn host_of(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = if authority.starts_with('[') {
        authority.split_inclusive(']').next()?
    } else {
        authority.split(':').next()?
    };
    Some(host).filter(|host| !host.is_empty() && !host.contains(['@', ' ']))
}

/// The HTTP client for an endpoint, or for AWS: TLS on rustls with the machine's own roots, and none
/// where the endpoint has none.
pub fn transport(endpoint: Option<&Endpoint>) -> SharedHttpClient {
    if endpoint.is_some_and(|it| it.url.starts_with("http://")) {
        return Builder::new().build_http();
    }
    let ring = tls::rustls_provider::CryptoMode::Ring;
    Builder::new()
        .tls_provider(tls::Provider::Rustls(ring))
        .build_https()
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn this_machine_is_told_from_others() {
        for (url, here) in [
            ("http://localhost:4566", true),
            ("http://127.0.0.1:4580/", true),
            ("http://[::1]:5000", true),
            ("https://localhost.localstack.cloud:4566", true),
            ("https://ec2.eu-west-1.amazonaws.com", false),
            ("http://10.0.0.1:4566", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(
                url.parse::<Endpoint>().unwrap().is_loopback(),
                here,
                "{url}"
            );
        }
    }

    #[test]
    fn an_endpoint_is_a_url_with_a_host() {
        for text in [
            "localhost:4566",
            "ftp://127.0.0.1",
            "http://",
            "http://user@127.0.0.1",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
