//! Static resources: which files they are, their keys and content types, that each distinct file is written once and
//! linked, and that existing files are never replaced.
//!
//! Blobs are compared through libgit2, content types with Go's answers. Killed runs are tested in `interrupt`, joining
//! shards in `shards`.

#![allow(clippy::unwrap_used)]

mod folder;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use git2::Repository;
use md5::Digest;
use package_storage_migrate::model::resources::{StaticGlob, StaticSet};
use serde_json::{Value, json};

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2::{self, STATICS};

#[test]
fn the_set_contains_what_its_globs_match() {
    let default = StaticSet::default();
    let rows = [
        ("docs/README.md", true),
        ("docs/a/b/c.png", true),
        ("docs/.hidden", true),
        ("img/[Logs] a b.jpg", true),
        ("img/a/b.svg", true),
        ("changelog.yml", true),
        ("LICENSE.txt", true),
        ("NOTICE.txt", true),
        ("docs", false),
        ("img", false),
        ("Docs/README.md", false),
        ("license.txt", false),
        ("LICENSE", false),
        ("changelog.yaml", false),
        ("manifest.yml", false),
        ("README.md", false),
        ("docs.md", false),
        ("xdocs/README.md", false),
        ("data_stream/a/docs/README.md", false),
        ("data_stream/a/changelog.yml", false),
        ("kibana/img/a.png", false),
    ];
    for (path, is_held) in rows {
        assert_eq!(default.contains(path), is_held, "{path}");
    }
    let rows: [(&str, &[&str], &[&str]); 8] = [
        ("*.md", &["a.md", ".md"], &["docs/a.md", "a.MD"]),
        ("**/*.md", &["a.md", "docs/a.md", "a/b/c.md"], &["a.txt"]),
        ("docs/*", &["docs/a", "docs/.a"], &["docs/a/b", "docs"]),
        ("docs/?.md", &["docs/a.md"], &["docs/.md", "docs/ab.md", "docs/a/md"]),
        ("img/[!a-c]*", &["img/d", "img/[x"], &["img/a", "img/c.png"]),
        ("img/[[]*[]]*", &["img/[a] b.png"], &["img/a.png"]),
        ("kibana/**/*.json", &["kibana/a.json", "kibana/a/b.json"], &["kibana/a.yml"]),
        ("manifest.yml", &["manifest.yml"], &["data_stream/a/manifest.yml", "manifestXyml"]),
    ];
    for (glob, held, others) in rows {
        let set: StaticSet = [glob.parse::<StaticGlob>().expect(glob)].into_iter().collect();
        for path in held {
            assert!(set.contains(path), "{glob} matches {path}");
        }
        for path in others {
            assert!(!set.contains(path), "{glob} does not match {path}");
        }
    }
    for (glob, said) in [
        ("", "empty"),
        ("/docs/*", "relative to the package"),
        ("./docs/*", "relative to the package"),
        ("docs/", "write /**"),
        ("docs/**x", "recursive wildcards"),
        ("img/[a", "invalid range pattern"),
        ("docs/\u{1b}", "control"),
    ] {
        let error = glob.parse::<StaticGlob>().expect_err(glob).to_string();
        assert!(error.contains(said), "{glob}: {error}");
    }
}

/// Returns the files of the fixture's winners that are static resources, by key.
fn expected_in_fixture() -> BTreeMap<String, (String, String, String)> {
    let winners = [
        ("beacon", "1.1.0", "production"),
        ("beacon", "2.0.0-rc1", "snapshot"),
        ("buoy", "2.0.0", "production"),
        ("ferry_fleet", "0.1.7", "production"),
        ("fog_horn", "0.9.0", "staging"),
        ("harbor_log", "1.2.0", "production"),
        ("lighthouse", "1.0.0", "production"),
        ("tide_gauge", "0.10.0", "snapshot"),
        ("tide_gauge", "0.3.0", "production"),
    ];
    let mut expected = BTreeMap::new();
    for (name, version, stage) in winners {
        let readme = ("docs/README.md", "text/markdown; charset=utf-8");
        let more: &[(&str, &str)] = match name {
            "beacon" => &[("img/[Metrics Beacon] Overview.png", "image/png")],
            "buoy" | "harbor_log" => &[("NOTICE.txt", "text/plain; charset=utf-8")],
            "lighthouse" => &[
                ("changelog.yml", "text/yaml; charset=UTF-8"),
                ("img/lighthouse.svg", "image/svg+xml"),
            ],
            _ => &[],
        };
        for (path, content_type) in [readme].iter().chain(more) {
            let key = format!("{STATICS}/{name}-{version}/{path}");
            let at = format!("{stage}:packages/{name}/{version}/{path}");
            let from = format!("{name} {version} {path}");
            expected.insert(key, (at, from, (*content_type).to_owned()));
        }
    }
    expected
}

