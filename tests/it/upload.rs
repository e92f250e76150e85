//! `upload`: what it creates, what it leaves alone, and that it can be repeated at any point.
//!
//! The stores are those of `support::bucket_server`, one for each dialect. Faults are in `faults`, interrupted and
//! concurrent runs in `repeated`, the search index in `index`, what is refused in `refused`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use serde_json::Value;

use crate::report::assert_golden;
use crate::support::bucket_server::Store;
use crate::support::fault_server::{FaultServer, Request};
use crate::support::fixture;
use crate::support::keys;
use crate::support::schemas::assert_valid;
use crate::support::tool::{Ran, Tool};
use crate::support::v1_repo::V1Repo;

mod against;
mod endpoint;
pub(crate) mod faults;
mod index;
mod nights;
mod page;
mod real;
mod refused;
mod repeated;
mod verified;

const ALL: &[StoreKind] = &[Gcs, S3, Azure];
/// The prefix in the bucket.
const PREFIX: &str = "pre fix/[v2]";
const LANTERN: &str = "artifacts/packages/lantern-1.0.0.zip";
const CURSOR: &str = "v2/metadata/cursor.json";
/// The planted secrets of `Store::variables`, and the text of the servers' messages.
const SECRETS: &[&str] = &["planted", "secret-in-a-message", "cGxhbnRlZC1hY2NvdW50LWtleQ"];

/// An output folder of `migrate`.
struct Migrated {
    folder: tempfile::TempDir,
}

