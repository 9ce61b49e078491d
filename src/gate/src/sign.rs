//! Putting a signature under a statement.

use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha512;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use rsa::{BigUint, RsaPrivateKey};
use sandtable_model::{Approval, ApprovalStatement, Document, SIGNATURE_NAMESPACE};
use ssh_key::private::{KeypairData, RsaKeypair};
use ssh_key::{Algorithm, HashAlg, LineEnding, Mpint, PrivateKey, Signature, SshSig};
use thiserror::Error;

use crate::signature::{self, SignatureFault};

/// Something that can sign in somebody's name: a private key, an agent, a hardware key.
///
/// An implementation over an agent sends it [`SshSig::signed_data`] of the namespace, a hash and the
/// message, and puts the agent's answer into an [`SshSig::new`] with the same three.
pub trait Signer {
    /// Signs the message in the namespace.
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<SshSig, SignerError>;
}

/// Why a signer did not sign, in its own words.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct SignerError(pub String);

impl Signer for PrivateKey {
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<SshSig, SignerError> {
        if self.is_encrypted() {
            let text =
                "the private key is still encrypted; it must be decrypted before it can sign";
            return Err(SignerError(text.to_owned()));
        }
        if signature::is_hardware(&self.algorithm()) {
            let text =
                "the key lives in hardware, which only an agent or `ssh-keygen -Y sign` can ask";
            return Err(SignerError(text.to_owned()));
        }
        let made = match self.key_data() {
            KeypairData::Rsa(pair) => sign_with_rsa(pair, namespace, message),
            _ => PrivateKey::sign(self, namespace, HashAlg::Sha512, message),
        };
        made.map_err(|error| SignerError(error.to_string()))
    }
}

/// Signs with an RSA key. `ssh-key` 0.6.7 cannot: it hands the first prime factor of the modulus to
/// `rsa` twice, which then finds that the key is inconsistent.
fn sign_with_rsa(
    pair: &RsaKeypair,
    namespace: &str,
    message: &[u8],
) -> Result<SshSig, ssh_key::Error> {
    let number = |it: &Mpint| BigUint::try_from(it);
    let primes = vec![number(&pair.private.p)?, number(&pair.private.q)?];
    let (n, e) = (number(&pair.public.n)?, number(&pair.public.e)?);
    let private = RsaPrivateKey::from_components(n, e, number(&pair.private.d)?, primes)
        .map_err(|_| ssh_key::Error::Crypto)?;
    let hash = HashAlg::Sha512;
    let to_sign = SshSig::signed_data(namespace, hash, message)?;
    let signature = SigningKey::<Sha512>::new(private)
        .try_sign(&to_sign)
        .map_err(|_| ssh_key::Error::Crypto)?;
    let algorithm = Algorithm::Rsa { hash: Some(hash) };
    let signature = Signature::new(algorithm, signature.to_bytes().into_vec())?;
    SshSig::new(pair.public.clone().into(), namespace, hash, signature)
}

/// Why a statement could not be signed.
#[derive(Debug, Error)]
pub enum SignError {
    /// The signer did not sign.
    #[error("no signature was made: {0}")]
    Signer(#[from] SignerError),
    /// The signature could not be written as text.
    #[error("the signature cannot be written as text: {0}")]
    Armor(ssh_key::Error),
    /// The signature does not hold for this statement.
    #[error("the signature does not hold: {0}")]
    Signature(#[from] SignatureFault),
}

/// Signs the statement.
pub fn sign(statement: ApprovalStatement, signer: &dyn Signer) -> Result<Approval, SignError> {
    let message = statement.canonical().map_err(SignatureFault::Document)?;
    let signature = signer.sign(SIGNATURE_NAMESPACE, &message)?;
    let armored = signature.to_pem(LineEnding::LF).map_err(SignError::Armor)?;
    attach_signature(statement, &armored)
}

/// Makes an approval of a statement and a signature that was made elsewhere, for example by
/// `ssh-keygen -Y sign -n approval@sandtable` over the statement's canonical bytes. It is checked
/// that the signature holds; not, whether the signer is allowed.
pub fn attach_signature(
    statement: ApprovalStatement,
    armored: &str,
) -> Result<Approval, SignError> {
    let approval = Approval {
        format: Approval::FORMAT.to_owned(),
        statement,
        signature: armored.to_owned(),
    };
    signature::verify(&approval)?;
    Ok(approval)
}
