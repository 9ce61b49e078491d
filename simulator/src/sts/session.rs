//! Temporary credentials, and who a call is made by.

use std::collections::BTreeMap;

use sandtable_model::{AccountId, Timestamp};
use serde_json::Value;
use smol_str::SmolStr;

use crate::wire::{Api, Caller};
use crate::{ApiError, IdSource, Twin};

/// Who makes a call, within an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Principal {
    /// The account itself: any key that the twin did not give out.
    #[default]
    Root,
    /// A user, by path and name (`team/alice`).
    User(SmolStr),
    /// A session of a role.
    AssumedRole {
        /// The role's name, without its path.
        role: SmolStr,
        /// The session's name.
        session: SmolStr,
    },
}

impl Principal {
    /// The ARN, for a principal of `account` in a partition.
    pub fn arn(&self, partition: &str, account: &AccountId) -> String {
        match self {
            Principal::Root => format!("arn:{partition}:iam::{account}:root"),
            Principal::User(name) => format!("arn:{partition}:iam::{account}:user/{name}"),
            Principal::AssumedRole { role, session } => {
                format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
        }
    }
}

/// Temporary credentials and what they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The id of the access key.
    pub access_key: SmolStr,
    /// What requests are signed with.
    pub secret_key: String,
    /// What requests carry besides.
    pub token: String,
    /// The account that calls with it are made in.
    pub account: AccountId,
    /// Who makes calls with it.
    pub principal: Principal,
    /// The ARN of the role, if it is the session of one; its path is here and not in the principal.
    pub role_arn: Option<String>,
    /// The inline session policy, which narrows what the role may do.
    pub policy: Option<Value>,
    /// The ARNs of managed session policies.
    pub policy_arns: Vec<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// The external id that was given.
    pub external_id: Option<String>,
    /// The source identity.
    pub source_identity: Option<String>,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// Why the credentials of a session do not stand for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// The token is missing, or not the session's.
    Token,
    /// It is over.
    Expired,
}

impl Session {
    /// Whether a call with this token is the session's, at a moment.
    ///
    /// # Errors
    /// When the token is not its own, or when it is over.
    pub fn admit(&self, token: Option<&str>, now: Timestamp) -> Result<(), Lapse> {
        if token != Some(self.token.as_str()) {
            return Err(Lapse::Token);
        }
        if now >= self.expires_at {
            return Err(Lapse::Expired);
        }
        Ok(())
    }

    /// Whether policies were given when the role was assumed.
    pub(crate) fn has_policies(&self) -> bool {
        self.policy.is_some() || !self.policy_arns.is_empty()
    }
}

/// Every session that was begun, by the id of its access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sessions {
    begun: BTreeMap<SmolStr, Session>,
    /// A source of its own, so that a session leaves the ids of resources as they would have been.
    source: IdSource,
}

/// Told apart from the seed of resources by this.
const SALT: u64 = 0x7354_735f_7365_7373;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Sessions {
    /// No sessions yet; keys will come from `seed`.
    pub const fn new(seed: u64) -> Self {
        Sessions {
            begun: BTreeMap::new(),
            source: IdSource::new(seed ^ SALT),
        }
    }

    /// The session of an access key, expired or not.
    pub fn get(&self, access_key: &str) -> Option<&Session> {
        self.begun.get(access_key)
    }

    /// Whether any of them has policies of its own.
    pub(crate) fn have_policies(&self) -> bool {
        self.begun.values().any(Session::has_policies)
    }

    /// All of them, by access key.
    pub fn iter(&self) -> impl Iterator<Item = &Session> {
        self.begun.values()
    }

    /// Begins a session: `make` gets its id, secret and token.
    pub(super) fn begin(
        &mut self,
        account: &AccountId,
        make: impl FnOnce(SmolStr, String, String) -> Session,
    ) -> &Session {
        let mut access_key = self.access_key(account);
        while self.begun.contains_key(&access_key) {
            access_key = self.access_key(account);
        }
        let secret_key = self.letters(40);
        let token = format!("IQoJb3JpZ2luX2Vj{}", self.letters(160));
        let session = make(access_key.clone(), secret_key, token);
        self.begun
            .entry(access_key)
            .insert_entry(session)
            .into_mut()
    }

    /// `ASIA` and 16 letters of base 32, of which the first ten carry the account as AWS's do: a bit
    /// that is set, 40 bits of the account, and chance.
    fn access_key(&mut self, account: &AccountId) -> SmolStr {
        let number: u64 = account.as_str().parse().unwrap_or_default();
        let head = (1 << 47) | (number & 0xff_ffff_ffff) << 7 | self.source.below(1 << 7);
        let bits = u128::from(head) << 32 | u128::from(self.source.below(1 << 32));
        let mut key = String::from("ASIA");
        for at in (0..16_u32).rev() {
            let digit = (bits >> (5 * at)) & 31;
            key.push(char::from(BASE32[digit as usize]));
        }
        key.into()
    }

    fn letters(&mut self, count: usize) -> String {
        let letter = |_| char::from(BASE64[self.source.below(64) as usize]);
        (0..count).map(letter).collect()
    }
}

/// The id that AWS would give a role, as `AROA…`; made of the ARN, so that it is the same each time.
pub(super) fn role_id(arn: &str) -> String {
    unique_id("AROA", arn)
}

/// The id that AWS would give what has an ARN in IAM, behind the letters of its kind.
pub(super) fn unique_id(kind: &str, arn: &str) -> String {
    let number = arn.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let mut source = IdSource::new(number);
    let letters = (0..17).map(|_| char::from(BASE32[source.below(32) as usize]));
    format!("{kind}{}", letters.collect::<String>())
}

/// The account and the principal that a call is made by: those of the session whose key signed it,
/// and otherwise the account that the wire read from the key, itself.
///
/// # Errors
/// For a session that is over, and for a token that is not the session's: EC2 has codes of its own.
pub fn identify(
    twin: &Twin,
    api: Api,
    caller: &Caller,
) -> Result<(AccountId, Principal), ApiError> {
    let Some(session) = twin.sessions.get(&caller.access_key) else {
        let account = AccountId::new(&caller.account)
            .map_err(|error| ApiError::new("InvalidParameterValue", error.to_string()))?;
        return Ok((account, Principal::Root));
    };
    let admitted = session.admit(caller.session_token.as_deref(), twin.now());
    admitted.map_err(|lapse| match (lapse, api) {
        (Lapse::Token, Api::Ec2) => ApiError::new(
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
        (Lapse::Token, _) => ApiError::new(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (Lapse::Expired, Api::Ec2) => ApiError::new("RequestExpired", "Request has expired."),
        (Lapse::Expired, _) => ApiError::new(
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
    })?;
    Ok((session.account.clone(), session.principal.clone()))
}
