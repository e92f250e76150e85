//! Lists with faults, and `verify` of a v2 in a bucket.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use package_storage_migrate::v2::store::Place;
use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use package_storage_migrate::v2::store::bucket::{Access, Bucket, Environment};
use package_storage_migrate::v2::store::http::Limits;

use super::create;
use super::faults::{ALL, is_like, open};
use crate::http::LIMITS;
use crate::support::bucket_server::Store;
use crate::support::fault_server::{Delivery, FaultServer, Reply, Request};
use crate::support::tool::{Ran, Tool};
use crate::verify_http::Pair;

type Wrong = fn(&Store, &Request) -> Reply;

fn is_list(request: &Request) -> bool {
    request.method == "GET" && request.path.contains("prefix=")
}

/// The page after the first one; each page has a path of its own.
fn is_second(request: &Request) -> bool {
    let tokens = ["pageToken=", "continuation-token=", "marker="];
    is_list(request) && tokens.iter().any(|token| request.path.contains(token))
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).expect("UTF-8")
}

fn edited(reply: Reply, edit: impl FnOnce(String) -> String) -> Reply {
    let body = edit(text(&reply)).into_bytes();
    Reply { body, ..reply }
}

/// A list of seven objects in pages of three: how many are listed, or why none are.
#[rustfmt::skip]
const LISTS: &[(&str, Wrong, Result<usize, &str>)] = &[
    ("none", |s, r| s.correct(r), Ok(7)),
    ("503 once", |s, r| if is_second(r) && r.repeats == 0 { s.error(503, "SlowDown") } else { s.correct(r) }, Ok(7)),
    ("503 each time", |s, r| if is_second(r) { s.error(503, "SlowDown") } else { s.correct(r) }, Err("HTTP status 503 (SlowDown), after 3 attempts")),
    ("a reset once", |s, r| { let a = s.correct(r); if is_second(r) && r.repeats == 0 { a.delivered(Delivery::Reset) } else { a } }, Ok(7)),
    ("a page that is cut off once", |s, r| { let a = s.correct(r); if is_second(r) && r.repeats == 0 { a.delivered(Delivery::Cut(150)) } else { a } }, Ok(7)),
    ("a page that ends early, but properly, once", |s, r| { let mut a = s.correct(r); if is_second(r) && r.repeats == 0 { a.body.truncate(150); } a }, Ok(7)),
    ("a page that always ends early", |s, r| { let mut a = s.correct(r); if is_second(r) { a.body.truncate(150); } a }, Err("the answer is not valid: it is malformed or cut off, after 3 attempts")),
    ("a page token that is repeated", |s, r| s.correct(&repeated(s, r)), Err("the answer cannot be right: …")),
    ("a key without the prefix", |s, r| if is_second(r) { edited(s.correct(r), |t| t.replace("a-4", "b-4")) } else { s.correct(r) }, Err("the answer cannot be right: the list has a key without the prefix")),
    ("a key twice", |s, r| if is_second(r) { edited(s.correct(r), |t| t.replace("a-4", "a-1")) } else { s.correct(r) }, Err("the answer cannot be right: a key appears twice in the list")),
    ("an empty answer", |_, _| Reply::status(200), Err("the answer is not valid: it is malformed or cut off, after 3 attempts")),
    ("a redirect", |_, _| Reply::status(302).with("location", "http://127.0.0.1:9/"), Err("HTTP status 302")),
    ("404", |s, _| s.error(404, "NoSuchBucket"), Err("HTTP status 404 (NoSuchBucket)")),
    ("an endless answer", |s, r| { let a = s.correct(r); Reply { body: vec![b' '; 40 << 20], ..a } }, Err("the object is longer than 33554432 bytes")),
    ("gzip", |s, r| s.correct(r).with("content-encoding", "gzip"), Ok(7)),
];

/// Replaces the token, so that each page after the first one is the second one.
fn repeated(store: &Store, request: &Request) -> Request {
    let mut request = request.clone();
    if let Some((start, rest)) = request.path.clone().split_once(token(store)) {
        let rest = rest.split_once('&').map(|(_, rest)| format!("&{rest}")).unwrap_or_default();
        request.path = format!("{start}{}a-1{rest}", token(store));
    }
    request
}

