//! Every error has a code, says what went wrong, and says what to do.
//!
//! One row for each kind, so that a kind without a row fails; the text of errors is tested where they are reached.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use package_storage_migrate::error::{Error, ListSuspect};
use serde_json::Value;

use crate::documents::page;
use crate::support::schemas::schema;

type Cause = Box<dyn std::error::Error + Send + Sync>;

fn cause() -> Cause {
    "the cause".into()
}

fn io_error(kind: io::ErrorKind) -> io::Error {
    io::Error::new(kind, "the cause")
}

fn json_error() -> serde_json::Error {
    serde_json::from_str::<Value>("{").unwrap_err()
}

fn text() -> String {
    "subject".to_owned()
}

fn texts() -> Vec<String> {
    vec![text()]
}

fn path() -> PathBuf {
    PathBuf::from("subject")
}

/// Each kind, with all that its hint depends on.
fn all() -> Vec<Error> {
    let file = |kind| Error::File { action: "read", path: path(), source: io_error(kind) };
    let opened =
        |foreign_owner| Error::OpenRepository { path: path(), foreign_owner, source: cause() };
    let listed = |suspect| Error::ListStore { place: text(), suspect, source: cause() };
    let reached = |certificate| Error::ReachPlace { place: text(), certificate, source: cause() };
    let never = |similar, other, is_whole| Error::NeverThere {
        subject: text(),
        similar,
        package: None,
        other,
        is_whole,
    };
    vec![
        opened(true),
        opened(false),
        Error::Grafts { path: path(), source: cause() },
        Error::RefFormat { path: path(), format: text() },
        Error::ObjectFormat { path: path(), format: text() },
        Error::Alternate { file: path(), path: text() },
        Error::StageMissing { stage: "staging", local: text(), remote: text(), available: texts() },
        Error::PinnedRevision { stage: "staging", revision: text(), source: cause() },
        Error::ReadRef { stage: "staging", reference: text(), source: cause() },
        Error::PackIndex { path: path(), what: "subject" },
        Error::ReadStage { stage: "staging", commit: text(), what: text() },
        Error::NothingToMigrate,
        Error::NoHistory,
        never(Vec::new(), None, true),
        never(Vec::new(), None, false),
        never(texts(), None, true),
        never(Vec::new(), Some(text()), true),
        Error::UnmatchedGlobs { globs: texts(), known: texts() },
        Error::UnusedStatics { globs: texts() },
        Error::NothingInScope { scope: text(), copies: 1 },
        file(io::ErrorKind::NotFound),
        file(io::ErrorKind::StorageFull),
        file(io::ErrorKind::PermissionDenied),
        file(io::ErrorKind::ReadOnlyFilesystem),
        file(io::ErrorKind::Other),
        Error::OutputLocked { path: path() },
        reached(true),
        reached(false),
        Error::OpenStore { place: text(), source: cause() },
        listed(ListSuspect::Rights),
        listed(ListSuspect::NoCredentials),
        listed(ListSuspect::Address),
        Error::BaseIndex { place: text(), source: cause() },
        Error::OwnIndex { path: path(), source: cause() },
        Error::UnplannedIndex { file: text() },
        Error::Cursor { source: cause() },
        Error::Archive { key: text(), source: io_error(io::ErrorKind::Other) },
        Error::Workers { jobs: 1, source: cause() },
        Error::Balance { copies: 2, sum: 1 },
        Error::Json { what: "subject", source: json_error() },
        Error::Yaml { source: cause() },
        Error::JUnit { source: cause() },
        Error::Parse { path: path(), hint: "create it again", source: json_error() },
        Error::Merge { hint: "do it", source: cause() },
        Error::Resolutions { faults: texts() },
        Error::SecretKey { path: path(), source: cause(), hint: Some("do it") },
        Error::SecretKey { path: path(), source: cause(), hint: None },
        Error::PublicKeys { path: path(), source: cause(), hint: None },
        Error::NoArchives { path: path() },
        Error::NoRegistry { detail: text() },
        Error::KnownExtras { faults: texts() },
        Error::Unindexed { faults: texts(), archive_count: 1 },
        Error::UnplannedBytes { files: texts() },
        Error::Upload { path: path(), source: cause(), hint: "do it" },
        Error::Unsuited { path: path(), source: cause() },
        Error::Sign { key: text(), source: cause() },
        Error::Validator { program: text(), source: io_error(io::ErrorKind::NotFound) },
        Error::Interrupted,
    ]
}

#[test]
fn every_error_says_what_and_why_and_what_to_do() {
    let errors = all();
    for error in &errors {
        let (code, message, hint) = (error.code(), error.to_string(), error.hint());
        let is_plain =
            |text: &str| !text.is_empty() && !text.ends_with('.') && !text.contains('\n');
        assert!(is_plain(&message), "{code}: {message}");
        assert!(is_plain(&hint), "{code}: {hint}");
        assert_ne!(message, hint, "{code}");
        // A cause is another sentence, below the message.
        let is_repeated = std::error::Error::source(error)
            .is_some_and(|cause| message.contains(&cause.to_string()));
        assert!(!is_repeated, "{code}: {message}");
    }
    let codes: BTreeSet<&str> = errors.iter().map(Error::code).collect();
    assert_eq!(codes, Error::CODES.iter().copied().collect());
}

/// What to do about a file depends on what the system says, whether it was read or written.
#[test]
fn hints_about_files_follow_the_cause() {
    let rows = [
        (io::ErrorKind::NotFound, "check the path"),
        (io::ErrorKind::StorageFull, "free disk space and run again: finished work is kept"),
        (io::ErrorKind::PermissionDenied, "give this user access to it, or specify another path"),
        (
            io::ErrorKind::ReadOnlyFilesystem,
            "specify a folder on a file system that is not read-only",
        ),
    ];
    for (kind, hint) in rows {
        let error = Error::File { action: "read", path: path(), source: io_error(kind) };
        assert_eq!(error.hint(), hint, "{kind:?}");
    }
}

/// The codes in the schema of the log and in its page are those of the program; an interrupt is an outcome.
#[test]
fn documents_have_the_codes_of_all_errors() {
    let mut codes: BTreeSet<&str> = Error::CODES.iter().copied().collect();
    assert!(codes.remove("interrupted"));
    codes.extend(["bug", "usage"]);
    let schema = schema("log-event");
    let events = schema["oneOf"].as_array().unwrap();
    let error = events.iter().find(|event| event["title"] == "error").unwrap();
    let listed = error["properties"]["code"]["enum"].as_array().unwrap();
    assert_eq!(listed.iter().map(|code| code.as_str().unwrap()).collect::<BTreeSet<_>>(), codes);
    let page = page("docs/shell.md");
    let (_, table) = page.split_once("\n## Codes of errors\n").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<BTreeSet<_>>(), codes);
}
