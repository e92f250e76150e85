//! Signatures in v2: each archive's signature is checked if there are keys.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::verification::{Conclusion, Depth, VerifyOutcome};
use package_storage_migrate::openpgp::PublicKeys;
use package_storage_migrate::ops::verify::verify;
use package_storage_migrate::v2::store::folder::Folder;

use super::lines;
use super::pair::{Pair, options};
use crate::support::keys::{public, secret};
use crate::support::tool::Tool;
use crate::support::v2::ARCHIVES;

fn signed() -> Pair {
    let pair = Pair::migrated(0, |repo| {
        repo.stage("production", |s| {
            s.revision("kelp", "1.0.0", |r| r.manifest())
                .revision("reef", "1.0.0", |r| r.manifest())
        })
        .stage("staging", |s| s)
        .stage("snapshot", |s| s)
    });
    let sign = Tool::bare().arg("sign").arg(pair.v2()).arg("--sign-key").arg(secret("ed25519"));
    sign.run().expect_code(0, "sign");
    pair
}

fn check(pair: &Pair, key: &str) -> VerifyOutcome {
    let mut options = options(Depth::Content);
    let keys = PublicKeys::load(&[public(key)], SystemTime::now()).expect("a public key");
    options.public_keys = Some(keys);
    let place = Folder::open(&pair.v2()).expect("a folder");
    let interrupt = AtomicBool::new(false);
    verify(pair.repo.path(), &options, &place, &Silent, &interrupt).expect("it finishes")
}

#[test]
fn good_signatures_are_good() {
    let pair = signed();
    let outcome = check(&pair, "ed25519");
    assert_eq!(lines(&outcome), Vec::<String>::new());
    assert_eq!(outcome.conclusion(), Conclusion::Match);
    assert_eq!(outcome.request.public_keys.len(), 1);
}

#[test]
fn every_fault_of_a_signature_is_reported() {
    type Change = fn(&Path);
    let kelp_is = |state: &str| vec![format!("{state} kelp-1.0.0.zip.sig")];
    let rows: [(&str, Change, Vec<String>); 6] = [
        ("missing", |v2| remove(v2, "kelp-1.0.0.zip.sig"), kelp_is("signature-missing")),
        (
            "not a signature",
            |v2| write(v2, "kelp-1.0.0.zip.sig", b"?"),
            kelp_is("signature-malformed"),
        ),
        (
            "too long",
            |v2| write(v2, "kelp-1.0.0.zip.sig", &[b'-'; 70_000]),
            kelp_is("signature-malformed"),
        ),
        (
            "of another archive",
            |v2| {
                let reef = fs::read(v2.join("reef-1.0.0.zip.sig")).expect("read a signature");
                write(v2, "kelp-1.0.0.zip.sig", &reef);
                // Older than its signature, so that it was not replaced later.
                let archive = fs::File::options().append(true).open(v2.join("kelp-1.0.0.zip"));
                let long_ago = SystemTime::now() - Duration::from_secs(1_000_000);
                archive.and_then(|file| file.set_modified(long_ago)).expect("set a time");
            },
            kelp_is("signature-bad"),
        ),
        (
            "of an archive that was replaced later",
            |v2| {
                let reef = fs::read(v2.join("reef-1.0.0.zip.sig")).expect("read a signature");
                write(v2, "kelp-1.0.0.zip.sig", &reef);
                let archive = fs::File::options().append(true).open(v2.join("kelp-1.0.0.zip"));
                let later = SystemTime::now() + Duration::from_secs(1_000_000);
                archive.and_then(|file| file.set_modified(later)).expect("set a time");
            },
            kelp_is("signature-stale"),
        ),
        (
            "without an archive",
            |v2| {
                fs::copy(v2.join("kelp-1.0.0.zip.sig"), v2.join("quay-1.0.0.zip.sig"))
                    .map(drop)
                    .expect("copy a signature");
            },
            vec!["signature-orphan quay-1.0.0.zip.sig".to_owned()],
        ),
    ];
    for (row, change, expected) in rows {
        let pair = signed();
        change(&pair.v2().join(ARCHIVES));
        let outcome = check(&pair, "ed25519");
        assert_eq!(lines(&outcome), expected, "{row}");
        assert_eq!(outcome.conclusion(), Conclusion::Mismatch, "{row}");
    }
}

#[test]
fn signatures_by_other_keys_are_unknown() {
    let outcome = check(&signed(), "rsa");
    let expected =
        ["kelp", "reef"].map(|name| format!("signature-unknown-key {name}-1.0.0.zip.sig"));
    assert_eq!(lines(&outcome), expected);
}

#[test]
fn an_archive_that_was_changed_after_signing_has_two_mismatches() {
    let pair = signed();
    let path = pair.v2().join(ARCHIVES).join("kelp-1.0.0.zip");
    let mut bytes = fs::read(&path).expect("read an archive");
    bytes.push(0);
    fs::write(&path, bytes).expect("change an archive");
    let found = lines(&check(&pair, "ed25519"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], "stray-bytes kelp-1.0.0.zip");
    // Within the same second as the signature, the order is unknown.
    let either =
        ["signature-bad", "signature-stale"].map(|code| format!("{code} kelp-1.0.0.zip.sig"));
    assert!(either.contains(&found[1]), "{found:?}");
}

fn remove(v2: &Path, name: &str) {
    fs::remove_file(v2.join(name)).expect("remove a file");
}

fn write(v2: &Path, name: &str, bytes: &[u8]) {
    fs::write(v2.join(name), bytes).expect("write a file");
}
