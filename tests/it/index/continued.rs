//! `migrate --base-index`: what is published stays, and what is added or updated is told apart.

use std::fs;
use std::path::{Path, PathBuf};

use package_storage_migrate::digest::ObjectDigests;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::fault_server::FaultServer;
use crate::support::keys::secret;
use crate::support::tool::{Ran, Tool};
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2::{findings, json, uploads};

/// The time of the commits.
const TIME: &str = "1577836800";
/// The published cursor, and the next one.
const BASE: &str = "1637150104";
const NEXT: &str = "1637150105";

/// A repository, and the lines of the index of its three revisions.
struct Case {
    dir: TempDir,
    lines: Vec<String>,
}

impl Case {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
            s.revision("buoy", "1.0.0", RevisionDraft::manifest)
                .revision("buoy", "1.1.0", |r| {
                    r.manifest_with("vars: [{name: a, type: text, default: []}]\n")
                })
                .revision("pier", "2.0.0", RevisionDraft::manifest)
        });
        let output = dir.path().join("alone");
        let ran = Tool::migrate(repo.path()).args("--stages production").output(&output).run();
        ran.expect_code(0, "without a base");
        let index = output.join("v2/metadata").join(TIME).join("search-index-all.json");
        let index = fs::read_to_string(index).unwrap();
        let lines = index.lines().filter(|line| line.len() > 20);
        let lines: Vec<String> = lines.map(|line| line.trim_end_matches(',').to_owned()).collect();
        assert_eq!(lines.len(), 3);
        Case { dir, lines }
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.dir.path().join("base.json");
        fs::write(&path, text).unwrap();
        path
    }

    fn output(&self) -> PathBuf {
        self.dir.path().join("v2")
    }

    /// Migrates with a base.
    fn migrate(&self, base: impl AsRef<Path>, args: &str) -> Ran {
        let tool = Tool::migrate(self.dir.path().join("v1")).args("--stages production");
        tool.arg("--base-index").arg(base.as_ref()).args(args).output(self.output()).run()
    }

    /// Migrates with a base in a file of these lines.
    fn migrate_onto(&self, lines: &[&str], args: &str) -> Ran {
        let file = self.file(&text(lines));
        self.migrate(file, &format!("--base-cursor {BASE} {args}"))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.output().join("v2/metadata").join(path)).unwrap()
    }

    fn plan(&self) -> Value {
        json(&self.output().join("plan.json"))
    }

    fn counts(&self) -> [u64; 4] {
        let counts = &self.plan()["index"]["counts"];
        ["entries", "published", "added", "updated"].map(|name| counts[name].as_u64().unwrap())
    }

    fn findings(&self) -> Vec<String> {
        findings(&json(&self.output().join("report.json")))
    }
}

fn text(lines: &[&str]) -> String {
    format!("{{\"packages\":[\n{}\n]}}\n", lines.join(",\n"))
}

fn delta(added: &[&str], updated: &[&str]) -> String {
    let list = |lines: &[&str]| lines.iter().map(|line| format!("\n{line}")).collect::<Vec<_>>();
    format!(
        "{{\"added\":[{}\n],\"updated\":[{}\n],\"removed\":[]}}\n",
        list(added).join(","),
        list(updated).join(",")
    )
}

/// An entry that v1 does not have, with fields that only its writer knows.
const FOREIGN: &str =
    r#"{"package_manifest":{"name":"aa-Odd","version":"1.0.0","x":{"b":1.50,"a":[]}},"y":1}"#;

