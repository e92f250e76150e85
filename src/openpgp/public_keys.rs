//! The public keys that signatures are checked with, from files of any OpenPGP program.
//!
//! Each file may contain several keys, armored or binary; several armored blocks may follow each other,
//! with text between them. An unusable key does not make the others unusable, and is
//! reported with the reason.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use pgp::composed::SignedPublicKey;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{PublicKey, PublicSubkey};
use pgp::types::{Fingerprint, KeyDetails, KeyId, PublicParams, SignatureBytes, Tag, VerifyingKey};

use super::algorithm;
use super::certificate::{KeyState, primary_state, subkey_state};
use super::issuer::Issuer;
use super::keyring::{Unusable, WhyUnusable, certificates};
use super::packets::{self, KEY_FILE_MAX_LEN};
use super::{read_bounded, timestamp};
use crate::error::Error;

/// Keys that may have signed, with their states.
#[derive(Debug, Default)]
pub struct PublicKeys {
    keys: Vec<CheckingKey>,
    /// The unusable keys, each with its file.
    unusable: Vec<(PathBuf, Unusable)>,
}

/// A primary key or a subkey.
#[derive(Debug)]
pub(super) struct CheckingKey {
    packet: Packet,
    pub(super) state: KeyState,
}

#[derive(Debug)]
enum Packet {
    Primary(PublicKey),
    Subkey(PublicSubkey),
}

/// Why a file has no usable keys.
#[derive(Debug, thiserror::Error)]
enum RingFault {
    #[error("it is longer than {KEY_FILE_MAX_LEN} bytes")]
    TooLong,
    #[error("it contains no OpenPGP key")]
    NoKey,
    #[error("it is a GnuPG keybox")]
    Keybox,
    #[error("it contains a secret key")]
    Secret,
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("{}", list(.0))]
    Unusable(Vec<Unusable>),
}

fn list(unusable: &[Unusable]) -> String {
    unusable.iter().map(Unusable::to_string).collect::<Vec<_>>().join("; ")
}

impl RingFault {
    fn hint(&self) -> Option<&'static str> {
        const EXPORT: &str = "export the key: `gpg --armor --export <key>`";
        match self {
            RingFault::NoKey | RingFault::Keybox => Some(EXPORT),
            RingFault::Unusable(keys) if keys.iter().any(|key| key.why == WhyUnusable::Unbound) => {
                Some(EXPORT)
            }
            RingFault::Secret => {
                Some("specify a file with the public key only: `gpg --armor --export <key>`")
            }
            RingFault::TooLong | RingFault::Damaged(_) | RingFault::Unusable(_) => None,
        }
    }
}

impl PublicKeys {
    /// Reads files of keys; `now` is the time at which their self-signatures must be valid.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::PublicKeys`] when a file is not a file of public keys, or has no usable
    /// one. Expired and revoked keys are usable.
    pub fn load(paths: &[PathBuf], now: SystemTime) -> Result<Self, Error> {
        let mut keys = PublicKeys::default();
        for path in paths {
            let bytes = read_bounded(path, KEY_FILE_MAX_LEN)?;
            let added = match bytes {
                Some(bytes) => Self::of_file(&bytes, now),
                None => Err(RingFault::TooLong),
            };
            let (added, unusable) = added.map_err(|fault| Error::PublicKeys {
                path: path.clone(),
                hint: fault.hint(),
                source: fault.into(),
            })?;
            keys.keys.extend(added);
            keys.unusable.extend(unusable.into_iter().map(|key| (path.clone(), key)));
        }
        Ok(keys)
    }

    /// Returns whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the fingerprints of all keys and subkeys, hex, in the order of the files.
    pub fn fingerprints(&self) -> impl Iterator<Item = String> {
        self.keys.iter().map(|key| key.fingerprint().to_string())
    }

    /// Describes each unusable key in the files, with the reason.
    pub fn unusable(&self) -> impl Iterator<Item = String> {
        self.unusable.iter().map(|(path, key)| format!("{}: {key}", path.display()))
    }

    /// Returns why a signature's issuer is unusable, if it is one of the unusable keys in the files.
    pub(super) fn why_unusable(&self, issuer: &Issuer) -> Option<String> {
        let mut unusable = self.unusable.iter().map(|(_, key)| key);
        let unusable = unusable.find(|key| key.is_issuer(issuer));
        unusable.map(|key| format!("{key}, so its signature cannot be checked"))
    }

