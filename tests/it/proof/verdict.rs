//! The verdict: which outcomes are a match, and the sentence for each.

use package_storage_migrate::model::mismatch::{Class, Extras, Mismatch, MismatchKind};
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::resources::Resource;
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::verification::{
    Conclusion, Depth, EndpointResult, IndexObjects, Notice, ObjectCounts, Reading, RevisionResult,
    VerifyOutcome, VerifyRequest,
};
use package_storage_migrate::report::verify::verdict;

use super::literal::{every_kind, everything, good, mismatch, outcome, request, result, served};

const MISSING: MismatchKind = MismatchKind::ArchiveMissing;
const EXTRA: MismatchKind = MismatchKind::ArchiveExtra;

fn not_checkable() -> MismatchKind {
    MismatchKind::NotCheckable { stage: Stage::Production, detail: "gone".to_owned() }
}

fn extra() -> Vec<Mismatch> {
    vec![mismatch("aws-9.0.0.zip", None, EXTRA)]
}

fn exact() -> VerifyRequest {
    VerifyRequest { extras: Extras::Refused, ..request() }
}

#[test]
fn it_is_a_match_only_if_everything_was_checked_and_is_good() {
    use Conclusion::{Match, Mismatch, NotProven};
    let one = || result("aws-1.0.0", 4, None);
    let two = || vec![one(), result("aws-1.1.0", 5, None)];
    let with = |kind| vec![one(), result("aws-1.1.0", 0, [(None, kind)])];
    let both = || {
        vec![
            one(),
            result("aws-1.1.0", 0, [(None, not_checkable())]),
            result(
                "aws-1.2.0",
                6,
                [(Some("a"), MismatchKind::FileMissing), (None, not_checkable())],
            ),
        ]
    };
    let unlisted = || vec![mismatch("aws-*.zip", None, not_checkable())];
    let nothing = Vec::<RevisionResult>::new;
    let sample = || VerifyRequest { sample: "3/30".parse().unwrap(), ..request() };
    let part = || VerifyRequest {
        scope: Scope { include: ["aws".parse().unwrap()].into(), ..Scope::default() },
        ..sample()
    };
    let depth = |depth| VerifyRequest { depth, ..request() };
    let rows: Vec<(VerifyOutcome, Conclusion, &str)> = vec![
        (
            outcome(request(), 2, two(), vec![]),
            Match,
            "v1 and v2 match: 2 of 2 archives, 9 files, 1,000 bytes read",
        ),
        (
            outcome(request(), 1, vec![one()], vec![]),
            Match,
            "v1 and v2 match: 1 of 1 archive, 4 files, 1,000 bytes read",
        ),
        (
            outcome(depth(Depth::Entries), 2, two(), vec![]),
            Match,
            "v1 and v2 match by names, sizes and CRC-32: 2 of 2 archives, 9 files, 1,000 bytes read",
        ),
        (
            outcome(depth(Depth::Listing), 1, vec![result("aws-1.0.0", 0, None)], vec![]),
            Match,
            "v1 and v2 match by the listing alone: 1 of 1 archive, 0 files, 1,000 bytes read",
        ),
        (
            outcome(sample(), 2, two(), vec![]),
            Match,
            "v1 and v2 match in sample 3/30: 2 of 2 archives, 9 files, 1,000 bytes read",
        ),
        (
            outcome(part(), 2, two(), vec![]),
            Match,
            "v1 and v2 match in sample 3/30 in a part of v1: 2 of 2 archives, 9 files, 1,000 bytes read",
        ),
        // Nothing to check.
        (
            outcome(request(), 0, nothing(), vec![]),
            NotProven,
            "v1 and v2 are not proven to match: 0 of 0 archives as expected, nothing was checked; 0 files, 1,000 bytes read",
        ),
        (
            outcome(sample(), 0, nothing(), vec![]),
            NotProven,
            "v1 and v2 are not proven to match in sample 3/30: 0 of 0 archives as expected, nothing was checked; 0 files, 1,000 bytes read",
        ),
        (
            outcome(request(), 0, nothing(), extra()),
            NotProven,
            "v1 and v2 are not proven to match: 0 of 0 archives as expected, nothing was checked; 0 files, 1,000 bytes read; v2 also has 1 other object",
        ),
        // Not everything was checked.
        (
            outcome(request(), 3, two(), vec![]),
            NotProven,
            "v1 and v2 are not proven to match: 2 of 3 archives as expected, 1 was not checked; 9 files, 1,000 bytes read",
        ),
        (
            outcome(request(), 2, nothing(), vec![]),
            NotProven,
            "v1 and v2 are not proven to match: 0 of 2 archives as expected, 2 were not checked; 0 files, 1,000 bytes read",
        ),
        (
            outcome(request(), 2, with(not_checkable()), vec![]),
            NotProven,
            "v1 and v2 are not proven to match: 1 of 2 archives as expected, 1 could not be checked; 4 files, 1,000 bytes read",
        ),
        (
            outcome(request(), 2, two(), unlisted()),
            NotProven,
            "v1 and v2 are not proven to match: 2 of 2 archives as expected; 1 other object could not be checked; 9 files, 1,000 bytes read",
        ),
        // Inconsistent results.
        (
            outcome(request(), 1, two(), vec![]),
            NotProven,
            "v1 and v2 are not proven to match: 2 of 1 archive as expected, 1 is not in v1; 9 files, 1,000 bytes read",
        ),
        (
            outcome(request(), 2, vec![one(), one()], vec![]),
            NotProven,
            "v1 and v2 are not proven to match: 2 of 2 archives as expected; some were reported twice; 8 files, 1,000 bytes read",
        ),
        // Something does not match.
        (
            outcome(request(), 2, with(MISSING), vec![]),
            Mismatch,
            "v1 and v2 do not match: 1 of 2 archives as expected, 1 is not; 4 files, 1,000 bytes read",
        ),
        (
            outcome(request(), 4, both(), vec![]),
            Mismatch,
            "v1 and v2 do not match: 1 of 4 archives as expected, 1 is not, 1 could not be checked, 1 was not checked; 10 files, 1,000 bytes read",
        ),
        // Extra archives in v2.
        (
            outcome(request(), 2, two(), extra()),
            Match,
            "v1 and v2 match: 2 of 2 archives, 9 files, 1,000 bytes read; v2 also has 1 other object",
        ),
        (
            outcome(exact(), 2, two(), vec![]),
            Match,
            "v1 and v2 match: 2 of 2 archives, 9 files, 1,000 bytes read",
        ),
        (
            outcome(exact(), 2, two(), extra()),
            Mismatch,
            "v1 and v2 do not match: 2 of 2 archives as expected; 1 other object is unexpected; 9 files, 1,000 bytes read",
        ),
    ];
    for (outcome, conclusion, sentence) in rows {
        assert_eq!(verdict(&outcome), sentence);
        assert_eq!(outcome.conclusion(), conclusion, "{sentence}");
    }
}