#[test]
fn published_entries_stay_and_others_are_added() {
    let case = Case::new();
    let pretty = FOREIGN.replace(',', " ,\n    ");
    let [first, second, third] = [0, 1, 2].map(|index| case.lines[index].as_str());
    // In any order and spelling.
    let respelled = third.replace("\"type\":\"integration\"", "\"type\" : \"\\u0069ntegration\"");
    case.migrate_onto(&[&respelled, &pretty, first], "").expect_code(0, "a base");
    let kept = respelled.replace(" : ", ":");
    assert_eq!(
        case.read(&format!("{NEXT}/search-index-all.json")),
        text(&[FOREIGN, first, second, &kept])
    );
    assert_eq!(case.read(&format!("{NEXT}/search-index-delta.json")), delta(&[second], &[]));
    assert_eq!(case.read("cursor.json"), format!("{{\"current\":\"{NEXT}\"}}\n"));
    assert_eq!(case.counts(), [4, 3, 1, 0]);
    let plan = case.plan();
    let kinds: Vec<&Value> = plan["uploads"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .take(3)
        .map(|upload| &upload["kind"])
        .collect();
    assert_eq!(kinds, ["cursor", "delta", "index"], "in the order of publishing");
    let base = &plan["index"]["base"];
    assert_eq!(base["cursor"], BASE);
    let bytes = fs::read(case.dir.path().join("base.json")).unwrap();
    let digest = package_storage_migrate::digest::Sha256::of(&bytes);
    assert_eq!(base["sha256"], digest.to_string());
    let digests = ObjectDigests::of(&bytes);
    assert_eq!(base["size"], bytes.len() as u64);
    assert_eq!(base["md5"], digests.md5.to_string());
    assert_eq!(base["crc32c"], digests.crc32c.to_string());
    assert_eq!(case.findings(), ["info index-only aa-Odd 1.0.0  -"]);
}

/// What v1 has in another stage, or outside the scope, is not missing in it.
#[test]
fn only_what_v1_lacks_is_reported() {
    let dir = TempDir::new().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| s.revision("buoy", "1.0.0", RevisionDraft::manifest))
        .stage("snapshot", |s| s.revision("pier", "2.0.0", RevisionDraft::manifest));
    let entry = |name: &str, version: &str| {
        format!(
            r#"{{"package_manifest":{{"name":"{name}","version":"{version}","format_version":"1.0.0"}}}}"#
        )
    };
    let base = dir.path().join("base.json");
    let lines = [entry("buoy", "0.9.0"), entry("pier", "1.0.0"), entry("pier", "2.0.0")];
    fs::write(&base, text(&[&lines[0], &lines[1], &lines[2]])).unwrap();
    let (buoy, pier) = ("info index-only buoy 0.9.0  -", "info index-only pier 1.0.0  -");
    let both = "production,snapshot";
    for (stages, args, expected) in [
        (both, "", vec![buoy, pier]),
        (both, "--unpromoted exclude", vec![buoy, pier]),
        (both, "--include buoy", vec![buoy]),
        (both, "--exclude pier-2.0.0", vec![buoy, pier]),
        ("production", "", vec![buoy, pier, "info index-only pier 2.0.0  -"]),
    ] {
        let tool = Tool::migrate(repo.path()).args("--dry-run --report - --base-cursor 1");
        let tool = tool.arg("--base-index").arg(&base).arg("--stages").arg(stages);
        let report = tool.args(args).args("--fail-on never").run().expect_code(0, args).json();
        let found = findings(&report).into_iter().filter(|line| line.contains("index-only"));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{stages} {args}");
    }
}

#[test]
fn an_equal_index_is_not_planned() {
    let case = Case::new();
    let mut lines: Vec<&str> = case.lines.iter().map(String::as_str).collect();
    lines.reverse();
    lines.push(FOREIGN);
    let ran = case.migrate_onto(&lines, "").expect_code(0, "an equal base");
    assert!(ran.stderr.contains("4 entries, equal to the published ones"), "{ran}");
    assert_eq!(case.counts(), [4, 4, 0, 0]);
    for kind in ["index", "delta", "cursor"] {
        assert!(uploads(&case.plan(), kind).is_empty(), "{kind}");
    }
    assert!(!case.output().join("v2").exists());
}

#[test]
fn a_folder_and_a_url_have_their_cursor() {
    let case = Case::new();
    let index = text(&[&case.lines[0]]);
    let folder = case.dir.path().join("bucket");
    let key = format!("v2/metadata/{BASE}/search-index-all.json");
    fs::create_dir_all(folder.join(&key).parent().unwrap()).unwrap();
    fs::write(folder.join(&key), &index).unwrap();
    let cursor = format!("{{\"current\":\"{BASE}\"}}");
    fs::write(folder.join("v2/metadata/cursor.json"), &cursor).unwrap();
    let objects = [
        (format!("/{key}"), index.into_bytes()),
        ("/v2/metadata/cursor.json".to_owned(), cursor.into_bytes()),
    ];
    let server = FaultServer::serve(objects, |_, reply| reply);
    for base in [folder.clone(), PathBuf::from(server.url())] {
        case.migrate(&base, "").expect_code(0, "a folder or URL");
        assert_eq!(case.counts(), [3, 1, 2, 0], "{}", base.display());
        assert_eq!(case.plan()["index"]["base"]["cursor"], BASE);
    }
    // The output folder itself, as every night.
    case.migrate(case.output(), "").expect_code(0, "the former output");
    assert_eq!(case.counts(), [3, 3, 0, 0]);

    let empty = TempDir::new().unwrap();
    let nothing = FaultServer::serve([], |_, reply| reply);
    for (base, args, code, told) in [
        (folder.clone(), "--base-cursor 1", 2, "--base-cursor is only for a file"),
        (PathBuf::from(server.url()), "--base-cursor 1", 2, "--base-cursor is only for a file"),
        (folder.join(&key), "", 2, "a file as --base-index needs --base-cursor"),
        (empty.path().to_owned(), "", 3, "v2/metadata/cursor.json does not exist"),
        (PathBuf::from(nothing.url()), "", 3, "v2/metadata/cursor.json does not exist"),
        (folder.join("gone"), "--base-cursor 1", 3, "does not exist"),
        (folder.join(&key), "--base-cursor 1 --resources archives", 2, "require index"),
        (PathBuf::from("gs://bucket"), "--base-cursor 1", 2, "--base-cursor is only for a file"),
    ] {
        let ran = case.migrate(&base, args).expect_code(code, told);
        assert!(ran.stderr.contains(told), "{ran}");
    }
}

