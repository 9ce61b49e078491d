//! Signature Version 4, verified: who has a key's secret, and that nothing was changed on the way.
//!
//! Both places of a signature are read, the `Authorization` header and the parameters of a signed URL
//! (AWS General Reference and IAM User Guide, "AWS Signature Version 4 for API requests"). The rules
//! are those of services other than S3: the path is encoded twice, the body is always hashed, so that
//! `UNSIGNED-PAYLOAD` and chunked signatures, which only S3 takes, do not match.
//!
//! Deliberately absent: the asymmetric signature (SigV4a) and Signature Version 2, which are refused
//! by name, and the choice whether anything is verified, which is the service's ([`Signer`]).

mod canonical;
mod claim;
mod refused;
#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::api::Api;
use super::date;
pub(crate) use claim::Claim;
pub use refused::Refused;

/// Whose a key is, and what its signatures are held against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signer {
    /// The account that the call is made in.
    pub account: String,
    /// How its signatures are verified; any will do when there is nothing.
    pub proof: Option<Proof>,
}

/// What a signature is held against.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// The secret of the key.
    pub secret: String,
    /// The moments at which a request may have been signed, in milliseconds since 1970: that of the
    /// clients' clocks first.
    pub moments: Vec<i64>,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proof")
            .field("moments", &self.moments)
            .finish_non_exhaustive()
    }
}

/// The parts of a request that are signed.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a http::HeaderMap,
    /// The host, where the headers do not have it.
    pub(crate) authority: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// How far a request's date may be from the moment at which it arrives, in minutes: EC2 documents 15
/// (EC2 API Reference, "Common errors", `RequestExpired`), STS words its refusals with 15 and the
/// others with 5 (as users report them).
const fn tolerance_min(api: Option<Api>) -> i64 {
    match api {
        None | Some(Api::Ec2 | Api::Sts) => 15,
        Some(_) => 5,
    }
}

/// Verifies a signature.
///
/// # Errors
/// When the date is too far from every moment, and when the signature is another.
pub(crate) fn verify(
    claim: &Claim<'_>,
    request: &Request<'_>,
    api: Option<Api>,
    proof: &Proof,
) -> Result<(), Refused> {
    claim.check_scope(request.headers)?;
    is_fresh(claim, api, &proof.moments)?;
    let canonical = canonical::request(request, &claim.signed_headers, &hex(&hash(request.body)));
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{}/{}/{}/aws4_request\n{}",
        claim.date,
        claim.scope_date,
        claim.region,
        claim.service,
        hex(&hash(canonical.as_bytes()))
    );
    // Compares in constant time.
    let is_it = signing_key(&proof.secret, claim)
        .chain_update(to_sign.as_bytes())
        .verify_slice(&claim.signature);
    is_it.map_err(|_| Refused::Signature { canonical, to_sign })
}

fn is_fresh(claim: &Claim<'_>, api: Option<Api>, moments: &[i64]) -> Result<(), Refused> {
    const MINUTE: i64 = 60_000;
    let tolerance = tolerance_min(api);
    let signed = claim.millis;
    // A signed URL says how long it is good for; a request in other respects must have just been made.
    let lasts = claim
        .expires_secs
        .map_or(tolerance * MINUTE, |it| it * 1000);
    let is_good =
        |now: &i64| signed <= now + tolerance * MINUTE && *now <= signed.saturating_add(lasts);
    if moments.iter().any(is_good) {
        return Ok(());
    }
    let now = moments.first().copied().unwrap_or_default();
    let text = date::basic;
    Err(Refused::Date(if signed > now {
        format!(
            "Signature not yet current: {} is still later than {} ({} + {tolerance} min.)",
            claim.date,
            text(now + tolerance * MINUTE),
            text(now)
        )
    } else {
        let minutes = lasts / MINUTE;
        format!(
            "Signature expired: {} is now earlier than {} ({} - {minutes} min.)",
            claim.date,
            text(now.saturating_sub(lasts)),
            text(now)
        )
    }))
}

/// The signing key of a day, Region and service, ready for what is to be signed.
fn signing_key(secret: &str, claim: &Claim<'_>) -> Hmac<Sha256> {
    let parts = [
        claim.scope_date,
        claim.region,
        claim.service,
        "aws4_request",
    ];
    let mut key = keyed(format!("AWS4{secret}").as_bytes());
    for part in parts {
        key = keyed(&key.chain_update(part.as_bytes()).finalize().into_bytes());
    }
    key
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
