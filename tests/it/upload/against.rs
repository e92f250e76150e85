//! `migrate --dry-run --against`: the numbers are those of `upload --dry-run`, and nothing is downloaded or written.

use std::fs;
use std::path::Path;

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Gcs, S3};
use serde_json::Value;

use super::{ALL, CURSOR, LANTERN, Migrated, PREFIX, outcome, serve, upload, writes};
use crate::report::html::Page;
use crate::support::bucket_server::Store;
use crate::support::fault_server::{FaultServer, Request};
use crate::support::keys;
use crate::support::schemas::assert_valid;
use crate::support::tool::{Ran, Tool};

const REVISIONS: &[(&str, &str)] = &[("beacon", "1.0.0"), ("lantern", "1.0.0"), ("pier", "2.0.0")];
const STATIC: &str = "artifacts/static/pier-2.0.0/docs/README.md";

fn against(v1: &Path, store: &Store, server: &FaultServer, args: &str) -> (Ran, Value) {
    let mut tool = Tool::migrate(v1).args("--dry-run --report - --against");
    tool = tool.arg(format!("{}://bkt/{PREFIX}", store.kind)).args(args);
    for (name, value) in store.variables(server) {
        tool = tool.env(&name, value);
    }
    let ran = tool.run();
    if ran.stdout.is_empty() {
        return (ran, Value::Null);
    }
    let report = ran.json();
    assert_valid("report", &report, args);
    (ran, report["against"].clone())
}

/// Returns the objects of an upload that do not go through, as a comparison lists them.
fn not_through(report: &Value) -> Vec<Value> {
    let listed = |outcome: &str| {
        let objects = report["objects"].as_array().unwrap().iter();
        objects.filter(|one| one["outcome"] == outcome).cloned().collect::<Vec<_>>()
    };
    ["conflict", "failed", "withheld"].iter().flat_map(|outcome| listed(outcome)).collect()
}

/// Whether a request reads the bytes of an object.
fn is_download(kind: StoreKind, request: &Request) -> bool {
    let is_list = request.path.contains("prefix=");
    let is_description = kind == Gcs && request.path.starts_with("/storage/v1/");
    let is_cursor = request.path.ends_with("cursor.json");
    request.method == "GET" && !is_list && !is_description && !is_cursor
}

type Change = fn(&Store);

fn key(key: &str) -> String {
    format!("{PREFIX}/{key}")
}

/// What is different in the store, and the exit code.
#[rustfmt::skip]
const ROWS: &[(&str, Change, i32)] = &[
    ("nothing", |_| {}, 0),
    ("an archive is missing", |s| s.remove(&key(LANTERN)), 0),
    ("another archive", |s| { s.put(&key(LANTERN), b"another archive"); }, 1),
    ("an archive of the same length", |s| { s.edit(&key(LANTERN), |o| o.bytes[9] ^= 1); }, 1),
    ("another static resource", |s| { s.edit(&key(STATIC), |o| o.bytes[0] ^= 1); }, 1),
    ("a moved cursor", |s| { s.put(&key(CURSOR), b"{\"current\":\"9999999999\"}"); }, 1),
    ("a broken cursor", |s| { s.put(&key(CURSOR), b"{"); }, 1),
    ("no cursor", |s| s.remove(&key(CURSOR)), 0),
    (
        "other objects",
        |s| {
            for name in ["packages/aa-1.0.0.zip", "packages/aa-1.0.0.zip.sig", "packages/notes.txt"]
            {
                s.put(&key(&format!("artifacts/{name}")), b"theirs");
            }
            s.put(&key("artifacts/static/aa-1.0.0/docs/README.md"), b"theirs");
        },
        0,
    ),
];