#[test]
fn a_base_that_cannot_be_continued_is_refused() {
    let case = Case::new();
    let twice = text(&[FOREIGN, FOREIGN]);
    let rows = [
        ("", "expected an object with the list `packages`"),
        ("{\"packages\":[", "it ends inside the list of packages"),
        ("{\"packages\":[{}]}", "its entry at byte 13 cannot be read because: missing field"),
        ("{\"packages\":[{\"package_manifest\":{\"name\":\"a\",\"version\":\"1\"}}]}", "`1` of a"),
        (&twice, "aa-Odd 1.0.0 appears twice"),
    ];
    for (base, told) in rows {
        let ran = case.migrate(case.file(base), "--base-cursor 1");
        let ran = ran.expect_code(3, told);
        assert!(ran.stderr.contains("cannot read the published index"), "{ran}");
        assert!(ran.stderr.replace("\n  ", " ").contains(told), "{told}: {ran}");
        assert!(!case.output().join("plan.json").exists());
    }
    for (args, told) in [
        ("--base-cursor now", "now is not a number"),
        ("--base-cursor 1637150104 --cursor 1637150103", "does not sort after"),
    ] {
        let ran = case.migrate(case.file(&text(&[FOREIGN])), args).expect_code(3, told);
        assert!(ran.stderr.contains(told) && ran.stderr.contains("--cursor"), "{ran}");
    }
    let ran = case.migrate(case.file(&text(&[FOREIGN])), "--base-cursor now --cursor now-2");
    ran.expect_code(0, "another cursor");
}

#[test]
fn a_conflict_leaves_what_is_published_until_it_is_decided() {
    let case = Case::new();
    let changed = case.lines[0].replace("Collects what", "Sees what");
    let lines = [changed.as_str(), case.lines[1].as_str()];
    let conflict = "conflict index-conflict buoy 1.0.0 production - \
                    fields=[{\"derived\":\"\\\"Collects what the buoy reports.\\\"\",\
                    \"field\":\"description\",\"published\":\"\\\"Sees what the buoy reports.\\\"\"}]";
    let skeleton = case.dir.path().join("decisions.yml");
    let write = format!("--fail-on conflict --write-resolutions {}", skeleton.display());
    case.migrate_onto(&lines, &write).expect_code(1, "a conflict");
    assert_eq!(case.findings(), [conflict]);
    assert_eq!(case.counts(), [3, 2, 1, 0]);
    let index = || case.read(&format!("{NEXT}/search-index-all.json"));
    let expected = text(&[&changed, &case.lines[1], &case.lines[2]]);
    assert_eq!(index(), expected);
    // A signature is not added either: it is not that of the published archive.
    let sign = Tool::bare().arg("sign").arg(case.output()).arg("--sign-key").arg(secret("ed25519"));
    sign.run().expect_code(0, "signed");
    assert_eq!(case.counts(), [3, 1, 1, 1]);
    assert!(index().contains(&changed) && index().matches("signature_path").count() == 2);

    let decide = |decision: &str| {
        let open = fs::read_to_string(&skeleton).unwrap();
        let decided = open.replace("decision:\n", &format!("decision: {decision}\n"));
        let decided = decided.replace("reason:\n", "reason: The owner knows.\n");
        assert_ne!(open, decided, "{open}");
        let path = case.dir.path().join("decided.yml");
        fs::write(&path, decided).unwrap();
        fs::remove_dir_all(case.output()).unwrap();
        case.migrate_onto(&lines, &format!("--fail-on conflict --resolutions {}", path.display()))
    };
    decide("keep-published").expect_code(0, "decided");
    assert_eq!(index(), expected);
    assert_eq!(case.findings(), [conflict]);
    // Skipped, it is still published.
    decide("skip").expect_code(0, "skipped");
    assert_eq!(index(), expected);
    let ran = decide("{keep: production}").expect_code(3, "another decision");
    assert!(ran.stderr.contains("`keep` applies only to content-conflict"), "{ran}");
}

