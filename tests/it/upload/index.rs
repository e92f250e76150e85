//! The index and its cursor: when they are written, and that a cursor is replaced only if the plan continues it.

use std::sync::{LazyLock, Mutex};

use package_storage_migrate::v2::store::bucket::StoreKind;
use serde_json::Value;

use super::{ALL, CURSOR, Migrated, PREFIX, counts, outcome, serve, upload};
use crate::support::bucket_server::Store;

/// A run, and the next one, which continues its index.
pub(super) struct Nights {
    pub(super) first: Migrated,
    pub(super) second: Migrated,
    /// What the first run and both of them have published, once they have.
    published: [Mutex<Vec<Store>>; 2],
}

impl Nights {
    /// Returns those that no test changes.
    pub(super) fn shared() -> &'static Self {
        static NIGHTS: LazyLock<Nights> = LazyLock::new(Nights::new);
        &NIGHTS
    }

    fn new() -> Self {
        let first = Migrated::of(&[("beacon", "1.0.0")], &[]);
        let base = first.path();
        let second = Migrated::of(
            &[("beacon", "1.0.0"), ("lantern", "1.0.0")],
            &["--base-index", base.to_str().unwrap()],
        );
        Nights { first, second, published: Default::default() }
    }

    pub(super) fn cursor(of: &Migrated) -> String {
        let cursor: Value = serde_json::from_slice(&of.bytes(CURSOR)).unwrap();
        cursor["current"].as_str().unwrap().to_owned()
    }

    /// Returns a store with the first run.
    pub(super) fn published(&self, kind: StoreKind) -> Store {
        once(&self.published[0], kind, || {
            let store = Store::new(kind);
            upload(&self.first.path(), &store, &serve(&store), "")
                .0
                .expect_code(0, "the first night");
            store
        })
    }

    /// Returns a store with both runs.
    pub(super) fn published_both(&self, kind: StoreKind) -> Store {
        once(&self.published[1], kind, || {
            let store = self.published(kind);
            upload(&self.second.path(), &store, &serve(&store), "")
                .0
                .expect_code(0, "the second night");
            store
        })
    }
}

/// Returns a copy of the store of a kind, which is made once.
fn once(stores: &Mutex<Vec<Store>>, kind: StoreKind, make: impl FnOnce() -> Store) -> Store {
    let mut stores = stores.lock().unwrap();
    if let Some(store) = stores.iter().find(|store| store.kind == kind) {
        return store.copy();
    }
    let store = make();
    stores.push(store.copy());
    store
}

fn stored_cursor(store: &Store) -> Vec<u8> {
    store.get(&format!("{PREFIX}/{CURSOR}")).map(|object| object.bytes).unwrap_or_default()
}

#[test]
fn the_next_index_replaces_the_cursor() {
    let nights = Nights::shared();
    let delta = format!("v2/metadata/{}/search-index-delta.json", Nights::cursor(&nights.second));
    for kind in ALL {
        let store = nights.published(*kind);
        let server = serve(&store);
        let (ran, dry) = upload(&nights.second.path(), &store, &server, "--dry-run");
        ran.expect_code(0, "a dry run");
        let (ran, report) = upload(&nights.second.path(), &store, &server, "");
        ran.expect_code(0, "the second night");
        // The archive and the two static resources of beacon are there.
        assert_eq!(counts(&report), [6, 3, 0, 0, 0], "{kind}");
        assert_eq!(dry["objects"], report["objects"], "{kind}");
        assert_eq!(outcome(&report, &delta), "created");
        assert_eq!(stored_cursor(&store), nights.second.bytes(CURSOR), "{kind}");

        let (ran, report) = upload(&nights.second.path(), &store, &server, "");
        ran.expect_code(0, "again");
        assert_eq!(counts(&report), [0, 9, 0, 0, 0], "{kind}");

        // The former plan continues nothing, and another cursor is there.
        for args in ["--dry-run", ""] {
            let (ran, report) = upload(&nights.first.path(), &store, &server, args);
            ran.expect_code(1, "the former plan");
            assert_eq!(outcome(&report, CURSOR), "conflict cursor-moved", "{kind}");
            assert_eq!(stored_cursor(&store), nights.second.bytes(CURSOR), "{kind}");
        }
    }
}

