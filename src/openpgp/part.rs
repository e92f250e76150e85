//! A single signature over a file: whether it is acceptable, and the result of checking it.
//!
//! Other signatures of the same file, and armor, are handled by `signature`. Whether its issuer may sign is
//! decided by `certificate`.

use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{
    Packet, Signature, SignatureConfig, SignatureType, SignatureVersion, SubpacketData,
};
use pgp::ser::Serialize;
use pgp::types::{Fingerprint, SignatureBytes, Timestamp};

use super::algorithm::is_known;
use super::certificate::{Objection, date, end_of};
use super::critical::unknown_critical;
use super::issuer::Issuer;
use super::packets::RawPacket;
use super::public_keys::PublicKeys;
use crate::model::signature_status::SignatureState;

/// One signature.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) hash: HashAlgorithm,
    algorithm: PublicKeyAlgorithm,
    pub(super) left_16_bits: [u8; 2],
    values: SignatureBytes,
    /// The bytes that are digested after the file.
    pub(super) trailer: Vec<u8>,
    pub(super) issuer: Issuer,
    pub(super) created: Timestamp,
    expires: Option<Timestamp>,
    unknown_critical: Option<String>,
}

/// Why bytes are not an acceptable signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

impl From<Malformed> for SignatureState {
    fn from(malformed: Malformed) -> Self {
        SignatureState::Malformed { detail: malformed.0 }
    }
}

/// The times that a signature is compared with.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// When the file was last written.
    pub(super) modified: Timestamp,
    /// When the signature is checked.
    pub(super) now: Timestamp,
}

impl Part {
    /// Parses a signature packet.
    pub(super) fn parse(packet: &RawPacket<'_>) -> Result<Self, Malformed> {
        let damaged = |error: pgp::errors::Error| malformed(format!("damaged: {error}"));
        let signature = match packet.parse() {
            Ok(Packet::Signature(signature)) => signature,
            Ok(other) => return Err(malformed(format!("not a signature, but {other:?}"))),
            Err(error) => return Err(damaged(error)),
        };
        let version = signature.version();
        let (Some(config), Some(left_16_bits), Some(values), SignatureVersion::V4) =
            (signature.config(), signature.signed_hash_value(), signature.signature(), version)
        else {
            let version = u8::from(version);
            return Err(malformed(format!("OpenPGP version {version}, expected 4")));
        };
        if config.typ() != SignatureType::Binary {
            return Err(malformed(format!(
                "signature type {:?}, expected a signature over a file",
                config.typ()
            )));
        }
        let hash = config.hash_alg;
        if !matches!(hash, HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512) {
            return Err(malformed(format!(
                "digest algorithm {hash}, expected SHA-256, SHA-384 or SHA-512"
            )));
        }
        let algorithm = config.pub_alg;
        if !is_known(algorithm) {
            let number = u8::from(algorithm);
            return Err(malformed(format!("unsupported algorithm: {number}")));
        }
        let created = created(config).ok_or_else(|| malformed("no creation time"))?;
        let trailer = trailer(config).map_err(damaged)?;
        let issuer = issuer(&signature)?;
        let expires =
            signature.signature_expiration_time().and_then(|lifetime| end_of(created, lifetime));
        Ok(Part {
            hash,
            algorithm,
            left_16_bits,
            values: values.clone(),
            trailer,
            issuer,
            created,
            expires,
            unknown_critical: unknown_critical(&signature),
        })
    }

    /// Checks the signature over a file with this digest.
    pub(super) fn judge(&self, digest: &[u8], keys: &PublicKeys, times: Times) -> SignatureState {
        let unknown_critical = self.unknown_critical.clone();
        if unknown_critical.is_some() {
            let fingerprint = self.issuer.to_string();
            return SignatureState::Bad { fingerprint, unknown_critical };
        }
        let has_matching_bits = digest.starts_with(&self.left_16_bits);
        let mut known = None;
        for key in keys.find(&self.issuer) {
            let fingerprint = key.fingerprint().to_string();
            if has_matching_bits
                && key.algorithm() == self.algorithm
                && key.has_signed(self.hash, digest, &self.values)
            {
                return self.judge_issuer(
                    key.state.objection_at(self.created),
                    fingerprint,
                    times.now,
                );
            }
            known.get_or_insert(fingerprint);
        }
        let bad = |fingerprint| SignatureState::Bad { fingerprint, unknown_critical: None };
        match known {
            // Even without a key, the signature is clearly over other bytes.
            None if !has_matching_bits => bad(self.issuer.to_string()),
            None => match keys.why_unusable(&self.issuer) {
                Some(why) => malformed(why).into(),
                None => SignatureState::UnknownKey { issuer: self.issuer.to_string() },
            },
            Some(fingerprint) if self.created < times.modified => {
                SignatureState::Stale { fingerprint }
            }
            Some(fingerprint) => bad(fingerprint),
        }
    }

    /// Returns the state of a signature that matches its file.
    fn judge_issuer(
        &self,
        objection: Option<Objection>,
        fingerprint: String,
        now: Timestamp,
    ) -> SignatureState {
        let made = date(self.created);
        match objection {
            Some(Objection::Revoked(_)) => SignatureState::KeyRevoked { fingerprint },
            Some(Objection::Expired(_)) => SignatureState::KeyExpired { fingerprint },
            Some(objection @ (Objection::NotYetValid(_) | Objection::MayNotSign)) => {
                malformed(format!("made on {made}, but the key {fingerprint} {objection}")).into()
            }
            None if now < self.created => {
                malformed(format!("dated {made}, in the future: readers reject it until then"))
                    .into()
            }
            // Readers that fetch the archive later would treat it as unsigned.
            None if self.expires.is_some() => malformed("it has an expiration time").into(),
            None => SignatureState::Good { fingerprint, among: None },
        }
    }
}

pub(super) fn malformed(detail: impl Into<String>) -> Malformed {
    Malformed(detail.into())
}

/// Returns the bytes that are digested after the file: the signature's hashed part, and its length
/// (RFC 9580, 5.2.4, for version 4).
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

/// Returns the creation time: the last one in the hashed area, like go-crypto and openpgp.js.
fn created(config: &SignatureConfig) -> Option<Timestamp> {
    let times = config.hashed_subpackets().filter_map(|subpacket| match &subpacket.data {
        SubpacketData::SignatureCreationTime(time) => Some(*time),
        _ => None,
    });
    times.last()
}

/// Returns the fingerprint of the issuer if present, since key ids are short enough to be forged. All
/// issuer subpackets must name the same key of version 4 (RFC 9580, 5.2.3.35).
fn issuer(signature: &Signature) -> Result<Issuer, Malformed> {
    let fingerprints = signature.issuer_fingerprint();
    let ids = signature.issuer_key_id();
    let fingerprint = fingerprints.first().copied().cloned();
    let id = ids.first().copied().copied();
    let several = || malformed("several issuers, of which readers use different ones");
    if fingerprints.iter().any(|other| Some(*other) != fingerprint.as_ref())
        || ids.iter().any(|other| Some(*other) != id.as_ref())
    {
        return Err(several());
    }
    match (fingerprint, id) {
        (Some(fingerprint @ Fingerprint::V4(_)), id) => match id {
            Some(id) if !fingerprint.as_bytes().ends_with(id.as_ref()) => Err(several()),
            _ => Ok(Issuer::Fingerprint(fingerprint)),
        },
        (Some(_), _) => Err(malformed("its issuer is not a key of OpenPGP version 4")),
        (None, Some(id)) => Ok(Issuer::KeyId(id)),
        (None, None) => Err(malformed("no issuer")),
    }
}
