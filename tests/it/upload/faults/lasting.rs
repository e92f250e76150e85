//! Faults that stay until all attempts are over.
//!
//! With the command's own limits each of them takes a minute, so the same steps run here with shorter waits: check,
//! upload, report.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use package_storage_migrate::digest::Sha256;
use package_storage_migrate::model::event::{Event, Observer};
use package_storage_migrate::model::plan::Plan;
use package_storage_migrate::model::upload::Layout;
use package_storage_migrate::ops::upload::{Allowed, Options, Stores, check, upload};
use package_storage_migrate::report::upload::json;
use package_storage_migrate::v2::store::PlaceArg;
use package_storage_migrate::v2::store::bucket::StoreKind::{self, S3};
use package_storage_migrate::v2::store::bucket::{Access, Bucket, Environment};
use package_storage_migrate::v2::store::http::Limits;
use serde_json::Value;

use super::{
    CURSOR, DONE, IN_TIME, INDEX, Migrated, NOT_COMPLETE, PREFIX, Refused, Row, THREE, With, ZIP,
    again, contradictions, differences, failed, nothing, others, ours, outcomes, row, stored,
};
use crate::http::LIMITS;
use crate::support::fault_server::{Delivery, Reply, Request};
use crate::support::faulty_store::Faulty;

/// Short waits, and time-outs that are reached only if a server does not answer.
pub(super) const PATIENT: Limits = Limits { give_up_after: 32, ..LIMITS };
/// For servers that do not answer. On a busy machine, other answers must come in time in one of the attempts.
const SHORT: Limits = Limits {
    response: Duration::from_secs(3),
    idle: Duration::from_secs(3),
    attempt: Duration::from_secs(9),
    ..PATIENT
};
/// Later than in all attempts.
const LATE: Delivery = Delivery::Late(Duration::from_secs(600));

struct Silent;

impl Observer for Silent {
    fn observe(&self, _: Event) {}
}

/// Does what the command does, and returns its report, or why there is none.
pub(super) fn uploaded(
    migrated: &Migrated,
    kind: StoreKind,
    variables: Vec<(String, String)>,
    limits: Limits,
) -> Result<Value, String> {
    let folder = migrated.path();
    let plan_path = folder.join("plan.json");
    let text = std::fs::read_to_string(&plan_path).unwrap();
    let plan = Plan::from_json(&text).unwrap();
    let to: PlaceArg = format!("{kind}://bkt/{PREFIX}").parse().unwrap();
    let url = format!("{kind}://bkt/{PREFIX}").parse().unwrap();
    let options = Options {
        folders: vec![folder],
        plan_path,
        plan_digest: Sha256::of(text.as_bytes()),
        blocker_count: 0,
        allowed: Allowed::default(),
        layout: Layout::Bucket,
        cache_control: None,
        checks_files: false,
        keeps_signatures: false,
        is_dry_run: false,
        jobs: Some(4),
        to: to.name,
        internal: None,
        endpoint: None,
    };
    let interrupt = AtomicBool::new(false);
    let checked = check(&plan, &options, &Silent, &interrupt).unwrap();
    let environment = Environment::of(variables);
    let bucket = Bucket::open(&url, &environment, Access::default(), limits).unwrap();
    let stores = Stores { to: &bucket, internal: &bucket, internal_kind: kind };
    match upload(&checked, &options, stores, &Silent, &interrupt) {
        Ok(outcome) => Ok(serde_json::from_str(&json::render(&outcome).unwrap()).unwrap()),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            Err(format!("{error}: {}", cause.unwrap_or_default()))
        }
    }
}

fn run(row: &Row, kind: StoreKind) -> Vec<String> {
    run_with(row, kind, PATIENT)
}

fn run_briefly(row: &Row, kind: StoreKind) -> Vec<String> {
    run_with(row, kind, SHORT)
}

