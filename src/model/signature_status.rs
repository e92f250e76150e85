//! The signature status of archives: one state per archive, each with its own code.
//!
//! A state is not a bool: it is good, unknown or bad, with the reason. Pure data: `openpgp` determines
//! the states, `sign` counts them, `report` and `cli` show them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::package::ObjectKey;

/// The position of a signature among several in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignaturePlace {
    /// Its position in the file, from 1.
    pub place: usize,
    /// Number of signatures in the file.
    pub count: usize,
}

impl SignaturePlace {
    /// Returns whether this is the first signature, which is the only one that Kibana checks.
    pub fn is_first(self) -> bool {
        self.place == 1
    }
}

impl fmt::Display for SignaturePlace {
    /// Writes text such as `signature 2 of 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signature {} of {}", self.place, self.count)
    }
}

/// The signature state of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "evidence")]
#[serde(deny_unknown_fields)]
#[derive(strum::IntoStaticStr, strum::VariantNames)]
#[strum(prefix = "signature-", serialize_all = "kebab-case")]
pub enum SignatureState {
    /// The signature covers exactly these bytes, by a key that was valid at the time.
    #[serde(rename = "signature-good")]
    Good {
        /// Fingerprint of the signing key, hex.
        fingerprint: String,
        /// The position of the signature, if there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        among: Option<SignaturePlace>,
    },
    /// There is no signature.
    #[serde(rename = "signature-missing")]
    Missing,
    /// Made by a key that was not provided.
    #[serde(rename = "signature-unknown-key")]
    UnknownKey {
        /// The issuer according to the signature: fingerprint or key id, hex.
        issuer: String,
    },
    /// The signature does not cover these bytes (for an unknown key, this follows from the 16 bits of
    /// the digest that a signature has in clear), or it has a critical part that is not understood.
    #[serde(rename = "signature-bad")]
    Bad {
        /// Fingerprint of the key, or the issuer according to the signature, hex.
        fingerprint: String,
        /// The critical part that is not understood, such as `subpacket 99`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unknown_critical: Option<String>,
    },
    /// Made by a key that had expired at the time.
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
    /// The signature does not cover these bytes and is older than the archive: the archive was replaced
    /// after it was signed.
    #[serde(rename = "signature-stale")]
    Stale {
        /// Fingerprint of the key, hex.
        fingerprint: String,
    },
    /// A signature without its archive.
    #[serde(rename = "signature-orphan")]
    Orphan,
    /// Not an OpenPGP signature of a file.
    #[serde(rename = "signature-malformed")]
    Malformed {
        /// The reason.
        detail: String,
    },
}

impl SignatureState {
    /// All codes.
    pub const CODES: &'static [&'static str] = <SignatureState as strum::VariantNames>::VARIANTS;

    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Returns the message: a fragment of a sentence.
    pub fn message(&self) -> String {
        match self {
            SignatureState::Good { fingerprint, among: None } => format!("signed by {fingerprint}"),
            SignatureState::Good { fingerprint, among: Some(place) } if place.is_first() => {
                format!("signed by {fingerprint}, {place}")
            }
            SignatureState::Good { fingerprint, among: Some(place) } => format!(
                "signed by {fingerprint}, {place}; Kibana checks only the first, and reports the package as unverified"
            ),
            SignatureState::Missing => "not signed".to_owned(),
            SignatureState::UnknownKey { issuer } => {
                format!("signed by {issuer}, a key that was not provided")
            }
            SignatureState::Bad { fingerprint, unknown_critical: None } => {
                format!("the signature by {fingerprint} does not match the archive")
            }
            SignatureState::Bad { fingerprint, unknown_critical: Some(what) } => {
                format!("the signature by {fingerprint} has an unknown critical {what}")
            }
            SignatureState::KeyExpired { fingerprint } => {
                format!("signed by {fingerprint} after it had expired")
            }
            SignatureState::KeyRevoked { fingerprint } => {
                format!("signed by {fingerprint}, which was revoked")
            }
            SignatureState::Stale { fingerprint } => {
                format!(
                    "the signature by {fingerprint} is older than the archive and does not match it"
                )
            }
            SignatureState::Orphan => "a signature without its archive".to_owned(),
            SignatureState::Malformed { detail } => format!("not a usable signature: {detail}"),
        }
    }

    /// Returns whether such a signature may be published: it is good, or only its key is unknown.
    pub fn may_be_published(&self) -> bool {
        matches!(self, SignatureState::Good { .. } | SignatureState::UnknownKey { .. })
    }
}

