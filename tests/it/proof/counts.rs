//! Every number in the counts of `verify` is in each rendering.

use package_storage_migrate::model::mismatch::MismatchKind;
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::model::resources::Resource;
use package_storage_migrate::model::verification::{
    Depth, IndexObjects, IndexResult, ObjectCounts, Reading, RegistryAnswers, RegistryRequest,
    RevisionResult, ServedFrom, Share, StaticsResult, VerifyOutcome, VerifyRequest,
};
use package_storage_migrate::report::text::AllFindings;
use package_storage_migrate::report::verify::{github, html, json, junit, markdown};
use serde_json::Value;

use super::literal::{mismatch, request, result};
use crate::report::counts::{assert_has_numbers, letters, numbers};

fn counts(first: u64) -> ObjectCounts {
    let [to_check, checked, good, mismatch, unknown] = [0, 10, 20, 30, 40].map(|more| first + more);
    ObjectCounts { to_check, checked, good, mismatch, unknown }
}

/// The number of revisions by what is wrong with the archive and with a static resource.
const REVISIONS: [(usize, Option<bool>, Option<bool>); 5] = [
    (1301, None, None),
    (1409, Some(true), None),
    (1511, None, Some(true)),
    (1613, Some(false), None),
    (1709, None, Some(false)),
];

fn outcome(registry: Option<RegistryAnswers>) -> VerifyOutcome {
    let mut revisions: Vec<RevisionResult> = Vec::new();
    for (count, archive, resource) in REVISIONS {
        for _ in 0..count {
            let mut result = result(&format!("{}-1.0.0", letters(revisions.len())), 0, None);
            let detail = || "cut".to_owned();
            result.mismatches.extend(archive.map(|is_missing| match is_missing {
                true => mismatch("archive", None, MismatchKind::ArchiveMissing),
                false => {
                    mismatch("archive", None, MismatchKind::ArchiveUnreachable { detail: detail() })
                }
            }));
            result.of_resources.extend(resource.map(|is_missing| match is_missing {
                true => mismatch("static", None, MismatchKind::StaticMissing { object_count: 1 }),
                false => {
                    mismatch("static", None, MismatchKind::StaticUnreachable { detail: detail() })
                }
            }));
            revisions.push(result);
        }
    }
    revisions[0].file_count = 77_003;
    let request = VerifyRequest {
        kinds: Resource::ALL.iter().copied().collect(),
        depth: Depth::Listing,
        registry: registry.as_ref().map(|_| RegistryRequest { known_extras: Vec::new() }),
        ..request()
    };
    let reading = Reading { archive_count: 50_021, byte_len: 50_023 };
    let statics = StaticsResult { in_v1: 20_009, counts: counts(20_001) };
    let index = IndexResult {
        counts: counts(30_001),
        as_published: 30_061,
        base_only: 30_071,
        mismatches: Vec::new(),
    };
    let objects = IndexObjects { counts: counts(40_001), mismatches: Vec::new() };
    let outcome = VerifyOutcome::new(request, 9_001, revisions, Vec::new(), Vec::new(), reading);
    let outcome = outcome.with_resources(Some(statics), Some(index));
    let outcome = outcome.with_index_objects(Some(objects));
    match registry {
        Some(answers) => outcome.with_registry(answers),
        None => outcome,
    }
}

fn answers() -> RegistryAnswers {
    RegistryAnswers {
        version: Some("x".to_owned()),
        release: RegistryRelease::OLDEST,
        served_from: vec![ServedFrom::Storage],
        listed: 60_013,
        pages: Share { compared: 60_017, total: 60_029 },
        archive_sizes: Share { compared: 60_037, total: 60_041 },
        visible: 60_077,
        categories: 60_083,
        as_published: 60_089,
        base_only: 60_091,
    }
}

/// What has a case for each revision, or lines for each code, has the verdict besides: how many of how many.
const NOT_IN_A_VERDICT: &[&str] = &[
    "/checked",
    "/counts/revisions/",
    "/counts/archives_read",
    "/registry/listed",
    "/registry/pages/",
];

#[test]
fn every_rendering_has_all_counts() {
    for (registry, count) in [(None, 30), (Some(answers()), 39)] {
        let outcome = outcome(registry);
        let report: Value = serde_json::from_str(&json::render(&outcome).unwrap()).unwrap();
        let mut all = numbers(&report["counts"], "/counts");
        // That of the archives is always the same.
        all.retain(|(path, _)| path != "/counts/revisions/to_check");
        all.extend(numbers(&report["registry"], "/registry"));
        assert_eq!(all.len(), count, "{all:?}");
        assert_has_numbers(&html::render(&outcome), &all, &[]);
        assert_has_numbers(&markdown::render(&outcome, &AllFindings::Nowhere), &all, &[]);
        let junit = junit::render(&outcome).unwrap();
        let verdict = junit.lines().find(|line| line.contains("name=\"verdict\"")).unwrap();
        assert_has_numbers(verdict, &all, NOT_IN_A_VERDICT);
        let annotations = github::annotations(&outcome);
        assert_has_numbers(annotations.lines().next().unwrap(), &all, NOT_IN_A_VERDICT);
    }
}
