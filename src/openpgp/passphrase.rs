//! The passphrase of a secret key: from a file or an environment variable, gone after use.

use std::fmt;
use std::path::Path;

use pgp::types::Password;
use zeroize::Zeroizing;

use super::read_bounded;
use crate::error::Error;

/// The longest file that is taken for one of a passphrase, in bytes.
const MAX_LEN: u64 = 4 << 10;

/// A passphrase; its memory is overwritten when it is dropped.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Reads a file that holds nothing else. A line break at its end is none of it.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read_bounded(path, MAX_LEN)?.ok_or_else(|| {
            let too_long = format!("it is longer than {MAX_LEN} bytes, so it is no passphrase");
            Error::file("take the passphrase from", path)(std::io::Error::other(too_long))
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

    /// The passphrase for pgp, which overwrites its copy as well.
    pub(super) fn to_password(&self) -> Password {
        Password::from(self.0.as_slice())
    }
}

/// Takes a value of the environment, whose own copy only the system can overwrite.
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