fn token(store: &Store) -> &'static str {
    match store.kind {
        Gcs => "&pageToken=",
        S3 => "continuation-token=",
        Azure => "&marker=",
    }
}

#[test]
fn a_list_is_complete_or_an_error() {
    let mut differences = Vec::new();
    for (fault, wrong, expected) in LISTS {
        for kind in ALL {
            let store = Store::new(*kind);
            for number in 0..7 {
                store.put(&format!("a-{number}"), b"bytes");
            }
            store.put("c", b"bytes");
            let server = store.serve(wrong);
            let start = Instant::now();
            let listed = open(&store, &server, LIMITS).list("a");
            let is_expected = match (&listed, expected) {
                (Ok(listed), Ok(count)) => listed.len() == *count,
                (Err(error), Err(expected)) => is_like(&error.to_string(), expected),
                _ => false,
            };
            if !is_expected || start.elapsed() > Duration::from_secs(240) {
                let listed = listed.map(|listed| listed.len());
                differences.push(format!("{kind} {fault}: {listed:?} in {:?}", start.elapsed()));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What answers in a store's place: a proxy, or a network that asks for a login.
const STRANGERS: &[(&str, &str)] = &[
    ("<html><head><meta charset=utf-8></head><body>Log in<br></body></html>", "a web page"),
    ("\u{feff}\n<!-- Wi-Fi -->\n<!DOCTYPE html>\n<HTML>", "a web page"),
    ("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html/>", "a web page"),
    ("Please log in.", "another format"),
];

/// Waits that a test would notice, even on a busy machine.
const LONG_WAITS: Limits = Limits {
    attempts: 6,
    first_wait: Duration::from_secs(600),
    longest_wait: Duration::from_secs(600),
    request: Duration::from_secs(36_000),
    ..LIMITS
};

/// Nothing is waited for, nothing is taken for an object, and the message names the host.
#[test]
fn a_stranger_in_the_place_of_a_store_is_reported_at_once() {
    for (body, what) in STRANGERS {
        for kind in ALL {
            let store = Store::new(*kind);
            let server = store.serve(move |_, _| {
                let page = Reply::status(200).with("content-type", "text/html");
                Reply { body: body.as_bytes().to_vec(), ..page }
            });
            let bucket = open(&store, &server, LONG_WAITS);
            let host = format!("127.0.0.1:{}", server.port);
            let start = Instant::now();
            let listed = bucket.list("a").unwrap_err().to_string();
            assert_eq!(listed, format!("{host} does not answer as the store does: it sent {what}"));
            assert_eq!(server.requests().len(), 1, "{kind}: no request is repeated");
            let error = bucket.list_or_fail("a").unwrap_err();
            assert!(error.hint().contains("asks for a login"), "{kind}: {error:?}");
            assert!(start.elapsed() < Duration::from_secs(240), "{kind}: {:?}", start.elapsed());
            // A look at one object, and a write, are repeated: only this one may have come to the stranger.
            let bucket = open(&store, &server, LIMITS);
            let headed = bucket.head("a").unwrap_err().to_string();
            assert!(headed.starts_with("the answer is not valid: it "), "{kind}: {headed}");
            let created = create(&bucket, "a", b"bytes");
            assert!(
                created.starts_with("failed: the answer is not valid: it "),
                "{kind}: {created}"
            );
        }
    }
}

/// A stranger that answers only a write, which the store has carried out: the object is looked at.
#[test]
fn a_write_behind_a_stranger_is_found() {
    let limits = Limits { attempts: 6, ..LIMITS };
    for kind in ALL {
        let store = Store::new(*kind);
        let server = store.serve(|store, request| {
            let reply = store.correct(request);
            match store.written_key(request) {
                Some(_) => Reply { body: b"<html>".to_vec(), ..Reply::status(200) },
                None => reply,
            }
        });
        assert_eq!(create(&open(&store, &server, limits), "a", b"bytes"), "created", "{kind}");
    }
}

/// A first answer that is broken each time is not waited for as long as a busy store.
#[test]
fn a_broken_first_page_is_given_up_soon() {
    for kind in ALL {
        let store = Store::new(*kind);
        let server = store.serve(|_, _| Reply::status(200));
        let limits = Limits { attempts: 6, ..LIMITS };
        let error = open(&store, &server, limits).list("a").unwrap_err().to_string();
        assert_eq!(error, "the answer is not valid: it is malformed or cut off, after 3 attempts");
        assert_eq!(server.requests().len(), 3, "{kind}");
    }
}

/// Pages without objects are legitimate, but not forever.
#[test]
fn a_list_ends() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let rows = [(5, Ok(1)), (usize::MAX, Err("the answer cannot be right: the list has no end"))];
    for (empty_pages, expected) in rows {
        let store = Store::new(Gcs);
        store.put("a", b"bytes");
        let number = AtomicUsize::new(0);
        let server = store.serve(move |store, request| {
            let number = number.fetch_add(1, Ordering::Relaxed);
            if number >= empty_pages {
                let first = request.path.split("&pageToken=").next().unwrap().to_owned();
                return store.correct(&Request { path: first, ..request.clone() });
            }
            let body = format!("{{\"nextPageToken\": \"{number}\"}}").into_bytes();
            Reply { body, ..Reply::status(200) }
        });
        let listed = open(&store, &server, LIMITS).list("a").map(|listed| listed.len());
        assert_eq!(listed.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }
}

/// Whether a list that is refused ends the run, or only says that the bucket cannot be listed.
#[test]
fn a_list_may_be_denied() {
    type Row<'a> = (&'a str, u16, &'a [StoreKind], bool, Result<bool, &'a str>);
    let rows: [Row; 8] = [
        ("AccessDenied", 403, &[S3], false, Ok(false)),
        ("forbidden", 403, &[Gcs], false, Ok(false)),
        ("AuthorizationPermissionMismatch", 403, &[Azure], false, Ok(false)),
        (
            "SignatureDoesNotMatch",
            403,
            &[S3],
            false,
            Err("HTTP status 403 (SignatureDoesNotMatch)"),
        ),
        ("InvalidAccessKeyId", 403, &[S3], false, Err("HTTP status 403 (InvalidAccessKeyId)")),
        (
            "AuthenticationFailed",
            403,
            &[Azure],
            false,
            Err("HTTP status 403 (AuthenticationFailed)…"),
        ),
        ("required", 401, &[Gcs, S3], true, Ok(false)),
        ("ResourceNotFound", 404, &[Azure], true, Ok(false)),
    ];
    for (code, status, kinds, anonymous, expected) in rows {
        for kind in kinds {
            let store = Store::new(*kind);
            let server = store.serve(move |store, _| store.error(status, code));
            let environment = Environment::of(store.variables(&server));
            let url = format!("{kind}://bkt").parse().unwrap();
            let access = Access { anonymous, ..Access::default() };
            let bucket = Bucket::open(&url, &environment, access, LIMITS).unwrap();
            match (Place::list(&bucket), expected) {
                (Ok(names), Ok(listed)) => assert_eq!(names.is_some(), listed, "{kind} {code}"),
                (Err(error), Err(expected)) => {
                    assert_eq!(error.to_string(), format!("cannot list {kind}://bkt/"));
                    let cause = std::error::Error::source(&error).unwrap().to_string();
                    assert!(is_like(&cause, expected), "{kind} {code}: {cause}");
                    assert!(!error.hint().is_empty());
                }
                (found, _) => panic!("{kind} {code}: {found:?}"),
            }
        }
    }
}

fn verify(pair: &Pair, store: &Store, server: &FaultServer, args: &str) -> Ran {
    let mut tool = Tool::bare().arg("verify").arg(pair.v1());
    tool = tool.arg("--v2").arg(format!("{}://bkt/pre fix", store.kind));
    for (name, value) in store.variables(server) {
        tool = tool.env(&name, value);
    }
    tool.args("--resources archives").args(args).run()
}

fn stored(pair: &Pair, kind: StoreKind) -> Store {
    let mut store = Store::new(kind);
    store.page_len = 2;
    for (path, bytes) in &pair.archives {
        store.put(&format!("pre fix{path}"), bytes);
    }
    // Outside of the archives of this v2.
    store.put("artifacts/packages/other-1.0.0.zip", b"other");
    store.put("pre fix/epr/cursor.json", b"{}");
    store
}

#[test]
fn a_bucket_is_verified_at_every_depth() {
    let pair = Pair::migrated();
    for kind in ALL {
        let store = stored(&pair, *kind);
        let server = store.serve(|store, request| store.correct(request));
        // Requests: two pages, on S3 one look at an encryption, then one for each archive.
        let look = usize::from(*kind == S3);
        for (depth, requests) in
            [("listing", 2 + look), ("entries", 5 + look), ("content", 5 + look)]
        {
            let before = server.requests().len();
            let ran = verify(&pair, &store, &server, &format!("--depth {depth} --exact"));
            let ran = ran.expect_code(0, depth);
            assert!(ran.stderr.contains("3 of 3 archives"), "{kind} {ran}");
            assert!(ran.stderr.contains(&format!("Place     {kind}://bkt/pre fix")), "{ran}");
            let sent = server.requests().len() - before;
            assert_eq!(sent, requests, "{kind} {depth}");
            assert!(!ran.to_string().contains("planted"), "{ran}");
        }
    }
}

#[test]
fn differences_in_a_bucket_are_found() {
    let pair = Pair::migrated();
    let lantern = "pre fix/artifacts/packages/lantern-1.0.0.zip";
    type Edit<'a> = &'a dyn Fn(&Store);
    let rows: [(&str, Edit, &str, &str); 4] = [
        (
            "an extra object",
            &|store| {
                store.put("pre fix/artifacts/packages/x.zip", b"x");
            },
            "--exact --depth listing",
            "archive-extra",
        ),
        (
            "a folder's mark",
            &|store| {
                store.put("pre fix/artifacts/packages/", b"");
            },
            "--exact --depth listing",
            "",
        ),
        (
            "a changed object",
            &|store| {
                store.edit(lantern, |object| object.bytes[1000] ^= 1);
            },
            "--depth content",
            "file-differs",
        ),
        (
            "an object of another folder",
            &|store| {
                store.put("pre fix/artifacts/packages/a/b.zip", b"");
            },
            "--exact --depth listing",
            "archive-extra",
        ),
    ];
    for (what, edit, args, expected) in rows {
        for kind in ALL {
            let store = stored(&pair, *kind);
            edit(&store);
            let server = store.serve(|store, request| store.correct(request));
            let ran = verify(&pair, &store, &server, args);
            let code = i32::from(!expected.is_empty());
            let ran = ran.expect_code(code, what);
            assert!(ran.stderr.contains(expected), "{kind} {what}: {ran}");
        }
    }
}

/// A list of S3 does not show that entity tags are not digests: one look at an object does.
#[test]
fn encrypted_objects_are_not_taken_for_changed_ones() {
    let pair = Pair::migrated();
    let plan = pair.v1().parent().unwrap().join("v2/plan.json");
    for hides_md5 in [false, true] {
        let store = stored(&pair, S3);
        for path in pair.archives.keys() {
            store.edit(&format!("pre fix{path}"), |object| object.hides_md5 = hides_md5);
        }
        let server = store.serve(|store, request| store.correct(request));
        let args = format!("--depth listing --plan {}", plan.display());
        let ran = verify(&pair, &store, &server, &args).expect_code(0, "verify");
        assert_eq!(ran.stderr.contains("v2 provides no digest for 3 objects"), hides_md5, "{ran}");
    }
}

/// Exit codes, and that no output shows a planted secret.
#[test]
fn a_bucket_that_cannot_be_read_ends_the_run() {
    let pair = Pair::migrated();
    for kind in ALL {
        let rows: [(&str, Wrong, i32, &str); 3] = [
            (
                "503",
                |s, _| s.error(503, "SlowDown").with("retry-after", "3600"),
                3,
                "the server asks to wait",
            ),
            ("404", |s, _| s.error(404, "NoSuchBucket"), 3, "HTTP status 404 (NoSuchBucket)"),
            ("400", |s, _| s.error(400, "InvalidRequest"), 3, "check the bucket's name"),
        ];
        for (what, wrong, code, expected) in rows {
            let store = stored(&pair, *kind);
            let server = store.serve(wrong);
            let ran = verify(&pair, &store, &server, "--report -").expect_code(code, what);
            assert!(ran.stderr.contains(expected), "{kind} {what}: {ran}");
            let all = ran.to_string();
            for secret in ["planted", "secret-in-a-message", "cGxhbnRlZC1hY2NvdW50LWtleQ"] {
                assert!(!all.contains(secret), "{kind} {what}: {all}");
            }
        }
    }
}
