//! The detached signatures of one file: parsed strictly, written as armor, checked piece by piece.
//!
//! Taken is what the consumers of v2 can check: signatures of OpenPGP version 4 over a binary
//! document, with a digest of the SHA-2 family (RFC 9580, 5.2 and 10.4). Everything else is
//! [`Malformed`]. What a single one is worth is judged by `part`.

use std::time::SystemTime;

use pgp::crypto::hash::HashAlgorithm;
use pgp::types::Tag;

use super::packets::{self, Role};
use super::part::{Malformed, Part, Times, malformed};
use super::public_keys::PublicKeys;
use super::{SIGNATURE_MAX_LEN, armor, timestamp};
use crate::digest::{Sha2Hasher, Sha256Hasher};
use crate::model::signature_status::{SignaturePlace, SignatureState};

/// What lies beside a file as its signature: one signature, as a rule.
#[derive(Clone, Debug)]
pub struct DetachedSignature {
    /// The packets of the signatures, as they came.
    packets: Vec<u8>,
    /// At least one of them is sound.
    parts: Vec<Result<Part, Malformed>>,
    /// The first sound one.
    first: usize,
    /// The type of a packet that must not be ignored.
    critical_packet: Option<u8>,
}

impl DetachedSignature {
    /// Reads signatures, armored or binary. Of several, one that cannot be taken stands in nobody's
    /// way (RFC 9580, 5.2.5).
    ///
    /// # Errors
    /// Anything else, anything besides them, and anything longer than [`SIGNATURE_MAX_LEN`].
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
                (Role::Nothing, _) => {}
                (Role::Critical(number), _) => critical_packet = critical_packet.or(Some(number)),
                (Role::Content, Tag::Signature) => {
                    packets.extend_from_slice(packet.bytes);
                    parts.push(Part::parse(&packet));
                }
                (Role::Content, other) => {
                    return Err(malformed(format!("no signature, but {other:?}")));
                }
            }
        }
        let Some(first) = parts.iter().position(Result::is_ok) else {
            let malformed = parts.into_iter().find_map(Result::err);
            return Err(malformed.unwrap_or_else(|| Malformed("no OpenPGP packet".to_owned())));
        };
        Ok(DetachedSignature { packets, parts, first, critical_packet })
    }

    fn sound(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter_map(|part| part.as_ref().ok())
    }

    fn first(&self) -> &Part {
        self.parts[self.first].as_ref().expect("the first sound one")
    }

    /// Who the first signature that can be taken says has made it: a fingerprint, or else a key id,
    /// hex.
    pub fn issuer(&self) -> String {
        self.first().issuer.to_string()
    }

    /// When the first signature that can be taken says it was made.
    pub fn created(&self) -> SystemTime {
        self.first().created.into()
    }

    /// The same packets as ASCII armor, with the checksum that older readers ask for.
    pub fn to_armor(&self) -> String {
        armor::of_signature(&self.packets)
    }

    /// Begins to check a file.
    pub fn checker(&self) -> Checker<'_> {
        self.checker_with(|hash| match hash {
            HashAlgorithm::Sha384 => Sha2Hasher::sha384(),
            HashAlgorithm::Sha512 => Sha2Hasher::sha512(),
            _ => Sha2Hasher::sha256(Sha256Hasher::default()),
        })
    }

    /// A checker that has taken what `sha256` has; none when a signature has another digest.
    pub fn checker_after(&self, sha256: &Sha256Hasher) -> Option<Checker<'_>> {
        let is_enough = self.sound().all(|part| part.hash == HashAlgorithm::Sha256);
        is_enough.then(|| self.checker_with(|_| Sha2Hasher::sha256(sha256.clone())))
    }

    fn checker_with(&self, hasher: impl Fn(HashAlgorithm) -> Sha2Hasher) -> Checker<'_> {
        let mut hashers: Vec<(HashAlgorithm, Sha2Hasher)> = Vec::new();
        for part in self.sound() {
            if hashers.iter().all(|(hash, _)| *hash != part.hash) {
                hashers.push((part.hash, hasher(part.hash)));
            }
        }
        Checker { signature: self, hashers }
    }
}

/// Takes a file, and tells in the end whether the signatures are over it.
pub struct Checker<'a> {
    signature: &'a DetachedSignature,
    /// One for each digest that a signature has.
    hashers: Vec<(HashAlgorithm, Sha2Hasher)>,
}

impl Checker<'_> {
    /// Takes the file's next bytes.
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
            .expect("there is a hasher for each digest");
        let mut hasher = hasher.clone();
        hasher.update(&part.trailer);
        hasher.finish()
    }

    /// Tells what 16 bits can tell without a key: whether one is over other bytes for sure.
    pub fn is_over_other_bytes(&self) -> bool {
        self.signature.sound().any(|part| !self.digest(part).starts_with(&part.left_16_bits))
    }

    /// Judges the signatures over the bytes taken, at the time `now`. `modified` is when the file
    /// was last written.
    ///
    /// Several are good when one is, and none is bad.
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
        let most_telling = states.enumerate().min_by_key(|(_, (state, is_sound))| {
            // The first of those that weigh the same.
            weight(state, *is_sound)
        });
        match most_telling.expect("there is a signature") {
            (index, (SignatureState::Good { fingerprint, .. }, _)) if count > 1 => {
                let among = Some(SignaturePlace { place: index + 1, count });
                SignatureState::Good { fingerprint, among }
            }
            (_, (state, _)) => state,
        }
    }
}

/// Which of several signatures tells how the file stands: the one that weighs least.
fn weight(state: &SignatureState, is_sound: bool) -> u8 {
    match state {
        SignatureState::Bad { .. } | SignatureState::Stale { .. } => 0,
        SignatureState::Good { .. } => 1,
        SignatureState::KeyRevoked { .. } => 2,
        SignatureState::KeyExpired { .. } => 3,
        SignatureState::Malformed { .. } if is_sound => 4,
        SignatureState::UnknownKey { .. } => 5,
        // What nobody can take says nothing.
        SignatureState::Malformed { .. } | SignatureState::Missing | SignatureState::Orphan => 6,
    }
}

/// The packets in all blocks of armor, which must be of signatures.
fn unarmor(text: &[u8]) -> Result<Vec<u8>, Malformed> {
    let blocks = armor::blocks(text);
    if blocks.is_empty() || blocks.iter().any(|block| block.kind != b"PGP SIGNATURE") {
        return Err(malformed("no OpenPGP signature"));
    }
    let mut packets = Vec::new();
    for block in blocks {
        let bytes = block.decode().map_err(|fault| malformed(format!("damaged armor: {fault}")))?;
        packets.extend_from_slice(&bytes);
    }
    Ok(packets)
}
