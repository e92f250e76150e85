//! Keys of all algorithms, alone and together with others: an unusable key does not make the others unusable,
//! and is reported with the correct reason.
//!
//! The references are openpgp.js 5.11.3 and gpg 2.2.40; the latter accepts all of these signatures.

use super::draft::*;
use super::*;

/// A key of the fixtures, the result of openpgp.js for its signature, and the expected result.
const ALGORITHMS: [(&str, &str, &str); 5] = [
    ("nistp256", "good", "good"),
    (
        "rsa1024",
        "RSA keys shorter than 2047 bits are considered too weak.",
        "has an algorithm that v2's readers reject as too weak: RSA of 1024 bits",
    ),
    (
        "dsa",
        "dsa keys are considered too weak.",
        "has an algorithm that v2's readers reject as too weak: DSA",
    ),
    (
        "secp256k1",
        "Support for ecdsa keys using curve secp256k1 is disabled.",
        "has an algorithm that v2's readers reject as too weak: ECDSA over secp256k1",
    ),
    // Accepted by others, but pgp cannot check it.
    ("brainpool", "good", "has an unsupported algorithm: ECDSA over brainpoolP256r1"),
];

#[test]
fn each_algorithm_alone_and_in_a_keyring() {
    let archive = Archive::new();
    let good = archive.sign(&signer("ed25519", year(2023)), year(2023)).unwrap();
    let read = |name: &str| fs::read(keys::public(name)).unwrap();
    for (name, _, expected) in ALGORITHMS {
        let signature = fs::read(keys::public(name).with_file_name(format!("{name}.sig.asc")));
        let signature = signature.expect("a signature");
        let alone = archive.file("alone");
        fs::write(&alone, read(name)).unwrap();
        let ring = archive.file("ring");
        for others in [[read("ed25519"), read(name)], [read(name), read("ed25519")]] {
            fs::write(&ring, others.concat()).unwrap();
            let keys = PublicKeys::load(std::slice::from_ref(&ring), year(2026)).expect(name);
            assert_eq!(archive.check(good.text.as_bytes(), &keys), good.state, "{name}");
            let unusable: Vec<String> = keys.unusable().collect();
            let state = archive.check(&signature, &keys);
            if expected == "good" {
                assert!(matches!(state, SignatureState::Good { .. }), "{name}: {state:?}");
                assert!(unusable.is_empty(), "{name}: {unusable:?}");
                continue;
            }
            let SignatureState::Malformed { detail } = &state else { panic!("{name}: {state:?}") };
            assert!(detail.contains(expected), "{name}: {detail}");
            assert_eq!(unusable.len(), 1, "{name}: {unusable:?}");
            assert!(unusable[0].starts_with(&ring.display().to_string()), "{unusable:?}");
            assert!(unusable[0].contains(expected), "{name}: {unusable:?}");
        }
        match PublicKeys::load(&[alone], year(2026)) {
            Ok(keys) => {
                let state = archive.check(&signature, &keys);
                assert_eq!(expected, "good", "{name}: {state:?}");
                assert!(matches!(state, SignatureState::Good { .. }), "{name}: {state:?}");
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).expect("a cause").to_string();
                assert!(cause.contains(expected), "{name}: {cause}");
            }
        }
    }
}

#[test]
fn unusable_keys_do_not_affect_others() {
    let key = Key::of("ed25519");
    let good = Draft::new(&key).over_file();
    let own = keys::unarmored(&fs::read_to_string(keys::public("ed25519")).unwrap());
    // The contents of keys of these versions and algorithms are unknown.
    let of = |version: u8, algorithm: u8| {
        packet(6, &[&[version], &at(2020).to_be_bytes()[..], &[algorithm], b"anything"].concat())
    };
    let user = packet(13, b"made up <made-up@example.org>");
    let rows: [(&str, Vec<u8>, &str); 6] = [
        ("version 3", of(3, 1), "a key has OpenPGP version 3; only version 4 is supported"),
        ("version 5", of(5, 22), "a key has OpenPGP version 5; only version 4 is supported"),
        ("version 6", of(6, 27), "a key has OpenPGP version 6; only version 4 is supported"),
        ("number 99", of(4, 99), "has an unsupported algorithm: number 99"),
        ("damaged", of(4, 1), "is damaged: "),
        (
            "a critical packet",
            [of(4, 99), packet(39, b"x")].concat(),
            "unsupported algorithm: number 99",
        ),
    ];
    for (name, other, expected) in rows {
        let other = [other, user.clone()].concat();
        for certificates in [[&own[..], &other], [&other, &own]] {
            assert_eq!(verdict(&good, &certificates), "good", "{name}");
            let archive = Archive::new();
            let path = archive.file("keys");
            fs::write(&path, certificates.concat()).unwrap();
            let keys = PublicKeys::load(&[path], year(2026)).unwrap();
            let unusable: Vec<String> = keys.unusable().collect();
            assert!(unusable.len() == 1 && unusable[0].contains(expected), "{name}: {unusable:?}");
        }
        let alone = verdict(&good, &[&other]);
        assert!(alone.starts_with("no key: ") && alone.contains(expected), "{name}: {alone}");
    }
}
