//! The outcome of each fault while an object is created, over all three stores: one row per fault.
//!
//! A row never ends in a hang, in a success that did not happen, or with an object that was replaced.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use package_storage_migrate::v2::store::bucket::{Access, Bucket, Environment};
use package_storage_migrate::v2::store::http::Limits;

use super::{create, replacement, with};
use crate::http::LIMITS;
use crate::support::bucket_server::{self, Store};
use crate::support::fault_server::{ClosedPort, Delivery, FaultServer, Reply, Request};

pub(super) const ALL: &[StoreKind] = &[Gcs, S3, Azure];
const KEY: &str = "artifacts/packages/lantern-1.0.0.zip";
const OURS: &[u8] = b"the bytes of the plan";
const OTHERS: &[u8] = b"the bytes of another.";

/// What is stored at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    Ours,
    Others,
    Nothing,
}
use Stored::{Nothing, Others, Ours};

struct Row {
    fault: &'static str,
    stores: &'static [StoreKind],
    before: fn(&Store),
    wrong: fn(&Store, &Request) -> Reply,
    /// The outcome, or its start followed by `…`.
    outcome: &'static str,
    stored: Stored,
    /// Maximum number of times that the object's bytes are sent.
    sends: usize,
}

fn absent(_: &Store) {}

fn ours(store: &Store) {
    store.put(KEY, OURS);
}

fn others(store: &Store) {
    store.put(KEY, OTHERS);
}

pub(super) fn is_write(request: &Request) -> bool {
    matches!(request.method.as_str(), "PUT" | "POST")
}

fn is_first(request: &Request) -> bool {
    is_write(request) && request.repeats == 0
}

/// Replaces the answer to the first write, which is not carried out.
fn instead(store: &Store, request: &Request, reply: impl FnOnce() -> Reply) -> Reply {
    if is_first(request) { reply() } else { store.correct(request) }
}

/// Replaces the answer to the first write, after it has been carried out.
fn after(store: &Store, request: &Request, wrong: impl FnOnce(Reply) -> Reply) -> Reply {
    let reply = store.correct(request);
    if is_first(request) { wrong(reply) } else { reply }
}

/// Replaces the answers to all writes, which are not carried out.
fn always(store: &Store, request: &Request, status: u16, code: &str) -> Reply {
    if is_write(request) { store.error(status, code) } else { store.correct(request) }
}

const fn row(
    fault: &'static str,
    before: fn(&Store),
    wrong: fn(&Store, &Request) -> Reply,
    outcome: &'static str,
    stored: Stored,
    sends: usize,
) -> Row {
    Row { fault, stores: ALL, before, wrong, outcome, stored, sends }
}

