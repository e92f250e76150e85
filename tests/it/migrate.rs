//! `migrate` on the fixture: the archives and their content, the plan and the balance.
//!
//! Reads archives with the `zip` crate and blobs with libgit2, not with the tool's own code. `reproducible` tests that the
//! bytes are always the same, `findings` each finding, and `output` folders that are not empty.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use git2::{ObjectType, Repository, TreeWalkMode, TreeWalkResult};
use md5::Digest;
use serde_json::{Value, json};

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;
use crate::support::v2::{self, ARCHIVES};

/// Each archive, and the stage of its copy.
const WINNERS: [(&str, &str); 9] = [
    ("beacon-1.1.0", "production"),
    ("beacon-2.0.0-rc1", "snapshot"),
    ("buoy-2.0.0", "production"),
    ("ferry_fleet-0.1.7", "production"),
    ("fog_horn-0.9.0", "staging"),
    ("harbor_log-1.2.0", "production"),
    ("lighthouse-1.0.0", "production"),
    ("tide_gauge-0.10.0", "snapshot"),
    ("tide_gauge-0.3.0", "production"),
];

/// Two revisions of the fixture are broken on purpose.
const EXIT_CODE: i32 = 1;

fn migrate(output: &Path) -> Tool {
    Tool::migrate(fixture::folder()).output(output)
}

#[test]
fn the_folder_holds_the_archives_the_plan_and_the_reports() {
    let dir = tempfile::tempdir().unwrap();
    let repo_before = v2::stamps(fixture::folder());
    migrate(dir.path()).run().expect_code(EXIT_CODE, "fixture");
    let mut expected: BTreeSet<String> =
        WINNERS.iter().map(|(name, _)| format!("{ARCHIVES}/{name}.zip")).collect();
    let statics: Vec<String> = v2::statics(dir.path()).into_keys().collect();
    let folders = statics.iter().flat_map(|key| key.match_indices('/').map(|(end, _)| &key[..end]));
    expected.extend(folders.map(str::to_owned));
    expected.extend(statics.iter().cloned());
    let index = ["v2", "v2/metadata", "v2/metadata/1577836800", "v2/metadata/cursor.json"];
    expected.extend(index.map(str::to_owned));
    expected.insert("v2/metadata/1577836800/search-index-all.json".to_owned());
    let others = [".package-storage-migrate.lock", "artifacts", "artifacts/packages"];
    expected.extend(others.map(str::to_owned));
    expected.extend(["plan.json", "report.json", "report.md"].map(str::to_owned));
    assert_eq!(v2::tree(dir.path()).into_keys().collect::<BTreeSet<_>>(), expected);
    assert_eq!(v2::stamps(fixture::folder()), repo_before, "v1 is only read");
}

#[test]
fn every_copy_has_exactly_one_outcome() {
    let dir = tempfile::tempdir().unwrap();
    migrate(dir.path()).run().expect_code(EXIT_CODE, "fixture");
    let report = v2::json(&dir.path().join("report.json"));
    assert_eq!(v2::balance(&report), [18, 9, 5, 2, 2]);
    assert_eq!(report["balance"]["copies"], fixture::COPIES.len());
    let found = v2::findings(&report);
    assert_eq!(
        found.iter().map(|line| line.split(" manifest.yml").next().unwrap()).collect::<Vec<_>>(),
        [
            "blocker manifest-mismatch drift_net 1.0.0 staging",
            "blocker manifest-unreadable rusty_anchor 0.1.0 snapshot",
            "conflict content-conflict harbor_log 1.2.0 staging - \
             added=[\"data_stream/arrivals/sample_event.json\"] \
             changed=[\"data_stream/arrivals/manifest.yml\"] class=behaviour \
             diff=--- production/data_stream/arrivals/manifest.yml\n\
             +++ staging/data_stream/arrivals/manifest.yml\n\
             @@ -1,2 +1,2 @@\n-title: Arrivals\n+title: Arrivals by day\n type: logs\n \
             removed=[\"NOTICE.txt\"] winner=production",
            "warning release-contradiction beacon 2.0.0-rc1 snapshot",
            "warning stray-entry - - production README.md entry_kind=file",
            "info identical-copy beacon 1.1.0 snapshot - winner=production",
            "info identical-copy lighthouse 1.0.0 staging - winner=production",
            "info identical-copy lighthouse 1.0.0 snapshot - winner=production",
            "info marker-package snapshot 0.0.1 snapshot -",
            "info marker-package staging 0.0.1 staging -",
            "info mode-only tide_gauge 0.3.0 staging - file_count=5 winner=production",
        ]
    );
}

