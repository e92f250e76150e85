//! The index entries that `verify` derives from Git alone equal those that the registry makes of the same files.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::ops::verify::{Derived, expected_entries};
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::rules::index::line;
use package_storage_migrate::v1::stages::StageRequest;

use crate::index::entries::{Entries, compare, edges, fixture_entries};
use crate::support::fixture;
use crate::support::v1_repo::V1Repo;

/// Derives the entries of all revisions, in the order returned.
fn derived(repo: &Path) -> Vec<(String, Derived)> {
    let stages = Stage::ALL.map(|stage| StageRequest { stage, pinned: None });
    let found = expected_entries(
        repo,
        (&stages, "origin"),
        (&Scope::default(), &Resolutions::default()),
        2,
        &AtomicBool::new(false),
    );
    found.unwrap().into_iter().map(|(revision, entry)| (revision.to_string(), entry)).collect()
}

fn text(derived: &Derived) -> String {
    match derived {
        Ok(manifest) => String::from_utf8(line(manifest)).unwrap(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn each_edge_has_the_registrys_entry() {
    let (folder, mut expected) = (tempfile::tempdir().unwrap(), Entries::new());
    let path = folder.path().join("v1.git");
    V1Repo::create(&path)
        .stage("production", |mut stage| {
            for (revision, files, entry) in edges() {
                let (name, version) = revision.split_once('-').unwrap();
                stage = stage.revision(name, version, |mut draft| {
                    for (path, bytes) in files {
                        draft = draft.file(path, bytes);
                    }
                    draft
                });
                expected.insert(revision, entry);
            }
            stage
        })
        .stage("staging", |s| s)
        .stage("snapshot", |s| s);
    let found: Entries =
        derived(&path).iter().map(|(revision, entry)| (revision.clone(), text(entry))).collect();
    compare(&found, &expected);
}

#[test]
fn the_fixture_has_the_registrys_entries() {
    let (found, faults): (Vec<_>, Vec<_>) =
        derived(fixture::folder()).into_iter().partition(|(_, derived)| derived.is_ok());
    let lines = |derived: Vec<(String, Derived)>| -> Entries {
        derived.iter().map(|(revision, derived)| (revision.clone(), text(derived))).collect()
    };
    compare(&lines(found), &fixture_entries());
    let faults: Vec<String> =
        lines(faults).into_iter().map(|(revision, fault)| format!("{revision}: {fault}")).collect();
    let expected = [
        "drift_net-1.0.0: its manifest names drift_net-1.0.1",
        "rusty_anchor-0.1.0: manifest.yml, line 3: unclosed quote",
    ];
    assert_eq!(faults, expected);
}

/// Each reason why a revision has no entry; a copy of a later stage never replaces the expected one.
#[test]
fn revisions_without_an_entry_have_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v1.git");
    let repo = V1Repo::create(&path)
        .stage("production", |s| {
            s.revision("gull", "1.0.0", |r| r.manifest().file("img/a.svg", "lost"))
                .revision("kelp", "1.0.0", |r| r.manifest_with("release: soon\n"))
                .revision("reef", "1.0.0", |r| r.file("docs/README.md", ""))
                .revision("tide", "1.0.0", |r| {
                    r.manifest_with("policy_templates: {name: 1}\nvars: 1\n")
                })
                .revision("wave", "1.0.0", |r| r.manifest())
        })
        .stage("staging", |s| s.revision("gull", "1.0.0", |r| r.manifest()))
        .stage("snapshot", |s| s);
    repo.remove_object(repo.object_id("production", "packages/gull/1.0.0/img/a.svg"));
    let found: Vec<(String, String)> = derived(&path)
        .into_iter()
        .filter_map(|(revision, derived)| Some((revision, derived.err()?.to_string())))
        .collect();
    let expected = [
        ("gull-1.0.0", "the copy in production cannot be read"),
        ("kelp-1.0.0", "the registry does not load it: manifest.yml: "),
        ("reef-1.0.0", "manifest.yml is missing"),
        ("tide-1.0.0", "the registry does not load it: "),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((revision, reason), (expected_revision, start)) in found.iter().zip(expected) {
        assert!(revision == expected_revision && reason.starts_with(start), "{revision}: {reason}");
    }
}