#[test]
fn differences_of_releases_are_information() {
    let case = Case::new();
    let older = case.lines[1].replace(",\"default\":[]", "");
    assert_ne!(older, case.lines[1]);
    case.migrate_onto(&[&older], "--fail-on warning").expect_code(0, "another release");
    assert_eq!(
        case.findings(),
        ["info index-other-release buoy 1.1.0 production - fields=[{\"derived\":\"[]\",\
          \"field\":\"vars[0].default\",\"published\":null}] since=1.10.0 until=1.18.0"]
    );
    let index = case.read(&format!("{NEXT}/search-index-all.json"));
    assert_eq!(index, text(&[&case.lines[0], &older, &case.lines[2]]));
}

#[test]
fn a_signature_is_the_one_update_and_never_taken_away() {
    let case = Case::new();
    let signed = |index: usize, name: &str| {
        let path = format!("\"signature_path\":\"/epr/{name}.zip.sig\",\"format_version\"");
        case.lines[index].replace("\"format_version\"", &path)
    };
    let lines =
        [signed(0, "buoy/buoy-1.0.0"), signed(1, "buoy/buoy-1.1.0"), signed(2, "pier/pier-2.0.0")];
    let [first, second, third] = [0, 1, 2].map(|index| lines[index].as_str());
    // Unsigned now, but signed when it was published.
    case.migrate_onto(&[first, &case.lines[1]], "").expect_code(0, "unsigned");
    let index = || case.read(&format!("{NEXT}/search-index-all.json"));
    assert_eq!(index(), text(&[first, &case.lines[1], &case.lines[2]]));
    let of_delta = || case.read(&format!("{NEXT}/search-index-delta.json"));
    assert_eq!(of_delta(), delta(&[&case.lines[2]], &[]));
    // Signed later, and at once.
    let key = secret("ed25519");
    let sign = Tool::bare().arg("sign").arg(case.output()).arg("--sign-key").arg(&key);
    sign.run().expect_code(0, "signed later");
    let later = (index(), of_delta(), case.plan()["index"].clone());
    assert_eq!(later.0, text(&[first, second, third]));
    assert_eq!(later.1, delta(&[third], &[second]));
    assert_eq!(case.counts(), [3, 1, 1, 1]);
    fs::remove_dir_all(case.output()).unwrap();
    let args = format!("--sign-key {}", key.display());
    case.migrate_onto(&[first, &case.lines[1]], &args).expect_code(0, "signed at once");
    assert_eq!((index(), of_delta(), case.plan()["index"].clone()), later);
}

#[test]
fn parts_continue_the_published_index_too() {
    let case = Case::new();
    let changed = case.lines[0].replace("Collects what", "Sees what");
    let base = [changed.as_str(), FOREIGN];
    case.migrate_onto(&base, "--fail-on never").expect_code(0, "the whole");
    let whole = ["plan.json", "report.json", "v2/metadata/cursor.json"]
        .map(|name| fs::read_to_string(case.output().join(name)).unwrap());
    let files = ["all", "delta"].map(|name| case.read(&format!("{NEXT}/search-index-{name}.json")));
    fs::remove_dir_all(case.output()).unwrap();
    let mut merge = Tool::bare().arg("merge-plans");
    for number in 1..=2 {
        case.migrate_onto(&base, &format!("--fail-on never --shard {number}/2"))
            .expect_code(0, "a part");
        let part = case.dir.path().join(number.to_string());
        fs::rename(case.output(), &part).unwrap();
        merge = merge.arg(part);
    }
    merge.args("--fail-on never").output(case.output()).run().expect_code(0, "joined");
    let joined = ["plan.json", "report.json", "v2/metadata/cursor.json"]
        .map(|name| fs::read_to_string(case.output().join(name)).unwrap());
    assert_eq!(joined, whole);
    let again = ["all", "delta"].map(|name| case.read(&format!("{NEXT}/search-index-{name}.json")));
    assert_eq!(again, files);
}