impl Migrated {
    /// Migrates these revisions, with signatures.
    fn of(revisions: &[(&str, &str)], args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repo = folder.path().join("v1.git");
        V1Repo::create(&repo)
            .stage("production", |mut stage| {
                for (name, version) in revisions {
                    stage = stage.revision(name, version, |r| {
                        r.manifest()
                            .file("img/[Logs Cassandra] 100%25 ü.svg", "<svg/>")
                            .file("docs/README.md", format!("# {name}\n"))
                    });
                }
                stage
            })
            .stage("staging", |s| s)
            .stage("snapshot", |s| s);
        let mut tool = Tool::migrate(&repo).output(folder.path().join("v2"));
        for arg in args {
            tool = tool.arg(arg);
        }
        tool.run().expect_code(0, "migrate");
        Migrated { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("v2")
    }

    fn v1(&self) -> PathBuf {
        self.folder.path().join("v1.git")
    }

    /// Returns the uploads of the plan by key.
    fn uploads(&self) -> BTreeMap<String, Value> {
        let plan: Value =
            serde_json::from_slice(&fs::read(self.path().join("plan.json")).unwrap()).unwrap();
        let uploads = plan["uploads"].as_array().unwrap().iter();
        uploads.map(|upload| (upload["key"].as_str().unwrap().to_owned(), upload.clone())).collect()
    }

    fn bytes(&self, key: &str) -> Vec<u8> {
        fs::read(self.path().join(key)).unwrap()
    }

    /// Asserts that a store has exactly the objects of the plan.
    #[track_caller]
    fn assert_all_in(&self, store: &Store, what: &str) {
        let uploads = self.uploads();
        let expected: Vec<String> = uploads.keys().map(|key| format!("{PREFIX}/{key}")).collect();
        assert_eq!(store.keys(), expected, "{what}");
        for (key, upload) in &uploads {
            let stored = store.get(&format!("{PREFIX}/{key}")).unwrap();
            assert_eq!(stored.bytes, self.bytes(key), "{what}: {key}");
            assert_eq!(stored.content_type, upload["content_type"], "{what}: {key}");
        }
    }
}

/// Three signed revisions, which no test changes.
static THREE: LazyLock<Migrated> = LazyLock::new(|| {
    let revisions = [("beacon", "1.0.0"), ("lantern", "1.0.0"), ("pier", "2.0.0")];
    Migrated::of(&revisions, &["--sign-key", keys::secret("ed25519").to_str().unwrap()])
});

fn serve(store: &Store) -> FaultServer {
    store.serve(|store, request| store.correct(request))
}

fn tool(folder: &Path, store: &Store, server: &FaultServer) -> Tool {
    tool_with(folder, store.kind, store.variables(server))
}

fn tool_with(folder: &Path, kind: StoreKind, variables: Vec<(String, String)>) -> Tool {
    let tool = Tool::bare().arg("upload").arg(folder);
    let tool = tool.arg("--to").arg(format!("{kind}://bkt/{PREFIX}"));
    variables.iter().fold(tool, |tool, (name, value)| tool.env(name, value))
}

/// Uploads, checks the report against its schema, and that no secret is shown.
#[track_caller]
fn upload(folder: &Path, store: &Store, server: &FaultServer, args: &str) -> (Ran, Value) {
    let ran = tool(folder, store, server).args("--report -").args(args).run();
    let report = checked(&ran, args);
    (ran, report)
}

#[track_caller]
fn checked(ran: &Ran, what: &str) -> Value {
    let all = ran.to_string();
    for secret in SECRETS {
        assert!(!all.contains(secret), "{what}: {all}");
    }
    if ran.stdout.is_empty() {
        return Value::Null;
    }
    let report = ran.json();
    assert_valid("upload-report", &report, what);
    report
}

/// Returns the numbers of created, already there, conflicting, failed and withheld objects.
fn counts(report: &Value) -> [u64; 5] {
    ["created", "already_there", "conflict", "failed", "withheld"]
        .map(|name| report["counts"]["all"][name].as_u64().unwrap_or(u64::MAX))
}

/// Returns outcome and code of an object.
fn outcome(report: &Value, key: &str) -> String {
    let objects = report["objects"].as_array().unwrap();
    let object = objects.iter().find(|object| object["key"] == key).unwrap();
    let code = object["reason"]["code"].as_str().unwrap_or("");
    format!("{} {code}", object["outcome"].as_str().unwrap()).trim().to_owned()
}

fn writes(store: &Store, requests: &[Request]) -> Vec<String> {
    requests.iter().filter_map(|request| store.written_key(request)).collect()
}

#[test]
fn everything_is_created_once() {
    let count = THREE.uploads().len() as u64;
    assert_eq!(count, 3 + 3 + 6 + 2, "archives, signatures, static resources, index and cursor");
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        let args = "--cache-control max-age=60";
        let (ran, dry) = upload(&THREE.path(), &store, &server, &format!("--dry-run {args}"));
        ran.expect_code(0, "a dry run");
        assert_eq!(store.keys(), Vec::<String>::new(), "{kind}");
        assert_eq!(writes(&store, &server.requests()), Vec::<String>::new(), "{kind}");

        let (ran, report) = upload(&THREE.path(), &store, &server, args);
        let ran = ran.expect_code(0, "the first run");
        assert_eq!(counts(&report), [count, 0, 0, 0, 0], "{kind} {ran}");
        THREE.assert_all_in(&store, "the first run");
        let mut as_run = dry.clone();
        as_run["dry_run"] = false.into();
        as_run["verdict"] = report["verdict"].clone();
        assert_eq!(as_run, report, "{kind}: a dry run has the numbers of the run");
        for (key, expected) in [(LANTERN, "max-age=60"), (CURSOR, "no-cache")] {
            let stored = store.get(&format!("{PREFIX}/{key}")).unwrap();
            assert_eq!(stored.cache_control, expected, "{kind} {key}");
        }
        let order = writes(&store, &server.requests());
        let at =
            |key: &str| order.iter().position(|one| *one == format!("{PREFIX}/{key}")).unwrap();
        let uploads = THREE.uploads();
        for (key, upload) in &uploads {
            match upload["kind"].as_str().unwrap() {
                "signature" => assert!(at(key) > at(upload["signs"].as_str().unwrap()), "{key}"),
                "static" => assert!((6..12).contains(&at(key)), "{key}"),
                "index" => assert_eq!(at(key), 12, "{key}"),
                "cursor" => assert_eq!(at(key), 13, "{key}"),
                _ => assert!(at(key) < 6, "{key}"),
            }
        }

        let before = server.requests().len();
        let (ran, report) = upload(&THREE.path(), &store, &server, args);
        ran.expect_code(0, "the second run");
        assert_eq!(counts(&report), [0, count, 0, 0, 0], "{kind}");
        let requests = server.requests().split_off(before);
        assert!(requests.iter().all(|request| request.body.is_empty()), "{kind}: 0 bytes are sent");
    }
}