#[test]
fn an_exact_match_is_not_proven_if_v2_cannot_be_listed() {
    let rows = [
        (request(), Conclusion::Match, "2 of 2 archives, 9 files"),
        (
            exact(),
            Conclusion::NotProven,
            "2 of 2 archives as expected; other objects in v2 are unknown; 9 files",
        ),
    ];
    for (request, conclusion, clause) in rows {
        let results = good().revisions().to_vec();
        let reading = Reading::default();
        let notices = vec![Notice::NotListed];
        let outcome = VerifyOutcome::new(request, 2, results, vec![], notices, reading);
        assert_eq!(outcome.conclusion(), conclusion);
        let sentence = verdict(&outcome);
        assert!(sentence.contains(clause), "{sentence}");
    }
}

/// All of v2 matches; what the endpoint serves decides.
#[test]
fn an_endpoint_must_serve_what_v2_has() {
    use Conclusion::{Match, Mismatch, NotProven};
    let refused = MismatchKind::EndpointRefused { status: 403 };
    let unreachable = MismatchKind::EndpointUnreachable { detail: "gone".to_owned() };
    let rows = [
        (vec![None], Match, "2 of 2 archives, 1 of 1 object at the endpoint, 9 files"),
        (vec![None, None], Match, "2 of 2 archives, 2 of 2 objects at the endpoint, 9 files"),
        (
            vec![None, Some(refused)],
            Mismatch,
            "2 of 2 archives as expected; 1 of 2 objects at the endpoint as expected, 1 is not; 9",
        ),
        (
            vec![None, Some(unreachable)],
            NotProven,
            "1 of 2 objects at the endpoint as expected, 1 could not be checked; 9 files",
        ),
        (vec![], NotProven, "0 of 0 objects at the endpoint as expected, nothing was checked; 9"),
    ];
    for (kinds, conclusion, clause) in rows {
        let objects = kinds.into_iter().map(|kind| served("a.png", kind)).collect();
        let outcome = good().with_endpoint(Some(EndpointResult { objects }));
        assert_eq!(outcome.conclusion(), conclusion, "{clause}");
        let sentence = verdict(&outcome);
        assert!(sentence.contains(clause), "{sentence}");
    }
}

