//! `verify-signatures`, `signatures export` and `signatures import`: what they report, write and keep.

mod handover;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::fixture;
use crate::support::keys::{self, forge, year};
use crate::support::schemas::assert_valid;
use crate::support::tool::Tool;
use crate::support::v2::{ARCHIVES, archives, tree};

/// The archives of the fixture.
const NAMES: [&str; 9] = [
    "beacon-1.1.0.zip",
    "beacon-2.0.0-rc1.zip",
    "buoy-2.0.0.zip",
    "ferry_fleet-0.1.7.zip",
    "fog_horn-0.9.0.zip",
    "harbor_log-1.2.0.zip",
    "lighthouse-1.0.0.zip",
    "tide_gauge-0.10.0.zip",
    "tide_gauge-0.3.0.zip",
];

/// The migrated fixture in a temporary folder.
struct V2 {
    folder: tempfile::TempDir,
}

impl V2 {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let v2 = V2 { folder };
        Tool::migrate(fixture::folder()).output(v2.root()).run().expect_code(1, "migrate");
        let names: Vec<String> = archives(&v2.root()).into_keys().collect();
        assert_eq!(names, NAMES);
        v2
    }

    /// Migrates and signs with `ed25519`.
    fn signed() -> Self {
        let v2 = V2::new();
        let key = keys::secret("ed25519");
        Tool::on("sign", v2.root()).arg("--sign-key").arg(key).run().expect_code(0, "sign");
        v2
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("v2")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root().join(ARCHIVES).join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).expect("read an archive")
    }

    fn set_modified(&self, name: &str, time: SystemTime) {
        let file = File::options().write(true).open(self.file(name)).expect("open an archive");
        file.set_modified(time).expect("set its time");
    }

    fn flip(&self, name: &str) {
        let mut bytes = self.bytes(name);
        bytes[20] ^= 1;
        fs::write(self.file(name), bytes).expect("write an archive");
    }

    /// Returns `verify-signatures` with some public keys.
    fn verify(&self) -> Tool {
        let known = ["ed25519", "expired", "compromised"];
        known.iter().fold(Tool::on("verify-signatures", self.root()), |tool, name| {
            tool.arg("--public-key").arg(keys::public(name))
        })
    }

    fn plan(&self) -> Value {
        let text = fs::read(self.root().join("plan.json")).expect("read the plan");
        serde_json::from_slice(&text).expect("the plan is JSON")
    }
}

/// Returns the code of each archive or orphan that is not good, by name.
fn not_good(report: &Value) -> BTreeMap<String, String> {
    assert_valid("signature-report", report, "a signature report");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    report["signatures"]["not_good"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|record| {
            let key = text(&record["key"]);
            let name = key.strip_prefix("artifacts/packages/").expect("the prefix").to_owned();
            (name, text(&record["code"]))
        })
        .collect()
}

