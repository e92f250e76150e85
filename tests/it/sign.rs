//! Signing with the built binary: which signatures `migrate` and `sign` make, keep and plan.
//!
//! `sign/refused` tests refused signatures, `sign/failing` failing runs, and `sign/plans` the order,
//! parsing and merging of plans with signatures. Here the tool's own checker checks the signatures;
//! `signing` uses GnuPG.

#![allow(clippy::unwrap_used)]

mod failing;
mod plans;
mod refused;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::Digest;
use serde_json::{Value, json};

use crate::support::fixture;
use crate::support::keys::{PASSPHRASE, public, secret};
use crate::support::tool::{Ran, Tool};
use crate::support::v2::{self, ARCHIVES};

/// The fingerprint of the key `ed25519`.
const FINGERPRINT: &str = "1ed037ecb671dc8f5297132cdced378d5c834e1b";
/// Number of archives of the fixture.
const COUNT: usize = 9;
/// The exit code of `migrate`: two revisions of the fixture are broken on purpose.
const EXIT_CODE: i32 = 1;

fn migrate(output: &Path) -> Tool {
    Tool::migrate(fixture::folder()).output(output)
}

fn sign(folder: &Path) -> Tool {
    Tool::bare().arg("sign").arg(folder)
}

/// Adds `--sign-key` with a key of the fixtures.
fn with_key(tool: Tool, name: &str) -> Tool {
    tool.arg("--sign-key").arg(secret(name))
}

/// Migrates with the key `ed25519`.
fn signed_run(output: &Path) -> Ran {
    with_key(migrate(output), "ed25519").run().expect_code(EXIT_CODE, "a signed run")
}

