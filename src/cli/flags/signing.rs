//! Flags and environment variables that select the signer.
//!
//! The variables are those of elastic-package, so that a setup that signs with it also works here.
//! They are read only in this file; a secret is never an argument.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::cli::exit_status::Failure;
use crate::cli::keys::{Keys, load_public};
use crate::openpgp::{CommandSigner, OpenPgpSigner, Passphrase, PublicKeys, SignCommand, Signer};

/// The path of the secret key's file (elastic-package, `internal/environment`).
pub(in crate::cli) const KEY_VARIABLE: &str = "ELASTIC_PACKAGE_SIGNER_PRIVATE_KEYFILE";
/// The passphrase of the secret key.
pub(in crate::cli) const PASSPHRASE_VARIABLE: &str = "ELASTIC_PACKAGE_SIGNER_PASSPHRASE";

/// The signer, and the keys that signatures are checked with.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SigningArgs {
    /// Sign with the OpenPGP secret key in this file, armored or binary
    /// [env: ELASTIC_PACKAGE_SIGNER_PRIVATE_KEYFILE]
    #[arg(long, value_name = "FILE", conflicts_with = "sign_command")]
    sign_key: Option<PathBuf>,

    /// Read the key's passphrase from this file [default: the passphrase in the environment variable
    /// ELASTIC_PACKAGE_SIGNER_PASSPHRASE]
    #[arg(long, value_name = "FILE", conflicts_with = "sign_command")]
    passphrase_file: Option<PathBuf>,

    /// Sign by running a program for each archive, without a shell, for example
    /// 'gpg --batch --detach-sign --armor --output {output} {input}'
    #[arg(long, value_name = "TEMPLATE")]
    sign_command: Option<SignCommand>,

    /// Check signatures with the public keys in this file, in addition to the signing key; repeatable
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
}

impl SigningArgs {
    /// Loads the keys that flags and variables name; a flag takes precedence. Fails if the signing
    /// key cannot sign at `now`.
    pub(in crate::cli) fn load(self, now: SystemTime) -> Result<Keys, Failure> {
        let public_key = self.public_key.clone();
        if let Some(keys) = self.load_signer(now)? {
            return Ok(keys);
        }
        Ok(Keys { signer: None, public_keys: load_public(&public_key, now)? })
    }

    /// Like [`SigningArgs::load`], but returns `None` if no signer is configured.
    pub(in crate::cli) fn load_signer(self, now: SystemTime) -> Result<Option<Keys>, Failure> {
        if let Some(command) = self.sign_command {
            let signer = CommandSigner::new(command, load_public(&self.public_key, now)?);
            let signer = signer.hiding(passphrase_in_environment()?);
            let signer = (Box::new(signer) as Box<dyn Signer>, "--sign-command".to_owned());
            return Ok(Some(Keys { signer: Some(signer), public_keys: PublicKeys::default() }));
        }
        let by_variable = self.sign_key.is_none();
        let Some(path) = self.sign_key.or_else(|| variable(KEY_VARIABLE).map(PathBuf::from)) else {
            return match self.passphrase_file {
                Some(_) => Err(Failure::Usage("--passphrase-file requires --sign-key".to_owned())),
                None => Ok(None),
            };
        };
        let given = match self.passphrase_file {
            Some(_) => None,
            None => passphrase_in_environment()?,
        };
        let public_keys = load_public(&self.public_key, now)?;
        let read = self.passphrase_file.as_deref().map(Passphrase::read).transpose()?;
        let signer = OpenPgpSigner::load(&path, read.or(given).as_ref(), now)?;
        let name = match by_variable {
            false => signer.fingerprint(),
            true => format!("{} ({KEY_VARIABLE})", signer.fingerprint()),
        };
        Ok(Some(Keys { signer: Some((Box::new(signer), name)), public_keys }))
    }
}

fn passphrase_in_environment() -> Result<Option<Passphrase>, String> {
    let Some(value) = variable(PASSPHRASE_VARIABLE) else { return Ok(None) };
    match value.into_string() {
        Ok(text) => Ok(Some(Passphrase::from(text))),
        // The error would contain the passphrase, so it is not shown.
        Err(_) => Err(format!("{PASSPHRASE_VARIABLE} is not UTF-8: use --passphrase-file")),
    }
}

/// Returns the value of a variable; an empty one counts as unset.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