#[test]
fn a_changed_object_is_a_conflict_and_stays() {
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        let lantern = format!("{PREFIX}/{LANTERN}");
        store.put(&lantern, b"another archive");
        let before = store.get(&lantern).unwrap().generation;
        let (ran, dry) = upload(&THREE.path(), &store, &server, "--dry-run");
        ran.expect_code(1, "a dry run");
        let (ran, report) = upload(&THREE.path(), &store, &server, "");
        let ran = ran.expect_code(1, "a conflict");
        assert_eq!(counts(&report), [10, 0, 1, 0, 3], "{kind} {ran}");
        assert_eq!(counts(&dry), counts(&report), "{kind}");
        assert_eq!(dry["objects"], report["objects"], "{kind}");
        assert_eq!(outcome(&report, LANTERN), "conflict other-bytes");
        assert_eq!(outcome(&report, &format!("{LANTERN}.sig")), "withheld archive-not-there");
        assert_eq!(outcome(&report, CURSOR), "withheld not-complete");
        assert!(ran.stderr.contains("an object with other content exists, of 15 bytes"), "{ran}");
        assert_eq!(store.get(&lantern).unwrap().generation, before, "{kind}");
        assert!(store.get(&format!("{PREFIX}/{CURSOR}")).is_none(), "{kind}");

        // The same length, so that only digests differ, and a store that hides them.
        for hides_digests in [false, true] {
            store.edit(&lantern, |object| {
                object.bytes = THREE.bytes(LANTERN);
                object.bytes[100] ^= 1;
                object.hides_digests = hides_digests;
            });
            let (ran, report) = upload(&THREE.path(), &store, &server, "--fail-on never");
            ran.expect_code(0, "--fail-on never");
            assert_eq!(outcome(&report, LANTERN), "conflict other-bytes", "{kind}");
            store.edit(&lantern, |object| object.bytes[100] ^= 1);
            let (ran, report) = upload(&THREE.path(), &store, &server, "--dry-run");
            ran.expect_code(0, "the right bytes");
            assert_eq!(outcome(&report, LANTERN), "already-there", "{kind}");
        }
    }
}

/// An object that is changed by hand after everything was uploaded is the only conflict.
#[test]
fn an_object_that_is_changed_later_is_one_conflict() {
    let count = THREE.uploads().len() as u64;
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        upload(&THREE.path(), &store, &server, "").0.expect_code(0, "the first run");
        for key in THREE.uploads().keys().filter(|key| *key != CURSOR) {
            let stored = format!("{PREFIX}/{key}");
            store.edit(&stored, |object| object.bytes[0] ^= 1);
            let before = store.get(&stored).unwrap().generation;
            let (ran, report) = upload(&THREE.path(), &store, &server, "");
            ran.expect_code(1, key);
            assert_eq!(counts(&report), [0, count - 1, 1, 0, 0], "{kind} {key}");
            assert_eq!(outcome(&report, key), "conflict other-bytes", "{kind}");
            assert_eq!(store.get(&stored).unwrap().generation, before, "{kind} {key}");
            store.edit(&stored, |object| object.bytes[0] ^= 1);
        }
    }
}

/// What was uploaded is what `verify` expects, at every depth, with the same number of requests as pages at the first.
#[test]
fn an_uploaded_bucket_is_verified() {
    for kind in ALL {
        let mut store = Store::new(*kind);
        store.page_len = 1000;
        let server = serve(&store);
        upload(&THREE.path(), &store, &server, "").0.expect_code(0, "upload");
        let verify = |depth: &str, code: i32| {
            let mut tool = Tool::bare().arg("verify").arg(THREE.v1());
            tool = tool.arg("--v2").arg(format!("{kind}://bkt/{PREFIX}"));
            for (name, value) in store.variables(&server) {
                tool = tool.env(&name, value);
            }
            let tool = tool.arg("--plan").arg(THREE.path().join("plan.json"));
            tool.args("--exact --depth").arg(depth).run().expect_code(code, depth)
        };
        for depth in ["listing", "entries", "content"] {
            let before = server.requests().len();
            let ran = verify(depth, 0);
            let of_index = match depth {
                "listing" => "2 of 2 objects of the index",
                _ => "3 of 3 index entries",
            };
            for checked in ["3 of 3 archives", "6 of 6 static resources", of_index] {
                assert!(ran.stderr.contains(checked), "{kind} {depth} {ran}");
            }
            // Lists have content types, but for those of S3.
            let is_of_statics = |request: &&Request| request.path.contains("README.md");
            let found = server.requests()[before..].iter().filter(is_of_statics).count();
            // On S3, one object is looked at, whose entity tag may be no digest.
            let look = usize::from(*kind == S3);
            let expected = match (depth, kind) {
                ("listing", _) | ("entries", Gcs | Azure) => look,
                _ => 3 + look,
            };
            assert_eq!(found, expected, "{kind} {depth}");
        }
        let readme = format!("{PREFIX}/artifacts/static/pier-2.0.0/docs/README.md");
        store.edit(&readme, |object| object.content_type = "text/plain".to_owned());
        verify("listing", i32::from(*kind != S3));
        assert!(verify("entries", 1).stderr.contains("static-content-type"), "{kind}");
        store.edit(&readme, |object| object.bytes[0] ^= 1);
        let ran = verify("listing", 1);
        assert!(ran.stderr.contains("plan-disagreement"), "{kind} {ran}");
    }
}

