//! Clients of the SDK: one call a call, on nobody's account but the plan's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_ec2::Client;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use sandtable_describe::{AllowList, Endpoint, failure_of, transport};
use sandtable_model::{AccountId, Region};
use thiserror::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After this long without an answer a call counts as ambiguous and is settled by looking.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// How often STS is asked whose credentials these are; asking changes nothing.
const IDENTITY_ATTEMPTS: u32 = 4;

/// How the account is reached.
#[derive(Clone, Debug)]
pub struct Access {
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// An endpoint instead of AWS.
    pub endpoint: Option<Endpoint>,
    /// The account that shall be changed.
    pub account: AccountId,
    /// The Regions in which that shall happen.
    pub regions: BTreeSet<Region>,
}

/// Clients for the account, one a Region.
#[derive(Debug)]
pub struct Connection {
    /// The clients. They do not retry, and let pass only what the hands may call.
    pub clients: BTreeMap<Region, Client>,
}

/// Why there are no clients.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// Nobody says whose credentials these are.
    #[error("it cannot be told whose credentials these are, so nothing may be done: {0}")]
    Identity(String),
    /// They are another account's.
    #[error("the credentials belong to account {found} but the plan is for {needed}")]
    OtherAccount {
        /// The account of the credentials.
        found: AccountId,
        /// The account of the plan.
        needed: AccountId,
    },
}

/// Makes the clients, after making sure that the credentials belong to the account.
pub async fn connect(access: &Access) -> Result<Connection, ConnectError> {
    let config = configuration(access).await;
    let found = identity(&config, access)
        .await
        .map_err(ConnectError::Identity)?;
    if found != access.account {
        let needed = access.account.clone();
        return Err(ConnectError::OtherAccount { found, needed });
    }
    let clients = access.regions.iter().map(|region| {
        let conf = aws_sdk_ec2::config::Builder::from(&config)
            .region(aws_config::Region::new(region.to_string()))
            .interceptor(AllowList::new(&[
                sandtable_describe::LOOKS,
                crate::OPERATIONS,
            ]));
        (region.clone(), Client::from_conf(conf.build()))
    });
    Ok(Connection {
        clients: clients.collect(),
    })
}

/// Asks STS whose credentials these are: a call that no policy can deny (facts: iam).
async fn identity(config: &SdkConfig, access: &Access) -> Result<AccountId, String> {
    let mut conf = aws_sdk_sts::config::Builder::from(config)
        .retry_config(RetryConfig::standard().with_max_attempts(IDENTITY_ATTEMPTS))
        .interceptor(AllowList::new(&[&["GetCallerIdentity"]]));
    let region = access.regions.first();
    conf.set_region(region.map(|it| aws_config::Region::new(it.to_string())));
    let sts = aws_sdk_sts::Client::from_conf(conf.build());
    let answer = sts.get_caller_identity().send().await;
    let answer = answer.map_err(|error| failure_of(&error).to_string())?;
    let account = answer.account().unwrap_or_default();
    AccountId::new(account).map_err(|error| error.to_string())
}

async fn configuration(access: &Access) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(CALL_TIMEOUT);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(transport(access.endpoint.as_ref()))
        // The executor alone may decide that a call is made again.
        .retry_config(RetryConfig::disabled())
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
            loader = loader.credentials_provider(local_credentials(&access.account));
        }
        (None, _) => {}
    }
    loader.load().await
}

/// Credentials for an emulator on this machine: the environment's, or made-up ones. A profile must be
/// asked for, so that no real credentials are used on an emulator by accident. An access key id of twelve
/// digits tells LocalStack and the twin which account is meant.
fn local_credentials(account: &AccountId) -> CredentialsProviderChain {
    let key = account.as_str();
    let made_up = Credentials::new(key, "test", None, None, "made up for a local endpoint");
    let environment = EnvironmentVariableCredentialsProvider::new();
    CredentialsProviderChain::first_try("environment", environment).or_else("made up", made_up)
}
