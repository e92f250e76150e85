//! The state of a certificate's keys: which may sign files, from when, until when.
//!
//! Only statements by the primary key count (RFC 9580, 5.2.1 and 10.1): self-signatures and
//! bindings are verified, and the newest one applies, as in GnuPG. A certificate does not authorize
//! anyone: who may sign archives is decided by specifying the file. Revocations by other keys
//! (designated revokers) are ignored. A signature with an unknown critical subpacket is ignored
//! (RFC 9580, 5.2.3.7).

use std::fmt;

use pgp::composed::{SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{KeyFlags, RevocationCode, Signature, SignatureType, SubpacketData};
use pgp::types::{Duration, KeyDetails, Tag, Timestamp};

use super::critical::unknown_critical;

/// The state of one key of a certificate, according to its self-signatures.
#[derive(Clone, Debug)]
pub(super) struct KeyState {
    created: Timestamp,
    may_sign: bool,
    expires: Option<Timestamp>,
    revoked: Option<Revocation>,
}

#[derive(Clone, Copy, Debug)]
struct Revocation {
    since: Timestamp,
    /// Superseded or retired: signatures made before remain good. Otherwise someone else may have
    /// the key, and may have backdated signatures.
    is_soft: bool,
}

/// Why a key was not allowed to make a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    Revoked(Timestamp),
    NotYetValid(Timestamp),
    Expired(Timestamp),
    MayNotSign,
}

impl KeyState {
    /// Returns why a signature that was made at `time` is not acceptable.
    pub(super) fn objection_at(&self, time: Timestamp) -> Option<Objection> {
        if let Some(revocation) = self.revoked
            && !(revocation.is_soft && time < revocation.since)
        {
            return Some(Objection::Revoked(revocation.since));
        }
        if time < self.created {
            return Some(Objection::NotYetValid(self.created));
        }
        if let Some(expires) = self.expires
            && time >= expires
        {
            return Some(Objection::Expired(expires));
        }
        (!self.may_sign).then_some(Objection::MayNotSign)
    }
}

/// Completes the phrase "the key with this fingerprint …".
impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Objection::Revoked(since) => write!(f, "was revoked on {}", date(*since)),
            Objection::NotYetValid(from) => write!(f, "is not valid before {}", date(*from)),
            Objection::Expired(at) => write!(f, "expired on {}", date(*at)),
            Objection::MayNotSign => f.write_str("is not allowed to sign files"),
        }
    }
}

/// Formats the day in UTC.
pub(super) fn date(time: Timestamp) -> String {
    jiff::Timestamp::from_second(i64::from(time.as_secs()))
        .map_or_else(|_| time.as_secs().to_string(), |time| time.strftime("%Y-%m-%d").to_string())
}

/// Returns the state of a certificate's primary key; `None` without a valid self-signature.
pub(super) fn primary_state(key: &SignedPublicKey, now: Timestamp) -> Option<KeyState> {
    let primary = &key.primary_key;
    let now = clock_for(key, now);
    let direct = newest(key.details.direct_signatures.iter().filter(|signature| {
        signature.typ() == Some(SignatureType::Key)
            && is_valid(signature, now)
            && signature.verify_key(primary).is_ok()
    }));
    let mut users: Vec<&Signature> = key
        .details
        .users
        .iter()
        .filter_map(|user| {
            let own = |is_revocation: bool| {
                newest(user.signatures.iter().filter(|signature| {
                    (signature.typ() == Some(SignatureType::CertRevocation)) == is_revocation
                        && is_valid(signature, now)
                        && signature.verify_certification(primary, Tag::UserId, &user.id).is_ok()
                }))
            };
            let (binding, revocation) = (own(false)?, own(true));
            let is_revoked = revocation.is_some_and(|by| by.created() >= binding.created());
            (!is_revoked).then_some(binding)
        })
        .collect();
    // Like every reader: a key without a valid user id is not usable.
    if users.is_empty() {
        return None;
    }
    users.sort_by_key(|signature| std::cmp::Reverse(signature.created()));
    let statements: Vec<&Signature> = direct.into_iter().chain(users).collect();
    let flags = statements.iter().find_map(|signature| key_flags(signature));
    let lifetime = statements.iter().find_map(|signature| lifetime(signature));
    let revocations = key.details.revocation_signatures.iter().filter(|signature| {
        signature.typ() == Some(SignatureType::KeyRevocation)
            && has_strong_hash(signature)
            && signature.verify_key(primary).is_ok()
    });
    Some(KeyState {
        created: primary.created_at(),
        may_sign: flags.map_or(may_sign_by_algorithm(primary.algorithm()), KeyFlags::sign),
        expires: lifetime.and_then(|lifetime| end_of(primary.created_at(), lifetime)),
        revoked: revocation(revocations),
    })
}

