//! `--color`, `--progress` and `--log-format`: how the program talks, for every command.
//!
//! A log has one event a line, as `docs/schemas/log-event.schema.json` has it, and nothing else is on stderr.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::documents::page;
use crate::support::schemas::{assert_valid, schema};
use crate::support::tool::{Ran, Tool};
use crate::support::{fixture, keys};

/// Parses a log, and checks what holds for every log.
#[track_caller]
pub(crate) fn parsed(ran: &Ran, row: &str) -> Vec<Value> {
    assert!(ran.stderr.ends_with('\n'), "{row}: {ran}");
    let events: Vec<Value> = ran
        .stderr
        .lines()
        .map(|line| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{row}: {error}: {ran}"))
        })
        .collect();
    for event in &events {
        assert_valid("log-event", event, row);
        assert!(!event.to_string().contains("\\u001b"), "{row}: {event}");
    }
    let (last, earlier) = events.split_last().unwrap();
    let is_last = |event: &Value| event["event"] == "outcome" || event["event"] == "error";
    assert!(is_last(last) && !earlier.iter().any(is_last), "{row}: {ran}");
    assert_eq!(last["exit_code"], ran.code.unwrap(), "{row}: {ran}");
    match earlier.first() {
        Some(first) => assert_eq!(first["event"], "start", "{row}: {ran}"),
        None => assert_eq!(last["code"], "usage", "{row}: {ran}"),
    }
    events
}

/// A folder with what each command needs.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        let tool = Tool::migrate(fixture::folder()).output(place.path("v2"));
        tool.args("--exclude drift_net,rusty_anchor").run().expect_code(0, "migrate");
        fs::copy(keys::secret("ed25519"), place.path("key")).unwrap();
        fs::copy(keys::public("ed25519"), place.path("key.pub")).unwrap();
        place
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command line; `V1` stands for the fixture.
    fn run(&self, line: &str) -> Ran {
        let words = shlex::split(line).unwrap();
        let tool = words.iter().fold(Tool::bare(), |tool, word| match word.as_str() {
            "V1" => tool.arg(fixture::folder()),
            word => tool.arg(word),
        });
        tool.current_dir(self.folder.path()).run()
    }

    fn log(&self, line: &str) -> Vec<Value> {
        parsed(&self.run(&format!("{line} --log-format json")), line)
    }
}

/// One event of each kind, and of each form that it has, from real runs.
pub(crate) fn events() -> Vec<Value> {
    let place = Place::new();
    let mut events = place.log("migrate V1 --output other --sign-key key --fail-on never");
    events.extend(place.log("explain V1 beakon"));
    events.extend(place.log("migrate not-there --dry-run"));
    events.extend(place.log("migrate V1"));
    // A file that the plan does not have, and one with other bytes.
    let archives = place.path("other/artifacts/packages");
    fs::write(archives.join("more-1.0.0.zip"), "more").unwrap();
    fs::write(archives.join("buoy-2.0.0.zip"), "other bytes").unwrap();
    events.extend(place.log("migrate V1 --output other --exclude drift_net,rusty_anchor"));
    let summary = place.path("summary.md");
    fs::write(&summary, vec![b'x'; 1 << 20]).unwrap();
    let tool = Tool::bare().arg("verify").arg(fixture::folder()).arg("--v2").arg(place.path("v2"));
    let tool = tool.args("--exclude drift_net,rusty_anchor --log-format json");
    let ran = tool.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary).run();
    events.extend(parsed(&ran, "a full summary"));
    events
}

