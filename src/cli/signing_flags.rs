//! The flags and variables that say who signs, for the commands that sign.
//!
//! The variables are those of elastic-package, so that whoever can sign with it can sign here. They
//! are read here and nowhere else; no secret is ever an argument.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::keys::{NamedBy, PassphraseSource, SignerChoice, SigningChoice};
use crate::openpgp::{Passphrase, SignCommand};

/// Holds the path of a key's file (elastic-package, `internal/environment`).
pub(super) const KEY_VARIABLE: &str = "ELASTIC_PACKAGE_SIGNER_PRIVATE_KEYFILE";
/// Holds the key's passphrase itself.
const PASSPHRASE_VARIABLE: &str = "ELASTIC_PACKAGE_SIGNER_PASSPHRASE";

/// Who signs, and whose signatures are known.
#[derive(Debug, clap::Args)]
pub(super) struct SigningArgs {
    /// Sign with the OpenPGP secret key in this file, armored or binary
    /// [env: ELASTIC_PACKAGE_SIGNER_PRIVATE_KEYFILE]
    #[arg(long, value_name = "FILE", conflicts_with = "sign_command")]
    sign_key: Option<PathBuf>,

    /// The file that holds the key's passphrase [default: ELASTIC_PACKAGE_SIGNER_PASSPHRASE in the
    /// environment]
    #[arg(long, value_name = "FILE", conflicts_with = "sign_command")]
    passphrase_file: Option<PathBuf>,

    /// Sign by running a program for each archive, without a shell, such as
    /// 'gpg --batch --detach-sign --armor --output {output} {input}'
    #[arg(long, value_name = "TEMPLATE")]
    sign_command: Option<SignCommand>,

    /// Check signatures with the public keys in this file, besides the signing key's own; repeatable
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
}

impl SigningArgs {
    /// What flags and variables say together; a flag wins.
    pub(super) fn check(self) -> Result<SigningChoice, String> {
        let by_flag = self.sign_key.map(|path| (path, NamedBy::Flag));
        let by_variable =
            || variable(KEY_VARIABLE).map(|path| (path.into(), NamedBy::Variable(KEY_VARIABLE)));
        let signer = match (self.sign_command, by_flag.or_else(by_variable)) {
            (Some(command), _) => SignerChoice::Command(command),
            (None, Some((path, named_by))) => {
                let passphrase = match self.passphrase_file {
                    Some(path) => Some(PassphraseSource::File(path)),
                    None => passphrase_in_environment()?.map(PassphraseSource::Given),
                };
                SignerChoice::Key { path, named_by, passphrase }
            }
            (None, None) if self.passphrase_file.is_some() => {
                return Err("--passphrase-file needs --sign-key".to_owned());
            }
            (None, None) => SignerChoice::Nobody,
        };
        Ok(SigningChoice { signer, public_keys: self.public_key })
    }
}

fn passphrase_in_environment() -> Result<Option<Passphrase>, String> {
    let Some(value) = variable(PASSPHRASE_VARIABLE) else { return Ok(None) };
    match value.into_string() {
        Ok(text) => Ok(Some(Passphrase::from(text))),
        // Without the value, which the error holds.
        Err(_) => Err(format!("{PASSPHRASE_VARIABLE} is not UTF-8: use --passphrase-file")),
    }
}

/// A variable; one that is empty says nothing.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
