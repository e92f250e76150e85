//! The issuer of a signature, as declared by the signature.

use std::fmt;

use pgp::types::{Fingerprint, KeyId};

/// The declared issuer of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    Fingerprint(Fingerprint),
    KeyId(KeyId),
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Issuer::Fingerprint(fingerprint) => fingerprint.fmt(f),
            Issuer::KeyId(id) => id.fmt(f),
        }
    }
}
