//! The made-up OpenPGP keys in `fixtures/keys`; its README describes each.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The passphrase of all locked keys.
pub(crate) const PASSPHRASE: &str = "made-up passphrase";

/// Returns the file of a secret key.
pub(crate) fn secret(name: &str) -> PathBuf {
    file(name, "sec")
}

/// Returns the file of a public key.
pub(crate) fn public(name: &str) -> PathBuf {
    file(name, "pub")
}

fn file(name: &str, half: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keys");
    folder.join(format!("{name}.{half}.asc"))
}

/// Returns the first second of a year; most of the keys were created in that of 2020.
pub(crate) fn year(year: u64) -> SystemTime {
    // Leap days since 1970, for years before 2101.
    let days = (year - 1970) * 365 + (year - 1969) / 4 - u64::from(year > 2100);
    SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400)
}

/// Makes a signature that our signer would refuse to make, with pgp.
pub(crate) fn forge(name: &str, bytes: &[u8], signed_at: SystemTime) -> String {
    use pgp::composed::{ArmorOptions, Deserializable, DetachedSignature, SignedSecretKey};
    use pgp::crypto::hash::HashAlgorithm;
    use pgp::packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData};
    use pgp::types::{KeyDetails, Password};

    let (key, _) = SignedSecretKey::from_armor_file(secret(name)).expect("a key");
    let key = &key.primary_key;
    let mut config =
        SignatureConfig::v4(SignatureType::Binary, key.algorithm(), HashAlgorithm::Sha512);
    let created = SubpacketData::SignatureCreationTime(signed_at.try_into().expect("a time"));
    let issuer = SubpacketData::IssuerFingerprint(key.fingerprint());
    config.hashed_subpackets =
        [created, issuer].map(|data| Subpacket::regular(data).expect("a subpacket")).into();
    let signature = config.sign(key, &Password::empty(), bytes).expect("sign");
    DetachedSignature::new(signature).to_armored_string(ArmorOptions::default()).expect("armor")
}

/// Returns the packets in armor.
pub(crate) fn unarmored(armor: &str) -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    pgp::armor::Dearmor::new(armor.as_bytes()).read_to_end(&mut bytes).expect("armor");
    bytes
}
