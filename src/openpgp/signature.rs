//! One detached signature over one file: parsed strictly, written as armor, checked piece by piece.
//!
//! Taken is what the consumers of v2 can check: one signature of OpenPGP version 4 over a binary
//! document, with a digest of the SHA-2 family (RFC 9580, 5.2). Everything else is [`Malformed`].
//! Whether its maker may sign is judged by `certificate`.

use std::io::{self, Read};
use std::time::SystemTime;

use pgp::armor::{self, BlockType, Dearmor, DearmorOptions};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{
    Packet, PacketHeader, PacketParser, PacketTrait, Signature, SignatureConfig, SignatureType,
    SignatureVersion, SubpacketType,
};
use pgp::ser::Serialize;
use pgp::types::{PacketLength, SignatureBytes, Timestamp};

use super::certificate::{Objection, date, end_of};
use super::public_keys::{Issuer, PublicKeys};
use super::{SIGNATURE_MAX_LEN, timestamp};
use crate::digest::{Sha2Hasher, Sha256Hasher};
use crate::model::signature_status::SignatureState;

/// A signature over a file, which is elsewhere.
#[derive(Clone, Debug)]
pub struct DetachedSignature {
    /// The packet as it came.
    packet: Vec<u8>,
    hash: HashAlgorithm,
    left_16_bits: [u8; 2],
    values: SignatureBytes,
    /// What is digested after the file.
    trailer: Vec<u8>,
    issuer: Issuer,
    created: Timestamp,
    expires: Option<Timestamp>,
}

/// Why bytes are no signature of a kind that is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

impl From<Malformed> for SignatureState {
    fn from(malformed: Malformed) -> Self {
        SignatureState::Malformed { detail: malformed.0 }
    }
}

