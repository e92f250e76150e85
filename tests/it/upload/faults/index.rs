//! Faults at the end of a run: the index, its changes, and the cursor.

use super::{CURSOR, DONE, INDEX, NOT_COMPLETE, PREFIX, Row, With, nothing, put, row};
use crate::support::bucket_server::Store;
use crate::support::fault_server::{Delivery, Reply, Request};
use crate::support::faulty_store::Faulty;

const DELTA: &str = "search-index-delta.json";
const KEY: &str = "v2/metadata/cursor.json";

/// What is written by another run, which wins.
fn other_cursor(store: &Store) {
    put(store, KEY, b"{\"current\":\"9999999999\"}");
}

fn refused(f: &Faulty, r: &Request, end: &str) -> Option<Reply> {
    f.writes(r, end).then(|| f.store.error(403, "AccessDenied"))
}

/// The first run's objects are there, apart from those of its index.
macro_rules! second {
    ($code:literal $(, $expected:expr)*) => {
        With($code, &[("beacon-1.0.0", "already-there") $(, $expected)*])
    };
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("503 after the commit of the index", nothing, |f, r| f.first_write(r, INDEX).then(|| f.after(r, 503, "SlowDown")), DONE),
    row("403 for the index", nothing, |f, r| refused(f, r, INDEX), With(3, &[(INDEX, "failed HTTP status 403 (AccessDenied)"), (CURSOR, NOT_COMPLETE)])),
    row("a lost race for the index, against other bytes", nothing, |f, r| { if f.first_write(r, INDEX) { let key = f.store.written_key(r).expect("a key"); f.store.put(&key, b"[]"); } None },
        With(1, &[(INDEX, "conflict other-bytes"), (CURSOR, NOT_COMPLETE)])),
    row("503 after the commit of the cursor", nothing, |f, r| f.first_write(r, CURSOR).then(|| f.after(r, 503, "SlowDown")), DONE),
    row("a reset after the commit of the cursor", nothing, |f, r| f.first_write(r, CURSOR).then(|| f.store.correct(r).delivered(Delivery::Reset)), DONE),
    row("503 before the commit of the cursor", nothing, |f, r| f.first_write(r, CURSOR).then(|| f.store.error(503, "SlowDown")), DONE),
    row("200 of a proxy for the cursor, once", nothing, |f, r| f.first_write(r, CURSOR).then(|| Reply { body: b"<html>".to_vec(), ..Reply::status(200) }), DONE),
    row("403 for the cursor", nothing, |f, r| refused(f, r, CURSOR), With(3, &[(CURSOR, "failed HTTP status 403 (AccessDenied)")])),
    row("another cursor at the last moment", nothing, |f, r| { if f.first_write(r, CURSOR) { other_cursor(&f.store); } None }, With(1, &[(CURSOR, "conflict cursor-moved")])),
    row("503, and another cursor meanwhile", nothing, |f, r| f.first_write(r, CURSOR).then(|| { other_cursor(&f.store); f.store.error(503, "SlowDown") }), With(1, &[(CURSOR, "conflict cursor-moved")])),
    row("another cursor during the run", nothing, |f, r| { if f.first_write(r, "pier-2.0.0.zip") { other_cursor(&f.store); } None },
        With(1, &[(INDEX, "withheld cursor-not-base"), (CURSOR, "conflict cursor-moved")])),
    row("403 for each look at the cursor", nothing, |f, r| f.looks(r, CURSOR).then(|| f.store.error(403, "AccessDenied")),
        With(3, &[(INDEX, NOT_COMPLETE), (CURSOR, "failed HTTP status 403…")])),
    row("503 for the first look at the cursor", nothing, |f, r| f.first_look(r, CURSOR).then(|| f.store.error(503, "SlowDown")), DONE),
    row("a look at the cursor that a proxy answers, once", nothing, |f, r| f.first_look(r, CURSOR).then(|| Reply { body: b"<html>".to_vec(), ..Reply::status(200) }), DONE),

    row("none: the cursor is replaced", nothing, |_, _| None, second!(0)).second(),
    row("503 after the cursor was replaced", nothing, |f, r| f.first_write(r, CURSOR).then(|| f.after(r, 503, "SlowDown")), second!(0)).second(),
    row("503 before the cursor was replaced", nothing, |f, r| f.first_write(r, CURSOR).then(|| f.store.error(503, "SlowDown")), second!(0)).second(),
    row("a reset after the cursor was replaced", nothing, |f, r| f.first_write(r, CURSOR).then(|| f.store.correct(r).delivered(Delivery::Reset)), second!(0)).second(),
    row("a cursor that is read in part, once", nothing, |f, r| (f.reads(r, CURSOR) && f.nth("read") == 0).then(|| f.store.correct(r).delivered(Delivery::Cut(3))), second!(0)).second(),
    row("another cursor before it is replaced", nothing, |f, r| { if f.first_write(r, CURSOR) { other_cursor(&f.store); } None }, second!(1, (CURSOR, "conflict cursor-moved"))).second(),
    row("another cursor while it is read", nothing, |f, r| { if f.reads(r, CURSOR) && f.nth("read") == 0 { other_cursor(&f.store); } None },
        second!(3, (INDEX, NOT_COMPLETE), (DELTA, NOT_COMPLETE), (CURSOR, "failed the object was replaced while it was read"))).second(),
    row("403 for the cursor that is to be replaced", nothing, |f, r| refused(f, r, CURSOR), second!(3, (CURSOR, "failed HTTP status 403 (AccessDenied)"))).second(),
    row("403 for the changes", nothing, |f, r| refused(f, r, DELTA), second!(3, (DELTA, "failed HTTP status 403 (AccessDenied)"), (CURSOR, NOT_COMPLETE))).second(),
    row("the cursor is gone", |s| s.remove(&format!("{PREFIX}/{KEY}")), |_, _| None,
        second!(1, (INDEX, "withheld cursor-not-base"), (DELTA, "withheld cursor-not-base"), (CURSOR, "conflict cursor-moved"))).second(),
];
