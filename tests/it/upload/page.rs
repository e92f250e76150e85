//! The HTML report of `upload`, compared with the JSON report of the same run.

use std::collections::BTreeSet;
use std::fs;

use package_storage_migrate::digest::Sha256;
use package_storage_migrate::model::plan::{Source, Tool as Version};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::upload::{
    Conflict, Failure, Layout, ObjectKind, Outcome, UploadOutcome, UploadRequest, UploadedObject,
    Withheld,
};
use package_storage_migrate::report::text::AllFindings;
use package_storage_migrate::report::upload::{html, json, markdown};
use package_storage_migrate::v2::store::PlaceArg;
use serde_json::Value;

use super::endpoint::{public, url};
use super::{Gcs, S3, THREE, serve, tool};
use crate::report::counts::{assert_has_numbers, letters, numbers};
use crate::report::html::Page;
use crate::support::bucket_server::Store;

/// Asserts that the page has what the JSON report has, apart from the objects that were there.
pub(super) fn assert_has_all(html: &str, report: &Value) {
    let page = Page::read(html);
    let sentence = format!("{}.", report["verdict"]["sentence"].as_str().unwrap());
    page.assert_has(&sentence);
    for notice in report["notices"].as_array().unwrap() {
        page.assert_has(&format!("{}.", notice["message"].as_str().unwrap()));
    }
    let served = report["endpoint"]["objects"].as_array().cloned().unwrap_or_default();
    assert_eq!(page.ids.contains("served"), !served.is_empty());
    for object in &served {
        page.assert_has(object["key"].as_str().unwrap());
        for field in ["message", "advice"] {
            if let Some(text) = object["mismatch"][field].as_str() {
                page.assert_has(text);
            }
        }
    }
    let is_read = |key: &str| served.iter().any(|object| object["key"] == key);
    for object in report["objects"].as_array().unwrap() {
        let key = object["key"].as_str().unwrap();
        let outcome = object["outcome"].as_str().unwrap();
        let is_listed = outcome != "already-there" || is_read(key);
        assert_eq!(page.texts.iter().any(|text| text == key), is_listed, "{key}");
        for field in ["message", "advice"] {
            if let Some(text) = object[field].as_str() {
                page.assert_has(text);
            }
        }
        if let Some(code) = object["reason"]["code"].as_str() {
            assert!(page.ids.contains(&format!("{outcome}-{code}")), "{outcome}-{code}");
        }
    }
    let counts = &report["counts"]["all"];
    for (name, label) in [
        ("created", "created"),
        ("already_there", "already there"),
        ("conflict", "conflict"),
        ("failed", "failed"),
        ("withheld", "withheld"),
    ] {
        let count = counts[name].as_u64().unwrap();
        let part = format!("{count} {label}");
        assert_eq!(page.texts.contains(&part), count > 0, "{part}");
    }
    for field in ["to", "internal", "cache_control"] {
        if let Some(text) = report[field].as_str() {
            page.assert_has(text);
        }
    }
}

/// What the page says first for each conclusion, of a run and of a dry run.
#[test]
fn the_page_states_the_conclusion() {
    type Edit = fn(&Store);
    let rows: [(&str, Edit, &str, i32, &[&str]); 4] = [
        ("", |_| {}, "complete", 0, &["Complete", "Created", "Bytes sent", "sent"]),
        (
            "--dry-run",
            |_| {},
            "complete",
            0,
            &["No conflicts", "Upload (dry run)", "Would be created", "Bytes to send"],
        ),
        (
            "",
            |store| {
                store.put(&format!("{}/{}", super::PREFIX, super::LANTERN), b"other bytes");
            },
            "conflicts",
            1,
            &["Conflicts"],
        ),
        (
            "--layout queue",
            |_| {},
            "complete",
            0,
            &["queue: archives and signatures by their file names"],
        ),
    ];
    for (args, edit, conclusion, code, texts) in rows {
        let store = Store::new(Gcs);
        edit(&store);
        let server = serve(&store);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("r.html");
        let run = tool(&THREE.path(), &store, &server).args(args).args("--report -");
        let ran = run.arg("--report").arg(&file).run().expect_code(code, args);
        let (html, report) = (fs::read_to_string(&file).unwrap(), ran.json());
        assert_eq!(report["verdict"]["conclusion"], conclusion, "{args}");
        assert_has_all(&html, &report);
        let page = Page::read(&html);
        texts.iter().for_each(|text| page.assert_has(text));
    }
}

