//! Faults while it is found out what is there: metadata, digests that are none, and reading.

use package_storage_migrate::v2::store::bucket::StoreKind::{Azure, S3};

use super::{CONFLICT, DONE, LANTERN, Row, THERE, THREE, ZIP, failed, nothing, ours, row};
use crate::support::bucket_server::{Store, Stored};
use crate::support::fault_server::{Delivery, Reply, Request};
use crate::support::faulty_store::Faulty;
use crate::upload::PREFIX;

fn edited(store: &Store, edit: impl FnOnce(&mut Stored)) {
    store.edit(&format!("{PREFIX}/{LANTERN}"), |object| {
        object.bytes = THREE.bytes(LANTERN);
        edit(object);
    });
}

/// The object, encrypted with a key of a KMS or composed of parts: S3's ETag is no digest.
fn without_md5(store: &Store) {
    edited(store, |object| object.hides_md5 = true);
}

/// Another object of the same length, likewise.
fn other_without_md5(store: &Store) {
    edited(store, |object| {
        object.bytes[9] ^= 1;
        object.hides_md5 = true;
    });
}

fn without_digests(store: &Store) {
    edited(store, |object| object.hides_digests = true);
}

fn other_without_digests(store: &Store) {
    edited(store, |object| {
        object.bytes[9] ^= 1;
        object.hides_digests = true;
    });
}

/// The answer of something else with status 200.
fn page_of_a_proxy(r: &Request) -> Reply {
    let body = b"<html>secret-in-a-message</html>".to_vec();
    let reply = Reply::status(200).with("content-type", "text/html");
    match r.method.as_str() {
        "HEAD" => reply.with("content-length", body.len().to_string()),
        _ => Reply { body, ..reply },
    }
}

/// Answers the first look with an error.
fn once(f: &Faulty, r: &Request, status: u16, code: &str) -> Option<Reply> {
    f.first_look(r, ZIP).then(|| f.store.error(status, code))
}

fn first_read(f: &Faulty, r: &Request) -> bool {
    f.reads(r, ZIP) && f.nth("read") == 0
}

/// Answers the write with 503 after the commit, so that the object is looked at.
fn uncertain(f: &Faulty, r: &Request) -> Option<Reply> {
    f.first_write(r, ZIP).then(|| f.after(r, 503, "SlowDown"))
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("the object without MD5: KMS, or parts", without_md5, |_, _| None, THERE),
    row("another object without MD5", other_without_md5, |_, _| None, CONFLICT),
    row("the object without any digest", without_digests, |_, _| None, THERE),
    row("another object without any digest", other_without_digests, |_, _| None, CONFLICT),
    row("503 for the first look", without_digests, |f, r| once(f, r, 503, "SlowDown"), THERE),
    row("429 for the first look", without_digests, |f, r| once(f, r, 429, "TooManyRequests"), THERE),
    row("a look that is cut off", without_digests, |f, r| f.first_look(r, ZIP).then(|| Reply::status(200).delivered(Delivery::Reset)), THERE),
    row("a look that a proxy answers, once", without_digests, |f, r| f.first_look(r, ZIP).then(|| page_of_a_proxy(r)), THERE),
    row("a look that finds nothing any more", without_digests, |f, r| f.first_look(r, ZIP).then(|| f.store.error(404, "NoSuchKey")), THERE),
    row("403 for each look", without_digests, |f, r| f.looks(r, ZIP).then(|| f.store.error(403, "AccessDenied")), failed!("HTTP status 403…")).unknown(&[ZIP]),
    row("a connection that is cut off while reading", without_digests, |f, r| first_read(f, r).then(|| f.store.correct(r).delivered(Delivery::Cut(20))), THERE),
    row("503 while reading", without_digests, |f, r| first_read(f, r).then(|| f.store.error(503, "SlowDown")), THERE),
    row("another object while reading", without_digests, |f, r| f.reads(r, ZIP).then(|| Reply { body: vec![0; 20], ..f.store.correct(r).with("etag", "\"2\"") }), failed!("the object was replaced while it was read")).unknown(&[ZIP]).only(&[S3, Azure]),
    row("a proxy answers while reading, once", without_digests, |f, r| first_read(f, r).then(|| page_of_a_proxy(r)), THERE).only(&[S3, Azure]),
    row("403 while reading", without_digests, |f, r| f.reads(r, ZIP).then(|| f.store.error(403, "AccessDenied")), failed!("HTTP status 403 (AccessDenied)")).unknown(&[ZIP]),
    row("the object with a Content-Encoding", without_digests, |f, r| f.reads(r, ZIP).then(|| f.store.correct(r).with("content-encoding", "gzip")), failed!("the server sent the object with a Content-Encoding, so its bytes differ")).unknown(&[ZIP]),

    row("503 after the commit, and 503 for the look", nothing, |f, r| uncertain(f, r).or_else(|| once(f, r, 503, "SlowDown")), DONE),
    row("503 after the commit, and a look that a proxy answers", nothing, |f, r| uncertain(f, r).or_else(|| f.first_look(r, ZIP).then(|| page_of_a_proxy(r))), DONE),
    row("503 after the commit, and a look that finds nothing yet", nothing, |f, r| uncertain(f, r).or_else(|| once(f, r, 404, "NoSuchKey")), DONE),
    row("503 after the commit, and 403 for each look", nothing, |f, r| uncertain(f, r).or_else(|| f.looks(r, ZIP).then(|| f.store.error(403, "AccessDenied"))), failed!("HTTP status 403…")).unknown(&[ZIP]),
    row("exists, and 503 for the look", ours, |f, r| f.lists(r).then(|| Store::new(f.store.kind).correct(r)).or_else(|| once(f, r, 503, "SlowDown")), THERE),
    row("exists, and 403 for each look", ours, |f, r| f.lists(r).then(|| Store::new(f.store.kind).correct(r)).or_else(|| f.looks(r, ZIP).then(|| f.store.error(403, "AccessDenied"))), failed!("HTTP status 4…")).unknown(&[ZIP]),
];
