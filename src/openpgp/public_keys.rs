//! The public keys that signatures are checked with, from files of any OpenPGP program.
//!
//! Each file may hold several keys, armored or binary; several armored blocks may follow each other,
//! with text between them. A key that cannot be used keeps no other one from being used, and is
//! named with the reason.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use pgp::composed::SignedPublicKey;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{PublicKey, PublicSubkey};
use pgp::types::{Fingerprint, KeyDetails, KeyId, PublicParams, SignatureBytes, Tag, VerifyingKey};

use super::algorithm;
use super::certificate::{KeyState, primary_standing, subkey_standing};
use super::issuer::Issuer;
use super::keyring::{Unusable, WhyUnusable, certificates};
use super::packets::{self, KEY_FILE_MAX_LEN};
use super::{read_bounded, timestamp};
use crate::error::Error;

/// Keys that may have signed, with what their owners say about them.
#[derive(Debug, Default)]
pub struct PublicKeys {
    keys: Vec<CheckingKey>,
    /// What cannot be used, with the file it is in.
    unusable: Vec<(PathBuf, Unusable)>,
}

/// A primary key or a subkey.
#[derive(Debug)]
pub(super) struct CheckingKey {
    packet: Packet,
    pub(super) standing: KeyState,
}

#[derive(Debug)]
enum Packet {
    Primary(PublicKey),
    Subkey(PublicSubkey),
}

/// Why a file has no keys.
#[derive(Debug, thiserror::Error)]
enum RingFault {
    #[error("it is longer than {KEY_FILE_MAX_LEN} bytes")]
    TooLong,
    #[error("it holds no OpenPGP key")]
    NoKey,
    #[error("it is a keybox of GnuPG")]
    Keybox,
    #[error("it holds a secret key")]
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
            RingFault::Secret => Some(
                "name the public key, and keep the secret one out of here: `gpg --armor --export <key>`",
            ),
            RingFault::TooLong | RingFault::Damaged(_) | RingFault::Unusable(_) => None,
        }
    }
}

impl PublicKeys {
    /// Reads files of keys; `now` is when their self-signatures must count.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::PublicKeys`] when a file is none of public keys, or holds none
    /// that can be used for checking. A key that has expired or was revoked can be.
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

    /// Tells whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Fingerprints of all keys and subkeys, hex, in the order of the files.
    pub fn fingerprints(&self) -> impl Iterator<Item = String> {
        self.keys.iter().map(|key| key.fingerprint().to_string())
    }

    /// What is in the files and cannot be used for checking, and why: a sentence for each.
    pub fn unusable(&self) -> impl Iterator<Item = String> {
        self.unusable.iter().map(|(path, key)| format!("{}: {key}", path.display()))
    }

    /// Why a signature's issuer, which is in the files, cannot be asked.
    pub(super) fn why_unusable(&self, issuer: &Issuer) -> Option<String> {
        let mut unusable = self.unusable.iter().map(|(_, key)| key);
        unusable.find(|key| key.is(issuer)).map(|key| format!("{key}, and has signed"))
    }

    /// All keys in a file, those that can be used and those that cannot.
    fn of_file(
        bytes: &[u8],
        now: SystemTime,
    ) -> Result<(Vec<CheckingKey>, Vec<Unusable>), RingFault> {
        // GnuPG's kbx: the first blob's length and type, version, flags, then this.
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

    /// The keys of one certificate; none when its primary key has no self-signature that counts.
    pub(super) fn of(key: &SignedPublicKey, now: SystemTime) -> Option<Self> {
        let now = timestamp(now);
        let of_primary = primary_standing(key, now)?;
        let subkeys = key.public_subkeys.iter().filter_map(|subkey| {
            // A subkey that nobody vouches for is not this certificate's.
            let standing = subkey_standing(key, &of_primary, subkey, now)?;
            Some(CheckingKey { packet: Packet::Subkey(subkey.key.clone()), standing })
        });
        let primary = Packet::Primary(key.primary_key.clone());
        let mut keys = vec![CheckingKey { packet: primary, standing: of_primary.clone() }];
        keys.extend(subkeys);
        Some(PublicKeys { keys, unusable: Vec::new() })
    }

    /// The keys that may be a signature's issuer; several only where short ids collide.
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

    /// Tells whether this key has signed a digest.
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
