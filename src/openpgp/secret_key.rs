//! Signs with an OpenPGP secret key from a file, like GnuPG with the same key.
//!
//! Anything that would prevent signing is detected when the key is loaded, before any work: the key is
//! unlocked once, as that is deliberately slow, and makes a test signature. Errors never contain
//! the parser's messages, which may contain bytes of the key.

use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use pgp::composed::{Deserializable, SignedSecretKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{
    PacketTrait, SecretKey, SecretSubkey, Signature, SignatureConfig, SignatureType, Subpacket,
    SubpacketData,
};
use pgp::types::{
    EddsaLegacyPublicParams, Fingerprint, KeyDetails, KeyVersion, Password, PublicParams,
    S2kParams, SecretParams, SigningKey, StringToKey, Tag, Timestamp,
};

use super::algorithm::rsa_bits;
use super::certificate::Objection;
use super::issuer::Issuer;
use super::packets::{self, KEY_FILE_MAX_LEN};
use super::part;
use super::public_keys::PublicKeys;
use super::signature::DetachedSignature;
use super::{ArchiveToSign, ArmoredSignature, Passphrase, Signer, read_bounded, timestamp};
use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::signature_status::SignatureState;

/// The shortest RSA key that may sign, in bits.
const RSA_MIN_BITS: usize = 2048;

/// Signs with one unlocked key or subkey.
pub struct OpenPgpSigner {
    part: Part,
    /// The public keys that check the signatures.
    public_keys: PublicKeys,
}

/// A key with its secret part.
enum Part {
    Primary(Box<SecretKey>),
    Subkey(Box<SecretSubkey>),
}

/// Why a file has no usable signing key.
#[derive(Debug, thiserror::Error)]
enum KeyFault {
    #[error("it is longer than {KEY_FILE_MAX_LEN} bytes")]
    TooLong,
    #[error("it contains no OpenPGP key")]
    NoKey,
    #[error("it is damaged")]
    Damaged,
    #[error("it is a public key")]
    Public,
    #[error("it contains {0} secret keys")]
    Several(usize),
    #[error("it has OpenPGP version {0}; only version 4 is supported")]
    Version(u8),
    #[error("it has no valid self-signature")]
    Unbound,
    #[error("none of its keys can sign: {}", list(.0))]
    NoPart(Vec<(Fingerprint, PartFault)>),
    #[error("it is locked, and no passphrase was given")]
    NoPassphrase,
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    #[error("its secret part does not match its public part")]
    Mismatched,
}

/// Why one key of a certificate cannot sign.
#[derive(Debug)]
enum PartFault {
    Unbound,
    NoSecret,
    Algorithm,
    Weak(usize),
    State(Objection),
}

impl fmt::Display for PartFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartFault::Unbound => f.write_str("is not bound to its primary key"),
            PartFault::NoSecret => f.write_str("has no secret part in this file"),
            PartFault::Algorithm => f.write_str("is neither RSA nor Ed25519"),
            PartFault::Weak(bits) => write!(f, "has only {bits} bits"),
            PartFault::State(objection) => objection.fmt(f),
        }
    }
}

fn list(parts: &[(Fingerprint, PartFault)]) -> String {
    let parts: Vec<String> =
        parts.iter().map(|(fingerprint, fault)| format!("{fingerprint} {fault}")).collect();
    parts.join(", ")
}

impl KeyFault {
    fn hint(&self) -> Option<&'static str> {
        match self {
            KeyFault::NoKey | KeyFault::Public | KeyFault::Several(_) => {
                Some("specify a file with one secret key: `gpg --armor --export-secret-keys <key>`")
            }
            KeyFault::NoPassphrase | KeyFault::WrongPassphrase => Some(
                "give the key's passphrase with --passphrase-file, or in ELASTIC_PACKAGE_SIGNER_PASSPHRASE",
            ),
            KeyFault::NoPart(parts)
                if parts.iter().any(|(_, fault)| matches!(fault, PartFault::NoSecret)) =>
            {
                Some("use --sign-command for a key on a card or in an agent")
            }
            KeyFault::TooLong
            | KeyFault::Damaged
            | KeyFault::Version(_)
            | KeyFault::Unbound
            | KeyFault::NoPart(_)
            | KeyFault::Mismatched => None,
        }
    }
}

