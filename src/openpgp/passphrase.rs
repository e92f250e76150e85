//! The passphrase of a secret key: from a file or an environment variable, overwritten after use.

use std::fmt;
use std::path::Path;

use pgp::types::Password;
use zeroize::Zeroizing;

use super::read_bounded;
use crate::error::Error;

/// Maximum length of a passphrase file, in bytes.
const MAX_LEN: u64 = 4 << 10;

/// A passphrase; its memory is overwritten when it is dropped.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Reads a file that contains only the passphrase. A trailing line break is removed.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read_bounded(path, MAX_LEN)?.ok_or_else(|| {
            let too_long = format!("a passphrase has at most {MAX_LEN} bytes");
            Error::file("read the passphrase from", path)(std::io::Error::other(too_long))
        })?;
        let mut passphrase = Passphrase(bytes);
        if passphrase.0.ends_with(b"\n") {
            passphrase.0.pop();
            if passphrase.0.ends_with(b"\r") {
                passphrase.0.pop();
            }
        }
        Ok(passphrase)
    }

    /// Returns some bytes with an ellipsis in place of the passphrase.
    pub(super) fn masked_in(&self, bytes: &[u8]) -> Vec<u8> {
        let secret = self.0.as_slice();
        let mut shown = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while !secret.is_empty() && !rest.is_empty() {
            match rest.strip_prefix(secret) {
                Some(after) => {
                    shown.extend_from_slice("…".as_bytes());
                    rest = after;
                }
                None => {
                    shown.push(rest[0]);
                    rest = &rest[1..];
                }
            }
        }
        shown.extend_from_slice(rest);
        shown
    }

    /// Converts the passphrase for pgp, which overwrites its copy as well.
    pub(super) fn to_password(&self) -> Password {
        Password::from(self.0.as_slice())
    }
}

/// Converts an environment variable's value, whose original only the system can overwrite.
impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Passphrase(Zeroizing::new(text.into_bytes()))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}
