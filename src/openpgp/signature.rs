//! The detached signatures of one file: parsed strictly, written as armor, checked incrementally.
//!
//! Accepts what the consumers of v2 can check: signatures of OpenPGP version 4 over a binary
//! document, with a digest of the SHA-2 family (RFC 9580, 5.2 and 10.4). Everything else is
//! [`Malformed`]. A single signature is checked by `part`.

use std::time::SystemTime;

use pgp::crypto::hash::HashAlgorithm;
use pgp::types::Tag;

use super::packets::{self, Role};
use super::part::{Malformed, Part, Times, malformed};
use super::public_keys::PublicKeys;
use super::{SIGNATURE_MAX_LEN, armor, timestamp};
use crate::digest::{Sha2Hasher, Sha256Hasher};
use crate::model::signature_status::{SignaturePlace, SignatureState};

/// The signatures in a signature file: usually one.
#[derive(Clone, Debug)]
pub struct DetachedSignature {
    /// The packets of the signatures, unchanged.
    packets: Vec<u8>,
    /// At least one of them is acceptable.
    parts: Vec<Result<Part, Malformed>>,
    /// The index of the first acceptable one.
    first: usize,
    /// The type of an unknown critical packet.
    critical_packet: Option<u8>,
}

impl DetachedSignature {
    /// Parses signatures, armored or binary. Of several, those that are not acceptable are ignored
    /// (RFC 9580, 5.2.5).
    ///
    /// # Errors
    /// No acceptable signature, other packets than signatures, or more than [`SIGNATURE_MAX_LEN`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() as u64 > SIGNATURE_MAX_LEN {
            return Err(malformed(format!("longer than {SIGNATURE_MAX_LEN} bytes")));
        }
        match bytes.first() {
            None => Err(malformed("empty")),
            Some(first) if first & 0x80 != 0 => Self::from_packets(bytes),
            Some(_) => Self::from_packets(&unarmor(bytes)?),
        }
    }

    fn from_packets(bytes: &[u8]) -> Result<Self, Malformed> {
        let all = packets::split(bytes).map_err(|fault| malformed(fault.to_string()))?;
        let (mut packets, mut parts, mut critical_packet) = (Vec::new(), Vec::new(), None);
        for packet in all {
            match (packet.role(), packet.tag()) {
                (Role::Ignored, _) => {}
                (Role::Critical(number), _) => critical_packet = critical_packet.or(Some(number)),
                (Role::Content, Tag::Signature) => {
                    packets.extend_from_slice(packet.bytes);
                    parts.push(Part::parse(&packet));
                }
                (Role::Content, other) => {
                    return Err(malformed(format!("not a signature, but {other:?}")));
                }
            }
        }
        let Some(first) = parts.iter().position(Result::is_ok) else {
            let malformed = parts.into_iter().find_map(Result::err);
            return Err(malformed.unwrap_or_else(|| Malformed("no OpenPGP packet".to_owned())));
        };
        Ok(DetachedSignature { packets, parts, first, critical_packet })
    }

    fn acceptable(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter_map(|part| part.as_ref().ok())
    }

    fn first(&self) -> &Part {
        self.parts[self.first].as_ref().expect("the first acceptable one")
    }

    /// Returns the declared issuer of the first acceptable signature: a fingerprint, or else a key id,
    /// hex.
    pub fn issuer(&self) -> String {
        self.first().issuer.to_string()
    }

    /// Returns the declared creation time of the first acceptable signature.
    pub fn created(&self) -> SystemTime {
        self.first().created.into()
    }

    /// Encodes the same packets as ASCII armor, with the checksum that older readers require.
    pub fn to_armor(&self) -> String {
        armor::of_signature(&self.packets)
    }

    /// Starts to check a file.
    pub fn checker(&self) -> Checker<'_> {
        self.checker_with(|hash| match hash {
            HashAlgorithm::Sha384 => Sha2Hasher::sha384(),
            HashAlgorithm::Sha512 => Sha2Hasher::sha512(),
            _ => Sha2Hasher::sha256(Sha256Hasher::default()),
        })
    }

    /// Returns a checker of the bytes that `sha256` has hashed; `None` when a signature has another digest.
    pub fn checker_after(&self, sha256: &Sha256Hasher) -> Option<Checker<'_>> {
        let is_enough = self.acceptable().all(|part| part.hash == HashAlgorithm::Sha256);
        is_enough.then(|| self.checker_with(|_| Sha2Hasher::sha256(sha256.clone())))
    }

    fn checker_with(&self, hasher: impl Fn(HashAlgorithm) -> Sha2Hasher) -> Checker<'_> {
        let mut hashers: Vec<(HashAlgorithm, Sha2Hasher)> = Vec::new();
        for part in self.acceptable() {
            if hashers.iter().all(|(hash, _)| *hash != part.hash) {
                hashers.push((part.hash, hasher(part.hash)));
            }
        }
        Checker { signature: self, hashers }
    }
}

