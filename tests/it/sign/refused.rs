//! Existing signatures that must not be published, and archives that must not be signed.

use std::fs;
use std::path::Path;

use super::*;

/// Puts something else at a signature's path, given the signature of another archive.
type Obstacle = (&'static str, fn(&Path, &[u8]), &'static str);

const OBSTACLES: [Obstacle; 6] = [
    ("an empty file", |at, _| fs::write(at, "").unwrap(), "signature-malformed"),
    (
        "as in the registry's tests",
        |at, _| fs::write(at, "0123456789abcdef").unwrap(),
        "signature-malformed",
    ),
    (
        "the signature of another archive",
        |at, other| fs::write(at, other).unwrap(),
        "signature-bad",
    ),
    ("far too long", |at, other| fs::write(at, other.repeat(1000)).unwrap(), "signature-malformed"),
    ("a folder", |at, _| fs::create_dir(at).unwrap(), "signature-malformed"),
    #[cfg(unix)]
    (
        "a dangling symlink",
        |at, _| std::os::unix::fs::symlink("nowhere", at).unwrap(),
        "signature-malformed",
    ),
];

#[test]
fn a_bad_signature_is_not_replaced_and_not_planned() {
    let dir = tempfile::tempdir().unwrap();
    let archives = dir.path().join(ARCHIVES);
    let name = "buoy-2.0.0.zip.sig";
    signed_run(dir.path());
    let other = fs::read(archives.join("beacon-1.1.0.zip.sig")).unwrap();
    for (row, put, code) in OBSTACLES {
        let at = archives.join(name);
        match at.is_dir() {
            true => fs::remove_dir(&at).unwrap(),
            false => fs::remove_file(&at).unwrap(),
        }
        put(&at, &other);
        let before = v2::stamps(&archives);
        let runs = [
            with_key(sign(dir.path()), "ed25519"),
            with_key(sign(dir.path()), "ed25519").arg("--quiet"),
            with_key(migrate(dir.path()), "ed25519"),
            migrate(dir.path()),
            with_key(migrate(dir.path()), "ed25519")
                .args("--dry-run --plan")
                .arg(dir.path().join("plan.json")),
        ];
        for tool in runs {
            let ran = tool.run().expect_code(3, row);
            let said =
                format!("error: {} already exists, and must not be published: ", at.display());
            assert!(ran.stderr.contains(&said), "{row}: {ran}");
            assert_eq!(v2::stamps(&archives), before, "{row}: nothing is replaced");
            let plan = v2::json(&dir.path().join("plan.json"));
            assert_eq!(counts(&plan), [8, 0, 1], "{row}");
            assert!(!plan.to_string().contains(name), "{row}");
        }
        let state = format!("buoy-2.0.0.zip {code}");
        with_key(sign(dir.path()), "ed25519").run().expect_code(3, row);
        assert_eq!(not_good(dir.path()), [state], "{row}");
    }
    fs::remove_file(archives.join(name)).unwrap();
    let ran = with_key(sign(dir.path()), "ed25519").run().expect_code(0, "moved away");
    assert!(ran.stderr.contains("9 of 9: 1 made by"), "{ran}");
}

#[test]
fn signatures_by_a_key_that_was_revoked_later_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let signed = with_key(migrate(dir.path()), "compromised-before").run();
    signed.expect_code(EXIT_CODE, "before the revocation");
    let tool = migrate(dir.path()).arg("--public-key").arg(public("compromised"));
    let ran = tool.run().expect_code(3, "revoked");
    assert!(ran.stderr.contains("Signed    0 of 9: 0 made, 0 kept, 9 refused\n"), "{ran}");
    assert!(not_good(dir.path()).iter().all(|line| line.ends_with(" signature-key-revoked")));
    assert_eq!(counts(&v2::json(&dir.path().join("plan.json"))), [0, 0, 9]);
}

#[test]
fn a_signature_without_its_archive_is_reported_and_never_planned() {
    let dir = tempfile::tempdir().unwrap();
    let archives = dir.path().join(ARCHIVES);
    signed_run(dir.path());
    fs::rename(archives.join("buoy-2.0.0.zip.sig"), archives.join("gone-1.0.0.zip.sig")).unwrap();
    let ran = with_key(sign(dir.path()), "ed25519").run().expect_code(0, "an orphan");
    assert!(ran.stderr.contains("9 of 9: 1 made"), "{ran}");
    assert_eq!(not_good(dir.path()), ["gone-1.0.0.zip.sig signature-orphan"]);
    let ran = migrate(dir.path()).run().expect_code(EXIT_CODE, "an orphan");
    assert!(ran.stderr.contains("not in this plan, but in"), "{ran}");
    assert_eq!(counts(&v2::json(&dir.path().join("plan.json"))), [9, 0, 0]);
}

#[test]
fn an_archive_that_does_not_match_the_plan_is_never_signed() {
    let dir = tempfile::tempdir().unwrap();
    let archives = dir.path().join(ARCHIVES);
    migrate(dir.path()).run().expect_code(EXIT_CODE, "unsigned");
    let flipped = archives.join("buoy-2.0.0.zip");
    let right = fs::read(&flipped).unwrap();
    let mut wrong = right.clone();
    wrong[100] ^= 1;
    fs::write(&flipped, &wrong).unwrap();
    fs::remove_file(archives.join("fog_horn-0.9.0.zip")).unwrap();
    let before = ["plan.json", "report.json", "report.md"].map(|name| text(dir.path(), name));

    let ran = with_key(sign(dir.path()), "ed25519").run().expect_code(3, "sign");
    let said = "not signed, since missing or different from the plan: \
                artifacts/packages/buoy-2.0.0.zip, artifacts/packages/fog_horn-0.9.0.zip\n";
    assert!(ran.stderr.contains(said), "{ran}");
    let (_, signatures) = archives_and_signatures(dir.path());
    assert_eq!(signatures.len(), COUNT - 2, "all others are signed");
    assert!(!signatures.contains_key("buoy-2.0.0.zip.sig"));
    let after = ["plan.json", "report.json", "report.md"].map(|name| text(dir.path(), name));
    assert_eq!(after, before, "plan and report do not change");

    let ran = with_key(migrate(dir.path()), "ed25519").run().expect_code(3, "migrate");
    assert!(ran.stderr.contains("already exists with different content"), "{ran}");
    assert!(ran.stderr.contains("8 of 9: 1 made by"), "{ran}");
    assert_eq!(not_good(dir.path()), ["buoy-2.0.0.zip signature-missing"]);

    fs::write(&flipped, &right).unwrap();
    let ran = with_key(sign(dir.path()), "ed25519").run().expect_code(0, "put back");
    assert!(ran.stderr.contains("9 of 9: 1 made by"), "{ran}");
}