/// The objects of the index stand for its entries, and are never counted as such.
#[test]
fn an_index_that_was_not_read_is_a_match_of_its_objects() {
    use Conclusion::{Match, Mismatch, NotProven};
    let rows = [
        (2, 2, 0, Match, "2 of 2 archives, 2 of 2 objects of the index, 9 files"),
        (1, 1, 0, Match, "2 of 2 archives, 1 of 1 object of the index, 9 files"),
        (2, 1, 1, Mismatch, "1 of 2 objects of the index as expected, 1 is not"),
        (2, 1, 0, NotProven, "1 of 2 objects of the index as expected, 1 was not checked; 9 files"),
        (0, 0, 0, NotProven, "0 of 0 objects of the index as expected, nothing was checked"),
    ];
    for (to_check, good, mismatch_count, conclusion, clause) in rows {
        let checked = good + mismatch_count;
        let counts = ObjectCounts { to_check, checked, good, mismatch: mismatch_count, unknown: 0 };
        let kind = MismatchKind::CursorMissing;
        let mismatches =
            (0..mismatch_count).map(|_| mismatch("cursor.json", None, kind.clone())).collect();
        let kinds = [Resource::Archives, Resource::Index].into();
        let results = good_results();
        let outcome = outcome(VerifyRequest { kinds, ..request() }, 2, results, vec![]);
        let outcome = outcome.with_index_objects(Some(IndexObjects { counts, mismatches }));
        assert_eq!(outcome.conclusion(), conclusion, "{clause}");
        let sentence = verdict(&outcome);
        assert!(sentence.contains(clause), "{sentence}");
        assert!(!sentence.contains("entr"), "{sentence}");
    }
}

fn good_results() -> Vec<RevisionResult> {
    good().revisions().to_vec()
}

#[test]
fn only_information_does_not_prevent_a_match() {
    for extras in [Extras::Allowed, Extras::Refused] {
        for kind in every_kind() {
            let code = kind.code();
            let class = match (code, extras) {
                ("signature-good", _) | ("archive-extra" | "static-extra", Extras::Allowed) => {
                    Class::Information
                }
                (
                    "not-checkable"
                    | "archive-unreachable"
                    | "static-unreachable"
                    | "index-unreachable"
                    | "endpoint-unreachable"
                    | "answer-unreachable"
                    | "entry-unknown",
                    _,
                ) => Class::Unknown,
                _ => Class::Mismatch,
            };
            assert_eq!(kind.class(extras), class, "{code}");
            let conclusion = match class {
                Class::Information => Conclusion::Match,
                Class::Unknown => Conclusion::NotProven,
                Class::Mismatch => Conclusion::Mismatch,
            };
            let request = || VerifyRequest { extras, ..request() };
            let of_revision = vec![result("aws-1.0.0", 1, [(None, kind.clone())])];
            assert_eq!(
                outcome(request(), 1, of_revision, vec![]).conclusion(),
                conclusion,
                "{code}"
            );
            let (good, others) =
                (vec![result("aws-1.0.0", 1, None)], vec![mismatch("x", None, kind)]);
            assert_eq!(outcome(request(), 1, good, others).conclusion(), conclusion, "{code}");
        }
    }
}

#[test]
fn counts_match_the_results() {
    let outcome = everything();
    let counts = outcome.revision_counts();
    let reported = outcome.revisions().len() as u64;
    assert_eq!(counts.checked, counts.good + counts.mismatch);
    assert_eq!(counts.checked + counts.unknown, reported);
    assert_eq!(counts.to_check, reported + 1);
    let by_code: usize = outcome.by_code().iter().map(|group| group.mismatches.len()).sum();
    assert_eq!(by_code, outcome.mismatches().len());
}
