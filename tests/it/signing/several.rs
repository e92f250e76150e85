//! Several signatures in one file (RFC 9580, 10.4 and 5.2.5): good when at least one is good, and none is bad.
//!
//! openpgp.js 5.11.3 checks each; Kibana uses only the first result. go-crypto 1.4.1 uses the first one with
//! a known key, gpg 2.2.40 requires all of them to be good.

use super::draft::*;
use super::*;

#[test]
fn several_signatures() {
    let (key, rsa, other) = (Key::of("ed25519"), Key::of("rsa"), Key::of("retired-before"));
    let certificate = |name| keys::unarmored(&fs::read_to_string(keys::public(name)).unwrap());
    let (own, of_rsa) = (certificate("ed25519"), certificate("rsa"));
    let revoked = certificate("retired");
    let good = Draft::new(&key).over_file();
    let by_rsa = Draft::new(&rsa).over_file();
    let by_other = Draft::new(&other).over_file();
    let bad = packet(2, &Draft::new(&key).body(b"other bytes"));
    let bad_rsa = packet(2, &Draft::new(&rsa).body(b"other bytes"));
    let of_version = |version| Draft::new(&key).with(|d| d.version = version).over_file();
    let text = Draft::new(&key).with(|d| d.kind = 1).over_file();
    let weak = Draft::new(&key).with(|d| d.hash = 2).over_file();
    let strange = Draft::new(&key).and(&critical(99, b"x")).over_file();
    let later = Draft::new(&key).hashed(&[&made(at(2100)), &key.issuers()]).over_file();
    let short = Draft::new(&key).with(|d| d.hash = 8).over_file();
    type Row<'a> = (&'a str, &'a [&'a [u8]], &'a [&'a [u8]], &'a str);
    let rows: [Row; 25] = [
        ("good, good", &[&good, &good], &[&own], "good, signature 1 of 2"),
        ("good, unknown", &[&good, &by_other], &[&own], "good, signature 1 of 2"),
        ("unknown, good", &[&by_other, &good], &[&own], "good, signature 2 of 2"),
        ("unknown, unknown, good", &[&by_other, &by_rsa, &good], &[&own], "good, signature 3 of 3"),
        ("two keys", &[&good, &by_rsa], &[&own, &of_rsa], "good, signature 1 of 2"),
        ("two digests", &[&short, &good], &[&own], "good, signature 1 of 2"),
        ("good, bad", &[&good, &bad], &[&own], "bad"),
        ("bad, good", &[&bad, &good], &[&own], "bad"),
        ("bad by another, good", &[&bad_rsa, &good], &[&own, &of_rsa], "bad"),
        // 16 bits of the digest suffice, without a key.
        ("bad by an unknown key, good", &[&bad_rsa, &good], &[&own], "bad"),
        ("unknown, bad", &[&by_other, &bad], &[&own], "bad"),
        ("unknown, unknown", &[&by_other, &by_rsa], &[&own], "unknown-key"),
        ("version 6, good", &[&of_version(6), &good], &[&own], "good, signature 2 of 2"),
        ("good, version 6", &[&good, &of_version(6)], &[&own], "good, signature 1 of 2"),
        ("version 3, good", &[&of_version(3), &good], &[&own], "good, signature 2 of 2"),
        ("of a text, good", &[&text, &good], &[&own], "good, signature 2 of 2"),
        ("SHA-1, good", &[&weak, &good], &[&own], "good, signature 2 of 2"),
        ("damaged, good", &[&packet(2, b"\x04\0\x16"), &good], &[&own], "good, signature 2 of 2…"),
        ("critical, good", &[&strange, &good], &[&own], "bad: subpacket 99"),
        ("good, critical", &[&good, &strange], &[&own], "bad: subpacket 99"),
        ("good, in the future", &[&good, &later], &[&own], "good, signature 1 of 2"),
        ("revoked, unknown", &[&by_other, &by_rsa], &[&revoked], "key-revoked"),
        ("revoked, good", &[&by_other, &good], &[&own, &revoked], "good, signature 2 of 2…"),
        ("version 6, unknown", &[&of_version(6), &by_other], &[&own], "unknown-key"),
        (
            "versions 6 and 3",
            &[&of_version(6), &of_version(3)],
            &[&own],
            "malformed: OpenPGP version…",
        ),
    ];
    check_rows(
        rows.into_iter()
            .map(|(name, signatures, certificates, expected)| {
                (name.to_owned(), verdict(&signatures.concat(), certificates), expected)
            })
            .collect(),
    );

    // Armor keeps all of them.
    let both = [&by_other[..], &good].concat();
    let parsed = openpgp::DetachedSignature::parse(&both).unwrap();
    assert_eq!(keys::unarmored(&parsed.to_armor()), both);
    let state = SignatureState::Good {
        fingerprint: ED25519.to_owned(),
        among: Some(package_storage_migrate::model::signature_status::SignaturePlace {
            place: 2,
            count: 2,
        }),
    };
    assert!(state.message().contains("signature 2 of 2; Kibana checks only the first"));
}
