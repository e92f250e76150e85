//! Faults while objects are written.

use std::time::Duration;

use package_storage_migrate::v2::store::bucket::StoreKind::{Azure, Gcs, S3};

use super::{
    CONFLICT, CURSOR, DONE, INDEX, LANTERN, NOT_COMPLETE, README, Row, SIG, THERE, With, ZIP,
    failed, nothing, others, ours, put, row,
};
use crate::support::bucket_server::Store;
use crate::support::fault_server::{Delivery, Reply, Request};
use crate::support::faulty_store::Faulty;
use crate::upload::{PREFIX, THREE};

/// The answer of something between the tool and the store that takes every request for one to itself.
fn page_of_a_proxy(status: u16) -> Reply {
    let body = b"<html><body>secret-in-a-message</body></html>".to_vec();
    Reply { body, ..Reply::status(status).with("content-type", "text/html") }
}

/// The page of a list without entries, which hides what is there.
fn hidden(f: &Faulty, r: &Request) -> Option<Reply> {
    f.lists(r).then(|| Store::new(f.store.kind).correct(r))
}

/// Delivers the answer to the first write of the archive differently, after the commit.
fn delivered(f: &Faulty, r: &Request, delivery: Delivery) -> Option<Reply> {
    f.first_write(r, ZIP).then(|| {
        let reply = f.store.correct(r);
        let body = [&reply.body[..], &[b' '; 500]].concat();
        Reply { body, ..reply }.delivered(delivery)
    })
}

/// Answers each write of the archive with an error.
fn refused(f: &Faulty, r: &Request, status: u16, code: &str) -> Option<Reply> {
    f.writes(r, ZIP).then(|| f.store.error(status, code))
}

/// Answers the first write of the archive with an error, and does not carry it out.
fn once(f: &Faulty, r: &Request, status: u16, code: &str) -> Option<Reply> {
    f.first_write(r, ZIP).then(|| f.store.error(status, code))
}

/// Flips a bit of the last bytes of an archive, on the way.
fn damaged(f: &Faulty, r: &Request) -> Reply {
    let bytes = THREE.bytes(LANTERN);
    let mut request = r.clone();
    let at = request.body.windows(bytes.len()).position(|part| part == bytes);
    request.body[at.expect("the archive")] ^= 1;
    f.store.correct(&request)
}

/// Returns the correct answer to a request if the archive had other bytes.
fn with_other_digests(f: &Faulty, r: &Request) -> Reply {
    let reply = f.store.correct(r);
    let key = format!("{PREFIX}/{LANTERN}");
    let Some(kept) = f.store.get(&key) else { return reply };
    let other = Store::new(f.store.kind);
    other.edit(&key, |object| {
        *object = kept;
        object.bytes[0] ^= 1;
    });
    // What a look would be answered; the tag and the digests are those of the write's answer, too.
    let look = match f.store.kind {
        Gcs => ("GET", format!("/storage/v1/b/bkt/o/{}", encoded(&key, true))),
        S3 => ("HEAD", format!("/bkt/{}", encoded(&key, false))),
        Azure => ("HEAD", format!("/acc/bkt/{}", encoded(&key, false))),
    };
    let (method, path) = (look.0.to_owned(), look.1);
    let lie = other.correct(&Request { method, path, ..Request::default() });
    match f.writes(r, ZIP) && f.store.kind != Gcs {
        // The answer to a write has no body.
        true => Reply { status: reply.status, body: Vec::new(), ..lie.with("content-length", "0") },
        false => lie,
    }
}

fn encoded(key: &str, is_component: bool) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let text = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
    if is_component { text } else { text.replace("%2F", "/") }
}