/// Returns the state of a subkey; `None` when it has no valid binding to the primary key.
pub(super) fn subkey_state(
    key: &SignedPublicKey,
    primary_state: &KeyState,
    subkey: &SignedPublicSubKey,
    now: Timestamp,
) -> Option<KeyState> {
    let primary = &key.primary_key;
    let now = clock_for(key, now);
    let binding = newest(subkey.signatures.iter().filter(|signature| {
        signature.typ() == Some(SignatureType::SubkeyBinding)
            && is_valid(signature, now)
            && signature.verify_subkey_binding(primary, &subkey.key).is_ok()
    }))?;
    // A signing subkey must confirm the binding, or anyone could bind another person's key to theirs.
    let is_bound_back = binding.embedded_signature().is_some_and(|back| {
        back.typ() == Some(SignatureType::KeyBinding)
            && is_valid(back, now)
            && back.verify_primary_key_binding(&subkey.key, primary).is_ok()
    });
    let by_flags =
        key_flags(binding).map_or(may_sign_by_algorithm(subkey.key.algorithm()), KeyFlags::sign);
    let own_end = lifetime(binding).and_then(|lifetime| end_of(subkey.key.created_at(), lifetime));
    let own_revocations = subkey.signatures.iter().filter(|signature| {
        signature.typ() == Some(SignatureType::SubkeyRevocation)
            && has_strong_hash(signature)
            && signature.verify_subkey_binding(primary, &subkey.key).is_ok()
    });
    let revoked = match (primary_state.revoked, revocation(own_revocations)) {
        (Some(one), Some(other)) => Some(more_severe(one, other)),
        (one, other) => one.or(other),
    };
    Some(KeyState {
        created: subkey.key.created_at().max(primary_state.created),
        may_sign: by_flags && is_bound_back,
        expires: [own_end, primary_state.expires].into_iter().flatten().min(),
        revoked,
    })
}

/// Returns the time to evaluate self-signatures at: for a key created in the future, its creation time; its
/// state then shows that it is not valid yet.
fn clock_for(key: &SignedPublicKey, now: Timestamp) -> Timestamp {
    now.max(key.created_at())
}

fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.max_by_key(|signature| signature.created())
}

/// Returns whether a self-signature is valid at `now`, apart from the cryptographic check.
fn is_valid(signature: &Signature, now: Timestamp) -> bool {
    let Some(created) = signature.created() else { return false };
    let end = signature.signature_expiration_time().and_then(|lifetime| end_of(created, lifetime));
    has_strong_hash(signature)
        && created <= now
        && end.is_none_or(|end| now < end)
        && unknown_critical(signature).is_none()
}

/// SHA-1 is accepted here, unlike in signatures over archives: keys of 2013 have no other self-signatures, a
/// forger would need a second preimage, and pgp detects the known collisions.
fn has_strong_hash(signature: &Signature) -> bool {
    matches!(
        signature.hash_alg(),
        Some(
            HashAlgorithm::Sha1
                | HashAlgorithm::Sha224
                | HashAlgorithm::Sha256
                | HashAlgorithm::Sha384
                | HashAlgorithm::Sha512
                | HashAlgorithm::Sha3_256
                | HashAlgorithm::Sha3_512
        )
    )
}

fn key_flags(signature: &Signature) -> Option<&KeyFlags> {
    signature.config()?.hashed_subpackets().find_map(|subpacket| match &subpacket.data {
        SubpacketData::KeyFlags(flags) => Some(flags),
        _ => None,
    })
}

/// Without key flags, the algorithm determines whether a key may sign.
fn may_sign_by_algorithm(algorithm: PublicKeyAlgorithm) -> bool {
    !matches!(
        algorithm,
        PublicKeyAlgorithm::RSAEncrypt
            | PublicKeyAlgorithm::ElgamalEncrypt
            | PublicKeyAlgorithm::Elgamal
            | PublicKeyAlgorithm::ECDH
            | PublicKeyAlgorithm::DiffieHellman
            | PublicKeyAlgorithm::X25519
            | PublicKeyAlgorithm::X448
    )
}

fn lifetime(signature: &Signature) -> Option<Duration> {
    signature.key_expiration_time()
}

/// Returns when a lifetime ends; `None` when it does not (RFC 9580, 5.2.3.13 and 5.2.3.18).
pub(super) fn end_of(start: Timestamp, lifetime: Duration) -> Option<Timestamp> {
    (lifetime.as_secs() != 0)
        .then(|| Timestamp::from_secs(start.as_secs().saturating_add(lifetime.as_secs())))
}

/// Returns the most severe of a key's revocations.
fn revocation<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<Revocation> {
    signatures
        .map(|signature| Revocation {
            since: signature.created().unwrap_or_default(),
            is_soft: matches!(
                signature.revocation_reason_code(),
                Some(RevocationCode::KeySuperseded | RevocationCode::KeyRetired)
            ),
        })
        .reduce(more_severe)
}

fn more_severe(one: Revocation, other: Revocation) -> Revocation {
    let order = |revocation: &Revocation| (revocation.is_soft, revocation.since);
    if order(&one) <= order(&other) { one } else { other }
}
