//! How far archives are signed: one state per archive, each with its own code.
//!
//! Three answers, never a bool: good, unknown, bad, and why. Pure data; who finds the states out is
//! `signing`. Called by `report` and `commands`.

use serde::{Deserialize, Serialize};

/// How an archive stands with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "evidence", rename_all_fields = "snake_case")]
#[serde(deny_unknown_fields)]
pub enum SignatureState {
    /// Made over exactly these bytes by a key that was usable then.
    #[serde(rename = "signature-good")]
    Good {
        /// Fingerprint of the key that signed, hex.
        fingerprint: String,
    },
    /// There is no signature.
    #[serde(rename = "signature-missing")]
    Missing,
    /// Made by a key that nobody gave.
    #[serde(rename = "signature-unknown-key")]
    UnknownKey {
        /// The issuer as the signature names it: fingerprint or key id, hex.
        issuer: String,
    },
    /// Made by a known key, but not over these bytes.
    #[serde(rename = "signature-bad")]
    Bad {
        /// Fingerprint of the key, hex.
        fingerprint: String,
    },
    /// Made by a key that had expired by then.
    #[serde(rename = "signature-key-expired")]
    KeyExpired {
        /// Fingerprint of the key, hex.
        fingerprint: String,
    },
    /// Made by a key that was revoked.
    #[serde(rename = "signature-key-revoked")]
    KeyRevoked {
        /// Fingerprint of the key, hex.
        fingerprint: String,
    },
    /// Not over these bytes, and older than the archive: the archive was replaced after it was
    /// signed.
    #[serde(rename = "signature-stale")]
    Stale {
        /// Fingerprint of the key, hex.
        fingerprint: String,
    },
    /// A signature without its archive.
    #[serde(rename = "signature-orphan")]
    Orphan,
    /// No OpenPGP signature of a kind that signs files.
    #[serde(rename = "signature-malformed")]
    Malformed {
        /// What is wrong with it.
        detail: String,
    },
}