/// Hashes a file, and finally checks the signatures over it.
pub struct Checker<'a> {
    signature: &'a DetachedSignature,
    /// One for each digest algorithm of the signatures.
    hashers: Vec<(HashAlgorithm, Sha2Hasher)>,
}

impl Checker<'_> {
    /// Adds the file's next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for (_, hasher) in &mut self.hashers {
            hasher.update(bytes);
        }
    }

    fn digest(&self, part: &Part) -> Vec<u8> {
        let (_, hasher) = self
            .hashers
            .iter()
            .find(|(hash, _)| *hash == part.hash)
            .expect("each digest algorithm has a hasher");
        let mut hasher = hasher.clone();
        hasher.update(&part.trailer);
        hasher.finish()
    }

    /// Returns whether a signature is certainly over other bytes, judging by the 16 bits of its digest
    /// that can be compared without a key.
    pub fn is_over_other_bytes(&self) -> bool {
        self.signature.acceptable().any(|part| !self.digest(part).starts_with(&part.left_16_bits))
    }

    /// Checks the signatures over the added bytes, at the time `now`. `modified` is when the file
    /// was last written.
    ///
    /// Several signatures are good when at least one is good, and none is bad.
    pub fn finish(
        self,
        keys: &PublicKeys,
        modified: SystemTime,
        now: SystemTime,
    ) -> SignatureState {
        if let Some(number) = self.signature.critical_packet {
            let fingerprint = self.signature.issuer();
            let unknown_critical = Some(format!("packet {number}"));
            return SignatureState::Bad { fingerprint, unknown_critical };
        }
        let times = Times { modified: timestamp(modified), now: timestamp(now) };
        let states = self.signature.parts.iter().map(|part| match part {
            Ok(part) => (part.judge(&self.digest(part), keys, times), true),
            Err(malformed) => (malformed.clone().into(), false),
        });
        let count = self.signature.parts.len();
        let decisive = states.enumerate().min_by_key(|(_, (state, is_acceptable))| {
            // The first one of the same rank.
            rank(state, *is_acceptable)
        });
        match decisive.expect("there is a signature") {
            (index, (SignatureState::Good { fingerprint, .. }, _)) if count > 1 => {
                let among = Some(SignaturePlace { place: index + 1, count });
                SignatureState::Good { fingerprint, among }
            }
            (_, (state, _)) => state,
        }
    }
}

/// Returns the rank of a signature among several: the lowest one determines the result.
fn rank(state: &SignatureState, is_acceptable: bool) -> u8 {
    match state {
        SignatureState::Bad { .. } | SignatureState::Stale { .. } => 0,
        SignatureState::Good { .. } => 1,
        SignatureState::KeyRevoked { .. } => 2,
        SignatureState::KeyExpired { .. } => 3,
        SignatureState::Malformed { .. } if is_acceptable => 4,
        SignatureState::UnknownKey { .. } => 5,
        // An unacceptable signature does not affect the result.
        SignatureState::Malformed { .. } | SignatureState::Missing | SignatureState::Orphan => 6,
    }
}

/// Decodes all blocks of armor, which must be signatures.
fn unarmor(text: &[u8]) -> Result<Vec<u8>, Malformed> {
    let blocks = armor::blocks(text);
    if blocks.is_empty() || blocks.iter().any(|block| block.kind != b"PGP SIGNATURE") {
        return Err(malformed("not an OpenPGP signature"));
    }
    let mut packets = Vec::new();
    for block in blocks {
        let bytes = block.decode().map_err(|fault| malformed(format!("damaged armor: {fault}")))?;
        packets.extend_from_slice(&bytes);
    }
    Ok(packets)
}
