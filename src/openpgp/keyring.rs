//! The certificates in a file of public keys, each independent of the others: a damaged or unsupported
//! one does not make the others unusable.
//!
//! The permitted uses of a certificate are in `certificate`.

use std::fmt;

use pgp::composed::{Deserializable, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Packet, PublicKey, PublicSubkey};
use pgp::types::{Fingerprint, KeyDetails, KeyId, KeyVersion, Tag};

use super::algorithm;
use super::issuer::Issuer;
use super::packets::{RawPacket, Role};

/// Signature types of revocations: of a key, a subkey, a user id (RFC 9580, 5.2.1).
const REVOKING: [u8; 3] = [0x20, 0x28, 0x30];

/// A key or a subkey that cannot be used for checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    /// `None` when the packet does not allow computing them.
    names: Option<(Fingerprint, KeyId)>,
    pub(super) why: WhyUnusable,
}

/// Why a key cannot be used for checking.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WhyUnusable {
    #[error("has no valid self-signature")]
    Unbound,
    #[error("has OpenPGP version {0}; only version 4 is supported")]
    Version(u8),
    #[error("has an unsupported algorithm: {0}")]
    Algorithm(String),
    #[error("has an algorithm that v2's readers reject as too weak: {0}")]
    Weak(String),
    #[error("has a critical packet of unknown type {0}")]
    Critical(u8),
    #[error("is damaged: {0}")]
    Damaged(String),
}

impl Unusable {
    pub(super) fn new(key: &impl KeyDetails, why: WhyUnusable) -> Self {
        Unusable { names: Some((key.fingerprint(), key.legacy_key_id())), why }
    }

    /// Returns whether it is the key that a signature declares as its issuer.
    pub(super) fn is_issuer(&self, issuer: &Issuer) -> bool {
        self.names.as_ref().is_some_and(|(own, own_id)| match issuer {
            Issuer::Fingerprint(fingerprint) => own == fingerprint,
            Issuer::KeyId(id) => own_id == id,
        })
    }

    /// Creates the fault of a key that pgp cannot parse; the fingerprint of version 4 is computed from the
    /// bytes (RFC 9580, 5.5.4.2).
    fn unparsed(packet: &RawPacket<'_>, why: WhyUnusable) -> Self {
        let body = packet.body();
        let fingerprint = u16::try_from(body.len()).ok().filter(|_| body.first() == Some(&4));
        let fingerprint = fingerprint.and_then(|len| {
            let hashed = [&[0x99], &len.to_be_bytes()[..], body].concat();
            let digest = HashAlgorithm::Sha1.digest(&hashed).ok()?;
            let id = <[u8; 8]>::try_from(digest.get(12..)?).ok()?;
            Some((Fingerprint::new(KeyVersion::V4, &digest).ok()?, KeyId::from(id)))
        });
        Unusable { names: fingerprint, why }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.names {
            Some((fingerprint, _)) => write!(f, "the key {fingerprint} {}", self.why),
            None => write!(f, "a key {}", self.why),
        }
    }
}

/// The usable and the unusable keys of a certificate.
pub(super) struct Certificate {
    /// `None` when the primary key is unusable, and so the whole certificate.
    pub(super) key: Option<SignedPublicKey>,
    pub(super) unusable: Vec<Unusable>,
}

