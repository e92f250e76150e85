//! Faults of stores, through the whole command: the exit code, the outcome of the object, and what is stored.
//!
//! `stores::faults` has the full table of faults for a single object.

use std::time::{Duration, Instant};

use super::{ALL, LANTERN, PREFIX, THREE, counts, outcome, upload};
use crate::support::bucket_server::Store;
use crate::support::fault_server::{Delivery, Reply, Request};

type Wrong = fn(&Store, &Request) -> Reply;

fn is_lantern(store: &Store, request: &Request) -> bool {
    store.written_key(request).is_some_and(|key| key.ends_with("lantern-1.0.0.zip"))
}

/// Whether it is the first time that the archive is written. Writes to GCS share a path, so the store is asked.
fn is_first(store: &Store, request: &Request) -> bool {
    is_lantern(store, request) && store.get(&format!("{PREFIX}/tried")).is_none()
}

fn instead(store: &Store, request: &Request, reply: impl FnOnce() -> Reply) -> Reply {
    match is_first(store, request) {
        true => {
            store.put(&format!("{PREFIX}/tried"), b"");
            reply()
        }
        false => store.correct(request),
    }
}

fn after(store: &Store, request: &Request, wrong: impl FnOnce(Reply) -> Reply) -> Reply {
    match is_first(store, request) {
        true => {
            store.put(&format!("{PREFIX}/tried"), b"");
            wrong(store.correct(request))
        }
        false => store.correct(request),
    }
}

fn other(store: &Store) {
    store.put(&format!("{PREFIX}/{LANTERN}"), b"another");
}

fn ours(store: &Store) {
    store.put(&format!("{PREFIX}/{LANTERN}"), &THREE.bytes(LANTERN));
}

/// The fault, the exit code, the outcome of the archive, and whether it is stored.
#[rustfmt::skip]
const ROWS: &[(&str, Wrong, i32, &str, bool)] = &[
    ("503 before the commit", |s, r| instead(s, r, || s.error(503, "SlowDown")), 0, "created", true),
    ("503 after the commit", |s, r| after(s, r, |_| s.error(503, "SlowDown")), 0, "created", true),
    ("a reset before the commit", |s, r| instead(s, r, || Reply::status(200).delivered(Delivery::Reset)), 0, "created", true),
    ("a reset after the commit", |s, r| after(s, r, |a| a.delivered(Delivery::Reset)), 0, "created", true),
    ("an answer that is not HTTP", |s, r| after(s, r, |a| a.delivered(Delivery::Garbage)), 0, "created", true),
    ("429 with Retry-After", |s, r| instead(s, r, || s.error(429, "TooManyRequests").with("retry-after", "1")), 0, "created", true),
    ("a lost race against the same bytes", |s, r| { if is_first(s, r) { ours(s); } s.correct(r) }, 0, "already-there", true),
    ("a lost race against other bytes", |s, r| { if is_first(s, r) && s.get(&format!("{PREFIX}/{LANTERN}")).is_none() { other(s); } s.correct(r) }, 1, "conflict other-bytes", true),
    ("403 for each write", |s, r| if is_lantern(s, r) { s.error(403, "AccessDenied") } else { s.correct(r) }, 3, "failed store", false),
    ("400 for each write", |s, r| if is_lantern(s, r) { s.error(400, "InvalidRequest") } else { s.correct(r) }, 3, "failed store", false),
];

#[test]
fn each_fault_has_its_outcome() {
    let count = THREE.uploads().len() as u64;
    let mut differences = Vec::new();
    for (fault, wrong, code, expected, is_stored) in ROWS {
        for kind in ALL {
            let store = Store::new(*kind);
            let server = store.serve(wrong);
            let start = Instant::now();
            let (ran, report) = upload(&THREE.path(), &store, &server, "");
            let found = outcome(&report, LANTERN);
            let stored = store.get(&format!("{PREFIX}/{LANTERN}")).is_some();
            let [created, there, conflict, failed, withheld] = counts(&report);
            let is_whole = created + there + conflict + failed + withheld == count;
            let is_sound = match code {
                0 => created + there == count,
                // The signature, the index and the cursor; all others are there.
                _ => withheld == 3 && created == 10 && conflict + failed == 1,
            };
            if (ran.code, found.as_str(), stored) != (Some(*code), *expected, *is_stored)
                || !is_whole
                || !is_sound
                || start.elapsed() > Duration::from_secs(40)
            {
                differences.push(format!("{kind} {fault}: {found} {:?}\n{ran}", counts(&report)));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A store whose list is incomplete or denied: nothing is sent.
#[test]
fn nothing_is_sent_without_a_list() {
    let rows: [(&str, Wrong); 2] = [
        ("404", |s, _| s.error(404, "NoSuchBucket")),
        ("403", |s, r| {
            if r.path.contains("prefix=") { s.error(403, "AccessDenied") } else { s.correct(r) }
        }),
    ];
    for (what, wrong) in rows {
        for kind in ALL {
            let store = Store::new(*kind);
            let server = store.serve(wrong);
            let (ran, _) = upload(&THREE.path(), &store, &server, "");
            let ran = ran.expect_code(3, what);
            assert!(ran.stderr.contains("error: cannot list"), "{kind} {what}: {ran}");
            assert_eq!(store.keys(), Vec::<String>::new(), "{kind} {what}");
        }
    }
}
