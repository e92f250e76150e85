//! Signatures: made with GnuPG keys and checked with GnuPG, and made by GnuPG and checked here.
//!
//! The keys are the made-up ones in `fixtures/keys`. Without gpg, tests that need it are skipped
//! with a message on stderr.

mod algorithms;
mod armor;
mod certificates;
mod command;
mod draft;
mod packets;
mod parsing;
mod refused;
mod several;
mod states;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use package_storage_migrate::digest::Sha256Hasher;
use package_storage_migrate::error::Error;
use package_storage_migrate::model::package::ObjectKey;
use package_storage_migrate::model::signature_status::SignatureState;
use package_storage_migrate::openpgp::{
    self, ArchiveToSign, ArmoredSignature, OpenPgpSigner, Passphrase, PublicKeys, Signer,
};

use crate::support::gpg::Gpg;
use crate::support::keys::{self, PASSPHRASE, year};

/// The signed bytes. Not a ZIP archive, since signing does not depend on the content.
const BYTES: &[u8] = b"any bytes at all,\r\nwith lines of both kinds\n\0";

/// A file in its own temporary folder.
struct Archive {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Archive {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("lighthouse-1.0.0.zip");
        fs::write(&path, BYTES).expect("write the archive");
        Archive { folder, path }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set_modified(&self, time: SystemTime) {
        let file = File::options().write(true).open(&self.path).expect("open the archive");
        file.set_modified(time).expect("set its time");
    }

    fn sign(&self, signer: &dyn Signer, signed_at: SystemTime) -> Result<ArmoredSignature, Error> {
        let mut sha256 = Sha256Hasher::default();
        sha256.update(&fs::read(&self.path).expect("read the archive"));
        let key = archive_key();
        let (path, sha256) = (&*self.path, &sha256);
        signer.sign(&ArchiveToSign { path, key: &key, sha256, signed_at })
    }