#[test]
fn the_plan_has_the_source_and_all_uploads() {
    let dir = tempfile::tempdir().unwrap();
    migrate(dir.path()).run().expect_code(EXIT_CODE, "fixture");
    let plan = v2::json(&dir.path().join("plan.json"));
    let git = Repository::open_bare(fixture::folder()).unwrap();
    let stages = ["production", "staging", "snapshot"].map(|stage| {
        let reference = format!("refs/heads/{stage}");
        let commit = git.refname_to_id(&reference).unwrap().to_string();
        json!({"stage": stage, "ref": reference, "commit": commit})
    });
    let fields: Vec<&String> = plan.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["archive_engine", "index", "schema_version", "signatures", "source", "tool", "uploads"]
    );
    assert_eq!(plan["schema_version"], 4);
    assert_eq!(plan["signatures"], json!({"made": 0, "pending": 0, "missing": WINNERS.len()}));
    let this = json!({"name": "package-storage-migrate", "version": env!("CARGO_PKG_VERSION")});
    assert_eq!(plan["tool"], this);
    assert_eq!(plan["source"], json!({ "stages": stages }));
    let fingerprint = package_storage_migrate::v2::archive::FINGERPRINT;
    assert_eq!(plan["archive_engine"], json!({ "fingerprint": fingerprint }));
    assert_eq!(v2::planned(&plan), WINNERS.map(|(name, _)| name), "sorted by key");

    let archives = v2::archives(dir.path());
    for (upload, (name, stage)) in v2::uploads(&plan, "archive").into_iter().zip(WINNERS) {
        let bytes = &archives[&format!("{name}.zip")];
        let (package, version) = name.split_once('-').unwrap();
        let crc32c = crc32c::crc32c(bytes).to_be_bytes();
        let files = files_in_v1(&git, stage, package, version);
        let expected = json!({
            "key": format!("{ARCHIVES}/{name}.zip"),
            "file": format!("{ARCHIVES}/{name}.zip"),
            "kind": "archive",
            "content_type": "application/zip",
            "size": bytes.len(),
            "sha256": hex(&sha2::Sha256::digest(bytes)),
            "md5": BASE64_STANDARD.encode(md5::Md5::digest(bytes)),
            "crc32c": BASE64_STANDARD.encode(crc32c),
            "package": package,
            "version": version,
            "stage": stage,
            "content_digest": content_digest(&files),
            "file_count": files.len(),
        });
        assert_eq!(*upload, expected, "{name}");
    }
}

#[test]
fn each_upload_is_on_one_line() {
    let ran = Tool::migrate(fixture::folder()).args("--dry-run --plan -").run();
    let text = String::from_utf8(ran.stdout).unwrap();
    let lines: Vec<&str> =
        text.lines().filter(|line| line.starts_with("    {\"kind\":\"archive\",")).collect();
    for (line, (name, _)) in lines.iter().zip(WINNERS) {
        let upload: Value = serde_json::from_str(line.trim_end_matches(',')).unwrap();
        assert_eq!(upload["file"], format!("{ARCHIVES}/{name}.zip"));
    }
    assert_eq!(lines.len(), WINNERS.len());
}