#[test]
fn each_file_of_the_set_is_an_object_with_the_bytes_of_its_blob() {
    let dir = tempfile::tempdir().unwrap();
    Tool::migrate(fixture::folder()).output(dir.path()).run().expect_code(1, "fixture");
    let git = Repository::open_bare(fixture::folder()).unwrap();
    let expected = expected_in_fixture();
    assert_eq!(expected.len(), 15);
    let found = v2::statics(dir.path());
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let plan = v2::json(&dir.path().join("plan.json"));
    let uploads = v2::uploads(&plan, "static");
    assert_eq!(uploads.len(), expected.len());
    for (upload, (key, (at, from, content_type))) in uploads.into_iter().zip(&expected) {
        let blob = git.revparse_single(at).unwrap().peel_to_blob().unwrap();
        let bytes = blob.content();
        assert!(found[key] == bytes, "{key}");
        let [package, version, path] = from.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{from}")
        };
        assert_eq!(
            *upload,
            json!({
                "kind": "static",
                "content_type": content_type,
                "key": key,
                "file": key,
                "size": bytes.len(),
                "sha256": hex(&sha2::Sha256::digest(bytes)),
                "md5": BASE64_STANDARD.encode(md5::Md5::digest(bytes)),
                "crc32c": BASE64_STANDARD.encode(crc32c::crc32c(bytes).to_be_bytes()),
                "from": {"package": package, "version": version, "path": path},
            })
        );
    }
    let bytes: usize = found.values().map(Vec::len).sum();
    let report = v2::json(&dir.path().join("report.json"));
    assert_eq!(report["statics"], json!({"objects": 15, "bytes": bytes}));
    let text = std::fs::read_to_string(dir.path().join("plan.json")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("    {\"kind\":\"static\","));
    assert_eq!(lines.count(), expected.len(), "one upload a line");
}