const fn only(stores: &'static [StoreKind], row: Row) -> Row {
    Row { stores, ..row }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("none", absent, |s, r| s.correct(r), "created", Ours, 1),
    row("none, and the object is there", ours, |s, r| s.correct(r), "already there", Ours, 1),
    row("none, and another object is there", others, |s, r| s.correct(r), "conflict with 21 bytes", Others, 1),
    row("503 before the commit", absent, |s, r| instead(s, r, || s.error(503, "SlowDown")), "created", Ours, 2),
    row("503 after the commit", absent, |s, r| after(s, r, |_| s.error(503, "SlowDown")), "created", Ours, 1),
    row("500 after the commit", absent, |s, r| after(s, r, |_| s.error(500, "InternalError")), "created", Ours, 1),
    row("a reset before the commit", absent, |s, r| instead(s, r, || Reply::status(200).delivered(Delivery::Reset)), "created", Ours, 2),
    row("a reset after the commit", absent, |s, r| after(s, r, |a| a.delivered(Delivery::Reset)), "created", Ours, 1),
    row("an answer that is cut off, after the commit", absent, |s, r| after(s, r, |a| Reply { body: vec![b' '; 500], ..a }.delivered(Delivery::Cut(3))), "created", Ours, 1),
    row("an answer that is not HTTP, after the commit", absent, |s, r| after(s, r, |a| a.delivered(Delivery::Garbage)), "created", Ours, 1),
    row("a slow answer", absent, |s, r| after(s, r, |a| a.delivered(Delivery::Late(Duration::from_millis(300)))), "created", Ours, 1),
    row("an answer byte by byte", absent, |s, r| after(s, r, |a| a.delivered(Delivery::Dribbled(Duration::from_micros(200)))), "created", Ours, 1),
    row("an answer in chunks", absent, |s, r| after(s, r, |a| a.delivered(Delivery::Chunked)), "created", Ours, 1),
    row("503 for each write, before the commit", absent, |s, r| always(s, r, 503, "SlowDown"), "failed: HTTP status 503 (SlowDown), after 3 attempts", Nothing, 3),
    row("503 for each write, after the commit", absent, |s, r| if is_write(r) { s.correct(r); s.error(503, "SlowDown") } else { s.correct(r) }, "created", Ours, 1),
    row("a reset for each write", absent, |s, r| if is_write(r) { Reply::status(200).delivered(Delivery::Reset) } else { s.correct(r) }, "failed: Connection reset by peer…", Nothing, 3),
    row("503, and another object is written meanwhile", absent, |s, r| instead(s, r, || { others(s); s.error(503, "SlowDown") }), "conflict with 21 bytes", Others, 1),
    row("503, and the same object is written meanwhile", absent, |s, r| instead(s, r, || { ours(s); s.error(503, "SlowDown") }), "created", Ours, 1),
    row("a lost race, against the same bytes", absent, |s, r| { if is_first(r) { ours(s); } s.correct(r) }, "already there", Ours, 1),
    row("a lost race, against other bytes", absent, |s, r| { if is_first(r) { others(s); } s.correct(r) }, "conflict with 21 bytes", Others, 1),
    row("429 with Retry-After", absent, |s, r| instead(s, r, || s.error(429, "TooManyRequests").with("retry-after", "1")), "created", Ours, 2),
    row("429 with a Retry-After of an hour", absent, |s, r| instead(s, r, || s.error(429, "TooManyRequests").with("retry-after", "3600")), "failed: the server asks to wait …", Nothing, 1),
    row("408", absent, |s, r| instead(s, r, || s.error(408, "RequestTimeout")), "created", Ours, 2),
    row("403 for an object that is there", ours, |s, r| always(s, r, 403, "AccessDenied"), "already there", Ours, 1),
    row("403 for another object that is there", others, |s, r| always(s, r, 403, "AccessDenied"), "conflict with 21 bytes", Others, 1),
    row("403 for an object that is not there", absent, |s, r| always(s, r, 403, "AccessDenied"), "failed: HTTP status 403 (AccessDenied)", Nothing, 1),
    row("403 for everything", ours, |s, _| s.error(403, "AccessDenied"), "failed: HTTP status 403 (AccessDenied)", Ours, 1),
    row("401 for everything", absent, |s, _| s.error(401, "Unauthorized"), "failed: HTTP status 401 (Unauthorized)…", Nothing, 2),
    row("404: there is no bucket", absent, |s, r| always(s, r, 404, "NoSuchBucket"), "failed: HTTP status 404 (NoSuchBucket)", Nothing, 1),
    row("400", absent, |s, r| always(s, r, 400, "InvalidRequest"), "failed: HTTP status 400 (InvalidRequest)", Nothing, 1),
    row("501: no conditional writes", absent, |s, r| always(s, r, 501, "NotImplemented"), "failed: HTTP status 501 (NotImplemented)", Nothing, 1),
    row("an error page of someone else", absent, |_, r| if is_write(r) { Reply { body: b"<html>secret-in-a-message".to_vec(), ..Reply::status(407) } } else { Reply::status(404) }, "failed: HTTP status 407", Nothing, 1),
    row("412, and no answer afterwards", ours, |s, r| if is_write(r) { s.correct(r) } else { s.error(500, "InternalError") }, "failed: HTTP status 4…", Ours, 1),
    row("412, and the object is gone afterwards", absent, |s, r| always(s, r, 412, "PreconditionFailed"), "failed: HTTP status 412 (PreconditionFailed)", Nothing, 1),
    row("412, and 503 to the first look", ours, |s, r| if !is_write(r) && r.repeats == 0 { s.error(503, "SlowDown") } else { s.correct(r) }, "already there", Ours, 1),
    row("412, and a look that is cut off", ours, |s, r| { let a = s.correct(r); if !is_write(r) && r.repeats == 0 { a.delivered(Delivery::Reset) } else { a } }, "already there", Ours, 1),
    row("other digests in the answer", absent, |s, r| { let a = s.correct(r); if is_write(r) { wrong_digests(s, a) } else { a } }, "created", Ours, 1),
    row("other digests in all answers", absent, |s, r| { let a = s.correct(r); wrong_digests(s, a) }, "failed: the answer cannot be right: the store reports other digests than sent", Ours, 1),

    row("another object of the same length, without MD5", |s| { s.edit(KEY, |o| { o.bytes = OTHERS.to_vec(); o.hides_md5 = true; }); }, |s, r| s.correct(r), "conflict with 21 bytes", Others, 1),
    row("the object without MD5: KMS, or composed of parts", |s| { s.edit(KEY, |o| { o.bytes = OURS.to_vec(); o.hides_md5 = true; }); }, |s, r| s.correct(r), "already there", Ours, 1),
    row("the object without any digest", |s| { s.edit(KEY, |o| { o.bytes = OURS.to_vec(); o.hides_digests = true; }); }, |s, r| s.correct(r), "already there", Ours, 1),
    row("another object without any digest", |s| { s.edit(KEY, |o| { o.bytes = OTHERS.to_vec(); o.hides_digests = true; }); }, |s, r| s.correct(r), "conflict with 21 bytes", Others, 1),
    row("a longer object without any digest", |s| { s.edit(KEY, |o| { o.bytes = vec![7; 900]; o.hides_digests = true; }); }, |s, r| s.correct(r), "conflict with 900 bytes", Others, 1),
    only(&[S3], row("the object is encrypted with KMS, and its MD5 is another", absent, |s, r| { let a = s.correct(r); if is_write(r) { a.with("etag", "\"00000000000000000000000000000000\"").with("x-amz-server-side-encryption", "aws:kms") } else { a } }, "created", Ours, 1)),
    only(&[S3], row("409: another write is under way", absent, |s, r| instead(s, r, || s.error(409, "ConditionalRequestConflict")), "created", Ours, 2)),
    only(&[S3], row("409 for each write", absent, |s, r| always(s, r, 409, "ConditionalRequestConflict"), "failed: HTTP status 409 (ConditionalRequestConflict), after 3 attempts", Nothing, 3)),
    only(&[Gcs, Azure], row("409 that is not about the object", absent, |s, r| always(s, r, 409, "ContainerBeingDeleted"), "failed: HTTP status 409 (ContainerBeingDeleted)", Nothing, 1)),
    only(&[S3], row("a token that has expired", absent, |s, r| instead(s, r, || s.error(400, "ExpiredToken")), "created", Ours, 2)),
    only(&[S3], row("a token that stays expired", absent, |s, r| always(s, r, 400, "ExpiredToken"), "failed: HTTP status 400 (ExpiredToken)…", Nothing, 2)),
    only(&[Azure, S3], row("401 once", absent, |s, r| instead(s, r, || s.error(401, "InvalidAuthenticationInfo")), "created", Ours, 2)),
    only(&[S3], row("a signature that is too old", absent, |s, r| instead(s, r, || s.error(403, "RequestTimeTooSkewed")), "created", Ours, 2)),
    only(&[S3], row("a clock that is wrong", absent, |s, r| always(s, r, 403, "RequestTimeTooSkewed"), "failed: HTTP status 403 (RequestTimeTooSkewed), after 3 attempts", Nothing, 3)),
    only(&[S3], row("a wrong secret", absent, |s, r| always(s, r, 403, "SignatureDoesNotMatch"), "failed: HTTP status 403 (SignatureDoesNotMatch)", Nothing, 1)),
    only(&[Azure], row("a wrong key", absent, |s, r| always(s, r, 403, "AuthenticationFailed"), "failed: HTTP status 403 (AuthenticationFailed)…", Nothing, 2)),
    only(&[S3], row("another region", absent, |s, r| if is_write(r) { s.error(301, "PermanentRedirect").with("x-amz-bucket-region", "eu-west-1").with("location", "http://127.0.0.1:9/") } else { s.correct(r) }, "failed: HTTP status 301 (PermanentRedirect, the bucket is in eu-west-1)", Nothing, 1)),
    row("a redirect to another host", absent, |s, r| if is_write(r) { s.error(307, "TemporaryRedirect").with("location", "http://127.0.0.1:9/") } else { s.correct(r) }, "failed: HTTP status 307 (TemporaryRedirect)", Nothing, 1),
    only(&[S3], row("a body that took too long", absent, |s, r| instead(s, r, || s.error(400, "RequestTimeout")), "created", Ours, 2)),
    only(&[Gcs], row("a rate limit that is a 403", absent, |s, r| instead(s, r, || s.error(403, "rateLimitExceeded")), "created", Ours, 2)),
    only(&[Gcs], row("a success without a resource", absent, |s, r| after(s, r, |a| Reply { body: b"{}".to_vec(), ..a }), "created", Ours, 1)),
];

