//! `verify` of the search index: one row per fault of the index, its cursor and its delta; base indexes; other places.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use package_storage_migrate::digest::{Sha256, Sha256Hasher};
use package_storage_migrate::model::mismatch::MismatchKind;
use package_storage_migrate::model::plan::Plan;
use package_storage_migrate::model::resources::Resource;
use package_storage_migrate::model::verification::{Conclusion, Depth, VerifyOutcome};
use package_storage_migrate::ops::verify::{IndexPlace, Options};
use package_storage_migrate::v2::store::{Access, PlaceArg};
use serde_json::{Value, json};

use super::lines;
use super::pair::Pair;
use super::statics::verify_changed;
use crate::support::fault_server::FaultServer;
use crate::support::made::{Made, stored};
use crate::support::tool::Tool;
use crate::support::v2;

const METADATA: &str = "v2/metadata";

fn pair() -> Pair {
    Pair::migrated(0, |repo| {
        repo.stage("production", |s| {
            s.revision("harbor", "1.0.0", |r| {
                r.manifest().file("kibana/a/b/deep.json", "{}").file("img/a.svg", "<svg/>")
            })
            .revision("pier", "2.0.0", |r| r.manifest())
            .revision("pier", "10.0.0", |r| r.manifest())
        })
        .stage("staging", |s| s)
        .stage("snapshot", |s| s)
    })
}

/// Returns the folder of the index that the cursor names.
fn folder(v2: &Path) -> PathBuf {
    let cursor: Value = v2::json(&v2.join(METADATA).join("cursor.json"));
    v2.join(METADATA).join(cursor["current"].as_str().expect("a cursor"))
}

fn index(v2: &Path) -> PathBuf {
    folder(v2).join("search-index-all.json")
}

/// Changes the list of entries.
fn change(v2: &Path, change: impl FnOnce(&mut Vec<Value>)) {
    let path = index(v2);
    let mut value = v2::json(&path);
    let packages = value["packages"].as_array_mut().expect("a list");
    change(packages);
    fs::write(path, serde_json::to_vec(&value).expect("JSON")).expect("write the index");
}

/// Changes the entry of harbor 1.0.0, the first one.
fn set(v2: &Path, field: &str, value: Value) {
    change(v2, |entries| entries[0]["package_manifest"][field] = value);
}

/// Returns an entry like another one, of another revision.
fn renamed(entry: &Value, name: &str, version: &str) -> Value {
    let mut entry = entry.clone();
    let manifest = &mut entry["package_manifest"];
    (manifest["name"], manifest["version"]) = (name.into(), version.into());
    entry
}

fn write(path: PathBuf, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("make a folder");
    fs::write(path, text).expect("write a file");
}

fn delta(v2: &Path, delta: &Value) {
    write(folder(v2).join("search-index-delta.json"), delta.to_string());
}

fn remove_revision(v2: &Path, stem: &str) {
    fs::remove_file(v2.join(v2::ARCHIVES).join(format!("{stem}.zip"))).expect("it exists");
    fs::remove_dir_all(v2.join(v2::STATICS).join(stem)).expect("it exists");
}

/// Rebuilds the archive of harbor without entries for folders.
fn without_folders(v2: &Path) {
    let path = v2.join(v2::ARCHIVES).join("harbor-1.0.0.zip");
    let mut zip = zip::ZipArchive::new(Cursor::new(fs::read(&path).expect("an archive")));
    let zip = zip.as_mut().expect("an archive");
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a whole file");
        let name = entry.name().expect("a name").into_owned();
        if !name.ends_with('/') {
            files.push(stored(name, &bytes));
        }
    }
    fs::write(path, Made::of(files).bytes()).expect("write the archive");
}