#[test]
fn the_numbers_are_those_of_an_upload() {
    let migrated = Migrated::of(REVISIONS, &[]);
    for kind in ALL {
        for (what, change, code) in ROWS {
            let mut store = Store::new(*kind);
            store.page_len = 100;
            let server = serve(&store);
            if *what != "nothing" {
                let (ran, _) = upload(&migrated.path(), &store, &server, "");
                ran.expect_code(0, "what v2 has");
            }
            change(&store);
            let before = (store.keys(), server.requests().len());
            let (ran, compared) = against(&migrated.v1(), &store, &server, "");
            let ran = ran.expect_code(*code, what);
            let requests = server.requests().split_off(before.1);
            assert_eq!(writes(&store, &requests), [""; 0], "{kind} {what}");
            assert_eq!(store.keys(), before.0, "{kind} {what}");
            let downloads = requests.iter().filter(|request| is_download(*kind, request)).count();
            assert_eq!(downloads, 0, "{kind} {what}");

            let (_, dry) = upload(&migrated.path(), &store, &server, "--dry-run");
            for field in ["to", "verdict", "counts", "notices"] {
                assert_eq!(compared[field], dry[field], "{kind} {what} {field} {ran}");
            }
            assert_eq!(compared["objects"], Value::from(not_through(&dry)), "{kind} {what}");
            let others = match *what {
                "other objects" => serde_json::json!({"archive": 1, "signature": 1, "static": 1}),
                _ => serde_json::json!({}),
            };
            assert_eq!(compared["others"], others, "{kind} {what}");
            let (_, real) = upload(&migrated.path(), &store, &server, "");
            assert_eq!(compared["counts"], real["counts"], "{kind} {what}: the run itself");
        }
    }
}

/// A bucket has an index, and the plan continues it, or does not.
#[test]
fn the_published_index_needs_a_base() {
    let first = Migrated::of(&REVISIONS[..2], &[]);
    let second = Migrated::of(REVISIONS, &[]);
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        upload(&first.path(), &store, &server, "").0.expect_code(0, "what v2 has");
        // Otherwise the cursor is that of the first run, whose commits have the same time.
        for (args, code) in [("--cursor 1700000000", 1), ("--cursor 1700000000 --fail-on never", 0)]
        {
            let (ran, compared) = against(&second.v1(), &store, &server, args);
            let ran = ran.expect_code(code, "without a base");
            assert_eq!(outcome(&compared, CURSOR), "conflict cursor-moved", "{kind} {ran}");
            assert!(compared["objects"].to_string().contains("--base-index"), "{kind}");
        }
        let base = format!("--base-index {kind}://bkt/");
        // The prefix has a space, so it is an argument of its own in the other tests.
        let plain = Store::new(*kind);
        let server = serve(&plain);
        for (name, object) in first.uploads() {
            assert_eq!(object["key"], name.as_str());
            plain.put(&name, &first.bytes(&name));
        }
        let mut tool = Tool::migrate(second.v1()).args("--dry-run --report -");
        tool = tool.args(&base).arg("--against").arg(format!("{kind}://bkt"));
        for (name, value) in plain.variables(&server) {
            tool = tool.env(&name, value);
        }
        let ran = tool.run().expect_code(0, "with a base");
        let compared = ran.json()["against"].clone();
        assert_eq!(compared["verdict"]["conclusion"], "complete", "{kind} {ran}");
        let by_kind = &compared["counts"]["by_kind"];
        let count = |kind: &str, outcome: &str| by_kind[kind][outcome].as_u64();
        assert_eq!(count("archive", "already_there"), Some(2), "{kind} {ran}");
        assert_eq!(count("archive", "created"), Some(1), "{kind} {ran}");
        for of_index in ["index", "delta", "cursor"] {
            assert_eq!(count(of_index, "created"), Some(1), "{kind} {of_index} {ran}");
        }
    }
}

/// A folder that mirrors the bucket declares no digests: its files are read, and left alone.
#[test]
fn a_folder_is_compared_by_its_files() {
    let migrated = Migrated::of(REVISIONS, &[]);
    let v2 = migrated.path();
    let compare = |folder: &Path, args: &str| {
        let tool = Tool::migrate(migrated.v1()).args("--dry-run --report - --against").arg(folder);
        tool.args(args).run()
    };
    let all = migrated.uploads().len() as u64;
    let counts = |ran: &Ran| {
        let report = ran.json();
        assert_valid("report", &report, "a folder");
        ["created", "already_there", "conflict"]
            .map(|name| report["against"]["counts"]["all"][name].as_u64().unwrap())
    };
    let ran = compare(&v2, "").expect_code(0, "the same");
    assert_eq!(counts(&ran), [0, all, 0], "{ran}");
    assert!(ran.stderr.contains("3 archives: 3 the same"), "{ran}");
    assert_eq!(ran.json()["against"]["others"], serde_json::json!({}), "the lock is no object");
    let mut bytes = migrated.bytes(LANTERN);
    bytes[50] ^= 1;
    fs::write(v2.join(LANTERN), &bytes).unwrap();
    fs::remove_file(v2.join(STATIC)).unwrap();
    let ran = compare(&v2, "--report report.md").expect_code(1, "another archive");
    fs::remove_file("report.md").unwrap();
    assert_eq!(counts(&ran), [1, all - 2, 1], "{ran}");
    assert!(ran.stderr.contains(&format!("{LANTERN}: an object with other content")), "{ran}");
    assert_eq!(fs::read(v2.join(LANTERN)).unwrap(), bytes, "nothing is written");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(counts(&compare(empty.path(), "").expect_code(0, "empty")), [all, 0, 0]);
    let ran = compare(&empty.path().join("gone"), "").expect_code(3, "no folder");
    assert!(ran.stderr.contains("gone"), "{ran}");
}