#[test]
fn every_file_of_every_archive_is_its_blob() {
    let dir = tempfile::tempdir().unwrap();
    migrate(dir.path()).run().expect_code(EXIT_CODE, "fixture");
    let git = Repository::open_bare(fixture::folder()).unwrap();
    let archives = v2::archives(dir.path());
    let mut file_count = 0;
    for (name, stage) in WINNERS {
        let (package, version) = name.split_once('-').unwrap();
        let bytes = &archives[&format!("{name}.zip")];
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut found = BTreeMap::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            let path = entry.name().unwrap();
            let path = path.strip_prefix(&format!("{name}/")).unwrap().to_owned();
            if entry.is_file() {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                assert!(found.insert(path, bytes).is_none(), "an entry twice in {name}");
            }
        }
        let expected: BTreeMap<String, Vec<u8>> = files_in_v1(&git, stage, package, version)
            .into_iter()
            .map(|(path, id)| (path, git.find_blob(id).unwrap().content().to_vec()))
            .collect();
        assert_eq!(found, expected, "{name}");
        file_count += found.len();
    }
    assert_eq!(file_count, 41);
}

/// Revisions are processed a few at a time: files that are added, removed, kept and added again must be right in all.
#[test]
fn a_package_of_many_revisions_has_the_files_of_each() {
    const REVISION_COUNT: usize = 40;
    let dir = tempfile::tempdir().unwrap();
    let files = |patch: usize| -> Vec<(String, Vec<u8>)> {
        let mut files = vec![("docs/always.md".to_owned(), b"always ".repeat(300))];
        files.push((
            format!("docs/only-{patch}.md"),
            format!("only in {patch}, ").repeat(99).into(),
        ));
        files.push(("docs/era.md".to_owned(), format!("era {} ", patch / 5).repeat(99).into()));
        if !(3..=36).contains(&patch) {
            files.push(("docs/comes-back.md".to_owned(), b"here again ".repeat(99)));
        }
        files
    };
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        (0..REVISION_COUNT).fold(s, |s, patch| {
            s.revision("ebb_tide", &format!("1.0.{patch}"), |r| {
                files(patch).iter().fold(r.manifest(), |r, (path, bytes)| r.file(path, bytes))
            })
        })
    });
    for jobs in ["1", "2", "5"] {
        let output = dir.path().join(jobs);
        let tool = Tool::migrate(repo.path()).output(&output);
        tool.args("--stages production --jobs").arg(jobs).run().expect_code(0, jobs);
        let archives = v2::archives(&output);
        assert_eq!(archives.len(), REVISION_COUNT);
        for patch in 0..REVISION_COUNT {
            let bytes = &archives[&format!("ebb_tide-1.0.{patch}.zip")];
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            for (path, expected) in files(patch) {
                let mut found = Vec::new();
                let mut entry = archive.by_name(&format!("ebb_tide-1.0.{patch}/{path}")).unwrap();
                entry.read_to_end(&mut found).unwrap();
                assert!(found == expected, "{path} of {patch}, --jobs {jobs}");
            }
            let file_count =
                (0..archive.len()).filter(|at| archive.by_index(*at).unwrap().is_file()).count();
            assert_eq!(file_count, files(patch).len() + 2, "and manifest and README");
        }
    }
}

/// Files and blob ids of one copy, by path.
fn files_in_v1(
    git: &Repository,
    stage: &str,
    package: &str,
    version: &str,
) -> BTreeMap<String, git2::Oid> {
    let folder = format!("refs/heads/{stage}:packages/{package}/{version}");
    let tree = git.revparse_single(&folder).unwrap().peel_to_tree().unwrap();
    let mut files = BTreeMap::new();
    tree.walk(TreeWalkMode::PreOrder, |parent, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            files.insert(format!("{parent}{}", entry.name().unwrap()), entry.id());
        }
        TreeWalkResult::Ok
    })
    .unwrap();
    files
}

/// The content digest, computed from its definition in the documentation.
fn content_digest(files: &BTreeMap<String, git2::Oid>) -> String {
    let records: String = files.iter().map(|(path, id)| format!("{id} {path}\0")).collect();
    hex(&sha2::Sha256::digest(records))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