/// A cursor that is not the one that the plan continues: neither the index nor the cursor is written.
#[test]
fn a_moved_cursor_is_left_alone() {
    let nights = Nights::shared();
    let index = format!("v2/metadata/{}/search-index-all.json", Nights::cursor(&nights.second));
    let rows: [(&str, &[u8], &str); 4] = [
        ("no cursor", b"", "conflict cursor-moved"),
        ("another cursor", b"{\"current\":\"9999999999\"}", "conflict cursor-moved"),
        ("not JSON", b"{", "conflict cursor-unreadable"),
        ("not a cursor", b"{\"current\":\"../x\"}", "conflict cursor-unreadable"),
    ];
    for kind in ALL {
        for (what, bytes, expected) in rows {
            let store = match bytes {
                b"" => Store::new(*kind),
                _ => nights.published(*kind),
            };
            if !bytes.is_empty() {
                store.put(&format!("{PREFIX}/{CURSOR}"), bytes);
            }
            let server = serve(&store);
            for args in ["--dry-run", ""] {
                let (ran, report) = upload(&nights.second.path(), &store, &server, args);
                let ran = ran.expect_code(1, what);
                assert_eq!(outcome(&report, CURSOR), expected, "{kind} {what}");
                assert_eq!(outcome(&report, &index), "withheld cursor-not-base", "{kind} {what}");
                assert_eq!(stored_cursor(&store), bytes, "{kind} {what}");
                assert!(store.get(&format!("{PREFIX}/{index}")).is_none(), "{kind} {what}");
                let advice = report["objects"].to_string();
                assert!(advice.contains("--base-index"), "{kind} {what}: {ran}");
            }
        }
    }
}

/// The cursor is the one that the plan continues, and the index that it names is not: its entries would be lost.
#[test]
fn another_index_under_the_same_cursor_is_left_alone() {
    let nights = Nights::shared();
    let [base, next] = [&nights.first, &nights.second]
        .map(|of| format!("v2/metadata/{}/search-index-all.json", Nights::cursor(of)));
    let same_len = nights.first.bytes(&base).to_ascii_uppercase();
    let longer = [nights.first.bytes(&base), b"\n".to_vec()].concat();
    let rows: [(&str, Option<&[u8]>, bool, &str); 4] = [
        ("other bytes", Some(&same_len), false, "conflict base-changed"),
        ("other bytes without digests", Some(&same_len), true, "conflict base-changed"),
        ("another length", Some(&longer), false, "conflict base-changed"),
        ("nothing", None, false, "conflict base-missing"),
    ];
    for kind in ALL {
        for (what, bytes, hides_digests, expected) in rows {
            let store = nights.published(*kind);
            let stored = format!("{PREFIX}/{base}");
            let right = store.get(&stored).unwrap();
            match bytes {
                Some(bytes) => {
                    store.edit(&stored, |object| {
                        object.bytes = bytes.to_vec();
                        object.hides_digests = hides_digests;
                    });
                }
                None => store.remove(&stored),
            }
            let server = serve(&store);
            for args in ["--dry-run", ""] {
                let (ran, report) = upload(&nights.second.path(), &store, &server, args);
                ran.expect_code(1, what);
                assert_eq!(outcome(&report, CURSOR), expected, "{kind} {what}");
                assert_eq!(outcome(&report, &next), "withheld cursor-not-base", "{kind} {what}");
                assert_eq!(stored_cursor(&store), nights.first.bytes(CURSOR), "{kind} {what}");
                assert!(store.get(&format!("{PREFIX}/{next}")).is_none(), "{kind} {what}");
            }
            // The way out of a missing index, and the right bytes without any digest.
            match bytes {
                Some(_) => {
                    store.edit(&stored, |object| {
                        object.bytes.clone_from(&right.bytes);
                        object.hides_digests = true;
                    });
                }
                None => {
                    let (ran, _) = upload(&nights.first.path(), &store, &server, "");
                    ran.expect_code(0, "the plan that made it");
                }
            }
            let (ran, report) = upload(&nights.second.path(), &store, &server, "");
            ran.expect_code(0, what);
            assert_eq!(outcome(&report, CURSOR), "created", "{kind} {what}");
        }
    }
}