/// Returns the archives and the signatures in the folder.
fn archives_and_signatures(
    folder: &Path,
) -> (BTreeMap<String, Vec<u8>>, BTreeMap<String, Vec<u8>>) {
    v2::archives(folder).into_iter().partition(|(name, _)| name.ends_with(".zip"))
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Returns a plan's counts of signatures: made, pending, missing.
fn counts(plan: &Value) -> [u64; 3] {
    ["made", "pending", "missing"].map(|name| plan["signatures"][name].as_u64().unwrap())
}

/// Returns the states in a report that are not good, as `<file name> <code>`.
fn not_good(folder: &Path) -> Vec<String> {
    let report = v2::json(&folder.join("report.json"));
    let states = report["signatures"]["not_good"].as_array().unwrap().iter();
    let line = |state: &Value| {
        let key = state["key"].as_str().unwrap().strip_prefix(&format!("{ARCHIVES}/")).unwrap();
        format!("{key} {}", state["code"].as_str().unwrap())
    };
    states.map(line).collect()
}

/// Removes the fields of signatures that are unknown before they are made.
fn without_digests_of_signatures(plan: &Value) -> Value {
    let mut plan = plan.clone();
    plan["signatures"] = Value::Null;
    for upload in plan["uploads"].as_array_mut().unwrap() {
        if upload["content_type"] == "application/pgp-signature" {
            for field in ["size", "sha256", "md5", "crc32c"] {
                upload.as_object_mut().unwrap().remove(field);
            }
        }
    }
    plan
}

#[test]
fn a_signed_run_has_the_archives_of_an_unsigned_one_and_their_signatures() {
    let dir = tempfile::tempdir().unwrap();
    let [plain, signed] = ["plain", "signed"].map(|name| dir.path().join(name));
    migrate(&plain).run().expect_code(EXIT_CODE, "plain");
    let ran = signed_run(&signed);
    let line = format!("Signed    9 of 9: 9 made by {FINGERPRINT}, 0 kept\n");
    assert!(ran.stderr.contains(&line), "{ran}");
    assert!(ran.stderr.contains("signing: 9 of 9 archives, 15.45 KiB\n"), "{ran}");

    let (archives, signatures) = archives_and_signatures(&signed);
    assert!(archives == v2::archives(&plain), "archives do not depend on signing");
    let expected: Vec<String> = archives.keys().map(|name| format!("{name}.sig")).collect();
    assert_eq!(signatures.keys().cloned().collect::<Vec<_>>(), expected);

    let plan = v2::json(&signed.join("plan.json"));
    assert_eq!(counts(&plan), [9, 0, 0]);
    let uploads = v2::signed_uploads(&plan);
    let plain_plan = v2::json(&plain.join("plan.json"));
    assert_eq!(counts(&plain_plan), [0, 0, 9]);
    assert_eq!(uploads.len(), 2 * COUNT);
    for (pair, archive) in uploads.chunks(2).zip(v2::signed_uploads(&plain_plan)) {
        assert_eq!(pair[0], archive, "the archive is planned as without a signature");
        let key = format!("{}.sig", archive["key"].as_str().unwrap());
        let bytes = &signatures[key.strip_prefix(&format!("{ARCHIVES}/")).unwrap()];
        assert!(bytes.starts_with(b"-----BEGIN PGP SIGNATURE-----\n"), "{key}");
        let expected = json!({
            "key": key,
            "file": key,
            "kind": "signature",
            "content_type": "application/pgp-signature",
            "signs": archive["key"],
            "size": bytes.len(),
            "sha256": hex(&sha2::Sha256::digest(bytes)),
            "md5": BASE64_STANDARD.encode(md5::Md5::digest(bytes)),
            "crc32c": BASE64_STANDARD.encode(crc32c::crc32c(bytes).to_be_bytes()),
        });
        assert_eq!(*pair[1], expected);
    }

    let report = v2::json(&signed.join("report.json"));
    assert_eq!(report["signatures"]["keys"], json!({ FINGERPRINT: 9 }));
    assert_eq!(report["signatures"]["counts"]["signature-good"], 9);
    assert_eq!(not_good(&signed), [""; 0]);
    let markdown = text(&signed, "report.md");
    assert!(markdown.contains("\n## Signatures\n\n9 of 9 archives are signed.\n"), "{markdown}");
}

#[test]
fn a_dry_run_plans_signatures_as_pending() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("v2");
    signed_run(&output);
    let made = v2::json(&output.join("plan.json"));
    let (made_text, stamps) = (text(&output, "plan.json"), v2::stamps(&output));

    let dry = || with_key(Tool::migrate(fixture::folder()).args("--dry-run --plan -"), "ed25519");
    let ran = dry().run().expect_code(EXIT_CODE, "dry run");
    assert!(ran.stderr.contains("Signed    0 of 9; a run would make 9 by "), "{ran}");
    assert_eq!(counts(&ran.json()), [0, 9, 0]);
    assert_eq!(without_digests_of_signatures(&ran.json()), without_digests_of_signatures(&made));
    let planned = ran.json();
    let digests = v2::signed_uploads(&planned).into_iter().map(|upload| &upload["sha256"]);
    assert_eq!(digests.filter(|digest| digest.is_string()).count(), COUNT, "{ran}");

    let ran = dry().output(&output).run().expect_code(EXIT_CODE, "into a signed folder");
    assert_eq!(
        String::from_utf8(ran.stdout).unwrap(),
        made_text,
        "existing signatures are planned"
    );
    assert_eq!(v2::stamps(&output), stamps, "a dry run writes nothing");

    fs::remove_file(output.join(ARCHIVES).join("buoy-2.0.0.zip.sig")).unwrap();
    let ran = dry().output(&output).run().expect_code(EXIT_CODE, "one is missing");
    assert_eq!(counts(&ran.json()), [8, 1, 0]);
    fs::remove_file(output.join(ARCHIVES).join("fog_horn-0.9.0.zip")).unwrap();
    let ran = dry().output(&output).run().expect_code(EXIT_CODE, "an archive is missing");
    assert_eq!(counts(&ran.json()), [7, 2, 0], "its signature cannot be checked yet");
}

#[test]
fn sign_signs_unsigned_archives_and_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let archives = dir.path().join(ARCHIVES);
    migrate(dir.path()).run().expect_code(EXIT_CODE, "unsigned");
    let (plain, before) = (v2::archives(dir.path()), v2::stamps(&archives));

    let ran = with_key(sign(dir.path()), "ed25519").run().expect_code(0, "sign");
    assert!(ran.stderr.contains(&format!("9 of 9: 9 made by {FINGERPRINT}, 0 kept")), "{ran}");
    let after = v2::stamps(&archives);
    assert!(before.iter().all(|(name, stamp)| after[name] == *stamp), "archives are untouched");
    assert!(archives_and_signatures(dir.path()).0 == plain);
    let tree = v2::tree(dir.path());

    let ran = with_key(sign(dir.path()), "ed25519").run().expect_code(0, "sign again");
    assert!(ran.stderr.contains(&format!("9 of 9: 0 made by {FINGERPRINT}, 9 kept")), "{ran}");
    assert_eq!(v2::stamps(&archives), after, "no signature was made again");
    assert!(v2::tree(dir.path()) == tree, "plan and reports are the same");

    let ran = signed_run(dir.path());
    assert!(ran.stderr.contains("0 made by"), "{ran}");
    assert!(v2::tree(dir.path()) == tree, "migrate with the same key writes the same files");
    assert_eq!(v2::stamps(&archives), after);
}

