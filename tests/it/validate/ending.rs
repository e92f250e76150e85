//! The end of validators: by themselves, at the time limit, or with the run; and the end of their child processes.

use std::thread;
use std::time::{Duration, Instant};

use super::*;

/// Starts a process that writes to a file in `LOG` until it is killed.
const TICKER: &str = "(while :; do echo x >> \"$LOG/ticks\"; sleep 0.02; done) &";

/// Time limit of validators that reach it: long enough for a shell to start on a busy machine.
const LIMIT: &str = "10s";
/// Time limit of validators that end for another reason.
const NO_LIMIT: &str = "--validate-timeout 1h";
/// The maximum duration of the end, on a busy machine: shorter than what validators wait for.
const IN_TIME: Duration = Duration::from_secs(240);

/// Asserts that the file of [`TICKER`] was written to, and is not written to any more.
#[track_caller]
fn assert_silent(yard: &Yard) {
    let ticks = yard.path("log/ticks");
    let before = len(&ticks);
    assert!(before > 0, "the validator's child never ran");
    thread::sleep(Duration::from_millis(300));
    assert_eq!(len(&ticks), before, "the validator's child still runs");
}

#[test]
fn the_time_limit_ends_a_validator_and_its_children() {
    let rows = [
        ("a child in the background", format!("echo on; {TICKER} sleep 600")),
        ("a child in the foreground", format!("echo on; {TICKER} sh -c \"sleep 600; true\"; true")),
        (
            "one that ignores signals",
            format!("trap \"\" TERM INT HUP; echo on; {TICKER} sleep 600"),
        ),
        ("one that closes its output", format!("echo on; {TICKER} exec sleep 600 >&- 2>&-")),
        ("one that writes all the time", format!("echo on; {TICKER} exec yes on")),
    ];
    // In parallel because the runs only wait.
    let run = |(name, script): (&str, String)| {
        let yard = Yard::pier(|r| r);
        let started = Instant::now();
        let tool = yard.migrate(&sh(&script, "")).args(&format!("--validate-timeout {LIMIT}"));
        let ran = yard.run(tool, "v2").expect_code(0, name);
        assert!(started.elapsed() < IN_TIME, "{name}: {:?}", started.elapsed());
        assert!(ran.stderr.contains("0 of 1 passed, 0 failed, 1 not validated"), "{name}: {ran}");
        let line = &yard.findings("v2")[0];
        let expected = format!(
            "warning not-validated pier 1.0.0 production - cause={{\"timed-out\":\"{LIMIT}\"}} fail_on_error=false output=on"
        );
        assert!(line.starts_with(&expected), "{name}: {line}");
        assert_silent(&yard);
    };
    thread::scope(|scope| {
        for row in rows {
            scope.spawn(move || run(row));
        }
    });
}

#[test]
fn child_processes_end_with_the_validator() {
    for (code, found) in [(0, 0), (1, 1)] {
        let yard = Yard::pier(|r| r);
        // The child keeps the output open. Wait until it has written something.
        let script = format!(
            "{TICKER} while [ ! -s \"$LOG/ticks\" ]; do sleep 0.01; done; echo x; exit {code}"
        );
        let started = Instant::now();
        let tool = yard.migrate(&sh(&script, "")).args(NO_LIMIT);
        let ran = yard.run(tool, "v2").expect_code(0, "left behind");
        assert!(started.elapsed() < IN_TIME, "{ran}");
        assert_eq!(yard.findings("v2").len(), found, "{ran}");
        assert_silent(&yard);
    }
}

#[test]
fn a_signal_is_no_verdict() {
    for signal in [1, 9, 11, 15] {
        let yard = Yard::pier(|r| r);
        let tool = yard.migrate(&sh(&format!("echo off; kill -{signal} $$"), ""));
        yard.run(tool, "v2").expect_code(0, "a warning");
        let expected = format!(
            "warning not-validated pier 1.0.0 production - cause={{\"signal\":{signal}}} fail_on_error=false output=off"
        );
        assert_eq!(yard.findings("v2"), [expected]);
    }
}

#[test]
fn an_interrupt_ends_validators_and_removes_their_folders() {
    for signal in ["INT", "TERM"] {
        let yard = Yard::many(4);
        let script = format!("{TICKER} sleep 600");
        let tool = yard.migrate(&sh(&script, "")).args(NO_LIMIT).output(yard.path("v2"));
        let mut running = tool.start();
        wait_for(&mut running, &yard.path("log/ticks"));
        thread::sleep(Duration::from_millis(100));
        let started = Instant::now();
        running.signal(signal);
        running.wait().expect_code(130, signal);
        assert!(started.elapsed() < IN_TIME, "{signal}: {:?}", started.elapsed());
        yard.assert_tidy();
        assert_silent(&yard);
        assert!(!yard.path("v2/plan.json").exists(), "{signal}");
    }
}

/// If an archive already exists with other bytes, the generated one is validated.
#[test]
fn temporary_folders_are_removed_when_the_run_fails() {
    let yard = Yard::pier(|r| r);
    yard.run(yard.plain(), "v2").expect_code(0, "plain");
    fs::write(yard.path("v2/artifacts/packages/pier-1.0.0.zip"), "other bytes").unwrap();
    yard.run(yard.migrate("true"), "v2").expect_code(3, "other bytes");
    // Temporary folders cannot be created.
    let ran = yard.plain().args("--dry-run --validate-command true").env("TMPDIR", "/no/such");
    let ran = ran.run().expect_code(3, "no folder");
    assert!(ran.stderr.contains("\nerror: cannot create a folder in /no/such\n"), "{ran}");
}
