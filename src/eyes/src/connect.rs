//! Clients of the SDK: Regions, credentials, transport, retries, and the allow-list.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_ec2::Client;
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use sandtable_describe::{AllowList, OPERATIONS, failure_of};
use sandtable_model::{AccountId, Region};
use thiserror::Error;

/// Calls of one read, the first one included. With the SDK's exponential back-off (1 s, doubling, 20 s
/// at most, with jitter) that rides out about half a minute of throttling.
const ATTEMPTS: u32 = 6;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// How the account is reached.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// The Regions; when there are none, the configured one.
    pub regions: Vec<Region>,
    /// An endpoint instead of AWS.
    pub endpoint: Option<String>,
    /// The account, where it is known beforehand.
    pub account: Option<AccountId>,
}

/// Clients for an account.
#[derive(Debug)]
pub struct Connection {
    /// A client for each Region.
    pub clients: Vec<(Region, Client)>,
    /// The account that the credentials belong to, or why that cannot be told. An emulator's word on
    /// this is worth less than the owners it answers with.
    pub identity: Result<AccountId, String>,
    /// Where the answers come from, in words.
    pub origin: String,
}

/// Why there are no clients.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// No Region was given and none is configured.
    #[error("no Region is given and the AWS configuration names none")]
    NoRegion,
    /// The configured Region is none.
    #[error("the AWS configuration names the Region {0}")]
    Region(#[from] sandtable_model::PlaceError),
    /// The endpoint is no URL that can be called.
    #[error("`{0}` is not an endpoint: it must begin with `http://` or `https://`")]
    Endpoint(String),
}

impl ConnectError {
    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoRegion | Self::Region(_) => {
                "name one with `--region`, or set `AWS_REGION` or the profile's `region`"
            }
            Self::Endpoint(_) => "an endpoint looks like `http://127.0.0.1:4566`",
        }
    }
}

/// Makes a client for each Region, which retries what may be retried and refuses what is no read.
pub async fn connect(access: &Access) -> Result<Connection, ConnectError> {
    if let Some(url) = &access.endpoint
        && host_of(url).is_none()
    {
        return Err(ConnectError::Endpoint(url.clone()));
    }
    let config = configuration(access).await;
    let mut regions = access.regions.clone();
    if regions.is_empty() {
        let region = config.region().ok_or(ConnectError::NoRegion)?;
        regions.push(Region::new(region.as_ref())?);
    }
    regions.sort();
    regions.dedup();
    let identity = identity(&config, &regions).await;
    let clients = regions.into_iter().map(|region| {
        let conf = aws_sdk_ec2::config::Builder::from(&config)
            .region(aws_config::Region::new(region.to_string()))
            .interceptor(AllowList::new(OPERATIONS));
        (region, Client::from_conf(conf.build()))
    });
    Ok(Connection {
        clients: clients.collect(),
        identity,
        origin: origin(access),
    })
}

/// Asks STS whose credentials these are: a call that no policy can deny (facts: iam).
async fn identity(config: &SdkConfig, regions: &[Region]) -> Result<AccountId, String> {
    let mut conf = aws_sdk_sts::config::Builder::from(config)
        .interceptor(AllowList::new(&["GetCallerIdentity"]));
    conf.set_region(
        regions
            .first()
            .map(|it| aws_config::Region::new(it.to_string())),
    );
    let sts = aws_sdk_sts::Client::from_conf(conf.build());
    let answer = sts.get_caller_identity().send().await;
    let answer = answer.map_err(|error| failure_of(&error).to_string())?;
    let account = answer.account().unwrap_or_default();
    AccountId::new(account).map_err(|error| error.to_string())
}

async fn configuration(access: &Access) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(transport(access.endpoint.as_deref()))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts.build());
    if let Some(profile) = &access.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &access.endpoint {
        loader = loader.endpoint_url(url);
        if is_loopback(url) {
            loader = loader.credentials_provider(local_credentials(access));
        }
    }
    loader.load().await
}

/// TLS on rustls with the machine's own roots; none for an endpoint without TLS.
fn transport(endpoint: Option<&str>) -> SharedHttpClient {
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        return Builder::new().build_http();
    }
    let ring = tls::rustls_provider::CryptoMode::Ring;
    Builder::new()
        .tls_provider(tls::Provider::Rustls(ring))
        .build_https()
}

/// Credentials for an emulator on this machine: what is configured, and made-up ones otherwise. An
/// access key id of twelve digits tells LocalStack, moto and the twin which account is meant.
fn local_credentials(access: &Access) -> CredentialsProviderChain {
    let mut profile = ProfileFileCredentialsProvider::builder();
    if let Some(name) = &access.profile {
        profile = profile.profile_name(name);
    }
    let key = access.account.as_ref().map_or("test", AccountId::as_str);
    let made_up = Credentials::new(key, "test", None, None, "made up for a local endpoint");
    let environment = EnvironmentVariableCredentialsProvider::new();
    // A profile that was asked for goes before the environment, as everywhere in the SDK.
    let chain = if access.profile.is_some() {
        CredentialsProviderChain::first_try("profile", profile.build())
    } else {
        CredentialsProviderChain::first_try("environment", environment)
            .or_else("profile", profile.build())
    };
    chain.or_else("made up", made_up)
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
    Some(host).filter(|host| !host.is_empty())
}

fn is_loopback(url: &str) -> bool {
    host_of(url).is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "localhost.localstack.cloud"
            || bare
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    })
}

fn origin(access: &Access) -> String {
    match (&access.endpoint, &access.profile) {
        (Some(url), _) => format!("endpoint {url}"),
        (None, Some(profile)) => format!("AWS, profile {profile}"),
        (None, None) => "AWS, default credentials".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{host_of, is_loopback};

    #[test]
    fn only_this_machine_gets_made_up_credentials() {
        for url in [
            "http://localhost:4566",
            "http://127.0.0.1:4580/",
            "http://[::1]:5000",
            "https://localhost.localstack.cloud:4566",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://ec2.eu-west-1.amazonaws.com",
            "http://10.0.0.1:4566",
            "localhost",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn an_endpoint_is_a_url_with_a_host() {
        assert_eq!(host_of("http://127.0.0.1:4580"), Some("127.0.0.1"));
        assert_eq!(host_of("ftp://127.0.0.1"), None);
        assert_eq!(host_of("http://"), None);
    }
}