impl OpenPgpSigner {
    /// Loads the key in a file, armored or binary, and unlocks it.
    ///
    /// Of several keys that can sign, the newest subkey is used, else the primary key. `now` is the time
    /// at which it must be valid. The passphrase is ignored when the key needs none.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::SecretKey`] with the reason.
    pub fn load(
        path: &Path,
        passphrase: Option<&Passphrase>,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let bytes = read_bounded(path, KEY_FILE_MAX_LEN)?;
        let loaded = match &bytes {
            Some(bytes) => Self::from_bytes(bytes, passphrase, now),
            None => Err(KeyFault::TooLong),
        };
        loaded.map_err(|fault| Error::SecretKey {
            path: path.to_owned(),
            hint: fault.hint(),
            source: fault.into(),
        })
    }

    /// Returns the fingerprint of the signing key, hex.
    pub fn fingerprint(&self) -> String {
        self.part.fingerprint().to_string()
    }

    fn from_bytes(
        bytes: &[u8],
        passphrase: Option<&Passphrase>,
        now: SystemTime,
    ) -> Result<Self, KeyFault> {
        let packets = packets::parse(bytes).ok_or(KeyFault::Damaged)?;
        match packets.first().map(PacketTrait::tag) {
            Some(Tag::SecretKey) => {}
            Some(Tag::PublicKey) => return Err(KeyFault::Public),
            _ => return Err(KeyFault::NoKey),
        }
        let mut keys: Vec<SignedSecretKey> =
            SignedSecretKey::from_packets(packets.into_iter().map(Ok).peekable())
                .collect::<Result<_, _>>()
                .map_err(|_| KeyFault::Damaged)?;
        let key = match keys.len() {
            1 => keys.remove(0),
            count => return Err(KeyFault::Several(count)),
        };
        if key.version() != KeyVersion::V4 {
            return Err(KeyFault::Version(key.version().into()));
        }
        let public_keys = PublicKeys::of(&key.to_public_key(), now).ok_or(KeyFault::Unbound)?;
        let mut part = pick(key, &public_keys, timestamp(now))?;
        part.unlock(passphrase)?;
        let signer = OpenPgpSigner { part, public_keys };
        let tried = signer.sign_digest(&Sha256Hasher::default(), timestamp(now));
        match tried.map(|(_, state)| state) {
            Ok(SignatureState::Good { .. }) => Ok(signer),
            _ => Err(KeyFault::Mismatched),
        }
    }

    /// Signs the bytes that `sha256` has hashed, and checks the signature.
    fn sign_digest(
        &self,
        sha256: &Sha256Hasher,
        signed_at: Timestamp,
    ) -> pgp::errors::Result<(DetachedSignature, SignatureState)> {
        let mut config = SignatureConfig::v4(
            SignatureType::Binary,
            self.part.details().algorithm(),
            HashAlgorithm::Sha256,
        );
        config.hashed_subpackets = vec![
            Subpacket::regular(SubpacketData::IssuerFingerprint(self.part.fingerprint()))?,
            Subpacket::regular(SubpacketData::SignatureCreationTime(signed_at))?,
        ];
        // Readers of RFC 4880 do not support issuer fingerprints.
        config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(
            self.part.details().legacy_key_id(),
        ))?];
        let mut hasher = sha256.clone();
        hasher.update(&part::trailer(&config)?);
        let digest = hasher.finish().0;
        let values = self.part.sign(&digest)?;
        let packet = Signature::from_config(config, [digest[0], digest[1]], values)?;
        let mut bytes = Vec::new();
        packet.to_writer_with_header(&mut bytes)?;
        let made = DetachedSignature::parse(&bytes)
            .map_err(|malformed| pgp::errors::Error::from(std::io::Error::other(malformed)))?;
        let checker = made.checker_after(sha256).expect("it was made with SHA-256");
        let state = checker.finish(&self.public_keys, made.created(), made.created());
        Ok((made, state))
    }
}

