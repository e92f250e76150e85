//! Faults of stores, through the whole command, over all three stores: one row a fault.
//!
//! For each object of the plan, a row says what the report has about it, and the store is asked whether that is so: no
//! success without the bytes, no object replaced, no hang. Then the store is sound again, and the same command once
//! more completes what can be completed. Faults that stay until all attempts are over are in `lasting`: the waits
//! in between are short there. Some of them are in `transport`, with the waits of the command.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use package_storage_migrate::v2::store::bucket::StoreKind;

use self::checks::{contradictions, differences, outcomes, stored};
use super::index::Nights;
use super::{ALL, LANTERN, Migrated, PREFIX, SECRETS, THREE, serve, tool_with};
use crate::support::bucket_server::Store;
use crate::support::fault_server::FaultServer;
use crate::support::faulty_store::{Faulty, Wrong};
use crate::support::schemas::assert_valid;
use crate::support::tool::all_cases;

mod checks;
mod credentials;
mod index;
mod lasting;
mod lists;
mod looks;
mod transport;
mod writes;

/// The maximum duration of a run, on a busy machine; without faults it takes a tenth of a second.
const IN_TIME: Duration = Duration::from_secs(240);
/// Number of rows at once: most of them wait.
const AT_ONCE: usize = 24;

/// Parts of keys, by which rows name objects; the first one that a key contains counts.
const ZIP: &str = "lantern-1.0.0.zip";
const SIG: &str = "lantern-1.0.0.zip.sig";
const README: &str = "lantern-1.0.0/docs/README.md";
const INDEX: &str = "search-index-all.json";
const CURSOR: &str = "cursor.json";
const NOT_COMPLETE: &str = "withheld not-complete";

struct Row {
    fault: &'static str,
    stores: &'static [StoreKind],
    plan: Planned,
    /// What is in the store.
    before: fn(&Store),
    wrong: Wrong,
    /// The variables; `None` for those of the store.
    variables: Option<Variables>,
    args: &'static str,
    ends: Ends,
    /// Parts of the keys of objects that are stored although they count as failed: their state is unknown.
    unknown: &'static [&'static str],
}

type Variables = fn(&Faulty, &FaultServer) -> Vec<(String, String)>;

/// What is uploaded.
#[derive(Clone, Copy)]
enum Planned {
    /// Three signed revisions.
    Three,
    /// A plan that continues the index of another one, which is published.
    Second,
}

/// How a run ends.
#[derive(Clone, Copy)]
enum Ends {
    /// With an exit code, and these outcomes; all other objects are created.
    With(i32, &'static [(&'static str, &'static str)]),
    /// Before anything is sent, with this message.
    Refused(&'static str),
}
use Ends::{Refused, With};

const DONE: Ends = With(0, &[]);
const THERE: Ends = With(0, &[(SIG, "created"), (ZIP, "already-there")]);
#[rustfmt::skip]
const CONFLICT: Ends = With(1, &[
    (SIG, "withheld archive-not-there"), (ZIP, "conflict other-bytes"), (INDEX, NOT_COMPLETE), (CURSOR, NOT_COMPLETE),
]);

/// The archive is not there, for this reason.
macro_rules! failed {
    ($detail:literal) => {
        $crate::upload::faults::Ends::With(
            3,
            &[
                ($crate::upload::faults::SIG, "withheld archive-not-there"),
                ($crate::upload::faults::ZIP, concat!("failed ", $detail)),
                ($crate::upload::faults::INDEX, $crate::upload::faults::NOT_COMPLETE),
                ($crate::upload::faults::CURSOR, $crate::upload::faults::NOT_COMPLETE),
            ],
        )
    };
}
use failed;

const fn row(fault: &'static str, before: fn(&Store), wrong: Wrong, ends: Ends) -> Row {
    let (stores, plan, variables) = (ALL, Planned::Three, None);
    Row { fault, stores, plan, before, wrong, variables, args: "", ends, unknown: &[] }
}

impl Row {
    const fn only(self, stores: &'static [StoreKind]) -> Self {
        Row { stores, ..self }
    }

    const fn unknown(self, unknown: &'static [&'static str]) -> Self {
        Row { unknown, ..self }
    }

    const fn args(self, args: &'static str) -> Self {
        Row { args, ..self }
    }

    const fn variables(self, variables: Variables) -> Self {
        Row { variables: Some(variables), ..self }
    }

    const fn second(self) -> Self {
        Row { plan: Planned::Second, ..self }
    }
}

fn nothing(_: &Store) {}

fn put(store: &Store, key: &str, bytes: &[u8]) {
    store.put(&format!("{PREFIX}/{key}"), bytes);
}

fn ours(store: &Store) {
    put(store, LANTERN, &THREE.bytes(LANTERN));
}

fn others(store: &Store) {
    put(store, LANTERN, b"another archive");
}

/// The archives and their signatures: two pages of a list.
fn six(store: &Store) {
    for key in THREE.uploads().keys().filter(|key| key.starts_with("artifacts/packages/")) {
        put(store, key, &THREE.bytes(key));
    }
}

impl Planned {
    fn migrated(self) -> &'static Migrated {
        match self {
            Planned::Three => &THREE,
            Planned::Second => &Nights::shared().second,
        }
    }

    fn store(self, kind: StoreKind) -> Faulty {
        let faulty = Faulty::new(kind);
        if let Planned::Second = self {
            for key in Nights::shared().first.uploads().keys() {
                put(&faulty.store, key, &Nights::shared().first.bytes(key));
            }
        }
        faulty
    }
}