impl DetachedSignature {
    /// Reads a signature, armored or binary.
    ///
    /// # Errors
    /// Anything else, anything besides it, and anything longer than [`SIGNATURE_MAX_LEN`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() as u64 > SIGNATURE_MAX_LEN {
            return Err(malformed(format!("longer than {SIGNATURE_MAX_LEN} bytes")));
        }
        match bytes.first() {
            None => Err(malformed("empty")),
            Some(first) if first & 0x80 != 0 => Self::from_packet(bytes.to_vec()),
            Some(_) => Self::from_packet(unarmor(bytes)?),
        }
    }

    fn from_packet(packet: Vec<u8>) -> Result<Self, Malformed> {
        let damaged = |error: pgp::errors::Error| malformed(format!("damaged: {error}"));
        let header = PacketHeader::try_from_reader(&packet[..])
            .map_err(|error| malformed(format!("no OpenPGP packet: {error}")))?;
        let PacketLength::Fixed(_) = header.packet_length() else {
            return Err(malformed("a packet without a length"));
        };
        let mut packets = PacketParser::new(&packet[..]);
        let signature = match packets.next() {
            Some(Ok(Packet::Signature(signature))) => signature,
            Some(Ok(other)) => {
                return Err(malformed(format!("no signature, but {:?}", other.tag())));
            }
            Some(Err(error)) => return Err(damaged(error)),
            None => return Err(malformed("no OpenPGP packet")),
        };
        if !packets.into_inner().is_empty() {
            return Err(malformed("more than one signature"));
        }
        let version = signature.version();
        let (Some(config), Some(left_16_bits), Some(values), SignatureVersion::V4) =
            (signature.config(), signature.signed_hash_value(), signature.signature(), version)
        else {
            let version = u8::from(version);
            return Err(malformed(format!("of OpenPGP version {version}, not 4")));
        };
        if config.typ() != SignatureType::Binary {
            return Err(malformed(format!("of type {:?}, not over a file", config.typ())));
        }
        let hash = config.hash_alg;
        if !matches!(hash, HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512) {
            return Err(malformed(format!(
                "made with {hash}, not with SHA-256, SHA-384 or SHA-512"
            )));
        }
        if let Some(unknown) = config.hashed_subpackets().find(|subpacket| {
            subpacket.is_critical && matches!(subpacket.typ(), SubpacketType::Other(_))
        }) {
            let number = unknown.typ().as_u8(false);
            return Err(malformed(format!(
                "with the critical subpacket {number}, which is unknown"
            )));
        }
        let created = signature.created().ok_or_else(|| malformed("without its time"))?;
        let trailer = trailer(config).map_err(damaged)?;
        let issuer = issuer(&signature).ok_or_else(|| malformed("without its issuer"))?;
        let expires =
            signature.signature_expiration_time().and_then(|lifetime| end_of(created, lifetime));
        let values = values.clone();
        Ok(DetachedSignature {
            packet,
            hash,
            left_16_bits,
            values,
            trailer,
            issuer,
            created,
            expires,
        })
    }

    /// Who it says has made it: a fingerprint, or else a key id, hex.
    pub fn issuer(&self) -> String {
        match &self.issuer {
            Issuer::Fingerprint(fingerprint) => fingerprint.to_string(),
            Issuer::KeyId(id) => id.to_string(),
        }
    }

    /// When it says it was made.
    pub fn created(&self) -> SystemTime {
        self.created.into()
    }

    /// The beginning of the digest that was signed, told openly.
    pub fn left_16_bits(&self) -> [u8; 2] {
        self.left_16_bits
    }

    /// The same packet as ASCII armor, with the checksum that older readers ask for.
    pub fn to_armor(&self) -> String {
        struct Bytes<'a>(&'a [u8]);
        impl Serialize for Bytes<'_> {
            fn to_writer<W: io::Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
                Ok(writer.write_all(self.0)?)
            }
            fn write_len(&self) -> usize {
                self.0.len()
            }
        }
        let mut text = Vec::new();
        armor::write(&Bytes(&self.packet), BlockType::Signature, &mut text, None, true)
            .expect("memory takes all bytes");
        String::from_utf8(text).expect("armor is ASCII")
    }

    /// Begins to check a file.
    pub fn checker(&self) -> Checker<'_> {
        let hasher = match self.hash {
            HashAlgorithm::Sha384 => Sha2Hasher::sha384(),
            HashAlgorithm::Sha512 => Sha2Hasher::sha512(),
            _ => Sha2Hasher::sha256(Sha256Hasher::default()),
        };
        Checker { signature: self, hasher }
    }

    /// A checker that has taken what `sha256` has; none when the signature has another digest.
    pub fn checker_after(&self, sha256: &Sha256Hasher) -> Option<Checker<'_>> {
        (self.hash == HashAlgorithm::Sha256)
            .then(|| Checker { signature: self, hasher: Sha2Hasher::sha256(sha256.clone()) })
    }
}

/// Takes a file, and tells in the end whether the signature is over it.
pub struct Checker<'a> {
    signature: &'a DetachedSignature,
    hasher: Sha2Hasher,
}

impl Checker<'_> {
    /// Takes the file's next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// Tells what 16 bits can tell without a key: whether it is over other bytes for sure.
    pub fn is_over_other_bytes(&self) -> bool {
        let digest = digest(self.hasher.clone(), &self.signature.trailer);
        !digest.starts_with(&self.signature.left_16_bits)
    }

    /// Judges the signature over the bytes taken. `modified` is when the file was last written.
    pub fn finish(self, keys: &PublicKeys, modified: SystemTime) -> SignatureState {
        let Checker { signature, hasher } = self;
        let digest = digest(hasher, &signature.trailer);
        let has_fitting_bits = digest.starts_with(&signature.left_16_bits);
        let mut known = None;
        for key in keys.find(&signature.issuer) {
            let fingerprint = key.fingerprint().to_string();
            if has_fitting_bits && key.has_signed(signature.hash, &digest, &signature.values) {
                return signature.judge(key.standing.objection_at(signature.created), fingerprint);
            }
            known.get_or_insert(fingerprint);
        }
        match known {
            // No key is needed to see that it is over something else.
            None if !has_fitting_bits => SignatureState::Bad { fingerprint: signature.issuer() },
            None => SignatureState::UnknownKey { issuer: signature.issuer() },
            Some(fingerprint) if signature.created < timestamp(modified) => {
                SignatureState::Stale { fingerprint }
            }
            Some(fingerprint) => SignatureState::Bad { fingerprint },
        }
    }
}

