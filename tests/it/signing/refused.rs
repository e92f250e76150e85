//! Keys that are rejected before any work: with the reason, and without revealing their contents.

use std::error::Error as _;
use std::fmt::Write as _;

use super::*;

/// Secret key, passphrase, current year, the error message, its hint.
type Refused = (&'static str, Option<&'static str>, u64, &'static str, Option<&'static str>);

#[rustfmt::skip]
const REFUSED: [Refused; 13] = [
    ("rsa-locked", None, 2023, "it is locked, and no passphrase was given", Some("--passphrase-file")),
    ("rsa-locked", Some("wrong"), 2023, "the passphrase is wrong", Some("--passphrase-file")),
    ("rsa-locked", Some(""), 2023, "the passphrase is wrong", Some("--passphrase-file")),
    ("ed25519-locked", Some("made-up passphrase "), 2023, "the passphrase is wrong", Some("--passphrase-file")),
    ("subkeys", Some("wrong"), 2023, "the passphrase is wrong", Some("--passphrase-file")),
    ("expired", None, 2023, "468f64429dfc72beec9cfe6d60b12e509570a3f5 expired on 2020-03-01", None),
    ("compromised", None, 2023, "097fb01a9c35f1c7ff4392598f98a46a21ccc0bc was revoked on 2021-01-01", None),
    ("retired", None, 2023, "02423528af84db44d03307b2a70c97ca9d09e5b4 was revoked on 2021-01-01", None),
    ("future", None, 2023, "6c0b57f225333431b7cfa70707ea5f972753906c is not valid before 2100-01-01", None),
    ("encryption", None, 2023, "90012e7c7002b1724d78d3eedfdb3f5497b05e36 is not allowed to sign files", None),
    // Before its signing subkeys were made.
    ("subkeys-only", Some(PASSPHRASE), 2019, "is not valid before 2020-01-01", None),
    ("rsa", None, 2019, "cbd368e36abcd6e759605f032190fb5741de4439 is not valid before 2020-01-01", None),
    ("expired", None, 2021, "expired on 2020-03-01", None),
];

#[test]
fn keys_that_cannot_sign_are_rejected_with_the_reason() {
    for (name, given, now, reason, hint) in REFUSED {
        let row = format!("{name} with {given:?} in {now}");
        let given = given.map(|text| Passphrase::from(text.to_owned()));
        let error = refusal(&keys::secret(name), given.as_ref(), year(now));
        let text = error_chain(&error);
        assert!(text.contains(reason), "{row}: {text}");
        match hint {
            Some(hint) => assert!(error.hint().contains(hint), "{row}"),
            None => {
                assert_eq!(error.hint(), "specify an OpenPGP secret key that can sign", "{row}")
            }
        }
    }
}

#[test]
fn files_without_a_secret_key_are_rejected_with_the_reason() {
    let archive = Archive::new();
    let read = |path: PathBuf| fs::read(path).unwrap();
    let (rsa, ed25519) = (keys::secret("rsa"), keys::secret("ed25519"));
    let two = [read(rsa.clone()), read(ed25519.clone())].concat();
    let half = read(ed25519.clone())[..300].to_vec();
    let rows: [(&str, Vec<u8>, &str); 6] = [
        ("public", read(keys::public("rsa")), "it is a public key"),
        ("two", two, "it contains 2 secret keys"),
        ("text", b"no key at all\n".to_vec(), "it contains no OpenPGP key"),
        ("empty", Vec::new(), "it contains no OpenPGP key"),
        ("half", half, "it is damaged"),
        ("long", vec![b'x'; (16 << 20) + 1], "it is longer than 16777216 bytes"),
    ];
    for (row, bytes, reason) in rows {
        let path = archive.file("key");
        fs::write(&path, bytes).unwrap();
        let text = error_chain(&refusal(&path, None, year(2023)));
        assert!(text.contains(reason), "{row}: {text}");
    }
    let missing = refusal(&archive.file("missing"), None, year(2023));
    assert!(matches!(missing, Error::File { .. }), "{missing}");
}

#[test]
fn stubs_without_a_secret_part_are_rejected() {
    // The packets of `subkeys-only` up to its first subkey: only a GnuPG stub.
    let packets = unarmored(&keys::secret("subkeys-only"));
    let first_subkey = packets.windows(2).position(|pair| pair[0] == 0x9c || pair[0] == 0x9d);
    let archive = Archive::new();
    let path = archive.file("stub");
    fs::write(&path, &packets[..first_subkey.expect("a subkey")]).unwrap();
    let text = error_chain(&refusal(&path, Some(&passphrase()), year(2023)));
    assert!(
        text.contains("is not allowed to sign files") || text.contains("no secret part"),
        "{text}"
    );
}