/// The cursor moves while the run sends other objects: at the second look, and at the last moment.
#[test]
fn a_lost_race_for_the_cursor_is_a_conflict() {
    let nights = Nights::shared();
    let other: &[u8] = b"{\"current\":\"9999999999\"}";
    for kind in ALL {
        for (moment, index_outcome) in
            [("lantern-1.0.0.zip", "withheld cursor-not-base"), ("cursor.json", "created")]
        {
            let store = nights.published(*kind);
            let server = store.serve(move |store, request| {
                let key = store.written_key(request).unwrap_or_default();
                if key.ends_with(moment) && request.repeats == 0 {
                    store.put(&format!("{PREFIX}/{CURSOR}"), other);
                }
                store.correct(request)
            });
            let (ran, report) = upload(&nights.second.path(), &store, &server, "");
            ran.expect_code(1, moment);
            assert!(outcome(&report, CURSOR).starts_with("conflict"), "{kind} {moment}");
            let index =
                format!("v2/metadata/{}/search-index-all.json", Nights::cursor(&nights.second));
            assert_eq!(outcome(&report, &index), index_outcome, "{kind} {moment}");
            assert_eq!(stored_cursor(&store), other, "{kind} {moment}");
        }
    }
}

/// A registry applies the changes of every index between its own and the cursor.
#[test]
fn no_changes_are_written_over_a_stranger_between() {
    let nights = Nights::shared();
    let [base, next] = [&nights.first, &nights.second].map(Nights::cursor);
    let between = format!("{base}5");
    assert!(base < between && between < next);
    let delta = format!("v2/metadata/{next}/search-index-delta.json");
    for kind in ALL {
        for (folder, expected) in [
            (between.as_str(), "withheld index-between"),
            ("0", "created"),
            ("9999999999", "created"),
        ] {
            let store = nights.published(*kind);
            store.put(&format!("{PREFIX}/v2/metadata/{folder}/search-index-delta.json"), b"{}");
            let server = serve(&store);
            for args in ["--dry-run", ""] {
                let (ran, report) = upload(&nights.second.path(), &store, &server, args);
                ran.expect_code(0, folder);
                assert_eq!(outcome(&report, &delta), expected, "{kind} {folder}");
                assert_eq!(outcome(&report, CURSOR), "created", "{kind} {folder}");
            }
            assert_eq!(stored_cursor(&store), nights.second.bytes(CURSOR), "{kind}");
        }
    }
}

/// An index without archives, as `--resources index` makes it: the archives must be in the store.
#[test]
fn every_new_entry_has_its_archive() {
    let index_only = Migrated::of(&[("beacon", "1.0.0")], &["--resources", "index"]);
    let with_archives = Migrated::of(&[("beacon", "1.0.0")], &["--resources", "archives"]);
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        let (ran, report) = upload(&index_only.path(), &store, &server, "");
        let ran = ran.expect_code(3, "no archive");
        assert_eq!(counts(&report), [0, 0, 0, 1, 1], "{kind} {ran}");
        assert!(ran.stderr.contains("artifacts/packages/beacon-1.0.0.zip"), "{ran}");
        assert_eq!(store.keys(), Vec::<String>::new(), "{kind}");
        upload(&with_archives.path(), &store, &server, "").0.expect_code(0, "the archive");
        let (ran, report) = upload(&index_only.path(), &store, &server, "");
        ran.expect_code(0, "with its archive");
        assert_eq!(counts(&report), [2, 0, 0, 0, 0], "{kind}");
    }
}
