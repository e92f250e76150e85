//! How far archives are signed: one state per archive, each with its own code.
//!
//! Three answers, never a bool: good, unknown, bad, and why. Pure data; who finds the states out is
//! `openpgp`, who adds them up is `sign`. Told by `report` and `cli`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::package::ObjectKey;

/// Which of an archive's signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignaturePlace {
    /// Its place in the file, from 1.
    pub place: usize,
    /// Number of signatures in the file.
    pub count: usize,
}

impl SignaturePlace {
    /// Tells whether a reader that looks at the first signature only, as Kibana does, finds it.
    pub fn is_first(self) -> bool {
        self.place == 1
    }
}

impl fmt::Display for SignaturePlace {
    /// Such as `number 2 of 3 signatures`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "number {} of {} signatures", self.place, self.count)
    }
}

/// How an archive stands with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "evidence")]
#[serde(deny_unknown_fields)]
#[derive(strum::IntoStaticStr, strum::VariantNames)]
#[strum(prefix = "signature-", serialize_all = "kebab-case")]
pub enum SignatureState {
    /// Made over exactly these bytes by a key that was usable then.
    #[serde(rename = "signature-good")]
    Good {
        /// Fingerprint of the key that signed, hex.
        fingerprint: String,
        /// Which signature it is, where there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        among: Option<SignaturePlace>,
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
    /// Not over these bytes, by a known key, or by any key as far as its open 16 bits tell; or
    /// marked as not to be taken by those who do not understand all of it.
    #[serde(rename = "signature-bad")]
    Bad {
        /// Fingerprint of the key, or what the signature names instead, hex.
        fingerprint: String,
        /// What is critical in it and not understood, such as `subpacket 99`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unknown_critical: Option<String>,
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

impl SignatureState {
    /// All codes.
    pub const CODES: &'static [&'static str] = <SignatureState as strum::VariantNames>::VARIANTS;

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// What it means, as a fragment of a sentence.
    pub fn message(&self) -> String {
        match self {
            SignatureState::Good { fingerprint, among: None } => format!("signed by {fingerprint}"),
            SignatureState::Good { fingerprint, among: Some(place) } if place.is_first() => {
                format!("signed by {fingerprint}, {place}")
            }
            SignatureState::Good { fingerprint, among: Some(place) } => format!(
                "signed by {fingerprint}, {place}; Kibana judges the first only, and calls the package unverified"
            ),
            SignatureState::Missing => "not signed".to_owned(),
            SignatureState::UnknownKey { issuer } => {
                format!("signed by {issuer}, a key that was not given")
            }
            SignatureState::Bad { fingerprint, unknown_critical: None } => {
                format!("the signature by {fingerprint} is not over these bytes")
            }
            SignatureState::Bad { fingerprint, unknown_critical: Some(what) } => {
                format!("the signature by {fingerprint} has a critical {what}, which is unknown")
            }
            SignatureState::KeyExpired { fingerprint } => {
                format!("signed by {fingerprint}, which had expired by then")
            }
            SignatureState::KeyRevoked { fingerprint } => {
                format!("signed by {fingerprint}, which was revoked")
            }
            SignatureState::Stale { fingerprint } => {
                format!("the signature by {fingerprint} is older than the archive, and not over it")
            }
            SignatureState::Orphan => "a signature without its archive".to_owned(),
            SignatureState::Malformed { detail } => format!("no usable signature: {detail}"),
        }
    }

    /// Tells whether such a signature may be published: it is good, or nothing speaks against it
    /// but that nobody gave the key.
    pub fn may_be_published(&self) -> bool {
        matches!(self, SignatureState::Good { .. } | SignatureState::UnknownKey { .. })
    }
}

/// How far all archives of a plan, or of a place, are signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Number of archives with a good signature, by the fingerprint of the key that signed.
    pub good: BTreeMap<String, u64>,
    /// Number of archives whose signature is still to be made; zero but in a dry run.
    pub pending_count: u64,
    /// Archives with a good signature beside others, by their key.
    pub several: BTreeMap<ObjectKey, SignaturePlace>,
    /// All that is not good: archives by their key, orphans by their own.
    pub others: BTreeMap<ObjectKey, SignatureState>,
}

impl Coverage {
    /// The coverage of archives none of which is signed.
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

    /// Number of archives with a good signature.
    pub fn good_count(&self) -> u64 {
        self.good.values().sum()
    }

    /// Archives whose good signature is not the first in its file.
    pub fn good_but_not_first(&self) -> impl Iterator<Item = (&ObjectKey, SignaturePlace)> {
        let several = self.several.iter().map(|(key, place)| (key, *place));
        several.filter(|(_, place)| !place.is_first())
    }

    /// Number of archives, signed or not.
    pub fn archive_count(&self) -> u64 {
        let others = self.others.values().filter(|state| **state != SignatureState::Orphan);
        self.good_count() + self.pending_count + others.count() as u64
    }

    /// Number of archives with a signature that may be published.
    pub fn signed_count(&self) -> u64 {
        let others = self.others.values().filter(|state| state.may_be_published());
        self.good_count() + others.count() as u64
    }

    /// Number of archives whose signature nobody can check, for lack of the key.
    pub fn unknown_count(&self) -> u64 {
        let is_unknown =
            |state: &&SignatureState| matches!(state, SignatureState::UnknownKey { .. });
        self.others.values().filter(is_unknown).count() as u64
    }

    /// Tells whether not a single signature is there, or would be made.
    pub fn is_unsigned(&self) -> bool {
        let is_missing = |state: &SignatureState| *state == SignatureState::Missing;
        self.good.is_empty() && self.pending_count == 0 && self.others.values().all(is_missing)
    }

    /// Every code with the number of archives (or orphans) in that state.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        SignatureState::CODES.iter().map(|&code| {
            let others = self.others.values().filter(|state| state.code() == code).count() as u64;
            (code, if code == SignatureState::CODES[0] { self.good_count() } else { others })
        })
    }
}