/// The reports for people have the comparison.
#[test]
fn the_reports_show_the_comparison() {
    let migrated = Migrated::of(REVISIONS, &[]);
    fs::write(migrated.path().join(LANTERN), "another archive").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tool = Tool::migrate(migrated.v1()).current_dir(folder.path());
    let tool = tool.args("--dry-run --report r.md --report r.html --against");
    tool.arg(migrated.path()).run().expect_code(1, "a conflict");
    let markdown = fs::read_to_string(folder.path().join("r.md")).unwrap();
    for expected in [
        "## Compared with ",
        "**1 of 11 objects conflict with others",
        "| archives | 3 | 0 | 2 | 1 | 0 | 0 | 0 |",
        "### conflict (1)",
        LANTERN,
        "decide for another copy",
    ] {
        assert!(markdown.contains(expected), "{expected}: {markdown}");
    }
    let html = fs::read_to_string(folder.path().join("r.html")).unwrap();
    let page = Page::read(&html);
    assert!(page.ids.contains("against"));
    for expected in [
        format!("Compared with {}", migrated.path().display()).as_str(),
        "1 of 11 objects conflict with others. Nothing was written.",
        LANTERN,
        "an object with other content exists, of 15 bytes",
        "Objects are never replaced. If the published one is right, exclude the revision or decide for another copy; if not, publish a new version.",
    ] {
        page.assert_has(expected);
    }
    // What is there already is counted.
    assert!(!page.texts.iter().any(|text| text == STATIC), "{html}");
}

/// Without digests only a download would show whether an object is the same.
#[test]
fn nothing_is_downloaded_from_a_store_without_digests() {
    let migrated = Migrated::of(REVISIONS, &[]);
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        upload(&migrated.path(), &store, &server, "").0.expect_code(0, "what v2 has");
        store.edit(&key(LANTERN), |object| object.hides_digests = true);
        let before = server.requests().len();
        let (ran, compared) = against(&migrated.v1(), &store, &server, "");
        let ran = ran.expect_code(3, "unknown");
        assert_eq!(outcome(&compared, LANTERN), "failed store", "{kind}");
        assert!(ran.stderr.contains("the store declares no digest"), "{ran}");
        let requests = server.requests().split_off(before);
        assert!(!requests.iter().any(|request| is_download(*kind, request)), "{kind}");
    }
}

/// Signatures do not exist in a dry run.
#[test]
fn signatures_are_pending() {
    let migrated = Migrated::of(REVISIONS, &[]);
    let store = Store::new(S3);
    let server = serve(&store);
    let args = format!("--sign-key {}", keys::secret("ed25519").display());
    let (ran, compared) = against(&migrated.v1(), &store, &server, &args);
    let ran = ran.expect_code(0, "pending");
    let counts = &compared["counts"]["by_kind"]["signature"];
    assert_eq!((counts["planned"].as_u64(), counts["withheld"].as_u64()), (Some(3), Some(3)));
    assert!(ran.stderr.contains("3 signatures do not exist yet"), "{ran}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let migrated = Migrated::of(&REVISIONS[..1], &[]);
    let output = migrated.folder.path().join("other");
    let rows: [(&str, i32, &str); 5] = [
        ("--output OUT --against V2", 2, "run `upload`"),
        ("--dry-run --against https://v2.example.org/", 2, "a URL cannot be listed"),
        ("--dry-run --against ftp://v2.example.org/", 2, "expected a folder or a URL"),
        ("--dry-run --internal V2", 2, "--against <STORE>"),
        ("--dry-run --against V2 --internal https://v2.example.org/", 2, "cannot be listed"),
    ];
    for (args, code, told) in rows {
        let mut tool = Tool::migrate(migrated.v1());
        for arg in args.split(' ') {
            tool = match arg {
                "OUT" => tool.arg(&output),
                "V2" => tool.arg(migrated.path()),
                arg => tool.arg(arg),
            };
        }
        let ran = tool.run().expect_code(code, args);
        assert!(ran.stderr.contains(told), "{args}: {ran}");
        assert!(!output.exists(), "{args}");
    }
}
