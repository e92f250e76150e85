//! Foreign bytes parsed as signatures: strict, bounded, and without panics.

use std::sync::LazyLock;

use package_storage_migrate::openpgp::DetachedSignature;
use proptest::prelude::*;

use super::*;

static ARMORED: LazyLock<String> = LazyLock::new(|| {
    let archive = Archive::new();
    archive.sign(&signer("ed25519", year(2023)), year(2023)).expect("a signature").text
});

static BINARY: LazyLock<Vec<u8>> = LazyLock::new(|| keys::unarmored(&ARMORED));

#[test]
fn only_a_signature_is_accepted() {
    let (armor, packet) = (ARMORED.clone(), BINARY.clone());
    let accepted: [(&str, Vec<u8>); 5] = [
        ("armor", armor.clone().into()),
        ("binary", packet.clone()),
        ("white space around", format!("\n \n{armor}\n\n").into()),
        ("CRLF", armor.replace('\n', "\r\n").into()),
        ("headers", armor.replacen("\n\n", "\nVersion: any\nComment: any\n\n", 1).into()),
    ];
    for (row, bytes) in accepted {
        let signature = DetachedSignature::parse(&bytes).expect(row);
        assert_eq!(signature.to_armor(), armor, "{row}");
        assert_eq!(signature.issuer(), ED25519, "{row}");
        assert_eq!(signature.created(), year(2023), "{row}");
    }
    let without_checksum: String =
        armor.split_inclusive('\n').filter(|line| !line.starts_with('=')).collect();
    assert!(DetachedSignature::parse(without_checksum.as_bytes()).is_ok());

    let checksum = armor.lines().find(|line| line.starts_with('=')).unwrap();
    let with_type = |kind: u8| {
        let mut packet = packet.clone();
        // After the header of two bytes and the version.
        packet[3] = kind;
        packet
    };
    let with_version = |version: u8| {
        let mut packet = packet.clone();
        packet[2] = version;
        packet
    };
    let public = fs::read_to_string(keys::public("ed25519")).unwrap();
    let rejected: [(&str, Vec<u8>, &str); 14] = [
        ("nothing", Vec::new(), "empty"),
        ("white space", b" \n".to_vec(), "not an OpenPGP signature"),
        ("text", b"21f8c1e0a9d84d5d9a9f1f0d3a2b4c5d".to_vec(), "not an OpenPGP signature"),
        ("a public key", public.into(), "not an OpenPGP signature"),
        ("a trailing byte", [&packet[..], b"\0"].concat(), "not an OpenPGP packet"),
        ("truncated", packet[..packet.len() - 1].to_vec(), "damaged"),
        ("text on the last line", format!("{}bye", armor.trim_end()).into(), "no end line"),
        ("no end", armor[..armor.len() - 30].into(), "no end line"),
        ("no body", "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----".into(), "armor"),
        ("other checksum", armor.replace(checksum, "=AAAA").into(), "checksum"),
        ("over text", with_type(1), "signature type Text"),
        ("over a key", with_type(0x1f), "signature type Key"),
        ("version 3", with_version(3), "damaged"),
        ("version 5", with_version(5), "OpenPGP version 5, expected 4"),
    ];
    for (row, bytes, expected) in rejected {
        let malformed = DetachedSignature::parse(&bytes).expect_err(row);
        assert!(malformed.0.contains(expected), "{row}: {malformed}");
    }
    let long = [b' '; (64 << 10) + 1];
    let malformed = DetachedSignature::parse(&long).expect_err("long");
    assert!(malformed.0.contains("longer than 65536 bytes"), "{malformed}");
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_or_rejected(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check_round_trip(&bytes);
        let mut packet = vec![0x88, bytes.len() as u8];
        packet.extend(&bytes);
        check_round_trip(&packet);
    }

    #[test]
    fn damaged_signatures_are_parsed_or_rejected(
        is_armored in any::<bool>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = if is_armored { ARMORED.clone().into_bytes() } else { BINARY.clone() };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        check_round_trip(&bytes);
        check_round_trip(&bytes[..cut.index(bytes.len())]);
        check_round_trip(&[&bytes[..at], &[byte], &bytes[at..]].concat());
    }
}

/// Checks that an accepted signature survives a round trip through armor.
fn check_round_trip(bytes: &[u8]) {
    if let Ok(signature) = DetachedSignature::parse(bytes) {
        let armor = signature.to_armor();
        let again = DetachedSignature::parse(armor.as_bytes()).expect("our armor");
        assert_eq!(again.to_armor(), armor);
        assert_eq!(again.issuer(), signature.issuer());
    }
}