#[test]
fn a_run_without_a_key_keeps_existing_signatures() {
    let dir = tempfile::tempdir().unwrap();
    signed_run(dir.path());
    let (tree, stamps) = (v2::tree(dir.path()), v2::stamps(&dir.path().join(ARCHIVES)));

    let ran = migrate(dir.path()).run().expect_code(EXIT_CODE, "without a key");
    let line = "Signed    9 of 9: 0 made, 9 kept, 9 by a key that was not provided\n";
    assert!(ran.stderr.contains(line), "{ran}");
    assert_eq!(v2::tree(dir.path())["plan.json"], tree["plan.json"], "they stay in the plan");
    assert_eq!(not_good(dir.path()).len(), COUNT);
    assert!(not_good(dir.path()).iter().all(|line| line.ends_with(" signature-unknown-key")));
    let markdown = text(dir.path(), "report.md");
    assert!(markdown.contains("### signature-unknown-key (9)"), "{markdown}");
    assert!(markdown.contains("are signed; 9 by a key that was not provided."), "{markdown}");

    let tool = migrate(dir.path()).arg("--public-key").arg(public("ed25519"));
    tool.run().expect_code(EXIT_CODE, "with the public key");
    assert!(v2::tree(dir.path()) == tree, "as if it had signed itself");

    let another = with_key(sign(dir.path()), "rsa").run().expect_code(0, "another key");
    let line =
        "0 made by cbd368e36abcd6e759605f032190fb5741de4439, 9 kept, 9 by a key that was not";
    assert!(another.stderr.contains(line), "{another}");
    assert_eq!(v2::stamps(&dir.path().join(ARCHIVES)), stamps, "nothing is signed twice");
}

#[test]
fn the_variables_of_elastic_package_select_a_key_and_flags_take_precedence() {
    let key = |name: &str| secret(name).into_os_string().into_string().unwrap();
    let (file, passphrase) =
        ("ELASTIC_PACKAGE_SIGNER_PRIVATE_KEYFILE", "ELASTIC_PACKAGE_SIGNER_PASSPHRASE");
    let dir = tempfile::tempdir().unwrap();
    let passphrase_file = dir.path().join("passphrase");
    fs::write(&passphrase_file, format!("{PASSPHRASE}\n")).unwrap();
    let locked = key("ed25519-locked");
    let wrong = "no such passphrase";
    let flag = format!("--passphrase-file {}", passphrase_file.display());
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, Option<&'a str>);
    let rows: [Row<'_>; 6] = [
        (
            "both",
            &[(file, &locked), (passphrase, PASSPHRASE)],
            "",
            Some(" (ELASTIC_PACKAGE_SIGNER_"),
        ),
        ("a file of the passphrase", &[(file, &locked)], &flag, Some(" (ELASTIC_PACKAGE_SIGNER_")),
        ("the flag's file wins", &[(file, &locked), (passphrase, wrong)], &flag, Some(" (ELASTIC")),
        ("empty", &[(file, ""), (passphrase, PASSPHRASE)], "", None),
        ("a passphrase alone", &[(passphrase, PASSPHRASE)], "", None),
        ("a key that needs none", &[(file, &key("ed25519")), (passphrase, wrong)], "", Some("(EL")),
    ];
    for (row, variables, flags, signs) in rows {
        let tool = Tool::migrate(fixture::folder()).args("--dry-run").args(flags);
        let tool = variables.iter().fold(tool, |tool, (name, value)| tool.env(name, value));
        let ran = tool.run().expect_code(EXIT_CODE, row);
        match signs {
            Some(by) => {
                let line = ran.stderr.lines().find(|line| line.starts_with("Signed"));
                assert!(line.unwrap().contains(by), "{row}: {ran}");
            }
            None => assert!(ran.stderr.contains("Signed    0 of 9\n"), "{row}: {ran}"),
        }
    }
    let tool = with_key(Tool::migrate(fixture::folder()).arg("--dry-run"), "ed25519");
    let ran = tool.env(file, "/not/there").run().expect_code(EXIT_CODE, "the flag's key wins");
    assert!(ran.stderr.contains(&format!("would make 9 by {FINGERPRINT} (dry")), "{ran}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
