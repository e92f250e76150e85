//! What a reader must reject in a signature (RFC 9580, 4.3, 5.2 and 9.5), and what it must not, one
//! row each.
//!
//! The references are go-crypto 1.4.1 (`CheckArmoredDetachedSignature`), openpgp.js 5.11.3
//! (`verify`) and gpg 2.2.40; comments name those that differ.

use super::draft::*;
use super::*;

/// The certificate that the signatures are checked with.
fn certificate() -> Vec<u8> {
    keys::unarmored(&fs::read_to_string(keys::public("ed25519")).expect("a key"))
}

fn run(rows: Vec<(String, Vec<u8>, &'static str)>) {
    let certificate = certificate();
    check_rows(
        rows.into_iter()
            .map(|(name, signature, expected)| {
                (name, verdict(&signature, &[&certificate]), expected)
            })
            .collect(),
    );
}

#[test]
fn versions_types_and_digests() {
    let key = Key::of("ed25519");
    let draft = || Draft::new(&key);
    let mut rows = vec![
        ("plain".to_owned(), draft().over_file(), "good"),
        // go-crypto accepts version 6 with a key of version 4.
        (
            "version 6".to_owned(),
            draft().with(|d| d.version = 6).over_file(),
            "malformed: OpenPGP version 6, expected 4",
        ),
        (
            "version 3".to_owned(),
            draft().with(|d| d.version = 3).over_file(),
            "malformed: OpenPGP version 3, expected 4",
        ),
        // A draft that never became a standard; openpgp.js accepts it.
        (
            "version 5".to_owned(),
            draft().with(|d| d.version = 5).over_file(),
            "malformed: OpenPGP version 5, expected 4",
        ),
        (
            "version 7".to_owned(),
            draft().with(|d| d.version = 7).over_file(),
            "malformed: OpenPGP version 7, expected 4",
        ),
        (
            "another algorithm".to_owned(),
            draft().with(|d| d.algorithm = Some(17)).over_file(),
            "bad",
        ),
        (
            "an unknown algorithm".to_owned(),
            draft().with(|d| d.algorithm = Some(99)).over_file(),
            "malformed: unsupported algorithm: 99",
        ),
    ];
    // Types (5.2.1). Text is rejected although the references accept it: other line ends would be good, too.
    for kind in [
        0x01, 0x02, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50, 0x60,
        0xff,
    ] {
        let made = draft().with(|d| d.kind = kind).over_file();
        rows.push((format!("type {kind:#04x}"), made, "malformed: signature type …"));
    }
    // Digests (9.5): MD5, SHA-1, RIPEMD-160, and unknown ones. SHA-224 is too short for Ed25519,
    // and only go-crypto supports SHA-3.
    for hash in [0, 1, 2, 3, 11, 12, 13, 14, 100] {
        let made = draft().with(|d| d.hash = hash).over_file();
        rows.push((format!("digest {hash}"), made, "malformed: digest algorithm …"));
    }
    for hash in [8, 9, 10] {
        rows.push((format!("digest {hash}"), draft().with(|d| d.hash = hash).over_file(), "good"));
    }
    run(rows);
}

#[test]
fn times_and_issuers() {
    let (key, other) = (Key::of("ed25519"), Key::of("retired-before"));
    let time = made(at(2023));
    let (issuer, id) = (key.issuer(), sub(16, &key.id()));
    let (issuers, other_id) = (key.issuers(), sub(16, &other.id()));
    let short = sub(33, &[&[4], &key.fingerprint()[..10]].concat());
    let of_version = |version: u8, more: usize| {
        sub(33, &[&[version], &key.fingerprint()[..], &vec![0; more]].concat())
    };
    let of = |hashed: &[&[u8]], unhashed: &[u8]| {
        Draft::new(&key).hashed(hashed).and_unhashed(unhashed).over_file()
    };
    let several = "malformed: several issuers, of which readers use different ones";
    let expires = |seconds: u32| sub(3, &seconds.to_be_bytes());
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        // The creation time (5.2.3.11).
        ("no time", of(&[&issuers], b""), "malformed: no creation time"),
        ("a time that is not hashed", of(&[&issuers], &time), "malformed: no creation time"),
        ("a time twice", of(&[&time, &time, &issuers], b""), "good"),
        (
            "two times, the first in the future",
            of(&[&made(at(2100)), &time, &issuers], b""),
            "good",
        ),
        (
            "two times, the second in the future",
            of(&[&time, &made(at(2100)), &issuers], b""),
            "malformed: dated 2100-01-01, in the future: readers reject it until then",
        ),
        ("another time that is not hashed", of(&[&time, &issuers], &made(at(2100))), "good"),
        ("a critical time", of(&[&critical(2, &time[2..]), &issuers], b""), "good"),
        // gpg accepts it.
        (
            "in the future",
            of(&[&made(at(2100)), &issuers], b""),
            "malformed: dated 2100-01-01, in the future: readers reject it until then",
        ),
        // go-crypto accepts it.
        (
            "before the key",
            of(&[&made(at(2019)), &issuers], b""),
            "malformed: made on 2019-01-01, but the key …",
        ),
        // Its own expiration (5.2.3.18). The references accept one in the future; but v2 is permanent.
        (
            "expired",
            of(&[&time, &issuers, &expires(86_400)], b""),
            "malformed: it has an expiration time",
        ),
        (
            "expires later",
            of(&[&time, &issuers, &expires(70 * YEAR)], b""),
            "malformed: it has an expiration time",
        ),
        ("expires never", of(&[&time, &issuers, &expires(0)], b""), "good"),
        ("an end that is not hashed", of(&[&time, &issuers], &expires(86_400)), "good"),
        // The issuer (5.2.3.12 and 5.2.3.35).
        ("no issuer", of(&[&time], b""), "malformed: no issuer"),
        ("an id", of(&[&time, &id], b""), "good"),
        ("an id that is not hashed", of(&[&time], &id), "good"),
        ("a fingerprint", of(&[&time, &issuer], b""), "good"),
        ("a fingerprint that is not hashed", of(&[&time], &issuer), "good"),
        ("an id of another key", of(&[&time, &issuer, &other_id], b""), several),
        // The references use the last one.
        ("an id of another key first", of(&[&time, &other_id, &issuer], b""), several),
        ("an id of another key, not hashed", of(&[&time, &issuer], &other_id), several),
        ("two ids", of(&[&time, &id, &other_id], b""), several),
        ("a fingerprint of another key", of(&[&time, &id, &other.issuer()], b""), several),
        ("another fingerprint, not hashed", of(&[&time, &id], &other.issuer()), several),
        (
            "a fingerprint of version 6",
            of(&[&time, &of_version(6, 12)], b""),
            "malformed: its issuer is not a key of OpenPGP version 4",
        ),
        ("a fingerprint that is too short", of(&[&time, &id, &short], b""), "malformed: damaged…"),
        ("only another key", of(&[&time, &other.issuers()], b""), "unknown-key"),
    ];
    run(rows.into_iter().map(|(name, made, expected)| (name.to_owned(), made, expected)).collect());
}