#[test]
fn public_keys_that_cannot_check_are_rejected_with_the_reason() {
    let archive = Archive::new();
    let mut keybox = vec![0; 12];
    keybox[8..].copy_from_slice(b"KBXf");
    let public = unarmored(&keys::public("ed25519"));
    // Without the user id and its self-signature.
    let naked = public[..2 + usize::from(public[1])].to_vec();
    let mut forged = public.clone();
    *forged.last_mut().unwrap() ^= 1;
    let rows: [(&str, Vec<u8>, &str); 6] = [
        ("secret", fs::read(keys::secret("ed25519")).unwrap(), "it contains a secret key"),
        ("text", b"no key at all\n".to_vec(), "it contains no OpenPGP key"),
        ("empty", Vec::new(), "it contains no OpenPGP key"),
        ("keybox", keybox, "it is a GnuPG keybox"),
        ("naked", naked, "has no valid self-signature"),
        ("forged", forged, "has no valid self-signature"),
    ];
    for (row, bytes, reason) in rows {
        let path = archive.file("key");
        fs::write(&path, bytes).unwrap();
        let error = PublicKeys::load(&[path], year(2023)).expect_err(row);
        assert!(error_chain(&error).contains(reason), "{row}: {error:?}");
    }
}

#[test]
fn passphrases_are_read_without_the_line_break() {
    let archive = Archive::new();
    for (text, is_right) in [
        ("made-up passphrase", true),
        ("made-up passphrase\n", true),
        ("made-up passphrase\r\n", true),
        ("made-up passphrase\n\n", false),
        (" made-up passphrase", false),
        ("", false),
    ] {
        let path = archive.file("passphrase");
        fs::write(&path, text).unwrap();
        let passphrase = Passphrase::read(&path).unwrap();
        let key = keys::secret("ed25519-locked");
        let loaded = OpenPgpSigner::load(&key, Some(&passphrase), year(2023));
        assert_eq!(loaded.is_ok(), is_right, "{text:?}");
    }
    let path = archive.file("passphrase");
    fs::write(&path, "long ".repeat(1000)).unwrap();
    let text = error_chain(&Passphrase::read(&path).expect_err("too long"));
    assert!(text.contains("at most 4096 bytes") && !text.contains("long long"), "{text}");
}

#[test]
fn errors_never_contain_secrets() {
    let wrong = "another made-up passphrase";
    let archive = Archive::new();
    let path = archive.file("key");
    let mut all_errors = format!("{:?} {:?}", passphrase(), Passphrase::from(wrong.to_owned()));
    let mut error_count = 0;
    for name in ["ed25519", "ed25519-locked"] {
        let packets = unarmored(&keys::secret(name));
        let damaged = (0..packets.len()).flat_map(|at| {
            let mut flipped = packets.clone();
            flipped[at] ^= 0x11;
            [flipped, packets[..at].to_vec()]
        });
        for bytes in damaged {
            fs::write(&path, bytes).unwrap();
            for given in [PASSPHRASE, wrong] {
                let given = Passphrase::from(given.to_owned());
                if let Err(error) = OpenPgpSigner::load(&path, Some(&given), year(2023)) {
                    write!(all_errors, "{} {error:?}", error_chain(&error)).unwrap();
                    error_count += 1;
                }
            }
        }
    }
    assert!(error_count > 500, "{error_count}");
    for secret in [PASSPHRASE, wrong] {
        assert!(!all_errors.contains(secret), "{secret}");
    }
    // The secret part of the unlocked key: after S2K usage 0, its number, then the checksum.
    let packets = unarmored(&keys::secret("ed25519"));
    let scalar = &packets[2 + usize::from(packets[1]) - 34..2 + usize::from(packets[1]) - 2];
    let lower = all_errors.to_lowercase();
    for window in scalar.windows(4) {
        let hex: String = window.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{}, {}, {}, {}", window[0], window[1], window[2], window[3]);
        assert!(!lower.contains(&hex) && !lower.contains(&list), "{window:?}");
    }
}

fn refusal(path: &Path, passphrase: Option<&Passphrase>, now: SystemTime) -> Error {
    match OpenPgpSigner::load(path, passphrase, now) {
        Ok(_) => panic!("{} is accepted", path.display()),
        Err(error) => error,
    }
}

/// Formats an error with its causes.
fn error_chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

fn unarmored(path: &Path) -> Vec<u8> {
    keys::unarmored(&fs::read_to_string(path).expect("read a key"))
}