/// Runs a row over one store, and returns what is wrong.
fn run(row: &Row, kind: StoreKind) -> Vec<String> {
    let migrated = row.plan.migrated();
    let faulty = row.plan.store(kind);
    let store = &faulty.store;
    (row.before)(store);
    let before = stored(store);
    let server = faulty.serve(row.wrong);
    let variables = match row.variables {
        Some(variables) => variables(&faulty, &server),
        None => store.variables(&server),
    };
    let start = Instant::now();
    let ran = tool_with(&migrated.path(), kind, variables).args("--report -").args(row.args).run();
    let mut wrong = Vec::new();
    if start.elapsed() > IN_TIME {
        wrong.push(format!("took {:?}", start.elapsed()));
    }
    let all = ran.to_string();
    wrong.extend(
        SECRETS.iter().filter(|secret| all.contains(*secret)).map(|_| "shows a secret".to_owned()),
    );
    match row.ends {
        Refused(message) => {
            if ran.code != Some(3) || !ran.stderr.contains(message) || !ran.stdout.is_empty() {
                wrong.push(format!("expected {message}"));
            }
            let now = stored(store);
            if now.len() != before.len() || !writes(store, &server).is_empty() {
                wrong.push("something was sent".to_owned());
            }
        }
        With(..) if ran.stdout.is_empty() => wrong.push("no report".to_owned()),
        With(code, expected) => {
            let report = ran.json();
            assert_valid("upload-report", &report, row.fault);
            let outcomes = outcomes(&report);
            wrong.extend(differences(&outcomes, expected));
            wrong.extend(contradictions(&outcomes, row.unknown, migrated, store, &before));
            if ran.code != Some(code) {
                wrong.push(format!("expected code {code}"));
            }
        }
    }
    if !wrong.is_empty() {
        wrong.push(all);
        return wrong;
    }
    wrong.extend(again(migrated, store));
    wrong
}

fn writes(store: &Store, server: &FaultServer) -> Vec<String> {
    super::writes(store, &server.requests())
}

/// Uploads once more, to a store without faults: what is not there is created, and what conflicts still does.
fn again(migrated: &Migrated, store: &Store) -> Vec<String> {
    let before = stored(store);
    let server = serve(store);
    let report =
        match lasting::uploaded(migrated, store.kind, store.variables(&server), lasting::PATIENT) {
            Ok(report) => report,
            Err(error) => return vec![format!("again: {error}")],
        };
    let outcomes = outcomes(&report);
    let mut wrong = contradictions(&outcomes, &[], migrated, store, &before);
    let conflicts = outcomes.values().filter(|outcome| outcome.starts_with("conflict")).count();
    let is_settled =
        |outcome: &&String| outcome.starts_with("created") || *outcome == "already-there";
    let settled = outcomes.values().filter(is_settled).count();
    let is_whole = settled == outcomes.len();
    let concludes = if is_whole { "complete" } else { "conflicts" };
    if (conflicts == 0) != is_whole || report["verdict"]["conclusion"] != concludes {
        wrong.push(format!("the next run does not complete it: {outcomes:?}"));
    }
    wrong
}

/// Runs all rows of tables, some at once, and fails with what is wrong in any of them: each over one of its stores in
/// turn, or over all of them if the variable `ALL_CASES` is set.
#[track_caller]
fn hold(tables: &[&[Row]]) -> usize {
    hold_with(tables, run)
}

#[track_caller]
fn hold_with(tables: &[&[Row]], run: fn(&Row, StoreKind) -> Vec<String>) -> usize {
    let rows = tables.iter().flat_map(|rows| rows.iter()).enumerate();
    let is_selected =
        |number: usize, row: &Row, kind: usize| all_cases() || kind == number % row.stores.len();
    let cases: Vec<(&Row, StoreKind)> = rows
        .flat_map(|(number, row)| {
            let kinds = row.stores.iter().enumerate();
            kinds
                .filter(move |(kind, _)| is_selected(number, row, *kind))
                .map(move |(_, kind)| (row, *kind))
        })
        .collect();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((row, kind)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = run(row, *kind);
                    if !found.is_empty() {
                        let text = format!("{kind}, {}: {}", row.fault, found.join("\n  "));
                        wrong.lock().expect("no panic").push(text);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    cases.len()
}

#[test]
fn each_object_has_its_outcome_under_each_fault() {
    let tables =
        [writes::ROWS, lists::ROWS, looks::ROWS, index::ROWS, credentials::ROWS, transport::ROWS];
    let row_count: usize = tables.iter().map(|rows| rows.len()).sum();
    let case_count = hold(&tables);
    assert!(
        row_count >= 80 && case_count >= if all_cases() { 200 } else { row_count },
        "{row_count} rows, {case_count} cases"
    );
}

/// Runs the rows that take all attempts, with the waits of the command.
pub(crate) fn hold_unreachable() {
    let case_count = hold(&[transport::UNREACHABLE]);
    assert!(transport::UNREACHABLE.len() >= 4 && case_count >= 4, "{case_count} cases");
}

/// The table can fail: a store that loses what it has confirmed is found by asking it.
#[test]
fn a_false_success_would_be_found() {
    const LOSES: Row = row(
        "a store that forgets",
        nothing,
        |f, r| {
            f.writes(r, ZIP).then(|| {
                let reply = f.store.correct(r);
                f.store.remove(&format!("{PREFIX}/{LANTERN}"));
                reply
            })
        },
        DONE,
    );
    for kind in ALL {
        let wrong = run(&LOSES, *kind).join("\n");
        assert!(wrong.contains("lantern-1.0.0.zip is created, and ours: None"), "{kind} {wrong}");
    }
}