/// Returns what is wrong with a row over one store.
fn run_with(row: &Row, kind: StoreKind, limits: Limits) -> Vec<String> {
    let faulty = Faulty::new(kind);
    (row.before)(&faulty.store);
    let before = stored(&faulty.store);
    let server = faulty.serve(row.wrong);
    let start = Instant::now();
    let report = uploaded(&THREE, kind, faulty.store.variables(&server), limits);
    let mut wrong = Vec::new();
    if start.elapsed() > IN_TIME {
        wrong.push(format!("took {:?}", start.elapsed()));
    }
    match (row.ends, &report) {
        (Refused(message), Err(error)) => {
            if !error.contains(message) {
                wrong.push(format!("{error}, expected {message}"));
            }
            if stored(&faulty.store).len() != before.len() {
                wrong.push("something was sent".to_owned());
            }
        }
        (With(code, expected), Ok(report)) => {
            let outcomes = outcomes(report);
            wrong.extend(differences(&outcomes, expected));
            wrong.extend(contradictions(&outcomes, row.unknown, &THREE, &faulty.store, &before));
            let conclusions = ["complete", "conflicts", "", "failed"];
            if report["verdict"]["conclusion"] != conclusions[code as usize] {
                wrong.push(format!("concludes {}", report["verdict"]));
            }
        }
        (_, report) => wrong.push(format!("ends with {report:?}")),
    }
    if format!("{report:?}").contains("secret-in-a-message") {
        wrong.push("shows a secret".to_owned());
    }
    if wrong.is_empty() {
        wrong.extend(again(&THREE, &faulty.store));
    }
    wrong
}

fn html() -> Reply {
    let body = b"<html>secret-in-a-message".to_vec();
    Reply { body, ..Reply::status(200).with("content-type", "text/html") }
}

/// Answers each write of the archive with an error.
fn refused(f: &Faulty, r: &Request, status: u16, code: &str) -> Option<Reply> {
    f.writes(r, ZIP).then(|| f.store.error(status, code))
}