/// Flips a bit of the object's first byte.
fn damage(request: &mut Request) {
    let at = request.body.windows(OURS.len()).position(|part| part == OURS).expect("the bytes");
    request.body[at] ^= 1;
}

/// Replaces the digests in an answer by those of other bytes.
fn wrong_digests(store: &Store, reply: Reply) -> Reply {
    let other = Store::new(store.kind);
    let kept = match store.get(KEY) {
        Some(kept) => kept,
        None => return reply,
    };
    other.edit(KEY, |object| *object = bucket_server::Stored { bytes: OTHERS.to_vec(), ..kept });
    let (method, path) = match store.kind {
        Gcs => ("GET", format!("/storage/v1/b/bkt/o/{}", KEY.replace('/', "%2F"))),
        S3 => ("HEAD", format!("/bkt/{KEY}")),
        Azure => ("HEAD", format!("/acc/bkt/{KEY}")),
    };
    let mut lie = other.correct(&Request { method: method.to_owned(), path, ..Request::default() });
    lie.status = reply.status;
    if method == "HEAD" {
        lie = lie.with("content-length", reply_len(&reply));
        lie.body = reply.body;
    }
    lie
}

fn reply_len(reply: &Reply) -> String {
    let header = reply.headers.iter().find(|(name, _)| *name == "content-length");
    header.map_or_else(|| reply.body.len().to_string(), |(_, len)| len.clone())
}