    /// Returns the usable and the unusable keys in a file.
    fn of_file(
        bytes: &[u8],
        now: SystemTime,
    ) -> Result<(Vec<CheckingKey>, Vec<Unusable>), RingFault> {
        // GnuPG's keybox format: the first blob's length and type, version, flags, then this.
        if bytes.get(8..12) == Some(b"KBXf") {
            return Err(RingFault::Keybox);
        }
        let bytes = packets::bytes_of_keys(bytes).map_err(damaged)?;
        let packets = packets::split(&bytes).map_err(damaged)?;
        if packets.iter().any(|packet| packet.tag() == Tag::SecretKey) {
            return Err(RingFault::Secret);
        }
        let (mut keys, mut unusable) = (Vec::new(), Vec::new());
        for certificate in certificates(&packets).ok_or(RingFault::NoKey)? {
            unusable.extend(certificate.unusable);
            let Some(key) = certificate.key else { continue };
            let Some(PublicKeys { keys: added, .. }) = Self::of(&key, now) else {
                let primary = &key.primary_key;
                let weak = algorithm::weak(primary.public_params()).map(WhyUnusable::Weak);
                unusable.push(Unusable::new(primary, weak.unwrap_or(WhyUnusable::Unbound)));
                continue;
            };
            for key in added {
                match algorithm::weak(key.params()) {
                    Some(name) => unusable.push(key.unusable(WhyUnusable::Weak(name))),
                    None => keys.push(key),
                }
            }
        }
        if keys.is_empty() {
            return Err(RingFault::Unusable(unusable));
        }
        Ok((keys, unusable))
    }

    /// Returns the keys of one certificate; `None` when its primary key has no valid self-signature.
    pub(super) fn of(key: &SignedPublicKey, now: SystemTime) -> Option<Self> {
        let now = timestamp(now);
        let primary_key_state = primary_state(key, now)?;
        let subkeys = key.public_subkeys.iter().filter_map(|subkey| {
            // A subkey without a valid binding does not belong to this certificate.
            let state = subkey_state(key, &primary_key_state, subkey, now)?;
            Some(CheckingKey { packet: Packet::Subkey(subkey.key.clone()), state })
        });
        let primary = Packet::Primary(key.primary_key.clone());
        let mut keys = vec![CheckingKey { packet: primary, state: primary_key_state.clone() }];
        keys.extend(subkeys);
        Some(PublicKeys { keys, unusable: Vec::new() })
    }

    /// Returns the keys that may be a signature's issuer; several only where key ids collide.
    pub(super) fn find(&self, issuer: &Issuer) -> impl Iterator<Item = &CheckingKey> {
        self.keys.iter().filter(move |key| match issuer {
            Issuer::Fingerprint(fingerprint) => key.fingerprint() == *fingerprint,
            Issuer::KeyId(id) => key.key_id() == *id,
        })
    }
}

fn damaged(fault: impl fmt::Display) -> RingFault {
    RingFault::Damaged(fault.to_string())
}

impl CheckingKey {
    fn params(&self) -> &PublicParams {
        match &self.packet {
            Packet::Primary(key) => key.public_params(),
            Packet::Subkey(key) => key.public_params(),
        }
    }

    fn unusable(&self, why: WhyUnusable) -> Unusable {
        match &self.packet {
            Packet::Primary(key) => Unusable::new(key, why),
            Packet::Subkey(key) => Unusable::new(key, why),
        }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        match &self.packet {
            Packet::Primary(key) => key.fingerprint(),
            Packet::Subkey(key) => key.fingerprint(),
        }
    }

    pub(super) fn algorithm(&self) -> PublicKeyAlgorithm {
        match &self.packet {
            Packet::Primary(key) => key.algorithm(),
            Packet::Subkey(key) => key.algorithm(),
        }
    }

    fn key_id(&self) -> KeyId {
        match &self.packet {
            Packet::Primary(key) => key.legacy_key_id(),
            Packet::Subkey(key) => key.legacy_key_id(),
        }
    }

    /// Returns whether this key has signed a digest.
    pub(super) fn has_signed(
        &self,
        hash: HashAlgorithm,
        digest: &[u8],
        signature: &SignatureBytes,
    ) -> bool {
        match &self.packet {
            Packet::Primary(key) => key.verify(hash, digest, signature),
            Packet::Subkey(key) => key.verify(hash, digest, signature),
        }
        .is_ok()
    }
}