/// The signature coverage of the archives of a plan or a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Number of archives with a good signature, by fingerprint of the signing key.
    pub good: BTreeMap<String, u64>,
    /// Number of archives that are not signed yet; zero except in a dry run.
    pub pending_count: u64,
    /// Archives with several signatures of which one is good, by archive key.
    pub several: BTreeMap<ObjectKey, SignaturePlace>,
    /// Everything that is not good, by archive key, orphans by signature key.
    pub others: BTreeMap<ObjectKey, SignatureState>,
}

impl Coverage {
    /// Creates the coverage of archives that are not signed.
    pub fn unsigned(keys: impl IntoIterator<Item = ObjectKey>) -> Self {
        let others = keys.into_iter().map(|key| (key, SignatureState::Missing)).collect();
        Coverage { others, ..Coverage::default() }
    }

    /// Adds the state of one archive, or of an orphan.
    pub fn add(&mut self, key: ObjectKey, state: SignatureState) {
        match state {
            SignatureState::Good { fingerprint, among } => {
                *self.good.entry(fingerprint).or_default() += 1;
                self.several.extend(among.map(|place| (key, place)));
            }
            _ => drop(self.others.insert(key, state)),
        }
    }

    /// Adds the states of other archives.
    pub fn extend(&mut self, other: Coverage) {
        for (fingerprint, count) in other.good {
            *self.good.entry(fingerprint).or_default() += count;
        }
        self.pending_count += other.pending_count;
        self.several.extend(other.several);
        self.others.extend(other.others);
    }

    /// Returns the number of archives with a good signature.
    pub fn good_count(&self) -> u64 {
        self.good.values().sum()
    }

    /// Returns the archives whose good signature is not the first in its file.
    pub fn good_but_not_first(&self) -> impl Iterator<Item = (&ObjectKey, SignaturePlace)> {
        let several = self.several.iter().map(|(key, place)| (key, *place));
        several.filter(|(_, place)| !place.is_first())
    }

    /// Returns the number of archives, signed or not.
    pub fn archive_count(&self) -> u64 {
        let others = self.others.values().filter(|state| **state != SignatureState::Orphan);
        self.good_count() + self.pending_count + others.count() as u64
    }

    /// Returns the number of archives with a signature that may be published.
    pub fn signed_count(&self) -> u64 {
        let others = self.others.values().filter(|state| state.may_be_published());
        self.good_count() + others.count() as u64
    }

    /// Returns the number of archives whose signature cannot be checked without the key.
    pub fn unknown_count(&self) -> u64 {
        let is_unknown =
            |state: &&SignatureState| matches!(state, SignatureState::UnknownKey { .. });
        self.others.values().filter(is_unknown).count() as u64
    }

    /// Returns whether there is no signature, and none would be made.
    pub fn is_unsigned(&self) -> bool {
        let is_missing = |state: &SignatureState| *state == SignatureState::Missing;
        self.good.is_empty() && self.pending_count == 0 && self.others.values().all(is_missing)
    }

    /// Returns every code with the number of archives (or orphans) in that state.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        SignatureState::CODES.iter().map(|&code| {
            let others = self.others.values().filter(|state| state.code() == code).count() as u64;
            (code, if code == SignatureState::CODES[0] { self.good_count() } else { others })
        })
    }
}