    fn check(&self, signature: &[u8], keys: &PublicKeys) -> SignatureState {
        openpgp::check(signature, &self.path, None, keys).expect("read the archive")
    }
}

fn archive_key() -> ObjectKey {
    ObjectKey::try_from("artifacts/packages/lighthouse-1.0.0.zip".to_owned()).expect("a key")
}

fn passphrase() -> Passphrase {
    Passphrase::from(PASSPHRASE.to_owned())
}

#[track_caller]
fn signer(key: &str, now: SystemTime) -> OpenPgpSigner {
    OpenPgpSigner::load(&keys::secret(key), Some(&passphrase()), now).expect(key)
}

#[track_caller]
fn public_keys(names: &[&str]) -> PublicKeys {
    let paths: Vec<PathBuf> = names.iter().map(|name| keys::public(name)).collect();
    PublicKeys::load(&paths, year(2026)).expect("public keys")
}

/// Fingerprints of signing keys.
const RSA: &str = "cbd368e36abcd6e759605f032190fb5741de4439";
const RSA_LOCKED: &str = "571d6a46c941e3687082f14f95fcdfc22bab57da";
const ED25519: &str = "1ed037ecb671dc8f5297132cdced378d5c834e1b";
const ED25519_LOCKED: &str = "900e56f7b1c7e03dbeb8639da261e10773af9ca3";
/// The newest signing subkey of `subkeys`.
const SUBKEY: &str = "9e644175146f2271f9af3b2444e8e71997230882";

/// Secret key, public key, whether a passphrase is given, the fingerprint of the signing key.
const KEYS_THAT_SIGN: [(&str, &str, bool, &str); 6] = [
    ("rsa", "rsa", false, RSA),
    ("rsa-locked", "rsa-locked", true, RSA_LOCKED),
    ("ed25519", "ed25519", false, ED25519),
    ("ed25519-locked", "ed25519-locked", true, ED25519_LOCKED),
    ("subkeys", "subkeys", true, SUBKEY),
    ("subkeys-only", "subkeys", true, SUBKEY),
];

#[test]
fn gpg_accepts_all_our_signatures() {
    let Some(gpg) = Gpg::start("whether gpg accepts our signatures") else { return };
    let archive = Archive::new();
    for (secret, public, is_locked, fingerprint) in KEYS_THAT_SIGN {
        let passphrase = is_locked.then(passphrase);
        let signer =
            OpenPgpSigner::load(&keys::secret(secret), passphrase.as_ref(), year(2023)).unwrap();
        assert_eq!(signer.fingerprint(), fingerprint, "{secret}");
        let made = archive.sign(&signer, year(2023)).unwrap();
        assert_eq!(
            made.state,
            SignatureState::Good { fingerprint: fingerprint.to_owned(), among: None }
        );
        let signature = archive.file(&format!("{secret}.sig"));
        fs::write(&signature, &made.text).unwrap();
        gpg.import(&keys::public(public));
        let (is_good, status) = gpg.verify(&signature, &archive.path);
        assert!(is_good && status.contains("GOODSIG"), "{secret}: {status}");
        let valid = format!("VALIDSIG {} 2023-01-01", fingerprint.to_uppercase());
        assert!(status.contains(&valid), "{secret}: {status}");
    }

    fs::write(&archive.path, [BYTES, b"x"].concat()).unwrap();
    let (is_good, status) = gpg.verify(&archive.file("rsa.sig"), &archive.path);
    assert!(!is_good && status.contains("BADSIG"), "{status}");
}

#[test]
fn signatures_of_gpg_are_accepted() {
    let Some(gpg) = Gpg::start("whether we accept signatures of gpg") else { return };
    let archive = Archive::new();
    let keys = public_keys(&["rsa", "ed25519", "subkeys"]);
    // Key, its options, the outcome.
    let rows: [(&str, &[&str], Result<&str, &str>); 12] = [
        ("rsa", &["--armor"], Ok(RSA)),
        ("rsa", &[], Ok(RSA)),
        ("rsa", &["--armor", "--digest-algo", "SHA256"], Ok(RSA)),
        ("rsa", &["--digest-algo", "SHA384"], Ok(RSA)),
        ("rsa", &["--digest-algo", "SHA512"], Ok(RSA)),
        ("ed25519", &["--armor"], Ok(ED25519)),
        ("ed25519", &["--digest-algo", "SHA256"], Ok(ED25519)),
        ("subkeys", &["--armor"], Ok(SUBKEY)),
        ("rsa", &["--digest-algo", "SHA1"], Err("digest algorithm SHA1")),
        ("rsa", &["--textmode"], Err("signature type Text")),
        (
            "rsa",
            &["--local-user", "rsa@example.org", "--local-user", "ed25519@example.org"],
            Ok("signature 1 of 2"),
        ),
        ("rsa", &["--armor", "--default-sig-expire", "1y"], Err("expiration")),
    ];
    for name in ["rsa", "ed25519", "subkeys"] {
        gpg.import(&keys::secret(name));
    }
    for (name, options, expected) in rows {
        let output = archive.file("made");
        let done = gpg.run(
            ["--yes", "--detach-sign", "--default-key", &format!("{name}@example.org")]
                .iter()
                .chain(options)
                .map(Path::new)
                .chain(["--output".as_ref(), output.as_path(), archive.path.as_path()]),
        );
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let state = archive.check(&fs::read(&output).unwrap(), &keys);
        match (expected, &state) {
            (Ok(wanted), SignatureState::Good { .. }) => {
                assert!(state.message().contains(wanted), "{name} {options:?}: {state:?}");
            }
            (Err(wanted), SignatureState::Malformed { detail }) => {
                assert!(detail.contains(wanted), "{name} {options:?}: {detail}");
            }
            _ => panic!("{name} {options:?}: {state:?}"),
        }
    }
}

#[test]
fn keyrings_are_accepted_in_every_form() {
    let Some(gpg) = Gpg::start("whether we accept gpg's keyrings") else { return };
    for name in ["rsa", "ed25519"] {
        gpg.import(&keys::public(name));
    }
    let archive = Archive::new();
    let export = |options: &[&str]| {
        let path = archive.file("exported");
        let to = ["--yes".as_ref(), "--output".as_ref(), path.as_path(), "--export".as_ref()];
        gpg.run(options.iter().map(Path::new).chain(to));
        fs::read(path).unwrap()
    };
    let (binary, armored) = (export(&[]), export(&["--armor"]));
    let read = |name| fs::read(keys::public(name)).unwrap();
    let both = [b"Two keys:\n\n".to_vec(), read("rsa"), b"and\n".to_vec(), read("ed25519")];
    for (row, bytes) in [("binary", binary), ("armored", armored), ("blocks", both.concat())] {
        let path = archive.file("keyring");
        fs::write(&path, bytes).unwrap();
        let keys = PublicKeys::load(&[path], year(2026)).expect(row);
        assert_eq!(keys.fingerprints().count(), 2, "{row}");
        for name in ["rsa", "ed25519"] {
            let made = archive.sign(&signer(name, year(2023)), year(2023)).unwrap();
            let state = archive.check(made.text.as_bytes(), &keys);
            assert!(matches!(state, SignatureState::Good { .. }), "{row} {name}: {state:?}");
        }
    }
}