/// Whether a request comes after the archive was written for the first time.
fn is_afterwards(f: &Faulty, r: &Request) -> bool {
    f.writes(r, ZIP) || f.looks(r, ZIP)
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("503 for each write of the object", nothing, |f, r| refused(f, r, 503, "SlowDown"), failed!("HTTP status 503 (SlowDown), after 3 attempts")),
    row("503 for each write", nothing, |f, r| f.writes(r, "").then(|| f.store.error(503, "SlowDown")),
        With(3, &[(".sig", "withheld archive-not-there"), (INDEX, NOT_COMPLETE), (CURSOR, NOT_COMPLETE), ("", "failed HTTP status 503 (SlowDown)…")])),
    row("503 after each commit", nothing, |f, r| f.writes(r, "").then(|| f.after(r, 503, "SlowDown")), DONE),
    row("429 for each object, once", nothing, |f, r| { let key = f.store.written_key(r)?; (f.nth(&key) == 0).then(|| f.store.error(429, "TooManyRequests")) }, DONE),
    row("500 for each write of the object", nothing, |f, r| refused(f, r, 500, "InternalError"), failed!("HTTP status 500 (InternalError), after 3 attempts")),
    row("a reset for each write of the object", nothing, |f, r| f.writes(r, ZIP).then(|| Reply::status(200).delivered(Delivery::Reset)), failed!("…")),
    row("a reset after each commit of the object", nothing, |f, r| f.writes(r, ZIP).then(|| f.store.correct(r).delivered(Delivery::Reset)), DONE),
    row("429 for each write of the object", nothing, |f, r| refused(f, r, 429, "TooManyRequests"), failed!("HTTP status 429 (TooManyRequests), after 3 attempts")),
    row("200 of a proxy for each write of the object", nothing, |f, r| f.writes(r, ZIP).then(html), failed!("the answer is not valid: it does not confirm the write, after 3 attempts")),
    row("200 of a proxy for each write", nothing, |f, r| f.writes(r, "").then(html),
        With(3, &[(".sig", "withheld archive-not-there"), (INDEX, NOT_COMPLETE), (CURSOR, NOT_COMPLETE), ("", "failed the answer is not valid: it does not confirm the write, after 3 attempts")])),
    row("200 of a proxy after the list, for everything", nothing, |_, r| (!r.path.contains("prefix=")).then(html),
        With(3, &[(".sig", "withheld archive-not-there"), (INDEX, NOT_COMPLETE), ("", "failed the answer is not valid…")])),
    row("no answer any more after the commit", nothing, |f, r| is_afterwards(f, r).then(|| { if f.writes(r, ZIP) { f.store.correct(r); } f.store.error(503, "SlowDown") }), failed!("HTTP status 503…")).unknown(&[ZIP]),
    row("exists, and no answer any more", ours, |f, r| match (f.lists(r), is_afterwards(f, r)) { (true, _) => Some(crate::support::bucket_server::Store::new(f.store.kind).correct(r)), (_, true) if f.looks(r, ZIP) => Some(f.store.error(500, "InternalError")), _ => None }, failed!("HTTP status 4…")).unknown(&[ZIP]),
    row("a proxy answers each look", |s| { ours(s); s.edit(&format!("{PREFIX}/{}", super::LANTERN), |o| o.hides_digests = true); }, |f, r| f.looks(r, ZIP).then(|| if r.method == "HEAD" { Reply::status(200).with("content-length", "25") } else { html() }), failed!("the answer is not valid…")).unknown(&[ZIP]),
    row("503 for each look at another object", others, |f, r| f.looks(r, ZIP).then(|| f.store.error(503, "SlowDown")), super::CONFLICT),
    row("409 for each write of the object", nothing, |f, r| refused(f, r, 409, "ConditionalRequestConflict"), failed!("HTTP status 409 (ConditionalRequestConflict), after 3 attempts")).only(&[S3]),
    row("a clock that is wrong", nothing, |f, r| refused(f, r, 403, "RequestTimeTooSkewed"), failed!("HTTP status 403 (RequestTimeTooSkewed), after 3 attempts")).only(&[S3]),
    row("503 for each list", nothing, |f, r| f.lists(r).then(|| f.store.error(503, "SlowDown")), Refused("HTTP status 503 (SlowDown), after 3 attempts")),
    row("503 for each later page", super::six, |f, r| f.lists_on(r).then(|| f.store.error(503, "SlowDown")), Refused("HTTP status 503 (SlowDown), after 3 attempts")),
    row("a list that is always cut off", super::six, |f, r| f.lists(r).then(|| { let mut reply = f.store.correct(r); reply.body.truncate(90); reply }), Refused("it is malformed or cut off, after 3 attempts")),
    row("503 for each write of the cursor", nothing, |f, r| f.writes(r, CURSOR).then(|| f.store.error(503, "SlowDown")), With(3, &[(CURSOR, "failed HTTP status 503 (SlowDown), after 3 attempts")])),
    row("503 after each commit of the cursor", nothing, |f, r| f.writes(r, CURSOR).then(|| f.after(r, 503, "SlowDown")), DONE),
    row("503 for each look at the cursor", nothing, |f, r| f.looks(r, CURSOR).then(|| f.store.error(503, "SlowDown")), With(3, &[(INDEX, NOT_COMPLETE), (CURSOR, "failed HTTP status 503…")])),
];

/// Servers that do not answer, or not to the end.
#[rustfmt::skip]
const SILENT: &[Row] = &[
    row("no answer to each write of the object", nothing, |f, r| f.writes(r, ZIP).then(|| Reply::status(200).delivered(LATE)), failed!("no response within 3 s, after 3 attempts")),
    row("an answer that stays incomplete, after the commit", nothing, |f, r| f.writes(r, ZIP).then(|| { let reply = f.store.correct(r); Reply { body: vec![b' '; 500], ..reply }.delivered(Delivery::Stalled(2)) }), DONE),
    row("no answer after the commit", nothing, |f, r| f.first_write(r, ZIP).then(|| f.store.correct(r).delivered(LATE)), DONE),
    row("a list that does not go on", super::six, |f, r| f.lists(r).then(|| f.store.correct(r).delivered(Delivery::Stalled(90))), Refused("cannot ")),
    row("a list without an answer", nothing, |f, r| f.lists(r).then(|| Reply::status(200).delivered(LATE)), Refused("cannot reach")),
];

#[test]
fn faults_that_stay_end_in_time() {
    let case_count = super::hold_with(&[ROWS], run);
    assert!(ROWS.len() >= 20 && case_count >= ROWS.len(), "{case_count} cases");
}

#[test]
fn servers_that_do_not_answer_end_in_time() {
    let case_count = super::hold_with(&[SILENT], run_briefly);
    assert!(SILENT.len() >= 5 && case_count >= SILENT.len(), "{case_count} cases");
}