#[test]
fn a_queue_has_archives_and_signatures_by_their_names() {
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        for expected in [[6, 0, 0, 0, 0], [0, 6, 0, 0, 0]] {
            let (ran, report) = upload(&THREE.path(), &store, &server, "--layout queue");
            ran.expect_code(0, "a queue");
            assert_eq!(counts(&report), expected, "{kind}");
        }
        let names = ["beacon-1.0.0.zip", "lantern-1.0.0.zip", "pier-2.0.0.zip"];
        let names = names.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.sig")]);
        let expected: Vec<String> = names.map(|name| format!("{PREFIX}/{name}")).collect();
        assert_eq!(store.keys(), expected, "{kind}");
    }
}

#[test]
fn an_index_goes_to_its_own_bucket() {
    let store = Store::new(Gcs);
    let server = serve(&store);
    let internal = "--internal gs://bkt/internal --jobs 2 --rate 500/s";
    let (ran, report) = upload(&THREE.path(), &store, &server, internal);
    ran.expect_code(0, "two buckets");
    assert_eq!(report["internal"], "gs://bkt/internal");
    assert!(store.get(&format!("internal/{CURSOR}")).is_some());
    assert!(store.get(&format!("{PREFIX}/{CURSOR}")).is_none());
    assert_eq!(report["notices"], Value::Array(Vec::new()));
    let store = Store::new(S3);
    let server = serve(&store);
    let (ran, _) = upload(&THREE.path(), &store, &server, "--report /dev/null.md");
    assert!(ran.stderr.contains("a registry reads the index from gs:// only"), "{ran}");
}

/// The reports of a run with each outcome of an archive, and of one whose cursor has moved.
#[test]
fn the_reports_match_the_golden_files() {
    let folder = tempfile::tempdir().unwrap();
    let v2 = folder.path().join("v2");
    let migrate = Tool::migrate(fixture::folder()).output(&v2);
    migrate.args("--exclude drift_net,rusty_anchor").run().expect_code(0, "migrate");
    let archives = "artifacts/packages";
    let buoy = format!("{archives}/buoy-2.0.0.zip");
    let store = Store::new(Azure);
    store.put(&format!("{PREFIX}/{buoy}"), &fs::read(v2.join(&buoy)).unwrap());
    store.put(&format!("{PREFIX}/{archives}/fog_horn-0.9.0.zip"), b"other bytes");
    let server = store.serve(|store, request| {
        match store.written_key(request).is_some_and(|key| key.ends_with("lighthouse-1.0.0.zip")) {
            true => store.error(400, "InvalidInput"),
            false => store.correct(request),
        }
    });
    let markdown = folder.path().join("upload.md");
    let run = tool(&v2, &store, &server).args("--cache-control max-age=60 --report -");
    let html = folder.path().join("upload.html");
    let run = run.arg("--report").arg(&markdown).arg("--report").arg(&html);
    let ran = run.run().expect_code(3, "upload");
    page::assert_has_all(&fs::read_to_string(&html).unwrap(), &ran.json());
    assert_golden("upload.json", &String::from_utf8(ran.stdout).unwrap());
    assert_golden("upload.md", &fs::read_to_string(&markdown).unwrap());

    let store = Store::new(Gcs);
    store.put(&format!("internal/{CURSOR}"), b"{\"current\":\"1\"}");
    let server = serve(&store);
    let run = tool(&v2, &store, &server).args("--dry-run --internal gs://bkt/internal --report -");
    let ran = run.run().expect_code(1, "another cursor");
    assert_golden("upload-index.json", &String::from_utf8(ran.stdout).unwrap());
}