impl DetachedSignature {
    /// Judges a signature that is over its file.
    fn judge(&self, objection: Option<Objection>, fingerprint: String) -> SignatureState {
        match objection {
            Some(Objection::Revoked(_)) => SignatureState::KeyRevoked { fingerprint },
            Some(Objection::Expired(_)) => SignatureState::KeyExpired { fingerprint },
            Some(objection @ (Objection::NotYetValid(_) | Objection::MayNotSign)) => {
                let made = date(self.created);
                malformed(format!("made on {made}, but the key {fingerprint} {objection}")).into()
            }
            // Whoever fetches the archive later would be told that it is not signed.
            None if self.expires.is_some() => malformed("made to expire by itself").into(),
            None => SignatureState::Good { fingerprint },
        }
    }
}

fn malformed(detail: impl Into<String>) -> Malformed {
    Malformed(detail.into())
}

fn digest(mut hasher: Sha2Hasher, trailer: &[u8]) -> Vec<u8> {
    hasher.update(trailer);
    hasher.finish()
}

/// What is digested after the file: the signature's own hashed part, and its length (RFC 9580,
/// 5.2.4, for version 4).
pub(super) fn trailer(config: &SignatureConfig) -> pgp::errors::Result<Vec<u8>> {
    let mut subpackets = Vec::new();
    for subpacket in config.hashed_subpackets() {
        subpacket.to_writer(&mut subpackets)?;
    }
    let version = u8::from(config.version());
    let mut bytes =
        vec![version, config.typ.into(), config.pub_alg.into(), u8::from(config.hash_alg)];
    bytes.extend(u16::try_from(subpackets.len())?.to_be_bytes());
    bytes.extend(subpackets);
    let len = u32::try_from(bytes.len())?;
    bytes.extend([version, 0xff]);
    bytes.extend(len.to_be_bytes());
    Ok(bytes)
}

/// The fingerprint where there is one, as ids are short enough to be forged.
fn issuer(signature: &Signature) -> Option<Issuer> {
    let fingerprint = signature.issuer_fingerprint().first().copied().cloned();
    let id = signature.issuer_key_id().first().copied().copied();
    fingerprint.map(Issuer::Fingerprint).or(id.map(Issuer::KeyId))
}

/// Takes one block of armor, with nothing but white space around it.
fn unarmor(text: &[u8]) -> Result<Vec<u8>, Malformed> {
    const BEGIN: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
    const END: &[u8] = b"-----END PGP SIGNATURE-----";
    let text = text.trim_ascii();
    if !text.starts_with(BEGIN) {
        return Err(malformed("no OpenPGP signature"));
    }
    if !text.ends_with(END) {
        return Err(malformed("armor that does not end, or something after it"));
    }
    if text.windows(BEGIN.len()).filter(|window| *window == BEGIN).count() > 1 {
        return Err(malformed("more than one signature"));
    }
    let limit = usize::try_from(SIGNATURE_MAX_LEN).unwrap_or(usize::MAX);
    let mut armor = Dearmor::with_options(text, DearmorOptions::new().set_limit(limit));
    let mut packet = Vec::new();
    armor.read_to_end(&mut packet).map_err(|error| malformed(format!("damaged armor: {error}")))?;
    if packet.is_empty() {
        return Err(malformed("armor with nothing in it"));
    }
    match armor.checksum {
        Some(checksum) if checksum != u64::from(crc24(&packet)) => {
            Err(malformed("damaged armor: its checksum is not that of its bytes"))
        }
        _ => Ok(packet),
    }
}

/// The armor's checksum (RFC 9580, 6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    const START: u32 = 0x00B7_04CE;
    const POLYNOMIAL: u32 = 0x0086_4CFB;
    bytes.iter().fold(START, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 16), |crc, _| {
            let shifted = (crc << 1) & 0x00FF_FFFF;
            if crc & 0x0080_0000 == 0 { shifted } else { shifted ^ POLYNOMIAL }
        })
    })
}
