//! `upload --endpoint`: what was uploaded is read as registries do, in the end.

use std::fs;

use serde_json::Value;

use super::super::{ALL, CURSOR, PREFIX, S3, THREE, serve, upload};
use super::{PIER, ROWS, STATIC, Wrong, is_get, public, url};
use crate::support::bucket_server::Store;
use crate::support::fault_server::Reply;

/// Returns the codes of an upload's report, each once, with the number of objects.
fn upload_codes(report: &Value) -> Vec<String> {
    let objects = report["endpoint"]["objects"].as_array().unwrap().iter();
    let mut codes: Vec<&str> =
        objects.filter_map(|object| object["mismatch"]["code"].as_str()).collect();
    codes.sort_unstable();
    codes.chunk_by(|a, b| a == b).map(|of| format!("{} {}", of.len(), of[0])).collect()
}

fn upload_keys(report: &Value) -> Vec<&str> {
    let objects = report["endpoint"]["objects"].as_array().unwrap().iter();
    objects.map(|object| object["key"].as_str().unwrap()).collect()
}

/// The first run reads what it has created, the second one what was there.
#[test]
fn an_upload_reads_what_is_there_at_the_end() {
    for kind in ALL {
        let store = Store::new(*kind);
        let server = serve(&store);
        let endpoint = public(&store, |_, _, reply| reply);
        for run in ["created", "already there"] {
            let args = format!("--endpoint {}", url(&endpoint));
            let (ran, report) = upload(&THREE.path(), &store, &server, &args);
            let ran = ran.expect_code(0, run);
            let keys = [PIER, &format!("{PIER}.sig"), STATIC, CURSOR];
            assert_eq!(upload_keys(&report), keys, "{kind} {run}");
            assert_eq!(upload_codes(&report), Vec::<String>::new(), "{kind} {run}");
            assert_eq!(report["verdict"]["conclusion"], "complete");
            let clause = "objects are in the store, 4 of 4 objects at the endpoint as planned";
            assert!(ran.stderr.contains(clause), "{ran}");
            let line =
                "4 of 4 objects at the endpoint: archive, signature, static resource, cursor";
            assert!(ran.stderr.contains(line), "{ran}");
        }
    }
}

#[test]
fn every_fault_of_an_endpoint_is_found_by_an_upload() {
    let mut differences = Vec::new();
    for (fault, wrong, conclusion, expected) in ROWS {
        let store = Store::new(S3);
        let server = serve(&store);
        let endpoint = public(&store, *wrong);
        let args = format!("--endpoint {}", url(&endpoint));
        let (ran, report) = upload(&THREE.path(), &store, &server, &args);
        let found = (report["verdict"]["conclusion"].as_str().unwrap(), upload_codes(&report));
        // The plan's cursor is expected, not one that somebody else has published meanwhile.
        let expected = match fault.contains("replaced") {
            true => ("not-served", vec!["1 endpoint-differs".to_owned()]),
            false if *conclusion == "match" => ("complete", Vec::new()),
            false => ("not-served", expected.iter().map(|code| (*code).to_owned()).collect()),
        };
        let is_code = ran.code == Some(i32::from(expected.0 != "complete"));
        if found != expected || !is_code {
            differences.push(format!("{fault}: {found:?}, code {:?}", ran.code));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What is not there is not read, and `--fail-on never` is about conflicts alone.
#[test]
fn an_upload_reads_only_what_is_there() {
    // The smallest archive, or only its signature, is another one; the cursor is withheld.
    let beacon = "artifacts/packages/beacon-1.0.0.zip";
    let mut store = Store::new(S3);
    let mut server = serve(&store);
    for conflict in [PIER, &format!("{PIER}.sig")] {
        store = Store::new(S3);
        server = serve(&store);
        store.put(&format!("{PREFIX}/{conflict}"), b"another object");
        let endpoint = public(&store, |_, _, reply| reply);
        let args = format!("--fail-on never --endpoint {}", url(&endpoint));
        let (ran, report) = upload(&THREE.path(), &store, &server, &args);
        ran.expect_code(0, "a conflict that is allowed");
        assert_eq!(upload_keys(&report), [beacon, &format!("{beacon}.sig"), STATIC], "{conflict}");
        assert_eq!(report["verdict"]["conclusion"], "conflicts");
    }
    let endpoint = public(&store, |_, _, _| Reply::status(403));
    let args = format!("--fail-on never --endpoint {}", url(&endpoint));
    let (ran, report) = upload(&THREE.path(), &store, &server, &args);
    ran.expect_code(1, "an endpoint that refuses");
    assert_eq!(report["verdict"]["conclusion"], "conflicts");
    assert_eq!(upload_codes(&report), ["3 endpoint-refused"]);

    // An index that lies elsewhere is not for registries.
    let store = Store::new(S3);
    let server = serve(&store);
    let endpoint = public(&store, |_, _, reply| reply);
    let args = format!("--internal s3://bkt/internal --endpoint {}", url(&endpoint));
    let (ran, report) = upload(&THREE.path(), &store, &server, &args);
    ran.expect_code(0, "--internal");
    assert_eq!(upload_keys(&report).len(), 3);
}

#[test]
fn an_upload_does_not_start_with_an_endpoint_that_cannot_be_used() {
    let store = Store::new(S3);
    let server = serve(&store);
    let endpoint = public(&store, |_, _, reply| reply);
    let good = url(&endpoint);
    let rows = [
        ("--endpoint http://127.0.0.1:9/".to_owned(), 3, "cannot reach http://127.0.0.1:9/"),
        ("--endpoint ftp://v2.example.org/".to_owned(), 2, "--endpoint: a base URL must start"),
        (
            "--endpoint https://user:planted@v2.example.org/".to_owned(),
            2,
            "--endpoint: expected a URL without credentials",
        ),
        (format!("--dry-run --endpoint {good}"), 2, "not with --dry-run or --layout queue"),
        (format!("--layout queue --endpoint {good}"), 2, "not with --dry-run or --layout queue"),
    ];
    for (args, code, expected) in rows {
        let (ran, _) = upload(&THREE.path(), &store, &server, &args);
        let ran = ran.expect_code(code, &args);
        assert!(ran.stderr.contains(expected), "{args}: {ran}");
        assert_eq!(store.keys(), Vec::<String>::new(), "{args}");
    }
}

/// Markdown names each object and what to do.
#[test]
fn the_markdown_report_of_an_upload_shows_the_endpoint() {
    let store = Store::new(S3);
    let server = serve(&store);
    let signatures: Wrong = |_, request, reply| match is_get(request, ".sig") {
        true => Reply::status(403),
        false => reply,
    };
    let endpoint = public(&store, signatures);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.md");
    let args = format!("--report {} --endpoint {}", path.display(), url(&endpoint));
    let (ran, _) = upload(&THREE.path(), &store, &server, &args);
    let ran = ran.expect_code(1, "403");
    let text = fs::read_to_string(&path).unwrap();
    for expected in [
        "## Through the endpoint of registries (3 of 4 as planned)",
        "What to do: Allow everyone to read objects",
        &format!("| {PIER} | as planned |"),
        &format!(
            "| {PIER}.sig | the endpoint answers a request without credentials with HTTP status 403"
        ),
        "not served: 14 of 14 objects are in the store, but not for registries, 3 of 4 objects at the endpoint as planned",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(ran.stderr.contains(&format!("{PIER}.sig: the endpoint answers")), "{ran}");
}