#[test]
fn unknown_critical_subpackets_are_bad() {
    let key = Key::of("ed25519");
    let draft = || Draft::new(&key);
    let mut rows = vec![
        (
            "a critical notation".to_owned(),
            draft().and(&critical(20, &notation("a@example.org"))).over_file(),
            "bad: notation a@example.org",
        ),
        (
            "a critical notation of the IETF".to_owned(),
            draft().and(&critical(20, &notation("charset"))).over_file(),
            "bad: notation charset",
        ),
        (
            "a critical notation in binary".to_owned(),
            draft().and(&critical(20, b"\0\0\0\0\0\x05\0\x01a@b.c\xff")).over_file(),
            "bad: notation a@b.c",
        ),
        (
            "a notation".to_owned(),
            draft().and(&sub(20, &notation("a@example.org"))).over_file(),
            "good",
        ),
        // Anyone can add it.
        (
            "a critical notation that is not hashed".to_owned(),
            draft().and_unhashed(&critical(20, &notation("a@example.org"))).over_file(),
            "good",
        ),
    ];
    // Reserved, unassigned, private; those that openpgp.js does not support (35, 39), or no reader
    // (10, 36 to 38).
    for kind in [0, 1, 8, 10, 13, 14, 15, 17, 18, 19, 36, 37, 38, 40, 41, 63, 64, 99, 100, 110, 127]
    {
        let expected: &'static str = Box::leak(format!("bad: subpacket {kind}").into_boxed_str());
        rows.push((
            format!("critical {kind}"),
            draft().and(&critical(kind, b"x")).over_file(),
            expected,
        ));
        rows.push((format!("subpacket {kind}"), draft().and(&sub(kind, b"x")).over_file(), "good"));
        rows.push((
            format!("critical {kind} that is not hashed"),
            draft().and_unhashed(&critical(kind, b"x")).over_file(),
            "good",
        ));
    }
    let recipient = [&[4], &key.fingerprint()[..]].concat();
    rows.push((
        "critical 35".to_owned(),
        draft().and(&critical(35, &recipient)).over_file(),
        "bad: subpacket 35",
    ));
    rows.push((
        "critical 39".to_owned(),
        draft().and(&critical(39, b"\x09\x02")).over_file(),
        "bad: subpacket 39",
    ));
    let known: [(u8, &[u8]); 14] = [
        (4, b"\x01"),
        (5, b"\x01\x3c"),
        (6, b"<[^>]+>\0"),
        (9, &86_400_u32.to_be_bytes()),
        (11, b"\x09"),
        (21, b"\x08"),
        (22, b"\x01"),
        (23, b"\x80"),
        (24, b"https://example.org"),
        (25, b"\x01"),
        (26, b"https://example.org"),
        (27, b"\x02"),
        (28, b"made up <made-up@example.org>"),
        (30, b"\x01"),
    ];
    for (kind, body) in known {
        rows.push((format!("known {kind}"), draft().and(&sub(kind, body)).over_file(), "good"));
        let made = draft().and(&critical(kind, body)).over_file();
        rows.push((format!("known and critical {kind}"), made, "good"));
    }
    run(rows);
}