/// Returns the certificates in a file, in order; `None` when it does not start with one.
pub(super) fn certificates(packets: &[RawPacket<'_>]) -> Option<Vec<Certificate>> {
    let mut packets: Vec<&RawPacket<'_>> =
        packets.iter().filter(|packet| packet.role() != Role::Ignored).collect();
    if packets.first()?.tag() != Tag::PublicKey {
        return None;
    }
    let mut certificates = Vec::new();
    while !packets.is_empty() {
        let next = packets[1..].iter().position(|packet| packet.tag() == Tag::PublicKey);
        let rest = packets.split_off(next.map_or(packets.len(), |at| at + 1));
        certificates.push(certificate(&packets));
        packets = rest;
    }
    Some(certificates)
}

/// Parses a certificate; `packets` start with a primary key, and contain no other one.
fn certificate(packets: &[&RawPacket<'_>]) -> Certificate {
    let mut unusable = Vec::new();
    let usable = usable_packets(packets, &mut unusable);
    let parsed = usable.and_then(|usable| {
        SignedPublicKey::from_packets(usable.into_iter().map(Ok).peekable()).next()
    });
    let key = match parsed {
        Some(Err(error)) => {
            unusable.push(Unusable::unparsed(packets[0], damaged(&error)));
            None
        }
        Some(Ok(key)) => Some(key),
        None => None,
    };
    Certificate { key, unusable }
}

/// Returns the packets of a certificate without its unusable subkeys; `None` when the primary key
/// is unusable.
fn usable_packets(packets: &[&RawPacket<'_>], unusable: &mut Vec<Unusable>) -> Option<Vec<Packet>> {
    let mut usable = Vec::new();
    let mut skips_subkey = false;
    for (at, packet) in packets.iter().enumerate() {
        if let Role::Critical(number) = packet.role() {
            unusable.push(Unusable::unparsed(packets[0], WhyUnusable::Critical(number)));
            return None;
        }
        let parsed = match packet.tag() {
            Tag::PublicKey | Tag::PublicSubkey => {
                skips_subkey = false;
                key(packet)
            }
            // Belongs to a skipped subkey.
            _ if skips_subkey => continue,
            _ => match packet.parse() {
                // An unreadable signature is ignored (RFC 9580, 5.2.5), unless it is a revocation.
                Err(_) if !is_revocation(packet) => continue,
                parsed => parsed.map_err(|error| Unusable::unparsed(packets[0], damaged(&error))),
            },
        };
        match parsed {
            Ok(packet) => usable.push(packet),
            Err(fault) => {
                unusable.push(fault);
                if at == 0 || packet.tag() != Tag::PublicSubkey {
                    return None;
                }
                skips_subkey = true;
            }
        }
    }
    Some(usable)
}

fn is_revocation(packet: &RawPacket<'_>) -> bool {
    // The type follows the version, in all known versions.
    packet.tag() == Tag::Signature
        && packet.body().get(1).is_some_and(|kind| REVOKING.contains(kind))
}

/// Parses a primary key or a subkey, which must have version 4 and a supported algorithm.
fn key(packet: &RawPacket<'_>) -> Result<Packet, Unusable> {
    match packet.body().first() {
        Some(4) => {}
        Some(version) => {
            return Err(Unusable::unparsed(packet, WhyUnusable::Version(*version)));
        }
        None => return Err(Unusable::unparsed(packet, WhyUnusable::Damaged("empty".to_owned()))),
    }
    let parsed = packet.parse().map_err(|error| Unusable::unparsed(packet, damaged(&error)))?;
    let unsupported = match &parsed {
        Packet::PublicKey(key) => unsupported(key),
        Packet::PublicSubkey(key) => unsupported_subkey(key),
        _ => None,
    };
    match unsupported {
        Some(unusable) => Err(unusable),
        None => Ok(parsed),
    }
}

fn unsupported(key: &PublicKey) -> Option<Unusable> {
    let name = algorithm::unsupported(key.algorithm(), key.public_params())?;
    Some(Unusable::new(key, WhyUnusable::Algorithm(name)))
}

fn unsupported_subkey(key: &PublicSubkey) -> Option<Unusable> {
    let name = algorithm::unsupported(key.algorithm(), key.public_params())?;
    Some(Unusable::new(key, WhyUnusable::Algorithm(name)))
}

fn damaged(error: &pgp::errors::Error) -> WhyUnusable {
    WhyUnusable::Damaged(error.to_string())
}