#[test]
fn every_event_occurs_and_the_page_has_its_fields() {
    let schema = schema("log-event");
    let fields: BTreeMap<&str, Vec<&str>> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let fields = event["properties"].as_object().unwrap().keys().map(String::as_str);
            let fields = fields.filter(|field| !["time", "event"].contains(field)).collect();
            (event["title"].as_str().unwrap(), fields)
        })
        .collect();
    let events = events();
    let found: BTreeSet<&str> =
        events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(found, fields.keys().copied().collect());
    let page = page("docs/shell.md");
    let (_, table) = page.split_once("\n| event | when | fields |\n|---|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let listed: BTreeMap<&str, BTreeSet<&str>> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let fields = cells[3].split(", ").map(|field| field.trim_matches('`'));
            (cells[1].trim_matches('`'), fields.collect())
        })
        .collect();
    let fields = fields.into_iter().map(|(event, fields)| (event, fields.into_iter().collect()));
    assert_eq!(listed, fields.collect());
}

#[test]
fn every_command_writes_a_log() {
    let place = Place::new();
    let rows = [
        ("migrate V1 --dry-run --fail-on never", "migrate", 0),
        ("migrate V1 --dry-run", "migrate", 1),
        ("sign v2 --sign-key key", "sign", 0),
        ("verify-signatures v2 --public-key key.pub", "verify-signatures", 0),
        ("signatures export v2 --to to-sign", "signatures export", 0),
        ("signatures import v2 --from to-sign --public-key key.pub", "signatures import", 0),
        ("merge-plans v2 --output merged", "merge-plans", 0),
        ("audit-history V1 --fail-on never", "audit-history", 0),
        ("explain V1 buoy", "explain", 0),
        ("index v2 --cursor 7 --output index", "index", 0),
        ("verify V1 --v2 v2 --exclude drift_net,rusty_anchor --report report.json", "verify", 0),
        ("report coverage report.json", "report coverage", 0),
        ("completions bash", "completions", 0),
        ("man-pages man", "man-pages", 0),
        ("verify V1 --v2 nowhere", "verify", 3),
        // A failure of the flags that is found after they were parsed.
        ("verify V1 --v2 v2 --public-key key.pub --depth listing", "verify", 2),
    ];
    for (line, command, code) in rows {
        let ran = place.run(&format!("{line} --log-format json")).expect_code(code, line);
        let events = parsed(&ran, line);
        assert_eq!(events[0]["command"], command, "{line}");
        // Without progress, there is nothing of the time in it.
        let quiet = place.log(
            &format!("{line} --quiet")
                .replace("bash --quiet", "bash")
                .replace("man --quiet", "man"),
        );
        let kinds: BTreeSet<&str> =
            quiet.iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert!(!kinds.contains("progress") && !kinds.contains("summary"), "{line}: {quiet:?}");
    }
}

#[test]
fn progress_has_each_phase_from_its_start_to_its_end() {
    let place = Place::new();
    let events = place.log("migrate V1 --output again --sign-key key --fail-on never");
    let progress: Vec<&Value> =
        events.iter().filter(|event| event["event"] == "progress").collect();
    let phases: Vec<(&str, &str)> = progress
        .iter()
        .map(|event| (event["phase"].as_str().unwrap(), event["state"].as_str().unwrap()))
        .filter(|(_, state)| *state != "advanced")
        .collect();
    let expected: Vec<(&str, &str)> = ["listing", "archiving", "placing", "signing"]
        .into_iter()
        .flat_map(|phase| [(phase, "started"), (phase, "finished")])
        .collect();
    assert_eq!(phases, expected);
    let last = |phase: &str| *progress.iter().rfind(|event| event["phase"] == phase).unwrap();
    assert_eq!((&last("archiving")["done"], &last("archiving")["total"]), (&11.into(), &11.into()));
    assert!(last("archiving")["bytes"].as_u64().unwrap() > 10_000);
    assert!(last("archiving")["total_bytes"].is_null());
    assert_eq!(last("signing")["bytes"], last("signing")["total_bytes"]);
    assert_eq!(last("signing")["seconds_left"], 0);
    for flags in ["--progress none", "--quiet"] {
        let events = place.log(&format!("migrate V1 --dry-run --fail-on never {flags}"));
        assert!(events.iter().all(|event| event["event"] != "progress"), "{flags}");
    }
}