/// Archives and signatures come first, so that nothing is referred to before it can be installed.
#[test]
fn uploads_are_in_the_order_of_publishing() {
    let ran = Tool::migrate(fixture::folder()).args("--dry-run --plan -").run();
    let plan: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let uploads = plan["uploads"].as_array().unwrap();
    let kinds: Vec<&str> = uploads.iter().map(|upload| upload["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, [vec!["archive"; 9], vec!["static"; 15], vec!["index", "cursor"]].concat());
    let read = |uploads: &[Value]| {
        let plan = json!({
            "schema_version": plan["schema_version"], "tool": plan["tool"],
            "source": plan["source"], "archive_engine": plan["archive_engine"],
            "signatures": plan["signatures"], "uploads": uploads,
        });
        package_storage_migrate::model::plan::Plan::from_json(&plan.to_string())
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(read(uploads), Ok(()));
    let changed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut uploads = uploads.clone();
        change(&mut uploads);
        read(&uploads).expect_err("another plan")
    };
    let misplaced = "out of order";
    assert!(changed(&|uploads| uploads.swap(8, 9)).contains(misplaced), "before an archive");
    assert!(changed(&|uploads| uploads.swap(10, 11)).contains(misplaced), "not by key");
    assert!(changed(&|uploads| uploads.swap(24, 25)).contains(misplaced), "the cursor is not last");
    assert!(changed(&|uploads| uploads.swap(0, 25)).contains(misplaced), "the cursor is first");
    assert!(changed(&|uploads| uploads.insert(9, uploads[9].clone())).contains(misplaced));
    let other = "is not the key of the static resource in `from`";
    for (field, value) in [
        ("key", json!("artifacts/static/beacon-1.1.0/docs/README.txt")),
        ("file", json!("artifacts/static/beacon-1.1.0/docs/README.txt")),
        ("from", json!({"package": "buoy", "version": "1.1.0", "path": "docs/README.md"})),
        ("from", json!({"package": "beacon", "version": "1.1.1", "path": "docs/README.md"})),
        ("from", json!({"package": "beacon", "version": "1.1.0", "path": "docs/readme.md"})),
    ] {
        let error = changed(&|uploads| uploads[9][field] = value.clone());
        assert!(error.contains(other), "{field}: {error}");
    }
    for content_type in ["", "text", "/", "text/", "/plain", "text/plain\r\nx: y", "text/pl\u{e4}n"]
    {
        let error = changed(&|uploads| uploads[9]["content_type"] = json!(content_type));
        assert!(error.contains("expected <type>/<subtype>"), "{content_type}: {error}");
    }
    for (index, content_type) in [(0, "application/octet-stream"), (0, "text/plain")] {
        changed(&|uploads| uploads[index]["content_type"] = json!(content_type));
    }
    changed(&|uploads| uploads[9]["kind"] = json!("dynamic"));
}

/// Returns a repository with one package with these files.
fn repo(dir: &Path, files: &'static [(&'static str, &'static str)]) -> V1Repo {
    V1Repo::create(&dir.join("v1")).stage("production", |s| {
        s.revision("buoy", "1.0.0", |r| {
            files.iter().fold(r.manifest(), |r, (path, bytes)| r.file(path, bytes))
        })
    })
}

fn keys(plan: &Value) -> BTreeSet<String> {
    let uploads = v2::uploads(plan, "static").into_iter();
    let start = format!("{STATICS}/buoy-1.0.0/");
    uploads
        .map(|upload| upload["key"].as_str().unwrap().strip_prefix(&start).unwrap().to_owned())
        .collect()
}

#[test]
fn flags_select_the_objects() {
    let dir = tempfile::tempdir().unwrap();
    let repo =
        repo(dir.path(), &[("kibana/a.json", "{}"), ("img/a.png", "p"), ("NOTICE.txt", "n")]);
    let migrate = |flags: &str| {
        Tool::migrate(repo.path())
            .args("--stages production --dry-run --quiet --plan p.json --report r.json")
            .args(flags)
            .current_dir(dir.path())
            .run()
    };
    let rows: [(&str, Value, usize, &[&str]); 6] = [
        ("", Value::Null, 1, &["NOTICE.txt", "docs/README.md", "img/a.png"]),
        (
            "--resources index,static,archives",
            Value::Null,
            1,
            &["NOTICE.txt", "docs/README.md", "img/a.png"],
        ),
        ("--resources archives", json!({"kinds": ["archives"], "static": default_globs()}), 1, &[]),
        (
            "--resources static",
            json!({"kinds": ["static"], "static": default_globs()}),
            0,
            &["NOTICE.txt", "docs/README.md", "img/a.png"],
        ),
        (
            "--static kibana/** --static docs/**",
            json!({"kinds": ["archives", "static", "index"], "static": ["docs/**", "kibana/**"]}),
            1,
            &["docs/README.md", "kibana/a.json"],
        ),
        (
            "--static docs/** --static img/** --static changelog.yml --static LICENSE.txt --static NOTICE.txt",
            Value::Null,
            1,
            &["NOTICE.txt", "docs/README.md", "img/a.png"],
        ),
    ];
    for (flags, setting, archive_count, expected) in rows {
        migrate(flags).expect_code(0, flags);
        let [plan, report] = ["p.json", "r.json"].map(|name| v2::json(&dir.path().join(name)));
        assert_eq!(plan["resources"], setting, "{flags}");
        assert_eq!(report["resources"], setting, "{flags}");
        assert_eq!(v2::uploads(&plan, "archive").len(), archive_count, "{flags}");
        assert_eq!(keys(&plan), expected.iter().map(|key| (*key).to_owned()).collect(), "{flags}");
        assert_eq!(report["balance"]["archived"], 1, "{flags}");
        assert_eq!(report["statics"]["objects"], expected.len(), "{flags}");
    }
    for (flags, code, said) in [
        ("--resources archives --static docs/**", 2, "--static requires static in --resources"),
        ("--resources index.html", 2, "expected archives, static or index"),
        ("--static /docs", 2, "relative to the package"),
        (
            "--static doc/** --static docs/** --static *.mdx",
            3,
            "no file of any revision matches --static *.mdx, doc/**",
        ),
    ] {
        let ran = migrate(flags).expect_code(code, flags);
        assert!(ran.stderr.contains(said), "{flags}: {ran}");
    }
    // Another shard may have a match.
    migrate("--static doc/** --shard 1/2").expect_code(0, "a shard");
}

fn default_globs() -> Value {
    json!(["LICENSE.txt", "NOTICE.txt", "changelog.yml", "docs/**", "img/**"])
}

#[test]
fn only_revisions_that_are_migrated_have_static_resources() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        s.revision("buoy", "1.0.0", RevisionDraft::manifest)
            .revision("buoy", "1.1.0", |r| {
                r.manifest().file("manifest.yml", "not a manifest").file("img/a.png", "blocked")
            })
            .revision("buoy", "1.2.0", |r| r.manifest().file("img/a.png", "out of scope"))
            .revision("production", "1.0.0", RevisionDraft::manifest)
    });
    let output = dir.path().join("v2");
    let tool = Tool::migrate(repo.path()).args("--stages production --exclude buoy-1.2.0");
    tool.output(&output).run().expect_code(1, "one is blocked");
    let expected = [format!("{STATICS}/buoy-1.0.0/docs/README.md")];
    assert_eq!(v2::statics(&output).into_keys().collect::<Vec<_>>(), expected);
    let plan = v2::json(&output.join("plan.json"));
    assert_eq!(v2::uploads(&plan, "static").len(), 1);
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
