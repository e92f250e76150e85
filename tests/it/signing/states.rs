//! The states of an archive's signature: one row per state, and the boundary between similar ones.

use std::time::Duration;

use super::*;

#[test]
fn every_state_has_its_cause() {
    let archive = Archive::new();
    let keys = public_keys(&["ed25519", "expired", "compromised", "retired"]);
    let fingerprint = |name| signer(name, year(2020)).fingerprint();
    let good = |name| SignatureState::Good { fingerprint: fingerprint(name), among: None };
    let revoked = |name| SignatureState::KeyRevoked { fingerprint: fingerprint(name) };
    let expired = |name| SignatureState::KeyExpired { fingerprint: fingerprint(name) };
    let day = Duration::from_secs(86_400);
    // Key, time of the signature, resulting state.
    let rows = [
        ("ed25519", year(2023), good("ed25519")),
        ("expired", year(2020) + 59 * day, good("expired")),
        ("expired", year(2020) + 61 * day, expired("expired")),
        ("expired", year(2023), expired("expired")),
        // A stolen key can backdate signatures, so the declared time is ignored.
        ("compromised-before", year(2020), revoked("compromised-before")),
        ("compromised-before", year(2023), revoked("compromised-before")),
        ("retired-before", year(2020), good("retired-before")),
        ("retired-before", year(2021) - Duration::from_secs(1), good("retired-before")),
        ("retired-before", year(2023), revoked("retired-before")),
        ("rsa", year(2023), SignatureState::UnknownKey { issuer: RSA.to_owned() }),
        (
            "ed25519",
            year(2019),
            SignatureState::Malformed {
                detail: format!(
                    "made on 2019-01-01, but the key {ED25519} is not valid before 2020-01-01"
                ),
            },
        ),
    ];
    for (name, signed_at, expected) in rows {
        let row = format!("{name} at {signed_at:?}");
        // Loaded while it is usable; signatures at other times are what is tested.
        let signer = signer(name, year(2020));
        let text = match archive.sign(&signer, signed_at) {
            Ok(made) => made.text,
            // The signature that a key without such limits would make.
            Err(_) => keys::forge(name, &fs::read(&archive.path).unwrap(), signed_at),
        };
        assert_eq!(archive.check(text.as_bytes(), &keys), expected, "{row}");
    }
}

#[test]
fn bad_and_stale_differ_by_modification_time() {
    let archive = Archive::new();
    let keys = public_keys(&["ed25519"]);
    let made = archive.sign(&signer("ed25519", year(2023)), year(2023)).unwrap();
    for at in 0..BYTES.len() {
        let mut flipped = BYTES.to_vec();
        flipped[at] ^= 1;
        fs::write(&archive.path, flipped).unwrap();
        for (modified, is_stale) in [(2022, false), (2023, false), (2024, true)] {
            archive.set_modified(year(modified));
            let fingerprint = ED25519.to_owned();
            let expected = match is_stale {
                true => SignatureState::Stale { fingerprint },
                false => SignatureState::Bad { fingerprint, unknown_critical: None },
            };
            let state = archive.check(made.text.as_bytes(), &keys);
            assert_eq!(state, expected, "byte {at}, {modified}");
        }
    }
    // The time alone is not decisive: files are copied.
    fs::write(&archive.path, BYTES).unwrap();
    archive.set_modified(year(2024));
    assert_eq!(archive.check(made.text.as_bytes(), &keys), made.state);
}

#[test]
fn hashed_archives_are_not_read_again() {
    let archive = Archive::new();
    let keys = public_keys(&["ed25519"]);
    let made = archive.sign(&signer("ed25519", year(2023)), year(2023)).unwrap();
    let mut sha256 = Sha256Hasher::default();
    sha256.update(BYTES);
    fs::write(&archive.path, "other bytes").unwrap();
    let check = |read| openpgp::check(made.text.as_bytes(), &archive.path, read, &keys).unwrap();
    assert_eq!(check(Some(&sha256)), made.state);
    assert_ne!(check(None), made.state);
}

#[test]
fn a_subkey_must_confirm_its_binding() {
    // A foreign key, bound as a subkey by the primary key only: without the signature
    // of the subkey, which is in the unhashed part of the binding.
    let archive = Archive::new();
    let made = archive.sign(&signer("subkeys", year(2023)), year(2023)).unwrap();
    let known = public_keys(&["subkeys"]);
    assert_eq!(archive.check(made.text.as_bytes(), &known), made.state);

    use pgp::composed::{ArmorOptions, Deserializable, SignedPublicKey};
    use pgp::packet::SubpacketData;
    let (mut key, _) = SignedPublicKey::from_armor_file(keys::public("subkeys")).unwrap();
    for signature in key.public_subkeys.iter_mut().flat_map(|subkey| &mut subkey.signatures) {
        let back =
            signature.config().unwrap().unhashed_subpackets().position(|subpacket| {
                matches!(subpacket.data, SubpacketData::EmbeddedSignature(_))
            });
        if let Some(back) = back {
            signature.unhashed_subpacket_remove(back).unwrap();
        }
    }
    let path = archive.file("one-sided");
    fs::write(&path, key.to_armored_string(ArmorOptions::default()).unwrap()).unwrap();
    let one_sided = PublicKeys::load(&[path], year(2026)).unwrap();
    let state = archive.check(made.text.as_bytes(), &one_sided);
    assert!(
        matches!(&state, SignatureState::Malformed { detail } if detail.contains("not allowed to sign")),
        "{state:?}"
    );
}