type Row = (&'static str, fn(&Path), &'static [&'static str]);

const ROWS: &[Row] = &[
    ("nothing", |_| {}, &[]),
    (
        "the cursor removed",
        |v2| fs::remove_file(v2.join(METADATA).join("cursor.json")).expect("it exists"),
        &["cursor-missing CURSOR"],
    ),
    (
        "the cursor garbled",
        |v2| write(v2.join(METADATA).join("cursor.json"), "{\"current\":"),
        &["cursor-unreadable CURSOR"],
    ),
    (
        "the cursor without a name",
        |v2| write(v2.join(METADATA).join("cursor.json"), "{\"current\":\"\"}"),
        &["cursor-unreadable CURSOR"],
    ),
    (
        "the cursor with a path",
        |v2| write(v2.join(METADATA).join("cursor.json"), "{\"current\":\"../metadata\"}"),
        &["cursor-unreadable CURSOR"],
    ),
    (
        "the cursor pointing elsewhere",
        |v2| write(v2.join(METADATA).join("cursor.json"), "{\"current\":\"9999999999\"}"),
        &["index-missing v2/metadata/9999999999/search-index-all.json"],
    ),
    (
        "the index removed",
        |v2| fs::remove_file(index(v2)).expect("it exists"),
        &["index-missing INDEX"],
    ),
    (
        "the whole folder of metadata removed",
        |v2| fs::remove_dir_all(v2.join(METADATA)).expect("it exists"),
        &["cursor-missing CURSOR"],
    ),
    (
        "the end of the index cut off",
        |v2| {
            let text = fs::read(index(v2)).expect("an index");
            write(index(v2), &text[..text.len() - 20]);
        },
        &["index-unreadable INDEX"],
    ),
    ("an empty index", |v2| write(index(v2), ""), &["index-unreadable INDEX"]),
    (
        "an object before the list of packages",
        |v2| {
            let text = fs::read_to_string(index(v2)).expect("an index");
            write(index(v2), text.replacen('{', "{\"meta\":{},", 1));
        },
        &["index-unreadable INDEX"],
    ),
    (
        "other spelling of the same values",
        |v2| {
            let value = v2::json(&index(v2));
            write(index(v2), serde_json::to_string_pretty(&value).expect("JSON"));
        },
        &[],
    ),
    (
        "an entry removed",
        |v2| change(v2, |entries| drop(entries.remove(1))),
        &["entry-missing INDEX pier-2.0.0"],
    ),
    (
        "all entries removed",
        |v2| change(v2, Vec::clear),
        &[
            "entry-missing INDEX harbor-1.0.0",
            "entry-missing INDEX pier-10.0.0",
            "entry-missing INDEX pier-2.0.0",
        ],
    ),
    (
        "an entry without an archive",
        |v2| change(v2, |entries| entries.push(renamed(&entries[1], "quay", "1.0.0"))),
        &["entry-extra INDEX quay-1.0.0"],
    ),
    (
        "an entry of a name that v1 cannot have, without an archive",
        |v2| change(v2, |entries| entries.insert(0, renamed(&entries[1], "a-b/c", "1.0.0"))),
        &["entry-extra INDEX a-b/c-1.0.0"],
    ),
    (
        "an entry of an archive that was published since",
        |v2| {
            change(v2, |entries| entries.push(renamed(&entries[1], "quay", "1.0.0")));
            write(v2.join(v2::ARCHIVES).join("quay-1.0.0.zip"), "an archive");
        },
        &["archive-extra quay-1.0.0.zip"],
    ),
    (
        "another title",
        |v2| set(v2, "title", "Another".into()),
        &["entry-differs INDEX harbor-1.0.0"],
    ),
    (
        "an asset missing",
        |v2| set(v2, "assets", json!(["/package/harbor/1.0.0/manifest.yml"])),
        &["entry-differs INDEX harbor-1.0.0"],
    ),
    (
        "a member added",
        |v2| set(v2, "signature", Value::Null),
        &["entry-differs INDEX harbor-1.0.0"],
    ),
    (
        "an entry twice",
        |v2| change(v2, |entries| entries.insert(1, entries[0].clone())),
        &["entry-duplicate INDEX harbor-1.0.0"],
    ),
    (
        "an entry twice, at the end",
        |v2| change(v2, |entries| entries.push(entries[0].clone())),
        &["entry-duplicate INDEX harbor-1.0.0"],
    ),
    (
        "entries in another order",
        |v2| change(v2, |entries| entries.swap(1, 2)),
        &["entry-order INDEX pier-2.0.0"],
    ),
    (
        "an entry that is no object",
        |v2| change(v2, |entries| entries.push(json!({"package_manifest": null}))),
        &["entry-unreadable INDEX packages[3]"],
    ),
    (
        "an entry with a version that is not semver",
        |v2| change(v2, |entries| entries.push(renamed(&entries[1], "quay", "1.0"))),
        &["entry-unreadable INDEX packages[3]"],
    ),
    (
        "an entry with a constraint that cannot be read",
        |v2| {
            change(v2, |entries| {
                let mut entry = renamed(&entries[1], "quay", "1.0.0");
                entry["package_manifest"]["conditions"] = json!({"kibana": {"version": "new"}});
                entries.push(entry);
            });
        },
        &["entry-unreadable INDEX packages[3]"],
    ),
    (
        "an entry with a format version that is not semver",
        |v2| {
            change(v2, |entries| {
                let mut entry = renamed(&entries[1], "quay", "1.0.0");
                entry["package_manifest"]["format_version"] = "1".into();
                entries.push(entry);
            });
        },
        &["entry-unreadable INDEX packages[3]"],
    ),
    (
        "the path of a signature that v2 does not have",
        |v2| set(v2, "signature_path", "/epr/harbor/harbor-1.0.0.zip.sig".into()),
        &["entry-signature INDEX harbor-1.0.0"],
    ),
    (
        "a signature without its path",
        |v2| write(v2.join(v2::ARCHIVES).join("harbor-1.0.0.zip.sig"), "a signature"),
        &["entry-signature INDEX harbor-1.0.0"],
    ),
    (
        "the path of another signature",
        |v2| {
            write(v2.join(v2::ARCHIVES).join("harbor-1.0.0.zip.sig"), "a signature");
            set(v2, "signature_path", "/epr/pier/pier-2.0.0.zip.sig".into());
        },
        &["entry-signature INDEX harbor-1.0.0"],
    ),
    (
        "a signature with its path",
        |v2| {
            write(v2.join(v2::ARCHIVES).join("harbor-1.0.0.zip.sig"), "a signature");
            set(v2, "signature_path", "/epr/harbor/harbor-1.0.0.zip.sig".into());
        },
        &[],
    ),
    (
        "only an archive removed",
        |v2| fs::remove_file(v2.join(v2::ARCHIVES).join("pier-2.0.0.zip")).expect("it exists"),
        &["archive-missing pier-2.0.0.zip"],
    ),
    (
        "a revision removed everywhere",
        |v2| {
            remove_revision(v2, "pier-2.0.0");
            change(v2, |entries| drop(entries.remove(1)));
        },
        &["archive-missing pier-2.0.0.zip"],
    ),
    (
        "a delta that adds an entry of the index",
        |v2| delta(v2, &json!({"added": [v2::json(&index(v2))["packages"][0]]})),
        &[],
    ),
    (
        "a delta with another entry than the index",
        |v2| {
            let mut entry = v2::json(&index(v2))["packages"][0].take();
            entry["package_manifest"]["title"] = "Another".into();
            delta(v2, &json!({"added": [], "updated": [entry], "removed": []}));
        },
        &["delta-differs DELTA harbor-1.0.0"],
    ),
    (
        "a delta that removes an entry of the index",
        |v2| delta(v2, &json!({"removed": [{"name": "pier", "version": "2.0.0"}]})),
        &["delta-differs DELTA pier-2.0.0"],
    ),
    ("a delta that is no JSON", |v2| delta(v2, &json!("")), &["delta-unreadable DELTA"]),
];

fn all(options: &mut Options) {
    options.kinds = Resource::ALL.iter().copied().collect();
}

/// Replaces the keys of the metadata, which depend on the time of the newest commit.
fn shown(pair: &Pair, outcome: &VerifyOutcome) -> Vec<String> {
    let cursor = folder(&pair.v2());
    let cursor = cursor.strip_prefix(pair.v2()).expect("below").to_str().expect("UTF-8");
    let lines = lines(outcome).into_iter().map(|line| {
        line.replace(&format!("{cursor}/search-index-all.json"), "INDEX")
            .replace(&format!("{cursor}/search-index-delta.json"), "DELTA")
            .replace("v2/metadata/cursor.json", "CURSOR")
    });
    lines.collect()
}

#[test]
fn every_fault_is_reported_exactly_at_every_depth() {
    let pair = pair();
    assert!(ROWS.len() > 30);
    let mut faults = Vec::new();
    for (row, change, expected) in ROWS {
        for depth in Depth::ALL {
            let outcome = verify_changed(&pair, change, |options| {
                all(options);
                options.depth = depth;
            });
            let outcome = outcome.unwrap_or_else(|error| panic!("{row}, {depth}: {error}"));
            // Without a plan, nothing of the index is read at this depth.
            let is_listed = |line: &&&str| {
                let codes = ["archive-", "cursor-", "index-missing"];
                depth != Depth::Listing || codes.iter().any(|code| line.starts_with(code))
            };
            let expected: Vec<&str> = expected.iter().filter(is_listed).copied().collect();
            let is_match = expected.iter().all(|line| line.starts_with("archive-extra"));
            let found = (shown(&pair, &outcome), outcome.conclusion() == Conclusion::Match);
            if found.0 != expected || found.1 != is_match {
                faults.push(format!("{row}, {depth}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_entry_that_differs_is_reported_by_its_fields() {
    let pair = pair();
    let change = |v2: &Path| {
        change(v2, |entries| {
            let manifest = &mut entries[0]["package_manifest"];
            manifest["title"] = "Another".into();
            manifest["owner"] = json!({"github": "somebody"});
            manifest["assets"][1] = "/a".into();
            manifest["extra"] = json!([1]);
        });
    };
    let outcome = verify_changed(&pair, change, all).expect("it finishes");
    let mismatches = outcome.mismatches();
    let [(Some(revision), mismatch)] = &mismatches[..] else { panic!("{mismatches:?}") };
    assert_eq!(revision.to_string(), "harbor-1.0.0");
    let MismatchKind::EntryDiffers { fields } = &mismatch.kind else { panic!("{mismatch:?}") };
    let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
    assert!(names.starts_with(&["assets[1]", "extra", "owner.github"]), "{names:?}");
    assert_eq!(names.last(), Some(&"title"));
    assert_eq!(fields[1].published.as_deref(), Some("[1]"));
    assert_eq!(fields[1].derived, None);
    assert_eq!(fields.last().expect("a field").published.as_deref(), Some("\"Another\""));
}

/// A registry does not list all assets of an archive without entries for folders.
#[test]
fn an_archive_of_which_the_registry_says_something_else_is_reported() {
    let pair = pair();
    for (depth, expected) in [
        (Depth::Content, vec!["archive-entry harbor-1.0.0.zip".to_owned()]),
        (Depth::Entries, vec![]),
    ] {
        let outcome = verify_changed(&pair, without_folders, |options| {
            all(options);
            options.depth = depth;
        });
        assert_eq!(shown(&pair, &outcome.expect("it finishes")), expected, "{depth}");
    }
}

#[test]
fn the_index_alone_is_looked_at_and_counted() {
    let pair = pair();
    let alone = |options: &mut Options| options.kinds = [Resource::Index].into();
    let outcome = verify_changed(&pair, |_| {}, alone).expect("it finishes");
    let counts = outcome.index.as_ref().expect("the index is looked at").counts;
    assert_eq!((counts.to_check, counts.good), (3, 3));
    assert_eq!(outcome.conclusion(), Conclusion::Match);
    let missing = |v2: &Path| change(v2, |entries| drop(entries.pop()));
    let outcome = verify_changed(&pair, missing, alone).expect("it finishes");
    let counts = outcome.index.as_ref().expect("the index is looked at").counts;
    assert_eq!((counts.to_check, counts.good, counts.mismatch), (3, 2, 1));
    // A slice has the entries of its revisions only, and no others are missing.
    let mut to_check = 0;
    for slice in ["1/2", "2/2"] {
        let outcome = verify_changed(
            &pair,
            |_| {},
            |options| {
                all(options);
                options.sample = slice.parse().expect("a slice");
            },
        );
        let outcome = outcome.expect("it finishes");
        assert_eq!(lines(&outcome), [""; 0], "{slice}");
        to_check += outcome.index.as_ref().expect("the index is looked at").counts.good;
    }
    assert_eq!(to_check, 3);
}

#[test]
fn the_index_is_compared_with_the_plan() {
    let pair = pair();
    let plan = |pair: &Pair| -> Option<(Plan, Sha256)> {
        let text = fs::read_to_string(pair.v2().join("plan.json")).expect("read the plan");
        Some((Plan::from_json(&text).expect("a plan"), Sha256Hasher::default().finish()))
    };
    let pretty = |v2: &Path| {
        let value = v2::json(&index(v2));
        write(index(v2), serde_json::to_string_pretty(&value).expect("JSON"));
    };
    for (change, expected) in
        [((|_| {}) as fn(&Path), vec![]), (pretty, vec!["plan-disagreement INDEX"; 2])]
    {
        let outcome = verify_changed(&pair, change, |options| {
            all(options);
            options.plan = plan(&pair);
        });
        assert_eq!(shown(&pair, &outcome.expect("it finishes")), expected);
    }
}

/// Writes a base index, and returns its place.
fn base(dir: &Path, cursor: &str, entries: &[Value]) -> IndexPlace {
    write(dir.join(METADATA).join("cursor.json"), json!({ "current": cursor }).to_string());
    let path = dir.join(METADATA).join(cursor).join("search-index-all.json");
    write(path, json!({ "packages": entries }).to_string());
    open(dir.to_str().expect("UTF-8"))
}

fn open(place: &str) -> IndexPlace {
    IndexPlace::open(place.parse::<PlaceArg>().expect("a place"), Access::default())
        .expect("it exists")
}

#[test]
fn what_is_published_must_stay() {
    let pair = pair();
    let own = v2::json(&index(&pair.v2()))["packages"].as_array().expect("a list").clone();
    let quay = renamed(&own[1], "quay", "1.0.0");
    let other = |entry: &Value| {
        let mut entry = entry.clone();
        entry["package_manifest"]["title"] = "Another".into();
        entry
    };
    let signed = |entry: &Value| {
        let mut entry = entry.clone();
        entry["package_manifest"]["signature_path"] = "/epr/quay/quay-1.0.0.zip.sig".into();
        entry
    };
    type Case = (&'static str, Vec<Value>, Vec<Value>, &'static str, Vec<&'static str>, [u64; 2]);
    let with = |more: &[Value]| [own.clone(), more.to_vec()].concat();
    // The base, the index, the base's cursor, the mismatches, and entries as published and of the base alone.
    let cases: Vec<Case> = vec![
        ("an empty base", vec![], own.clone(), "1", vec![], [0, 0]),
        ("the same entries", own.clone(), own.clone(), "1", vec![], [0, 0]),
        (
            "of the base alone",
            vec![quay.clone()],
            with(std::slice::from_ref(&quay)),
            "1",
            vec![],
            [0, 1],
        ),
        ("signed since", vec![quay.clone()], with(&[signed(&quay)]), "1", vec![], [0, 1]),
        (
            "no longer signed",
            vec![signed(&quay)],
            with(std::slice::from_ref(&quay)),
            "1",
            vec!["base-entry-lost INDEX quay-1.0.0"],
            [0, 1],
        ),
        (
            "removed",
            vec![quay.clone()],
            own.clone(),
            "1",
            vec!["base-entry-lost INDEX quay-1.0.0"],
            [0, 0],
        ),
        (
            "changed",
            vec![quay.clone()],
            with(&[other(&quay)]),
            "1",
            vec!["base-entry-lost INDEX quay-1.0.0"],
            [0, 1],
        ),
        (
            "another than v1 says, left as published",
            vec![other(&own[0])],
            vec![other(&own[0]), own[1].clone(), own[2].clone()],
            "1",
            vec![],
            [1, 0],
        ),
        (
            "another than v1 says, replaced",
            vec![other(&own[0])],
            own.clone(),
            "1",
            vec!["base-entry-lost INDEX harbor-1.0.0"],
            [0, 0],
        ),
        (
            "neither as published nor as v1 says",
            vec![own[0].clone()],
            vec![other(&own[0]), own[1].clone(), own[2].clone()],
            "1",
            vec!["entry-differs INDEX harbor-1.0.0"],
            [0, 0],
        ),
        (
            "neither in the base nor in v2",
            vec![own[0].clone()],
            with(std::slice::from_ref(&quay)),
            "1",
            vec!["entry-extra INDEX quay-1.0.0"],
            [0, 0],
        ),
        ("a later cursor", own.clone(), own.clone(), "9", vec!["cursor-stale CURSOR"], [0, 0]),
    ];
    for (case, published, entries, cursor, expected, counts) in cases {
        let dir = tempfile::tempdir().expect("make a folder");
        let set = |options: &mut Options| {
            all(options);
            options.base_index = Some(base(dir.path(), cursor, &published));
        };
        let write = |v2: &Path| change(v2, |list| *list = entries.clone());
        let outcome = verify_changed(&pair, write, set).expect("it finishes");
        assert_eq!(shown(&pair, &outcome), expected, "{case}");
        let is_match = outcome.conclusion() == Conclusion::Match;
        assert_eq!(is_match, expected.is_empty(), "{case}");
        let found = outcome.index.expect("the index is looked at");
        assert_eq!([found.as_published, found.base_only], counts, "{case}");
    }
}

#[test]
fn a_delta_must_lead_from_the_base_to_the_index() {
    let pair = pair();
    let own = v2::json(&index(&pair.v2()))["packages"].as_array().expect("a list").clone();
    let none: Vec<Value> = Vec::new();
    let cases = [
        ("all changes", json!({"added": own[1..], "updated": []}), vec![]),
        ("a change missing", json!({"added": [own[1]]}), vec!["delta-differs DELTA pier-10.0.0"]),
        (
            "no changes",
            json!({"added": none}),
            vec!["delta-differs DELTA pier-10.0.0", "delta-differs DELTA pier-2.0.0"],
        ),
        (
            "an entry of the base added",
            json!({"added": own}),
            vec!["delta-differs DELTA harbor-1.0.0"],
        ),
        (
            "a new entry as an update",
            json!({"added": [own[1]], "updated": [own[2]]}),
            vec!["delta-differs DELTA pier-10.0.0"],
        ),
        (
            "an entry twice",
            json!({"added": [own[1], own[2], own[2]]}),
            vec!["delta-differs DELTA pier-10.0.0"],
        ),
    ];
    for (case, text, expected) in cases {
        let dir = tempfile::tempdir().expect("make a folder");
        let set = |options: &mut Options| {
            all(options);
            options.base_index = Some(base(dir.path(), "1", &own[..1]));
        };
        let outcome = verify_changed(&pair, |v2| delta(v2, &text), set).expect("it finishes");
        assert_eq!(shown(&pair, &outcome), expected, "{case}");
    }
}

#[test]
fn an_unusable_base_ends_the_run() {
    let pair = pair();
    let dir = tempfile::tempdir().expect("make a folder");
    let set = |options: &mut Options| {
        all(options);
        options.base_index = Some(open(dir.path().to_str().expect("UTF-8")));
    };
    let error = super::error_of(verify_changed(&pair, |_| {}, set));
    assert!(error.starts_with("cannot read the published index "), "{error}");
}

#[test]
fn the_index_may_be_elsewhere() {
    let pair = pair();
    let v2 = pair.v2();
    let served: BTreeMap<String, Vec<u8>> = v2::tree(&v2)
        .into_iter()
        .filter_map(|(path, bytes)| Some((format!("/{path}"), bytes?)))
        .collect();
    let server = FaultServer::serve(served, |request, reply| {
        let typed = match request.path.rsplit('.').next() {
            Some("json") => "application/json",
            Some("zip") => "application/zip",
            _ => "text/markdown",
        };
        reply.with("content-type", typed)
    });
    let (url, flat) = (server.url(), v2.join(v2::ARCHIVES));
    let file = index(&v2);
    let key = file.strip_prefix(&v2).expect("below").to_str().expect("UTF-8").to_owned();
    let plan = format!("--plan {}", v2.join("plan.json").display());
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    // The place of the archives, flags, the exit code, and a part of the output.
    let rows: Vec<(String, String, i32, &str)> = vec![
        (path(&v2), String::new(), 0, "3 of 3 index entries"),
        (path(&v2), "--resources archives".to_owned(), 0, "Left out  static resources, index"),
        (path(&flat), String::new(), 0, "Left out  static resources, index"),
        (path(&flat), format!("--index {}", v2.display()), 0, "3 of 3 index entries"),
        (path(&flat), format!("--index {}", file.display()), 0, "3 of 3 index entries"),
        (path(&flat), format!("--index {url}"), 0, "3 of 3 index entries"),
        (path(&flat), format!("--index {url}{key}"), 0, "3 of 3 index entries"),
        (path(&flat), "--resources index".to_owned(), 2, "a flat folder has no index"),
        (path(&flat), "--resources static".to_owned(), 2, "a flat folder has no static resources"),
        // Named directly, it is the index in the plan, whatever its key.
        (path(&flat), format!("--index {} {plan}", file.display()), 0, "3 of 3 index entries"),
        (path(&flat), format!("--index {url}{key} {plan}"), 0, "3 of 3 index entries"),
        (
            path(&flat),
            format!("--index {url}{key} {plan} --depth listing"),
            0,
            "1 of 1 objects of the index",
        ),
        (url.clone(), "--resources archives".to_owned(), 0, "Left out  static resources, index"),
        (url.clone(), "--resources index".to_owned(), 2, "name its place with --index"),
        (url.clone(), format!("--resources index --index {url}"), 0, "3 of 3 index entries"),
        (url.clone(), format!("--resources index --index {url}none.json"), 1, "index-missing"),
        (path(&v2), "--resources archives --base-index .".to_owned(), 2, "require index in"),
        (path(&v2), "--resources archives --static a".to_owned(), 2, "require static in"),
        (path(&v2), "--cache-control no-cache".to_owned(), 2, "requires a bucket or a URL"),
        (path(&v2), "--resources all".to_owned(), 2, "expected archives, static or index"),
    ];
    for (place, flags, code, text) in rows {
        let tool = Tool::bare().arg("verify").arg(pair.repo.path()).arg("--v2").arg(&place);
        let ran = tool.args(&flags).run().expect_code(code, &format!("{place} {flags}"));
        assert!(ran.stderr.contains(text), "{place} {flags}: {ran}");
    }
}