/// Each write is refused: archives and static resources fail, and everything that depends on them is withheld.
macro_rules! all_failed {
    ($detail:literal) => {
        With(
            3,
            &[
                (".sig", "withheld archive-not-there"),
                (INDEX, NOT_COMPLETE),
                (CURSOR, NOT_COMPLETE),
                ("", concat!("failed ", $detail)),
            ],
        )
    };
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("none", nothing, |_, _| None, DONE),
    row("none, and the object is there", ours, |_, _| None, THERE),
    row("none, and another object is there", others, |_, _| None, CONFLICT),

    row("503 before the commit", nothing, |f, r| once(f, r, 503, "SlowDown"), DONE),
    row("503 after the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| f.after(r, 503, "SlowDown")), DONE),
    row("500 after the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| f.after(r, 500, "InternalError")), DONE),
    row("500 after each commit", nothing, |f, r| f.writes(r, "").then(|| f.after(r, 500, "InternalError")), DONE),
    row("502 of a proxy, before the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| page_of_a_proxy(502)), DONE),
    row("504 of a proxy, after the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| { f.store.correct(r); page_of_a_proxy(504) }), DONE),
    row("a reset before the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| Reply::status(200).delivered(Delivery::Reset)), DONE),
    row("a reset after the commit", nothing, |f, r| delivered(f, r, Delivery::Reset), DONE),
    row("an answer that is cut off, after the commit", nothing, |f, r| delivered(f, r, Delivery::Cut(3)), DONE),
    row("an answer that is not HTTP, after the commit", nothing, |f, r| delivered(f, r, Delivery::Garbage), DONE),
    row("a late answer", nothing, |f, r| delivered(f, r, Delivery::Late(Duration::from_millis(700))), DONE),
    row("an answer byte by byte", nothing, |f, r| delivered(f, r, Delivery::Dribbled(Duration::from_micros(200))), DONE),
    row("an answer in chunks", nothing, |f, r| delivered(f, r, Delivery::Chunked), DONE),
    row("an answer without a length", nothing, |f, r| delivered(f, r, Delivery::UntilClosed), DONE),

    row("200 of a proxy, once, and nothing is stored", nothing, |f, r| f.first_write(r, ZIP).then(|| page_of_a_proxy(200)), DONE),
    row("200 of a proxy, once, after the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| { f.store.correct(r); page_of_a_proxy(200) }), DONE),
    row("200 without anything, once, and nothing is stored", nothing, |f, r| f.first_write(r, ZIP).then(|| Reply::status(200)), DONE),
    row("202 instead of the documented success, after the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| { f.store.correct(r); Reply::status(202) }), DONE),
    row("202 for each write, and nothing is stored", nothing, |f, r| f.writes(r, ZIP).then(|| Reply::status(202)), failed!("HTTP status 202")),

    row("a lost race, against the same bytes", nothing, |f, r| { if f.first_write(r, ZIP) { ours(&f.store); } None }, THERE),
    row("a lost race, against other bytes", nothing, |f, r| { if f.first_write(r, ZIP) { others(&f.store); } None }, CONFLICT),
    row("503, and another object is written meanwhile", nothing, |f, r| f.first_write(r, ZIP).then(|| { others(&f.store); f.store.error(503, "SlowDown") }), CONFLICT),
    row("503, and the object is written meanwhile, but for its type", nothing, |f, r| f.first_write(r, ZIP).then(|| { f.store.edit(&format!("{PREFIX}/{LANTERN}"), |o| { o.bytes = THREE.bytes(LANTERN); o.content_type = "application/zip".to_owned(); }); f.store.error(503, "SlowDown") }), DONE),
    row("a list that hides the object", ours, hidden, THERE),
    row("a list that hides another object", others, hidden, CONFLICT),

    row("429 with Retry-After", nothing, |f, r| f.first_write(r, ZIP).then(|| f.store.error(429, "TooManyRequests").with("retry-after", "1")), DONE),
    row("429 with a date in the past", nothing, |f, r| f.first_write(r, ZIP).then(|| f.store.error(429, "TooManyRequests").with("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")), DONE),
    row("429 with a Retry-After of a day", nothing, |f, r| f.first_write(r, ZIP).then(|| f.store.error(429, "TooManyRequests").with("retry-after", "86400")),
        With(3, &[("packages/beacon-1.0.0.zip", "created"), (".sig", "withheld archive-not-there"), (INDEX, NOT_COMPLETE), (CURSOR, "failed the server asks to wait …"), ("", "failed the server asks to wait …")])).args("--jobs 1"),
    row("408", nothing, |f, r| once(f, r, 408, "RequestTimeout"), DONE),

    row("403 for an object that the list hides", ours, |f, r| hidden(f, r).or_else(|| refused(f, r, 403, "AccessDenied")), THERE),
    row("403 for another object that the list hides", others, |f, r| hidden(f, r).or_else(|| refused(f, r, 403, "AccessDenied")), CONFLICT),
    row("403 for an object that is not there", nothing, |f, r| refused(f, r, 403, "AccessDenied"), failed!("HTTP status 403 (AccessDenied)")),
    row("403 for each write", nothing, |f, r| f.writes(r, "").then(|| f.store.error(403, "AccessDenied")), all_failed!("HTTP status 403 (AccessDenied)")),
    row("401 for each write of the object", nothing, |f, r| refused(f, r, 401, "Unauthorized"), failed!("HTTP status 401 (Unauthorized)…")),
    row("404: the bucket is gone", nothing, |f, r| f.writes(r, "").then(|| f.store.error(404, "NoSuchBucket")), all_failed!("HTTP status 404 (NoSuchBucket)")),
    row("400", nothing, |f, r| refused(f, r, 400, "InvalidRequest"), failed!("HTTP status 400 (InvalidRequest)")),
    row("413 of a gateway", nothing, |f, r| refused(f, r, 413, "EntityTooLarge"), failed!("HTTP status 413 (EntityTooLarge)")),
    row("501: no conditional writes", nothing, |f, r| refused(f, r, 501, "NotImplemented"), failed!("HTTP status 501 (NotImplemented)")),
    row("407 of a proxy", nothing, |f, r| f.writes(r, ZIP).then(|| page_of_a_proxy(407)), failed!("HTTP status 407")),
    row("412, and the object is gone", nothing, |f, r| refused(f, r, 412, "PreconditionFailed"), failed!("HTTP status 412 (PreconditionFailed)")),
    row("a redirect to another host", nothing, |f, r| f.writes(r, ZIP).then(|| f.store.error(307, "TemporaryRedirect").with("location", "http://127.0.0.1:9/?sig=planted")), failed!("HTTP status 307 (TemporaryRedirect)")),

    row("bytes that were damaged on the way, once", nothing, |f, r| f.first_write(r, ZIP).then(|| damaged(f, r)), DONE).only(&[S3, Azure]),
    row("bytes that are damaged on the way", nothing, |f, r| f.writes(r, ZIP).then(|| damaged(f, r)), failed!("HTTP status 400 (invalid)")).only(&[Gcs]),
    row("other digests in the answer", nothing, |f, r| f.writes(r, ZIP).then(|| with_other_digests(f, r)), DONE),
    row("other digests in all answers", nothing, |f, r| (f.writes(r, ZIP) || f.looks(r, ZIP)).then(|| with_other_digests(f, r)),
        failed!("the answer cannot be right: the store reports other digests than sent")).unknown(&[ZIP]),

    row("409: another write is under way", nothing, |f, r| once(f, r, 409, "ConditionalRequestConflict"), DONE).only(&[S3]),
    row("409 that is not about the object", nothing, |f, r| refused(f, r, 409, "ContainerBeingDeleted"), failed!("HTTP status 409 (ContainerBeingDeleted)")).only(&[Gcs, Azure]),
    row("a signature that is too old", nothing, |f, r| once(f, r, 403, "RequestTimeTooSkewed"), DONE).only(&[S3]),
    row("a wrong secret", nothing, |f, r| refused(f, r, 403, "SignatureDoesNotMatch"), failed!("HTTP status 403 (SignatureDoesNotMatch)")).only(&[S3]),
    row("a clock that is wrong", nothing, |f, r| refused(f, r, 403, "AuthenticationFailed"), failed!("HTTP status 403 (AuthenticationFailed)…")).only(&[Azure]),
    row("another region", nothing, |f, r| f.writes(r, ZIP).then(|| f.store.error(301, "PermanentRedirect").with("x-amz-bucket-region", "eu-west-1")),
        failed!("HTTP status 301 (PermanentRedirect, the bucket is in eu-west-1)")).only(&[S3]),
    row("a body that took too long", nothing, |f, r| once(f, r, 400, "RequestTimeout"), DONE).only(&[S3]),
    row("a body that did not arrive whole", nothing, |f, r| once(f, r, 400, "IncompleteBody"), DONE).only(&[S3]),
    row("a rate limit that is a 403", nothing, |f, r| once(f, r, 403, "rateLimitExceeded"), DONE).only(&[Gcs]),
    row("a write that is encrypted with KMS", nothing, |f, r| f.writes(r, ZIP).then(|| f.store.correct(r).with("etag", "\"00000000000000000000000000000000\"").with("x-amz-server-side-encryption", "aws:kms")), DONE).only(&[S3]),

    row("503 after the commit of a signature", nothing, |f, r| f.first_write(r, SIG).then(|| f.after(r, 503, "SlowDown")), DONE),
    row("403 for a signature", nothing, |f, r| f.writes(r, SIG).then(|| f.store.error(403, "AccessDenied")),
        With(3, &[(SIG, "failed HTTP status 403 (AccessDenied)"), (INDEX, NOT_COMPLETE), (CURSOR, NOT_COMPLETE)])),
    row("another signature is there", |s| put(s, &format!("{LANTERN}.sig"), b"another signature"), |_, _| None,
        With(1, &[(SIG, "conflict other-bytes"), (INDEX, NOT_COMPLETE), (CURSOR, NOT_COMPLETE)])),
    row("400 for a static resource", nothing, |f, r| f.writes(r, README).then(|| f.store.error(400, "InvalidRequest")),
        With(3, &[(README, "failed HTTP status 400 (InvalidRequest)"), (INDEX, NOT_COMPLETE), (CURSOR, NOT_COMPLETE)])),
    row("a failure and a conflict", others, |f, r| f.writes(r, README).then(|| f.store.error(400, "InvalidRequest")),
        With(3, &[(SIG, "withheld archive-not-there"), (ZIP, "conflict other-bytes"), (README, "failed HTTP status 400 (InvalidRequest)"), (INDEX, NOT_COMPLETE), (CURSOR, NOT_COMPLETE)])),
];