/// Objects that the endpoint serves, and those that it does not.
#[test]
fn the_page_has_what_the_endpoint_serves() {
    let store = Store::new(S3);
    let server = serve(&store);
    let good = public(&store, |_, _, reply| reply);
    let bad = public(&store, |_, request, mut reply| {
        if request.path.ends_with(".svg") {
            reply.status = 404;
        }
        reply
    });
    for (endpoint, code, texts) in
        [(&good, 0, ["Complete", "as planned"]), (&bad, 1, ["Not served", "as planned"])]
    {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("r.html");
        let run = tool(&THREE.path(), &store, &server).args("--report - --endpoint");
        let run = run.arg(url(endpoint)).arg("--report").arg(&file);
        let ran = run.run().expect_code(code, "an endpoint");
        let html = fs::read_to_string(&file).unwrap();
        assert_has_all(&html, &ran.json());
        let page = Page::read(&html);
        texts.iter().for_each(|text| page.assert_has(text));
        page.assert_has(&url(endpoint));
    }
}

fn outcome_of(objects: Vec<UploadedObject>) -> UploadOutcome {
    let to: PlaceArg = "gs://bkt".parse().unwrap();
    let request = UploadRequest {
        tool: Version { name: "package-storage-migrate".to_owned(), version: "x".to_owned() },
        source: Source { stages: Vec::new() },
        shard: Shard::WHOLE,
        scope: Scope::default(),
        resolutions: None,
        plan: Sha256([0xff; 32]),
        to: to.name,
        internal: None,
        layout: Layout::Bucket,
        cache_control: None,
        endpoint: None,
        is_dry_run: false,
    };
    UploadOutcome { request, objects, notices: Vec::new(), page_count: 1, endpoint: None }
}

/// A long group with one reason is one item, which names each object.
#[test]
fn the_page_stays_small_when_everything_fails() {
    let objects = (0..16_000).map(|number| UploadedObject {
        kind: ObjectKind::Static,
        key: format!("artifacts/static/lantern-1.0.0/img/a picture of the lantern {number}.png"),
        size: Some(1234),
        outcome: match number % 2 {
            0 => Outcome::Failed(Failure::Store { detail: "HTTP status 403".to_owned() }),
            _ => Outcome::Created,
        },
    });
    let outcome = outcome_of(objects.collect());
    let html = html::render(&outcome);
    assert!(html.len() < 3_000_000, "{} bytes", html.len());
    let page = Page::read(&html);
    page.assert_has("8,000 objects");
    let texts: BTreeSet<&str> = page.texts.iter().map(String::as_str).collect();
    for object in &outcome.objects {
        assert!(texts.contains(object.key.as_str()), "{}", object.key);
    }
}

/// Every number in the counts is in the page and in the Markdown report.
#[test]
fn all_counts_are_shown() {
    let mut objects = Vec::new();
    let mut counts = 101..;
    for kind in ObjectKind::ALL {
        let outcomes = [
            Outcome::Created,
            Outcome::AlreadyThere,
            Outcome::Conflict(Conflict::CursorUnreadable),
            Outcome::Failed(Failure::Store { detail: "cut".to_owned() }),
            Outcome::Withheld(Withheld::Pending),
        ];
        for outcome in outcomes {
            let key = format!("key of {}", letters(objects.len()));
            let object = UploadedObject { kind: *kind, key, size: Some(0), outcome };
            let count = counts.next().unwrap();
            // No object has the size of all.
            let large = UploadedObject { size: Some(1_000_000 + count), ..object.clone() };
            let small = UploadedObject { size: Some(1), ..object.clone() };
            objects.extend(std::iter::repeat_n(object, count as usize - 2));
            objects.extend([large, small]);
        }
    }
    let outcome = UploadOutcome { objects, page_count: 70_001, ..outcome_of(Vec::new()) };
    let report: Value = serde_json::from_str(&json::render(&outcome).unwrap()).unwrap();
    let mut all = numbers(&report["counts"], "/counts");
    // Each object that is created takes one request.
    assert_eq!(report["requests"]["writes"], report["counts"]["all"]["created"]);
    all.push(("/requests/lists".to_owned(), report["requests"]["lists"].as_u64().unwrap()));
    assert_eq!(all.len(), 7 * 7 + 1);
    assert_has_numbers(&html::render(&outcome), &all, &[]);
    assert_has_numbers(&markdown::render(&outcome, &AllFindings::Nowhere), &all, &[]);
}