pub(super) fn open(store: &Store, server: &FaultServer, limits: Limits) -> Bucket {
    let scheme = store.kind.to_string();
    let url = format!("{scheme}://bkt").parse().expect("a bucket's URL");
    let environment = Environment::of(store.variables(server));
    Bucket::open(&url, &environment, Access::default(), limits).expect("a bucket")
}

/// Compares a text with an expected one, or its start.
pub(super) fn is_like(text: &str, expected: &str) -> bool {
    match expected.strip_suffix('…') {
        Some(start) => text.starts_with(start),
        None => text == expected,
    }
}

#[test]
fn every_fault_has_its_outcome() {
    let mut differences = Vec::new();
    let mut count = 0;
    for row in ROWS {
        for kind in row.stores {
            count += 1;
            let store = Store::new(*kind);
            (row.before)(&store);
            let generation = store.get(KEY).map(|object| object.generation);
            let wrong = row.wrong;
            let server = store.serve(wrong);
            let bucket = open(&store, &server, LIMITS);
            let start = Instant::now();
            let outcome = create(&bucket, KEY, OURS);
            let now = store.get(KEY);
            let stored = match now.as_ref().map(|object| object.bytes == OURS) {
                None => Nothing,
                Some(true) => Ours,
                Some(false) => Others,
            };
            let sends = server.requests().iter().filter(|request| is_write(request)).count();
            let name = format!("{kind} {}", row.fault);
            if !is_like(&outcome, row.outcome) {
                differences.push(format!("{name}: {outcome}, expected {}", row.outcome));
            }
            if stored != row.stored {
                differences.push(format!("{name}: {stored:?} is stored"));
            }
            if sends > row.sends {
                differences.push(format!("{name}: {sends} writes"));
            }
            if generation.is_some_and(|before| now.map(|object| object.generation) != Some(before))
            {
                differences.push(format!("{name}: an object was replaced"));
            }
            if start.elapsed() > Duration::from_secs(240) {
                differences.push(format!("{name}: took {:?}", start.elapsed()));
            }
            if outcome.contains("secret") {
                differences.push(format!("{name}: shows an answer: {outcome}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(ROWS.len() >= 40 && count >= 120, "{} rows, {count} cases", ROWS.len());
}

#[test]
fn damaged_bytes_are_never_stored() {
    for kind in ALL {
        let store = Store::new(*kind);
        let server = store.serve(|store, request| {
            let mut request = request.clone();
            if is_write(&request) {
                damage(&mut request);
            }
            store.correct(&request)
        });
        let outcome = create(&open(&store, &server, LIMITS), KEY, OURS);
        assert!(outcome.starts_with("failed: HTTP status 400"), "{kind}: {outcome}");
        assert!(store.get(KEY).is_none(), "{kind}");
    }
}

#[test]
fn a_server_that_does_not_answer_ends_in_time() {
    // On a busy machine, other answers must come in time in one of the attempts.
    const SHORT: Duration = Duration::from_secs(3);
    const LATE: Delivery = Delivery::Late(Duration::from_secs(600));
    let limits = Limits { response: SHORT, idle: SHORT, attempt: SHORT * 3, ..LIMITS };
    let too_late_but_done = |kind: StoreKind| {
        let store = Store::new(kind);
        let server = store.serve(|store, request| {
            let reply = store.correct(request);
            if is_first(request) { reply.delivered(LATE) } else { reply }
        });
        let outcome = create(&open(&store, &server, limits), KEY, OURS);
        assert_eq!(outcome, "created", "{kind}");
    };
    let never = |kind: StoreKind| {
        let store = Store::new(kind);
        let server = store.serve(|_, _| Reply::status(200).delivered(LATE));
        let start = Instant::now();
        let outcome = create(&open(&store, &server, limits), KEY, OURS);
        assert!(is_like(&outcome, "failed: no response within 3 s…"), "{kind}: {outcome}");
        assert!(start.elapsed() < Duration::from_secs(240));
    };
    // In parallel, since they only wait.
    std::thread::scope(|scope| {
        for kind in ALL {
            scope.spawn(move || too_late_but_done(*kind));
            scope.spawn(move || never(*kind));
        }
    });
}

#[test]
fn failed_connections_are_failures() {
    // A server that speaks no TLS, and a closed port.
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let plain_port = plain.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in plain.incoming().map_while(Result::ok) {
            use std::io::{Read, Write};
            let mut hello = [0; 1024];
            let _ = stream.read(&mut hello);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let closed = ClosedPort::take();
    let port = closed.port;
    let rows = [
        (format!("https://127.0.0.1:{}", plain_port), "failed: TLS failed…"),
        (format!("http://127.0.0.1:{port}"), "failed: Connection refused…"),
    ];
    for (endpoint, expected) in rows {
        let environment = Environment::of([
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "b"),
        ]);
        let url = "s3://bkt".parse().unwrap();
        let bucket = Bucket::open(&url, &environment, Access::default(), LIMITS).unwrap();
        let outcome = create(&bucket, KEY, OURS);
        assert!(is_like(&outcome, expected), "{outcome}");
    }
}

/// What a compare-and-swap from the state `expected` to `OURS` does.
#[test]
fn swaps_have_one_outcome() {
    type Wrong = fn(&Store, &Request) -> Reply;
    let rows: [(&str, bool, Wrong, &str, &[u8]); 9] = [
        ("none", true, |s, r| s.correct(r), "replaced", OURS),
        ("none, and the state is old", false, |s, r| s.correct(r), "moved", OTHERS),
        ("503 before", true, |s, r| instead(s, r, || s.error(503, "SlowDown")), "replaced", OURS),
        ("503 after", true, |s, r| after(s, r, |_| s.error(503, "SlowDown")), "replaced", OURS),
        (
            "a reset after",
            true,
            |s, r| after(s, r, |a| a.delivered(Delivery::Reset)),
            "replaced",
            OURS,
        ),
        (
            "a lost race",
            true,
            |s, r| {
                if is_first(r) {
                    s.put(KEY, b"a winner");
                }
                s.correct(r)
            },
            "moved",
            b"a winner",
        ),
        (
            "503, and a lost race",
            true,
            |s, r| {
                instead(s, r, || {
                    s.put(KEY, b"a winner");
                    s.error(503, "SlowDown")
                })
            },
            "moved",
            b"a winner",
        ),
        (
            "403",
            true,
            |s, r| always(s, r, 403, "AccessDenied"),
            "failed: HTTP status 403 (AccessDenied)",
            OTHERS,
        ),
        (
            "503 each time",
            true,
            |s, r| always(s, r, 503, "SlowDown"),
            "failed: HTTP status 503 (SlowDown), after 3 attempts",
            OTHERS,
        ),
    ];
    for (fault, is_current, wrong, expected, stored) in rows {
        for kind in ALL {
            let store = Store::new(*kind);
            others(&store);
            let server = store.serve(wrong);
            let bucket = open(&store, &server, LIMITS);
            let state = bucket.head(KEY).unwrap().unwrap().revision.unwrap();
            if !is_current {
                store.put(KEY, b"in between");
                store.put(KEY, OTHERS);
                if *kind == S3 {
                    // S3's state is the MD5: the same bytes are the same state.
                    store.put(KEY, b"the bytes of a third.");
                }
            }
            let outcome =
                with(KEY, OURS, |object| replacement(bucket.replace(object, Some(&state))));
            assert_eq!(outcome, expected, "{kind} {fault}");
            if is_current || *kind != S3 {
                assert_eq!(store.get(KEY).unwrap().bytes, stored, "{kind} {fault}");
            }
        }
    }
}

/// A busy server slows all threads down, and every object is created in the end.
#[test]
fn a_busy_server_slows_all_threads() {
    use std::sync::{Arc, Mutex};
    for kind in ALL {
        let store = Store::new(*kind);
        // At most 4 writes in any 40 ms.
        let writes: Arc<Mutex<Vec<Instant>>> = Arc::default();
        let refused = Arc::new(Mutex::new(0));
        let (seen, refusals) = (Arc::clone(&writes), Arc::clone(&refused));
        let server = store.serve(move |store, request| {
            if is_write(request) {
                let mut writes = seen.lock().unwrap();
                writes.retain(|at| at.elapsed() < Duration::from_millis(40));
                if writes.len() >= 4 {
                    *refusals.lock().unwrap() += 1;
                    return store.error(503, "SlowDown");
                }
                writes.push(Instant::now());
            }
            store.correct(request)
        });
        let limits = Limits {
            attempts: 12,
            first_wait: Duration::from_millis(40),
            longest_wait: Duration::from_secs(1),
            give_up_after: 1000,
            ..LIMITS
        };
        let bucket = Arc::new(open(&store, &server, limits));
        let outcomes = super::at_once(16, move |thread| {
            let create = |number| create(&bucket, &format!("{thread}-{number}"), OURS);
            (0..4).map(create).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(outcomes, vec!["created created created created"; 16], "{kind}");
        let refused = *refused.lock().unwrap();
        assert!(refused < 64 * 3, "{kind}: {refused} refusals for 64 objects");
    }
}
