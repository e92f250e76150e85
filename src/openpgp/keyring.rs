//! The certificates in a file of public keys, each for itself: one that is broken, or of an algorithm
//! that is not known here, takes no other one along.
//!
//! Says nothing of what a certificate allows: that is `certificate`.

use std::fmt;

use pgp::composed::{Deserializable, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Packet, PublicKey, PublicSubkey};
use pgp::types::{Fingerprint, KeyDetails, KeyId, KeyVersion, Tag};

use super::algorithm;
use super::issuer::Issuer;
use super::packets::{RawPacket, Role};

/// Types of signatures that revoke: a key, a subkey, a user id (RFC 9580, 5.2.1).
const REVOKING: [u8; 3] = [0x20, 0x28, 0x30];

/// A key or a subkey that cannot be used for checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    /// None where the packet does not tell.
    names: Option<(Fingerprint, KeyId)>,
    pub(super) why: WhyUnusable,
}

/// Why a key cannot be used for checking.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WhyUnusable {
    #[error("has no valid self-signature")]
    Unbound,
    #[error("is of OpenPGP version {0}; only version 4 is known here")]
    Version(u8),
    #[error("is of an algorithm that is not known here: {0}")]
    Algorithm(String),
    #[error("is of an algorithm that v2's readers refuse as too weak: {0}")]
    Weak(String),
    #[error("has a critical packet of the unknown type {0}")]
    Critical(u8),
    #[error("is damaged: {0}")]
    Damaged(String),
}

impl Unusable {
    pub(super) fn new(key: &impl KeyDetails, why: WhyUnusable) -> Self {
        Unusable { names: Some((key.fingerprint(), key.legacy_key_id())), why }
    }

    /// Tells whether it is the key that a signature names.
    pub(super) fn is(&self, issuer: &Issuer) -> bool {
        self.names.as_ref().is_some_and(|(own, own_id)| match issuer {
            Issuer::Fingerprint(fingerprint) => own == fingerprint,
            Issuer::KeyId(id) => own_id == id,
        })
    }

    /// For a key that pgp cannot parse, but of which version 4 tells the fingerprint (RFC 9580,
    /// 5.5.4.2).
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

/// What can be used of a certificate, and what cannot.
pub(super) struct Certificate {
    /// None when its primary key cannot be used, and so nothing of it.
    pub(super) key: Option<SignedPublicKey>,
    pub(super) unusable: Vec<Unusable>,
}

/// The certificates in a file, in its order; none when it does not begin with one.
pub(super) fn certificates(packets: &[RawPacket<'_>]) -> Option<Vec<Certificate>> {
    let mut packets: Vec<&RawPacket<'_>> =
        packets.iter().filter(|packet| packet.role() != Role::Nothing).collect();
    if packets.first()?.tag() != Tag::PublicKey {
        return None;
    }
    let mut certificates = Vec::new();
    while !packets.is_empty() {
        let behind = packets[1..].iter().position(|packet| packet.tag() == Tag::PublicKey);
        let rest = packets.split_off(behind.map_or(packets.len(), |at| at + 1));
        certificates.push(certificate(&packets));
        packets = rest;
    }
    Some(certificates)
}

/// `packets` begin with a primary key, and hold no other one.
fn certificate(packets: &[&RawPacket<'_>]) -> Certificate {
    let mut unusable = Vec::new();
    let sound = sound_packets(packets, &mut unusable);
    let parsed = sound.and_then(|sound| {
        SignedPublicKey::from_packets(sound.into_iter().map(Ok).peekable()).next()
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

/// The packets of a certificate without the subkeys that cannot be used; none when the primary key
/// cannot be.
fn sound_packets(packets: &[&RawPacket<'_>], unusable: &mut Vec<Unusable>) -> Option<Vec<Packet>> {
    let mut sound = Vec::new();
    let mut is_left_out = false;
    for (at, packet) in packets.iter().enumerate() {
        if let Role::Critical(number) = packet.role() {
            unusable.push(Unusable::unparsed(packets[0], WhyUnusable::Critical(number)));
            return None;
        }
        let parsed = match packet.tag() {
            Tag::PublicKey | Tag::PublicSubkey => {
                is_left_out = false;
                key(packet)
            }
            // What belongs to a subkey that is left out.
            _ if is_left_out => continue,
            _ => match packet.parse() {
                // A signature that cannot be read says nothing (RFC 9580, 5.2.5), unless it revokes.
                Err(_) if !is_revocation(packet) => continue,
                parsed => parsed.map_err(|error| Unusable::unparsed(packets[0], damaged(&error))),
            },
        };
        match parsed {
            Ok(packet) => sound.push(packet),
            Err(fault) => {
                unusable.push(fault);
                if at == 0 || packet.tag() != Tag::PublicSubkey {
                    return None;
                }
                is_left_out = true;
            }
        }
    }
    Some(sound)
}

fn is_revocation(packet: &RawPacket<'_>) -> bool {
    // Behind the version, in all that are known.
    packet.tag() == Tag::Signature
        && packet.body().get(1).is_some_and(|kind| REVOKING.contains(kind))
}

/// A primary key or a subkey of version 4 and a known algorithm.
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
