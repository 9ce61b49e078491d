//! SSH keys to sign with: a key file, or a key that the SSH agent (or a hardware token behind it)
//! holds.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_gate::ssh_key::{HashAlg, PrivateKey, PublicKey, SshSig};
use sandtable_gate::{Signer, SignerError};
use ssh_agent_client_rs::Client;

use crate::files::read_text;

/// Opens a key: a private key file, or a public one whose private part the agent holds.
pub(crate) fn open(path: &Path) -> miette::Result<Box<dyn Signer>> {
    let text = read_text(path)?;
    if let Ok(public) = PublicKey::from_openssh(text.trim()) {
        return agent(public, path);
    }
    let key = PrivateKey::from_openssh(&text).map_err(|error| unreadable(&text, &error, path))?;
    if !key.is_encrypted() {
        return Ok(Box::new(key));
    }
    let prompt = format!("Passphrase for {}: ", path.display());
    let passphrase = rpassword::prompt_password(prompt)
        .into_diagnostic()
        .wrap_err(
            "cannot ask for the passphrase; add the key to the SSH agent and name its .pub file",
        )?;
    let key = key
        .decrypt(passphrase.as_bytes())
        .map_err(|_| miette!("the passphrase does not fit `{}`", path.display()))?;
    Ok(Box::new(key))
}

/// Why a private key cannot be used, and what can be done. The library does not read every ECDSA key:
/// those whose private number begins with zero bytes (one P-521 key in four) need the agent.
fn unreadable(text: &str, error: &dyn std::fmt::Display, path: &Path) -> miette::Report {
    let path = path.display();
    if text
        .trim_start()
        .starts_with("-----BEGIN OPENSSH PRIVATE KEY-----")
    {
        return miette!(
            help = format!("add it to the SSH agent with `ssh-add {path}`, and name `{path}.pub`"),
            "`{path}` cannot be read: {error}"
        );
    }
    miette!(
        help = "make one with `ssh-keygen -t ed25519`, or name a `.pub` file to use the agent",
        "`{path}` is not an OpenSSH key: {error}"
    )
}

fn agent(public: PublicKey, path: &Path) -> miette::Result<Box<dyn Signer>> {
    let socket = std::env::var_os("SSH_AUTH_SOCK")
        .map(PathBuf::from)
        .ok_or_else(|| {
            miette!(
                help =
                    "start an agent and add the key with `ssh-add`, or name the private key file",
                "`{}` is a public key, but no SSH agent is running (SSH_AUTH_SOCK is not set)",
                path.display()
            )
        })?;
    let client = Client::connect(&socket)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot reach the SSH agent at `{}`", socket.display()))?;
    Ok(Box::new(AgentKey {
        client: RefCell::new(client),
        public,
    }))
}

struct AgentKey {
    client: RefCell<Client>,
    public: PublicKey,
}

impl Signer for AgentKey {
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<SshSig, SignerError> {
        let fail = |error: &dyn std::fmt::Display| SignerError(format!("the SSH agent: {error}"));
        let data =
            SshSig::signed_data(namespace, HashAlg::Sha512, message).map_err(|e| fail(&e))?;
        let signature = self
            .client
            .borrow_mut()
            .sign(&self.public, &data)
            .map_err(|e| fail(&e))?;
        let key = self.public.key_data().clone();
        SshSig::new(key, namespace, HashAlg::Sha512, signature).map_err(|e| fail(&e))
    }
}
