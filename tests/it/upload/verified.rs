//! `verify` of an uploaded bucket: by the listing alone, no object is read, and each fault of the index is found; what the
//! store states about each kind of object is compared.

use std::fs;
use std::path::Path;

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use serde_json::{Value, json};

use super::index::Nights;
use super::{ALL, CURSOR, LANTERN, Migrated, PREFIX, THREE, serve, upload};
use crate::support::bucket_server::{Store, Stored};
use crate::support::fault_server::FaultServer;
use crate::support::schemas::assert_valid;
use crate::support::tool::{Ran, Tool};

/// Verifies with the plan of the folder, and returns the report with its mismatches, `<code> <object>`.
pub(super) fn verify(
    of: &Migrated,
    (store, server): (&Store, &FaultServer),
    args: &str,
) -> (Ran, Value, Vec<String>) {
    let tool = Tool::bare().arg("verify").arg(of.v1()).arg("--v2");
    let mut tool = tool.arg(format!("{}://bkt/{PREFIX}", store.kind));
    for (name, value) in store.variables(server) {
        tool = tool.env(&name, value);
    }
    run(tool, args)
}

/// Runs `verify`, and returns the report with its mismatches, `<code> <object>`.
pub(super) fn run(tool: Tool, args: &str) -> (Ran, Value, Vec<String>) {
    let ran = tool.args("--exact --report -").args(args).run();
    let report = ran.json();
    assert_valid("verify-report", &report, args);
    let mismatches = report["mismatches"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |one: &Value| format!("{} {}", text(&one["code"]), text(&one["object"]));
    let lines = mismatches.map(line).collect();
    (ran, report, lines)
}

fn plan_of(of: &Migrated) -> String {
    format!("--plan {}", of.path().join("plan.json").display())
}

fn codes(report: &Value) -> Vec<&str> {
    let notices = report["notices"].as_array().unwrap().iter();
    notices.map(|notice| notice["code"].as_str().unwrap()).collect()
}

/// The keys of an index.
struct Keys {
    cursor: String,
    index: String,
    delta: String,
}

impl Keys {
    fn of(of: &Migrated) -> Self {
        let cursor = Nights::cursor(of);
        let at = |name: &str| format!("{PREFIX}/v2/metadata/{cursor}/{name}");
        Keys {
            cursor: format!("{PREFIX}/{CURSOR}"),
            index: at("search-index-all.json"),
            delta: at("search-index-delta.json"),
        }
    }
}

type Edit = fn(&Store, &Keys);
/// What is done, and what is reported.
type Row = (&'static str, Edit, &'static [&'static str]);

fn change(store: &Store, key: &str, edit: fn(&mut Stored)) {
    store.edit(key, edit);
}

fn flip(object: &mut Stored) {
    let last = object.bytes.len() - 2;
    object.bytes[last] ^= 1;
}

const ROWS: &[Row] = &[
    ("nothing", |_, _| {}, &[]),
    (
        "an index of another run",
        |store, _| {
            store.put(
                &format!("{PREFIX}/v2/metadata/1/search-index-all.json"),
                b"{\"packages\":[]}",
            );
            store.put(&format!("{PREFIX}/v2/metadata/1/search-index-delta.json"), b"{}");
            store.put(&format!("{PREFIX}/v2/metadata/note.txt"), b"a note");
        },
        &[],
    ),
    (
        "another byte in the index",
        |store, keys| change(store, &keys.index, |object| object.bytes[20] ^= 1),
        &["plan-disagreement INDEX", "entry-missing INDEX", "entry-unreadable INDEX"],
    ),
    (
        "other white space in the index",
        |store, keys| {
            store.edit(&keys.index, |object| {
                let end = object.bytes.len() - 1;
                object.bytes[end] = b' ';
            });
        },
        &["plan-disagreement INDEX"],
    ),
    (
        "a longer index",
        |store, keys| change(store, &keys.index, |object| object.bytes.push(b'\n')),
        &["plan-disagreement INDEX", "plan-disagreement INDEX"],
    ),
    ("no index", |store, keys| store.remove(&keys.index), &["index-missing INDEX"]),
    ("no cursor", |store, keys| store.remove(&keys.cursor), &["cursor-missing CURSOR"]),
    (
        "a cursor of the same size that names another index",
        |store, keys| {
            store.edit(&keys.cursor, |object| {
                let at = object.bytes.iter().position(u8::is_ascii_digit).unwrap();
                object.bytes[at] = if object.bytes[at] == b'9' { b'8' } else { b'9' };
            });
        },
        &["index-missing OTHER"],
    ),
    (
        "a longer cursor",
        |store, keys| change(store, &keys.cursor, |object| object.bytes.push(b' ')),
        &["plan-disagreement CURSOR", "plan-disagreement CURSOR"],
    ),
    (
        "a cursor that cannot be parsed",
        |store, keys| change(store, &keys.cursor, flip),
        &["cursor-unreadable CURSOR"],
    ),
    // Optional: a registry reads the whole index instead.
    ("no delta", |store, keys| store.remove(&keys.delta), &[]),
    (
        "a longer delta",
        |store, keys| change(store, &keys.delta, |object| object.bytes.push(b'\n')),
        &["plan-disagreement DELTA", "plan-disagreement DELTA"],
    ),
    (
        "a delta that lacks an entry",
        |store, keys| {
            let text = b"{\"added\":[],\"updated\":[],\"removed\":[]}";
            store.edit(&keys.delta, |object| object.bytes = text.to_vec());
        },
        &["plan-disagreement DELTA", "plan-disagreement DELTA"],
    ),
];

#[test]
fn each_fault_of_the_index_is_found_by_the_listing_alone() {
    let nights = Nights::shared();
    let plan = plan_of(&nights.second);
    let keys = Keys::of(&nights.second);
    let mut differences = Vec::new();
    for kind in ALL {
        for (what, edit, expected) in ROWS {
            let store = nights.published_both(*kind);
            let server = serve(&store);
            edit(&store, &keys);
            let (ran, report, lines) =
                verify(&nights.second, (&store, &server), &format!("--depth listing {plan}"));
            let key = |name: &str| format!("v2/metadata/{}/{name}", Nights::cursor(&nights.second));
            let shown = lines.iter().map(|line| {
                let line = line.replace(&key("search-index-all.json"), "INDEX");
                let line = line.replace(&key("search-index-delta.json"), "DELTA");
                let line = line.replace(CURSOR, "CURSOR");
                match line.starts_with("index-missing v2/") {
                    true => "index-missing OTHER".to_owned(),
                    false => line,
                }
            });
            let shown: Vec<String> = shown.collect();
            if shown != *expected || ran.code != Some(i32::from(!expected.is_empty())) {
                differences.push(format!("{kind} {what}: {shown:?}"));
            }
            // Entries are counted if they were compared.
            let is_read = !expected.is_empty();
            let counts = &report["counts"];
            assert_eq!(counts["entries"].is_null(), !is_read, "{kind} {what}");
            assert_eq!(counts["index_objects"].is_null(), is_read, "{kind} {what}");
            assert_eq!(codes(&report).contains(&"index-by-digest"), !is_read, "{kind} {what}");
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Nothing but lists and metadata is asked for, signatures included, and every format says what that does not prove.
#[test]
fn no_object_is_read_by_the_listing() {
    const TEXT: &str = "the index was not read: 2 objects were compared with the plan, by size and \
        digest; its entries need --depth entries";
    let dir = tempfile::tempdir().unwrap();
    for kind in ALL {
        let mut store = Store::new(*kind);
        store.page_len = 1000;
        let server = serve(&store);
        upload(&THREE.path(), &store, &server, "").0.expect_code(0, "upload");
        let before = server.requests().len();
        let [md, html, junit] = ["v.md", "v.html", "v.xml"].map(|name| dir.path().join(name));
        let args = format!(
            "--depth listing {} --report {} --report {} --junit {}",
            plan_of(&THREE),
            md.display(),
            html.display(),
            junit.display()
        );
        let (ran, report, lines) = verify(&THREE, (&store, &server), &args);
        let ran = ran.expect_code(0, "verify");
        assert_eq!(lines, [""; 0]);
        let requests = &server.requests()[before..];
        let lists = requests.iter().filter(|request| request.path.contains("prefix=")).count();
        assert_eq!(lists, 2, "{kind}");
        assert!(requests.len() <= lists + 5, "{kind}: {}", requests.len());
        for request in requests {
            let is_read = request.method == "GET" && !request.path.contains("prefix=");
            assert!(!is_read, "{kind}: {} {}", request.method, request.path);
        }
        assert_eq!(report["counts"]["index_objects"]["good"], 2, "{kind}");
        let sentence = report["verdict"]["sentence"].as_str().unwrap();
        assert!(sentence.contains("2 of 2 objects of the index"), "{sentence}");
        for path in [&md, &html, &junit] {
            let text = fs::read_to_string(path).unwrap();
            assert!(text.contains(TEXT), "{}", path.display());
            assert!(!text.contains("index entries"), "{}", path.display());
        }
        assert!(ran.stderr.contains(TEXT), "{ran}");
        assert!(ran.stderr.contains("2 of 2 objects of the index"), "{ran}");
        assert!(!ran.stderr.contains("index entries"), "{ran}");

        // Another signature of the same size.
        store.edit(&format!("{PREFIX}/{LANTERN}.sig"), |object| object.bytes[20] ^= 1);
        let (ran, _, lines) = verify(&THREE, (&store, &server), &args);
        ran.expect_code(1, "another signature");
        assert_eq!(lines, ["plan-disagreement lantern-1.0.0.zip.sig"], "{kind}");
    }
}

/// Without digests, the size of the index is compared, and the cursor is read: all cursors have the same size.
#[test]
fn an_index_without_digests_is_compared_by_its_size() {
    let keys = Keys::of(&THREE);
    let args = format!("--depth listing {}", plan_of(&THREE));
    let rows: [Row; 4] = [
        ("nothing", |_, _| {}, &[]),
        ("another byte", |store, keys| change(store, &keys.index, flip), &[]),
        (
            "a longer index",
            |store, keys| change(store, &keys.index, |object| object.bytes.push(b'\n')),
            &["plan-disagreement", "plan-disagreement"],
        ),
        ("another cursor", |store, keys| change(store, &keys.cursor, flip), &["cursor-unreadable"]),
    ];
    for kind in ALL {
        for (what, edit, expected) in rows {
            let store = Store::new(*kind);
            let server = serve(&store);
            upload(&THREE.path(), &store, &server, "").0.expect_code(0, what);
            for key in [&keys.index, &keys.cursor] {
                store.edit(key, |object| object.hides_digests = true);
            }
            edit(&store, &keys);
            let (ran, report, lines) = verify(&THREE, (&store, &server), &args);
            ran.expect_code(i32::from(!expected.is_empty()), what);
            let found: Vec<&str> =
                lines.iter().map(|line| line.split_once(' ').unwrap().0).collect();
            assert_eq!(found, expected, "{kind} {what}");
            if expected.is_empty() {
                let lengths_only = json!({"object_count": 1});
                let notices = report["notices"].as_array().unwrap();
                let found = notices.iter().find(|notice| notice["code"] == "lengths-only");
                assert_eq!(found.unwrap()["evidence"], lengths_only, "{kind} {what}");
            }
        }
    }
}

/// Without a plan, that the objects exist is all that is checked, and the run says so.
#[test]
fn without_a_plan_the_index_is_looked_for() {
    let keys = Keys::of(&THREE);
    let rows: [Row; 4] = [
        ("nothing", |_, _| {}, &[]),
        ("another byte", |store, keys| change(store, &keys.index, flip), &[]),
        ("no index", |store, keys| store.remove(&keys.index), &["index-missing"]),
        ("no cursor", |store, keys| store.remove(&keys.cursor), &["cursor-missing"]),
    ];
    for kind in [Gcs, S3, Azure] {
        for (what, edit, expected) in rows {
            let store = Store::new(kind);
            let server = serve(&store);
            upload(&THREE.path(), &store, &server, "").0.expect_code(0, what);
            edit(&store, &keys);
            let (ran, report, lines) = verify(&THREE, (&store, &server), "--depth listing");
            ran.expect_code(i32::from(!expected.is_empty()), what);
            let found: Vec<&str> =
                lines.iter().map(|line| line.split_once(' ').unwrap().0).collect();
            assert_eq!(found, expected, "{kind} {what}");
            let is_by_name = codes(&report).contains(&"index-by-name");
            assert_eq!(is_by_name, expected.is_empty(), "{kind} {what}");
        }
    }
}

/// In a night in which nothing changes, the plan has no index of its own but names the published one.
#[test]
fn an_unchanged_index_is_compared_with_the_published_one_in_the_plan() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.json");
    let mut plan: Value =
        serde_json::from_slice(&fs::read(THREE.path().join("plan.json")).unwrap()).unwrap();
    let uploads = plan["uploads"].as_array_mut().unwrap();
    let index = uploads.iter().find(|upload| upload["kind"] == "index").unwrap().clone();
    uploads.retain(|upload| upload["kind"] != "index" && upload["kind"] != "cursor");
    let mut base = json!({ "cursor": Nights::cursor(&THREE) });
    for field in ["size", "sha256", "md5", "crc32c"] {
        base[field] = index[field].clone();
    }
    plan["index"]["base"] = base;
    plan["index"]["counts"] = json!({"entries": 3, "published": 3, "added": 0, "updated": 0});
    plan["index"]["cursor"] = "9999999999".into();
    fs::write(&path, plan.to_string()).unwrap();
    let keys = Keys::of(&THREE);
    let rows: [Row; 4] = [
        ("nothing", |_, _| {}, &[]),
        // It is read, and has the entries that v1 says.
        ("another end", |store, keys| change(store, &keys.index, flip), &[]),
        (
            "another entry",
            |store, keys| change(store, &keys.index, |object| object.bytes[20] ^= 1),
            &["entry-missing", "entry-unreadable"],
        ),
        ("another cursor", |store, keys| change(store, &keys.cursor, flip), &["cursor-unreadable"]),
    ];
    for (what, edit, expected) in rows {
        let store = Store::new(Gcs);
        let server = serve(&store);
        upload(&THREE.path(), &store, &server, "").0.expect_code(0, what);
        edit(&store, &keys);
        let args = format!("--depth listing --plan {}", Path::new(&path).display());
        let (ran, report, lines) = verify(&THREE, (&store, &server), &args);
        ran.expect_code(i32::from(!expected.is_empty()), what);
        let found: Vec<&str> = lines.iter().map(|line| line.split_once(' ').unwrap().0).collect();
        assert_eq!(found, expected, "{what}");
        assert_eq!(codes(&report).contains(&"index-by-digest"), what == "nothing", "{what}");
    }
}

type StatedRow = (&'static str, fn(&mut Stored), &'static str);

/// Each kind of object once: what is changed, and what is reported of its content type or its `Cache-Control`.
const STATED: &[StatedRow] = &[
    (
        "artifacts/packages/beacon-1.0.0.zip",
        |object| object.content_type = "text/plain".to_owned(),
        "content-type-differs beacon-1.0.0.zip",
    ),
    (
        "artifacts/packages/beacon-1.0.0.zip.sig",
        // Not application/octet-stream: for that, SeaweedFS 4.48 states the type of the key's extension.
        |object| object.content_type = "text/plain; charset=utf-8".to_owned(),
        "content-type-differs beacon-1.0.0.zip.sig",
    ),
    (
        "artifacts/static/beacon-1.0.0/docs/README.md",
        |object| object.content_type = "text/markdown".to_owned(),
        "static-content-type artifacts/static/beacon-1.0.0/docs/README.md",
    ),
    (
        LANTERN,
        |object| object.cache_control = String::new(),
        "cache-control-differs lantern-1.0.0.zip",
    ),
    (
        "artifacts/packages/lantern-1.0.0.zip.sig",
        |object| object.cache_control = "public, max-age=3600, immutable".to_owned(),
        "cache-control-differs lantern-1.0.0.zip.sig",
    ),
    (
        "artifacts/static/lantern-1.0.0/docs/README.md",
        |object| object.cache_control = "public, max-age=360".to_owned(),
        "cache-control-differs artifacts/static/lantern-1.0.0/docs/README.md",
    ),
    // The same values in another form.
    (
        "artifacts/packages/pier-2.0.0.zip",
        |object| {
            object.content_type = "Application/ZIP".to_owned();
            object.cache_control = "Max-Age=3600,public".to_owned();
        },
        "",
    ),
    (
        CURSOR,
        |object| object.cache_control = "public, max-age=3600".to_owned(),
        "cache-control-differs v2/metadata/cursor.json",
    ),
    (
        "INDEX",
        |object| {
            object.content_type = "text/html".to_owned();
            // An upload leaves it to the bucket.
            object.cache_control = "public, max-age=1".to_owned();
        },
        "content-type-differs INDEX",
    ),
];

/// What `upload` is given, so that there is something to compare.
pub(super) const CACHE_CONTROL: &str = "--cache-control public,max-age=3600";

/// Returns the changes of [`STATED`], by key.
pub(super) fn stated_changes() -> impl Iterator<Item = (String, fn(&mut Stored))> {
    STATED.iter().map(|(key, edit, _)| (key.replace("INDEX", &index_of_three()), *edit))
}

fn index_of_three() -> String {
    format!("v2/metadata/{}/search-index-all.json", Nights::cursor(&THREE))
}

/// Runs `verify` over an upload of [`THREE`] with arguments, and returns the report with its mismatches.
pub(super) type Verify<'v> = &'v dyn Fn(&str) -> (Ran, Value, Vec<String>);

/// Asserts that all objects are as they were uploaded with [`CACHE_CONTROL`].
pub(super) fn assert_stated_as_uploaded(kind: StoreKind, verify: Verify<'_>) {
    for depth in ["listing", "entries", "content"] {
        let args = format!("--depth {depth} {CACHE_CONTROL} {}", plan_of(&THREE));
        let (ran, report, lines) = verify(&args);
        ran.expect_code(0, &args);
        assert_eq!(lines, [""; 0], "{kind} {args}");
        // Lists of S3 state nothing.
        let is_left_out = kind == S3 && depth == "listing";
        assert_eq!(codes(&report).contains(&"types-not-listed"), is_left_out, "{kind} {args}");
        assert!(!codes(&report).contains(&"types-unknown"), "{kind} {args}");
    }
}

/// Asserts that the changes of [`STATED`] are reported, and nothing else.
pub(super) fn assert_stated_changes_found(kind: StoreKind, verify: Verify<'_>) {
    let (flag, with_plan) = (CACHE_CONTROL, plan_of(&THREE));
    for (depth, flag, plan) in [
        ("listing", flag, &*with_plan),
        ("listing", "", ""),
        ("entries", flag, &*with_plan),
        ("entries", flag, ""),
        ("entries", "", &*with_plan),
        ("content", flag, ""),
        ("content", flag, &*with_plan),
    ] {
        let args = format!("--depth {depth} {flag} {plan}");
        let expected = STATED.iter().map(|(.., line)| line.replace("INDEX", &index_of_three()));
        let is_left_out = kind == S3 && depth == "listing";
        let mut expected: Vec<String> = expected
            .filter(|line| !line.is_empty())
            .filter(|line| !flag.is_empty() || !line.starts_with("cache-control-differs"))
            // The objects of the index take a request each, which shows more than a list.
            .filter(|line| !is_left_out || line.contains("v2/metadata/"))
            .collect();
        let (ran, report, mut lines) = verify(&args);
        expected.sort();
        lines.sort();
        assert_eq!(lines, expected, "{kind} {args}");
        ran.expect_code(1, &args);
        assert_eq!(report["cache_control"].is_null(), flag.is_empty(), "{kind} {args}");
        assert_eq!(codes(&report).contains(&"types-not-listed"), is_left_out, "{kind} {args}");
    }
}

/// `real` does the same with real servers.
#[test]
fn what_a_store_states_about_each_kind_of_object_is_compared() {
    for kind in ALL {
        let mut store = Store::new(*kind);
        store.page_len = 1000;
        let server = serve(&store);
        upload(&THREE.path(), &store, &server, CACHE_CONTROL).0.expect_code(0, "upload");
        let verify = |args: &str| verify(&THREE, (&store, &server), args);
        assert_stated_as_uploaded(*kind, &verify);
        for (key, edit) in stated_changes() {
            store.edit(&format!("{PREFIX}/{key}"), edit);
        }
        assert_stated_changes_found(*kind, &verify);
    }
}

/// An object that is not replaced, but of which the store states nothing, is counted.
#[test]
fn objects_without_a_content_type_are_counted() {
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        upload(&THREE.path(), &store, &server, "").0.expect_code(0, "upload");
        for key in [LANTERN, "artifacts/packages/lantern-1.0.0.zip.sig", CURSOR] {
            store.edit(&format!("{PREFIX}/{key}"), |object| object.content_type = String::new());
        }
        let (ran, report, lines) = verify(&THREE, (&store, &server), "--depth entries");
        ran.expect_code(0, "verify");
        assert_eq!(lines, [""; 0], "{kind}");
        let notices = report["notices"].as_array().unwrap();
        let untyped = notices.iter().find(|notice| notice["code"] == "types-unknown").unwrap();
        assert_eq!(untyped["evidence"]["object_count"], 3, "{kind}");
    }
}
