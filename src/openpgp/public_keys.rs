//! The public keys that signatures are checked with, from files of any OpenPGP program.
//!
//! Each file may hold several keys, armored or binary; several armored blocks may follow each
//! other, with text between them.

use std::path::PathBuf;
use std::time::SystemTime;

use pgp::composed::{Deserializable, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{PacketTrait, PublicKey, PublicSubkey};
use pgp::types::{Fingerprint, KeyDetails, KeyId, KeyVersion, SignatureBytes, Tag, VerifyingKey};

use super::certificate::{KeyState, primary_standing, subkey_standing};
use super::packets::{self, KEY_FILE_MAX_LEN};
use super::{read_bounded, timestamp};
use crate::error::Error;

/// Keys that may have signed, with what their owners say about them.
#[derive(Debug, Default)]
pub struct PublicKeys {
    keys: Vec<CheckingKey>,
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

/// Who a signature says has made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    Fingerprint(Fingerprint),
    KeyId(KeyId),
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
    #[error("the key {0} has no valid self-signature")]
    Unbound(Fingerprint),
    #[error("the key {0} is of OpenPGP version {1}; only version 4 is known here")]
    Version(Fingerprint, u8),
}

impl RingFault {
    fn hint(&self) -> Option<&'static str> {
        const EXPORT: &str = "export the key: `gpg --armor --export <key>`";
        match self {
            RingFault::NoKey | RingFault::Keybox | RingFault::Unbound(_) => Some(EXPORT),
            RingFault::Secret => Some(
                "name the public key, and keep the secret one out of here: `gpg --armor --export <key>`",
            ),
            RingFault::TooLong | RingFault::Damaged(_) | RingFault::Version(..) => None,
        }
    }
}

impl PublicKeys {
    /// Reads files of keys; `now` is when their self-signatures must count.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::PublicKeys`] when a file is none of public keys, or holds a key
    /// that cannot be used for checking. A key that has expired or was revoked can be.
    pub fn load(paths: &[PathBuf], now: SystemTime) -> Result<Self, Error> {
        let mut keys = PublicKeys::default();
        for path in paths {
            let bytes = read_bounded(path, KEY_FILE_MAX_LEN)?;
            let added = match bytes {
                Some(bytes) => keys.add_all(&bytes, now),
                None => Err(RingFault::TooLong),
            };
            added.map_err(|fault| Error::PublicKeys {
                path: path.clone(),
                hint: fault.hint(),
                source: fault.into(),
            })?;
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

    fn add_all(&mut self, bytes: &[u8], now: SystemTime) -> Result<(), RingFault> {
        // GnuPG's kbx: the first blob's length and type, version, flags, then this.
        if bytes.get(8..12) == Some(b"KBXf") {
            return Err(RingFault::Keybox);
        }
        let damaged = |error: pgp::errors::Error| RingFault::Damaged(error.to_string());
        let packets = packets::parse(bytes).map_err(damaged)?;
        if packets.iter().any(|packet| packet.tag() == Tag::SecretKey) {
            return Err(RingFault::Secret);
        }
        // What is no key at the beginning would only be ignored.
        if packets.first().is_none_or(|packet| packet.tag() != Tag::PublicKey) {
            return Err(RingFault::NoKey);
        }
        for key in SignedPublicKey::from_packets(packets.into_iter().map(Ok).peekable()) {
            self.add(&key.map_err(damaged)?, now)?;
        }
        Ok(())
    }

    fn add(&mut self, key: &SignedPublicKey, now: SystemTime) -> Result<(), RingFault> {
        if key.version() != KeyVersion::V4 {
            return Err(RingFault::Version(key.fingerprint(), key.version().into()));
        }
        match Self::of(key, now) {
            Some(mut keys) => self.keys.append(&mut keys.keys),
            None => return Err(RingFault::Unbound(key.fingerprint())),
        }
        Ok(())
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
        Some(PublicKeys { keys })
    }

    /// The keys that may be a signature's issuer; several only where short ids collide.
    pub(super) fn find(&self, issuer: &Issuer) -> impl Iterator<Item = &CheckingKey> {
        self.keys.iter().filter(move |key| match issuer {
            Issuer::Fingerprint(fingerprint) => key.fingerprint() == *fingerprint,
            Issuer::KeyId(id) => key.key_id() == *id,
        })
    }
}

impl CheckingKey {
    pub(super) fn fingerprint(&self) -> Fingerprint {
        match &self.packet {
            Packet::Primary(key) => key.fingerprint(),
            Packet::Subkey(key) => key.fingerprint(),
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