impl Signer for OpenPgpSigner {
    fn sign(&self, archive: &ArchiveToSign<'_>) -> Result<ArmoredSignature, Error> {
        let failed =
            |what: String| Error::Sign { key: archive.key.to_string(), source: what.into() };
        let (made, state) = self
            .sign_digest(archive.sha256, timestamp(archive.signed_at))
            .map_err(|_| failed(format!("the key {} failed", self.fingerprint())))?;
        match state {
            SignatureState::Good { .. } => Ok(ArmoredSignature { text: made.to_armor(), state }),
            state => Err(failed(format!("the new signature is not good: {}", state.message()))),
        }
    }

    fn public_keys(&self) -> &PublicKeys {
        &self.public_keys
    }
}

/// Picks the key or subkey that signs.
fn pick(key: SignedSecretKey, public_keys: &PublicKeys, now: Timestamp) -> Result<Part, KeyFault> {
    let primary = Part::Primary(Box::new(key.primary_key));
    let mut parts: Vec<Part> =
        key.secret_subkeys.into_iter().map(|subkey| Part::Subkey(Box::new(subkey.key))).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.details().created_at()));
    parts.push(primary);
    let mut faults = Vec::new();
    for part in parts {
        match part.fault(public_keys, now) {
            None => return Ok(part),
            Some(fault) => faults.push((part.fingerprint(), fault)),
        }
    }
    Err(KeyFault::NoPart(faults))
}

impl Part {
    fn details(&self) -> &dyn SigningKey {
        match self {
            Part::Primary(key) => &**key,
            Part::Subkey(key) => &**key,
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        self.details().fingerprint()
    }

    fn secret_params(&self) -> &SecretParams {
        match self {
            Part::Primary(key) => key.secret_params(),
            Part::Subkey(key) => key.secret_params(),
        }
    }

    /// Returns why it cannot sign; the fault to fix first comes first.
    fn fault(&self, public_keys: &PublicKeys, now: Timestamp) -> Option<PartFault> {
        let Some(public) = public_keys.find(&Issuer::Fingerprint(self.fingerprint())).next() else {
            return Some(PartFault::Unbound);
        };
        if let Some(objection) = public.state.objection_at(now) {
            return Some(PartFault::State(objection));
        }
        if self.is_stub() {
            return Some(PartFault::NoSecret);
        }
        match self.details().public_params() {
            PublicParams::RSA(rsa) => {
                let bits = rsa_bits(rsa);
                (bits < RSA_MIN_BITS).then_some(PartFault::Weak(bits))
            }
            PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { .. })
            | PublicParams::Ed25519(_) => None,
            _ => Some(PartFault::Algorithm),
        }
    }

    /// Returns whether GnuPG omitted the secret part: it is on a card, or offline (GnuPG's S2K 101).
    fn is_stub(&self) -> bool {
        match self.secret_params() {
            SecretParams::Plain(_) => false,
            SecretParams::Encrypted(locked) => match locked.string_to_key_params() {
                S2kParams::Cfb { s2k, .. }
                | S2kParams::MalleableCfb { s2k, .. }
                | S2kParams::Aead { s2k, .. } => matches!(s2k, StringToKey::Private { .. }),
                S2kParams::LegacyCfb { .. } | S2kParams::Unprotected => false,
            },
        }
    }

    fn unlock(&mut self, passphrase: Option<&Passphrase>) -> Result<(), KeyFault> {
        if !self.secret_params().is_encrypted() {
            return Ok(());
        }
        let password = passphrase.ok_or(KeyFault::NoPassphrase)?.to_password();
        match self {
            Part::Primary(key) => key.remove_password(&password),
            Part::Subkey(key) => key.remove_password(&password),
        }
        .map_err(|_| KeyFault::WrongPassphrase)
    }

    fn sign(&self, digest: &[u8]) -> pgp::errors::Result<pgp::types::SignatureBytes> {
        self.details().sign(&Password::empty(), HashAlgorithm::Sha256, digest)
    }
}