/// Creates a run with a script of `sh` as the program of a flag; `FILE` stands for a file that does not exist yet.
#[cfg(unix)]
fn with_script(place: &Place, flag: &str, script: &str, placeholders: &str) -> Tool {
    let script = script.replace("FILE", place.path("file").to_str().unwrap());
    let tool = Tool::migrate(fixture::folder()).output(place.path("other"));
    let tool = tool.args("--fail-on never --jobs 1 --log-format json").arg(flag);
    tool.arg(format!("sh -c '{script}' {placeholders}"))
}

/// The first of the revisions takes as long as the time between two events of progress.
#[cfg(unix)]
#[test]
fn a_phase_that_takes_long_reports_that_it_goes_on() {
    let place = Place::new();
    let script = "[ -e FILE ] || { touch FILE; sleep 5; }";
    let tool = with_script(&place, "--validate-command", script, "{package}");
    let events = parsed(&tool.run().expect_code(0, "slow"), "slow");
    // On a slow machine, other phases may take as long, or this one longer.
    let mut advanced = events.iter().filter(|event| event["state"] == "advanced");
    let advanced = advanced.find(|event| event["phase"] == "archiving");
    let advanced = advanced.unwrap_or_else(|| panic!("none: {events:?}"));
    assert_eq!(advanced["unit"], "revisions", "{advanced}");
    let [done, total, left] =
        ["done", "total", "seconds_left"].map(|field| advanced[field].as_u64().unwrap());
    assert!((1..total).contains(&done) && total == 11, "{advanced}");
    // At the rate so far.
    assert!(left >= 5 * (total - done) / done, "{advanced}");
    assert!(advanced["total_bytes"].is_null(), "{advanced}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_is_a_notice_and_the_outcome() {
    for signal in ["INT", "TERM", "HUP"] {
        let place = Place::new();
        let script = "touch FILE; sleep 60";
        let tool = with_script(&place, "--validate-command", script, "{package}");
        let mut running = tool.start();
        assert!(running.runs_until(|| place.path("file").exists()), "{signal}");
        running.signal(signal);
        let events = parsed(&running.wait().expect_code(130, signal), signal);
        let [.., notice, outcome] = events.as_slice() else { panic!("{signal}: {events:?}") };
        assert_eq!(notice["event"], "notice", "{signal}: {events:?}");
        let message = notice["message"].as_str().unwrap();
        assert!(message.starts_with("interrupted: "), "{signal}: {message}");
        assert_eq!(outcome["outcome"], "interrupted", "{signal}: {events:?}");
    }
}

/// A signature is waited for, unless there is a second signal.
#[cfg(unix)]
#[test]
fn a_second_interrupt_ends_the_log_at_once() {
    let place = Place::new();
    let script = "touch FILE; while [ -e FILE ]; do sleep 0.01; done";
    let tool = with_script(&place, "--sign-command", script, "{input} {output}");
    let mut running = tool.start();
    assert!(running.runs_until(|| place.path("file").exists()));
    // Signals that arrive together are one.
    while running.runs_until(|| true) {
        running.signal("INT");
    }
    fs::remove_file(place.path("file")).unwrap();
    let events = parsed(&running.wait().expect_code(130, "two signals"), "two signals");
    let [.., progress, outcome] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((&progress["event"], &outcome["event"]), (&"progress".into(), &"outcome".into()));
}

/// A limit of the system is no bug.
#[cfg(target_os = "linux")]
#[test]
fn threads_that_cannot_be_started_are_an_error() {
    let place = Place::new();
    let rows = [
        "migrate V1 --dry-run",
        "explain V1 buoy",
        "verify V1 --v2 v2",
        "sign v2 --sign-key key",
        "verify-signatures v2 --public-key key.pub",
        "index v2 --cursor 7 --output index",
        // Names of hosts are looked up on a thread.
        "verify V1 --v2 http://localhost:1/ --depth listing",
        "verify V1 --registry-url http://localhost:1/",
    ];
    for line in rows {
        let words = shlex::split(line).unwrap();
        let tool = words.iter().fold(Tool::bare(), |tool, word| match word.as_str() {
            "V1" => tool.arg(fixture::folder()),
            word => tool.arg(word),
        });
        // No address space has room for a stack of this size.
        let tool = tool.env("RUST_MIN_STACK", (1_u64 << 60).to_string());
        let ran = tool.args("--log-format json").current_dir(place.folder.path()).run();
        let events = parsed(&ran.expect_code(3, line), line);
        let code = if line.contains("localhost") { "reach-place" } else { "workers" };
        assert_eq!(events.last().unwrap()["code"], code, "{line}: {events:?}");
    }
}

#[test]
fn an_invalid_command_line_is_one_event() {
    let rows = [
        ("migrate V1", "the following required arguments were not provided: --output <DIR>", ""),
        ("migrate V1 --dry-rum", "unexpected argument '--dry-rum' found", "--dry-run"),
        ("verfy V1", "unrecognized subcommand 'verfy'", "verify"),
        (
            "explain V1 buoy --format jsn",
            "invalid value 'jsn' for '--format <FORMAT>': expected text or json",
            "json",
        ),
        (
            "migrate V1 --dry-run --stages production,stagign",
            "invalid value 'stagign' for '--stages <LIST>': expected production, staging or snapshot",
            "staging",
        ),
        (
            "migrate V1 --dry-run --fail-on warnig",
            "invalid value 'warnig' for '--fail-on <SEVERITY>': expected info, warning, conflict, blocker or never",
            "warning",
        ),
        (
            "migrate V1 --dry-run --fail-on xyz",
            "invalid value 'xyz' for '--fail-on <SEVERITY>': expected info, warning, conflict, blocker or never",
            "",
        ),
        ("signatures", "a command is missing", ""),
        ("verify V1 --v2 https://user:secret@[ --depth listing --public-key x", "--v2: ", ""),
    ];
    let place = Place::new();
    for (line, message, similar) in rows {
        let ran = place.run(&format!("--log-format=json {line}")).expect_code(2, line);
        let events = parsed(&ran, line);
        let error = events.last().unwrap();
        assert_eq!(error["code"], "usage", "{line}");
        let said = error["message"].as_str().unwrap();
        assert!(
            said == message || (message.ends_with(": ") && said.contains(message)),
            "{line}: {said}"
        );
        let found = error["similar"].as_array().unwrap();
        let found: Vec<&str> = found.iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(found.first().copied().unwrap_or_default(), similar, "{line}");
        assert!(!ran.stderr.contains("secret"), "{line}: {ran}");
        assert!(ran.stdout.is_empty(), "{line}: {ran}");
    }
    // The help is no error.
    let ran = place.run("migrate --help --log-format json").expect_code(0, "--help");
    assert!(ran.stderr.is_empty() && ran.stdout.starts_with(b"Create the v2 archives"), "{ran}");
}

#[test]
fn names_that_may_have_been_meant_are_suggested() {
    let place = Place::new();
    let dry = "migrate V1 --dry-run";
    let rows = [
        (format!("{dry} --include lighthose"), "lighthouse"),
        (format!("{dry} --include 'lighthos*'"), "lighthouse"),
        (format!("{dry} --exclude beakon,boy"), "beacon buoy"),
        (format!("{dry} --include tide_gauge-0.4.0"), "tide_gauge-0.3.0 tide_gauge-0.10.0"),
        (format!("{dry} --include 'bouy-2.*'"), "buoy"),
        (format!("{dry} --include zzz"), ""),
        ("explain V1 lighthose".to_owned(), "lighthouse"),
        ("explain V1 beacon-1.1.1".to_owned(), "beacon-1.1.0"),
        ("verify V1 --v2 v2 --include lighthose".to_owned(), "lighthouse"),
    ];
    for (line, expected) in rows {
        let events = place.log(&line);
        let error = events.last().unwrap();
        let similar = error["similar"].as_array().unwrap();
        let similar: Vec<&str> = similar.iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(similar.join(" "), expected, "{line}: {error}");
        let ran = place.run(&line).expect_code(3, &line);
        let question = format!("  hint: did you mean {}?", similar.join(" or "));
        assert_eq!(ran.stderr.contains(&question), !similar.is_empty(), "{line}: {ran}");
        assert!(ran.stderr.contains("\n  hint: "), "{line}: {ran}");
    }
}

/// The flag wins over the environment, in the help and in errors, too; without it, the environment decides.
#[test]
fn the_flag_decides_about_colours() {
    let set = Some::<(&str, &str)>;
    let (force, none) = (set(("CLICOLOR_FORCE", "1")), set(("NO_COLOR", "1")));
    let dumb = set(("TERM", "dumb"));
    let rows = [
        ("", None, false),
        ("", force, true),
        ("--color auto", force, true),
        ("--color auto", none, false),
        ("--color always", None, true),
        ("--color=always", none, true),
        ("--color always", dumb, true),
        ("--color never", None, false),
        ("--color never", force, false),
        ("--color never --color always", None, true),
    ];
    let lines = [
        "explain V1 buoy",
        "migrate V1 --dry-run",
        "explain V1 nothing",
        "migrate --help",
        "migrate V1",
    ];
    for (flags, env, has_colours) in rows {
        for line in lines {
            let words = shlex::split(line).unwrap();
            // A flag that is given twice is an error of clap, in colour as the last one says.
            let tool =
                words.iter().fold(Tool::bare().args(flags), |tool, word| match word.as_str() {
                    "V1" => tool.arg(fixture::folder()),
                    word => tool.arg(word),
                });
            let tool = env.into_iter().fold(tool, |tool, (name, value)| tool.env(name, value));
            let ran = tool.run();
            let found = ran.stderr.contains('\x1b') || ran.stdout.contains(&b'\x1b');
            assert_eq!(found, has_colours, "{flags} {env:?} {line}: {ran}");
        }
    }
    // Data is never in colour.
    let tool = Tool::migrate(fixture::folder()).args("--dry-run --plan - --color always");
    assert!(!tool.run().stdout.contains(&b'\x1b'));
}

#[test]
fn progress_in_a_log_of_text_is_lines_or_nothing() {
    let rows = [
        ("migrate V1 --dry-run", "", true),
        ("migrate V1 --dry-run", "--progress auto", true),
        ("migrate V1 --dry-run", "--progress plain", true),
        ("migrate V1 --dry-run", "--progress none", false),
        ("migrate V1 --dry-run", "--progress plain --quiet", false),
        // A second of work needs no lines, unless they are asked for.
        ("explain V1 buoy", "", false),
        ("explain V1 buoy", "--progress plain", true),
    ];
    let place = Place::new();
    for (line, flags, has_lines) in rows {
        let ran = place.run(&format!("{line} {flags}"));
        assert_eq!(
            ran.stderr.contains("listing: 3 of 3 stages\n"),
            has_lines,
            "{line} {flags}: {ran}"
        );
        assert!(!ran.stderr.contains(['\x1b', '\r']), "{line} {flags}: {ran}");
    }
}

/// Flags stand before the command or after it.
#[test]
fn the_flags_are_global() {
    let place = Place::new();
    for line in ["--log-format json explain V1 buoy", "explain --log-format json V1 buoy"] {
        parsed(&place.run(line).expect_code(0, line), line);
    }
    // What follows `--` is no flag.
    let ran = place.run("explain V1 -- --log-format=json");
    assert!(ran.stderr.starts_with("error: "), "{ran}");
    assert!(!Path::new("json").exists());
}