#[test]
fn packets_next_to_a_signature() {
    let key = Key::of("ed25519");
    let made = Draft::new(&key).over_file();
    let mut rows = Vec::new();
    // Unknown and critical (4.3): 22 to 39, and 0, which is reserved. go-crypto reports those
    // before the signature, and reads no further; gpg 2.2 and openpgp.js 5 are older than this rule.
    for tag in [0, 22, 30, 39] {
        let expected: &'static str = Box::leak(format!("bad: packet {tag}").into_boxed_str());
        let other = packet(tag, b"x");
        rows.push((format!("{tag} before"), [&other[..], &made].concat(), expected));
        rows.push((format!("{tag} after"), [&made[..], &other].concat(), expected));
    }
    // Unknown and not critical, experimental; a marker, GnuPG's trust packets, padding.
    for (tag, body) in [
        (40, &b"x"[..]),
        (59, b"x"),
        (60, b"x"),
        (63, b"x"),
        (10, b"PGP"),
        (12, b"\x06"),
        (21, b"xx"),
    ] {
        let other = packet(tag, body);
        rows.push((format!("{tag} before"), [&other[..], &made].concat(), "good"));
        rows.push((format!("{tag} after"), [&made[..], &other].concat(), "good"));
    }
    // Known, but not a signature. go-crypto reads no further than the signature.
    for (tag, body) in [(6, &key.body[..]), (11, b"b\0\0\0\0\0x"), (13, b"me"), (14, &key.body)] {
        let other = packet(tag, body);
        let expected = "malformed: not a signature, but …";
        rows.push((format!("{tag} before"), [&other[..], &made].concat(), expected));
        rows.push((format!("{tag} after"), [&made[..], &other].concat(), expected));
    }
    let body = Draft::new(&key).body(BYTES);
    let old = |kind: u8, len: &[u8]| [&[0x80 | 2 << 2 | kind], len, &body[..]].concat();
    let len = u8::try_from(body.len()).expect("short");
    let halves = [&[0xc2, 0xe5], &body[..32], &[len - 32], &body[32..]].concat();
    rows.extend([
        ("an old header".to_owned(), old(0, &[len]), "good"),
        ("a length of four octets".to_owned(), old(2, &[0, 0, 0, len]), "good"),
        // go-crypto and openpgp.js read up to the end.
        ("no length".to_owned(), old(3, b""), "malformed: a packet without a fixed length"),
        // go-crypto joins them.
        ("partial lengths".to_owned(), halves, "malformed: a packet without a fixed length"),
        (
            "a trailing byte".to_owned(),
            [&made[..], b"\0"].concat(),
            "malformed: not an OpenPGP packet…",
        ),
        ("a packet without its body".to_owned(), vec![0xc2, 9, 4], "malformed: damaged…"),
        (
            "half a packet after".to_owned(),
            [&made[..], &made[..40]].concat(),
            "malformed: damaged…",
        ),
        (
            "the end of the hashed area missing".to_owned(),
            Draft::new(&key).and(&[0x20, 20, b'x']).over_file(),
            "malformed: damaged…",
        ),
        // openpgp.js ignores it.
        (
            "a subpacket of no length".to_owned(),
            Draft::new(&key).and(&[0]).over_file(),
            "malformed: damaged…",
        ),
        // openpgp.js and go-crypto ignore it.
        (
            "a byte after the numbers".to_owned(),
            packet(2, &[&body[..], b"\0"].concat()),
            "malformed: damaged…",
        ),
        (
            "another number".to_owned(),
            packet(2, &[&body[..body.len() - 1], &[body[body.len() - 1] ^ 1]].concat()),
            "bad",
        ),
    ]);
    run(rows);
}