#[test]
fn each_state_is_reported_by_its_code() {
    let v2 = V2::signed();
    let ran = v2.verify().args("--report -").run().expect_code(0, "all good");
    assert_eq!(ran.json()["signatures"]["counts"]["signature-good"], 9);
    assert!(
        ran.stderr.contains("Signed    9 of 9 good, by 1ed037ecb671dc8f5297132cdced378d5c834e1b"),
        "{ran}"
    );

    let sign = |name: &str, key: &str, time| {
        let armor = forge(key, &v2.bytes(name), time);
        fs::write(v2.file(&format!("{name}.sig")), armor).unwrap();
    };
    let [missing, unknown, bad, expired, revoked, stale, malformed, ..] = NAMES;
    fs::remove_file(v2.file(&format!("{missing}.sig"))).unwrap();
    sign(unknown, "rsa", year(2023));
    sign(bad, "ed25519", year(2023));
    v2.flip(bad);
    v2.set_modified(bad, year(2022));
    sign(expired, "expired", year(2023));
    sign(revoked, "compromised-before", year(2020));
    v2.flip(stale);
    v2.set_modified(stale, SystemTime::now() + Duration::from_secs(60));
    fs::write(v2.file(&format!("{malformed}.sig")), "21f8c1e0a9d84d5d\n").unwrap();
    sign(NAMES[8], "ed25519", year(2023));
    fs::copy(v2.file(&format!("{}.sig", NAMES[8])), v2.file("ghost-1.0.0.zip.sig")).unwrap();

    let before = tree(&v2.root());
    let report = v2.folder.path().join("report.md");
    let ran = v2.verify().args("--report - --report").arg(&report).run().expect_code(1, "states");
    let expected = [
        (missing, "signature-missing"),
        (unknown, "signature-unknown-key"),
        (bad, "signature-bad"),
        (expired, "signature-key-expired"),
        (revoked, "signature-key-revoked"),
        (stale, "signature-stale"),
        (malformed, "signature-malformed"),
        ("ghost-1.0.0.zip.sig", "signature-orphan"),
    ];
    let found = not_good(&ran.json());
    assert_eq!(found, expected.map(|(name, code)| (name.to_owned(), code.to_owned())).into());
    assert_eq!(ran.json()["signatures"]["archives"], 9);
    assert!(ran.stderr.contains("Signed    2 of 9 good"), "{ran}");
    let markdown = fs::read_to_string(report).unwrap();
    for (name, code) in expected {
        assert!(ran.stderr.contains(code) && ran.stderr.contains(name), "{code}: {ran}");
        assert!(markdown.contains(&format!("### {code} (1)")), "{code}: {markdown}");
    }
    assert_eq!(tree(&v2.root()), before, "it changes nothing");
}

#[test]
fn planned_and_found_archives_count() {
    let v2 = V2::signed();
    fs::remove_file(v2.file(NAMES[0])).unwrap();
    fs::copy(v2.file(NAMES[1]), v2.file("new-1.0.0.zip")).unwrap();
    fs::write(v2.file("notes.txt"), "").unwrap();
    fs::create_dir(v2.file("folder.zip")).unwrap();
    let ran = v2.verify().args("--report -").run().expect_code(1, "one lost, one found");
    let expected = [
        (NAMES[0].to_owned(), "signature-missing".to_owned()),
        (format!("{}.sig", NAMES[0]), "signature-orphan".to_owned()),
        ("new-1.0.0.zip".to_owned(), "signature-missing".to_owned()),
    ];
    assert_eq!(not_good(&ran.json()), expected.into());
    assert_eq!(ran.json()["signatures"]["archives"], 10);
    assert_eq!(ran.json()["others"], serde_json::json!(["folder.zip", "notes.txt"]));
    let line = "10 = 9 planned + 1 not in the plan; 1 planned archive does not exist";
    assert!(ran.stderr.contains(line), "{ran}");

    // The archives alone are enough.
    fs::remove_file(v2.root().join("plan.json")).unwrap();
    let ran = v2.verify().args("--report -").run().expect_code(1, "no plan");
    assert_eq!(ran.json()["signatures"]["archives"], 9);
    assert!(ran.stderr.contains("9 found (no plan)"), "{ran}");
}

#[test]
fn a_flat_folder_is_accepted() {
    let v2 = V2::signed();
    let flat = v2.folder.path().join("flat");
    fs::create_dir(&flat).unwrap();
    for name in NAMES {
        for name in [name.to_owned(), format!("{name}.sig")] {
            fs::copy(v2.file(&name), flat.join(&name)).unwrap();
        }
    }
    fs::write(flat.join("README.md"), "not an archive").unwrap();
    let verify = || {
        let key = keys::public("ed25519");
        Tool::on("verify-signatures", &flat).arg("--public-key").arg(key).args("--report -").run()
    };
    let ran = verify().expect_code(0, "a flat folder");
    assert_eq!(ran.json()["signatures"]["counts"]["signature-good"], 9);
    assert_eq!(ran.json()["others"], serde_json::json!([]));
    assert!(ran.stderr.contains("9 found (no plan)"), "{ran}");
    fs::remove_file(flat.join(format!("{}.sig", NAMES[2]))).unwrap();
    fs::remove_file(flat.join(NAMES[3])).unwrap();
    let ran = verify().expect_code(1, "one not signed, one orphan");
    let expected = [
        (NAMES[2].to_owned(), "signature-missing".to_owned()),
        (format!("{}.sig", NAMES[3]), "signature-orphan".to_owned()),
    ];
    assert_eq!(not_good(&ran.json()), expected.into());
}

