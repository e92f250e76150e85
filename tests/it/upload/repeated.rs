//! Runs that are killed, and runs at the same time: the end is that of one run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{ALL, THREE, checked, counts, serve, tool, upload};
use crate::support::bucket_server::Store;
use crate::support::fault_server::Delivery;

/// Killed after each number of writes, before and after the answer to the last one.
#[test]
fn a_killed_run_goes_on() {
    let count = THREE.uploads().len();
    for (number, kind) in (1..count).step_by(2).zip(ALL.iter().cycle()) {
        for is_written in [false, true] {
            let store = Store::new(*kind);
            let written = Arc::new(AtomicUsize::new(0));
            let seen = Arc::clone(&written);
            let server = store.serve(move |store, request| {
                if store.written_key(request).is_none() {
                    return store.correct(request);
                }
                let is_last = seen.fetch_add(1, Ordering::SeqCst) + 1 == number;
                let reply = match is_last && !is_written {
                    true => store.error(500, "never arrives"),
                    false => store.correct(request),
                };
                match is_last {
                    true => reply.delivered(Delivery::Late(Duration::from_secs(600))),
                    false => reply,
                }
            });
            let mut running = tool(&THREE.path(), &store, &server).args("--jobs 1").start();
            assert!(running.runs_until(|| written.load(Ordering::SeqCst) >= number), "{number}");
            running.signal("KILL");
            assert_eq!(running.wait().code, None, "{kind} {number}");

            let server = serve(&store);
            let (ran, report) = upload(&THREE.path(), &store, &server, "");
            ran.expect_code(0, "again");
            let there = number - usize::from(!is_written);
            let [created, already_there, ..] = counts(&report);
            assert_eq!((created + already_there) as usize, count, "{kind} {number}");
            assert_eq!(already_there as usize, there, "{kind} {number} {is_written}");
            THREE.assert_all_in(&store, &format!("{kind} {number}"));
        }
    }
}

#[test]
fn two_runs_at_once_end_as_one() {
    for kind in ALL {
        let store = Store::new(*kind);
        // Slow enough that both runs have listed an empty store.
        let server = store.serve(|store, request| {
            let reply = store.correct(request);
            reply.delivered(Delivery::Late(Duration::from_millis(30)))
        });
        let run = || tool(&THREE.path(), &store, &server).args("--report -").start();
        let runs = [run(), run()].map(|running| {
            let ran = running.wait().expect_code(0, "at once");
            checked(&ran, "at once")
        });
        THREE.assert_all_in(&store, "at once");
        let count = THREE.uploads().len() as u64;
        for report in &runs {
            let [created, already_there, others @ ..] = counts(report);
            assert_eq!((created + already_there, others), (count, [0, 0, 0]), "{kind}");
        }
    }
}
