//! Clients of the SDK: Regions, credentials, transport, retries, and the allow-list.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use sandtable_describe::{AllowList, CallFailure, Clients, Endpoint, failure_of, transport};
use sandtable_model::{AccountId, Region};
use thiserror::Error;

/// Calls of one read, the first one included. With the SDK's exponential back-off (1 s, doubling, 20 s
/// at most, with jitter) that rides out about half a minute of throttling.
const ATTEMPTS: u32 = 6;
/// Calls to learn whose credentials these are; there are other ways to learn it.
const IDENTITY_ATTEMPTS: u32 = 2;
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
    pub endpoint: Option<Endpoint>,
    /// The account, where it is known beforehand.
    pub account: Option<AccountId>,
}

/// Clients for an account.
#[derive(Debug)]
pub struct Connection {
    /// The clients of each Region.
    pub clients: Vec<Clients>,
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
    /// Nobody answers at the endpoint.
    #[error("nobody answers at {endpoint} ({why})")]
    NobodyThere {
        /// The endpoint.
        endpoint: Endpoint,
        /// What happened instead.
        why: String,
    },
    /// The configured Region is none.
    #[error("the AWS configuration names the Region {0}")]
    Region(#[from] sandtable_model::PlaceError),
}

impl ConnectError {
    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoRegion | Self::Region(_) => {
                "name a Region with `--region`, or set `AWS_REGION` or the profile's `region`"
            }
            Self::NobodyThere { .. } => "start the emulator, or check the address",
        }
    }
}

/// Makes clients for each Region, which retry what may be retried and refuse what is no read.
pub async fn connect(access: &Access) -> Result<Connection, ConnectError> {
    let config = configuration(access).await;
    let mut regions = access.regions.clone();
    if regions.is_empty() {
        let region = config.region().ok_or(ConnectError::NoRegion)?;
        regions.push(Region::new(region.as_ref())?);
    }
    regions.sort();
    regions.dedup();
    let identity = identity(&config, &regions).await;
    // STS of AWS may be out of reach where EC2 is not; an emulator is one program.
    if let (Some(endpoint), Err(CallFailure::NoAnswer(why))) = (&access.endpoint, &identity) {
        let (endpoint, why) = (endpoint.clone(), why.clone());
        return Err(ConnectError::NobodyThere { endpoint, why });
    }
    let clients = regions
        .into_iter()
        .map(|region| Clients::new(&config, region));
    Ok(Connection {
        clients: clients.collect(),
        identity: identity.map_err(|failure| failure.to_string()),
        origin: origin(access),
    })
}

/// Asks STS whose credentials these are: a call that no policy can deny (facts: iam).
async fn identity(config: &SdkConfig, regions: &[Region]) -> Result<AccountId, CallFailure> {
    let mut conf = aws_sdk_sts::config::Builder::from(config)
        .retry_config(RetryConfig::standard().with_max_attempts(IDENTITY_ATTEMPTS))
        .interceptor(AllowList::new(&[&["GetCallerIdentity"]]));
    conf.set_region(
        regions
            .first()
            .map(|it| aws_config::Region::new(it.to_string())),
    );
    let sts = aws_sdk_sts::Client::from_conf(conf.build());
    let answer = sts.get_caller_identity().send().await;
    let answer = answer.map_err(|error| failure_of(&error))?;
    let account = answer.account().unwrap_or_default();
    AccountId::new(account).map_err(|error| CallFailure::NoAnswer(error.to_string()))
}

async fn configuration(access: &Access) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(transport(access.endpoint.as_ref()))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts.build());
    if let Some(endpoint) = &access.endpoint {
        // A twin's virtual time would be taken for a clock that is wrong (facts: wire, traps).
        loader = loader
            .endpoint_url(endpoint.as_str())
            .disable_clock_skew_correction(true);
    }
    match (&access.profile, &access.endpoint) {
        (Some(profile), _) => loader = loader.profile_name(profile),
        (None, Some(endpoint)) if endpoint.is_loopback() => {
            let credentials = local_credentials(access.account.as_ref());
            loader = loader.credentials_provider(credentials);
        }
        (None, _) => {}
    }
    loader.load().await
}

/// Credentials for an emulator on this machine: the environment's, or made-up ones. A profile must be
/// asked for, so that no real credentials are used on an emulator by accident. An access key id of twelve
/// digits tells LocalStack and the twin which account is meant.
fn local_credentials(account: Option<&AccountId>) -> CredentialsProviderChain {
    let key = account.map_or("test", AccountId::as_str);
    let made_up = Credentials::new(key, "test", None, None, "made up for a local endpoint");
    let environment = EnvironmentVariableCredentialsProvider::new();
    CredentialsProviderChain::first_try("environment", environment).or_else("made up", made_up)
}

fn origin(access: &Access) -> String {
    match (&access.endpoint, &access.profile) {
        (Some(url), _) => format!("endpoint {url}"),
        (None, Some(profile)) => format!("AWS, profile {profile}"),
        (None, None) => "AWS, default credentials".to_owned(),
    }
}