#[test]
fn multiple_signatures_and_unusable_keys_are_reported() {
    let v2 = V2::signed();
    let armor = |key: &str, name: &str| forge(key, &v2.bytes(name), year(2023));
    let put = |name: &str, keys: [&str; 2]| {
        let both = keys.map(|key| armor(key, name)).concat();
        fs::write(v2.file(&format!("{name}.sig")), both).unwrap();
    };
    put(NAMES[1], ["ed25519", "rsa"]);
    put(NAMES[2], ["rsa", "ed25519"]);
    let ring = v2.folder.path().join("ring.asc");
    let both = ["brainpool", "ed25519"].map(|name| fs::read(keys::public(name)).unwrap());
    fs::write(&ring, both.concat()).unwrap();
    let report = v2.folder.path().join("report.md");
    let run = || {
        let tool = Tool::on("verify-signatures", v2.root()).arg("--public-key").arg(&ring);
        tool.args("--report - --report").arg(&report).run()
    };
    let ran = run().expect_code(0, "all good");
    let signatures = &ran.json()["signatures"];
    assert_eq!(signatures["counts"]["signature-good"], 9);
    let key = |name: &str| format!("{ARCHIVES}/{name}");
    let several = serde_json::json!([
        {"key": key(NAMES[1]), "place": 1, "count": 2},
        {"key": key(NAMES[2]), "place": 2, "count": 2},
    ]);
    assert_eq!(signatures["several"], several);
    let sentence = "2 archives have more than one signature; in 1 of them the first is not the good one: \
                    Kibana checks only the first, and reports such a package as unverified";
    assert!(ran.stderr.contains(&format!("Several   {sentence}")), "{ran}");
    let markdown = fs::read_to_string(&report).unwrap();
    assert!(markdown.contains(sentence), "{markdown}");
    assert!(markdown.contains("signature 2 of 2"), "{markdown}");
    let warning = "has an unsupported algorithm: ECDSA over brainpoolP256r1";
    let is_warning = |line: &str| line.starts_with("warning: ") && line.ends_with(warning);
    assert!(ran.stderr.lines().any(is_warning), "{ran}");

    // `verify` reports it as information.
    let tool = Tool::on("verify", fixture::folder()).arg("--v2").arg(v2.root());
    let tool = tool.args("--exclude drift_net,rusty_anchor --report - --public-key").arg(&ring);
    let ran = tool.run().expect_code(0, "a match");
    let mismatches = ran.json()["mismatches"].to_string();
    assert_eq!(mismatches.matches("signature-good").count(), 2, "{mismatches}");
    assert!(mismatches.contains("signature 2 of 2; Kibana checks only the first"), "{mismatches}");
}

#[test]
fn a_folder_without_archives_or_a_missing_key_is_an_error() {
    let empty = tempfile::tempdir().unwrap();
    let key = keys::public("ed25519");
    let on_empty = || Tool::on("verify-signatures", empty.path());
    let ran = on_empty().arg("--public-key").arg(&key).run().expect_code(3, "nothing there");
    assert!(ran.stderr.contains("found no archive in"), "{ran}");
    on_empty().run().expect_code(2, "no key");
    let secret = keys::secret("ed25519");
    let ran = on_empty().arg("--public-key").arg(secret).run().expect_code(3, "a secret key");
    assert!(ran.stderr.contains("it contains a secret key"), "{ran}");
}
