//! The JUnit XML as CI reads it: well-formed for all names, one case per revision, and never a false
//! success.

use package_storage_migrate::model::mismatch::{Extras, MismatchKind};
use package_storage_migrate::model::verification::{Conclusion, VerifyOutcome, VerifyRequest};
use package_storage_migrate::report::verify::junit::render;
use proptest::prelude::*;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};

use super::literal::{HOSTILE, everything, good, mismatch, outcome, request, result};

/// Returns a line for every case in the XML; failures and errors with kind, type and message.
fn cases(outcome: &VerifyOutcome) -> Vec<String> {
    let report = read(outcome);
    report.test_suites[0].test_cases.iter().map(line).collect()
}

fn line(case: &TestCase) -> String {
    let name = format!("{} {}", case.classname.as_ref().unwrap().as_str(), case.name.as_str());
    match &case.status {
        TestCaseStatus::Success { .. } => format!("{name} good"),
        TestCaseStatus::Skipped { .. } => panic!("{name} is skipped"),
        TestCaseStatus::NonSuccess { kind, message, ty, .. } => {
            let kind = match kind {
                NonSuccessKind::Failure => "failure",
                NonSuccessKind::Error => "error",
            };
            let [ty, message] = [ty, message].map(|text| text.as_ref().unwrap().as_str());
            format!("{name} {kind} {ty}: {message}")
        }
    }
}

fn read(outcome: &VerifyOutcome) -> Report {
    let xml = render(outcome).unwrap();
    let report =
        Report::deserialize_from_str(&xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let suite = &report.test_suites[0];
    assert_eq!((report.test_suites.len(), report.tests), (1, suite.test_cases.len()));
    assert_eq!((report.failures, report.errors), (suite.failures, suite.errors));
    assert!(!xml.contains("time") && !xml.contains("uuid"), "{xml}");
    // XML 1.0, section 2.2: other characters are not allowed, not even as references.
    let is_char = |c: char| matches!(c, '\n' | ' '..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(is_char), "{xml}");
    assert!(!xml.contains("&#"), "{xml}");
    report
}

#[test]
fn every_revision_is_a_case_in_the_class_of_its_package() {
    assert_eq!(cases(&good()), ["aws aws-1.0.0 good", "aws aws-1.1.0 good"]);
    let missing = || result("buoy-1.0.0", 0, [(None, MismatchKind::ArchiveMissing)]);
    let unreachable = || MismatchKind::ArchiveUnreachable { detail: "503".to_owned() };
    let extra = || vec![mismatch("aws-9.0.0.zip", None, MismatchKind::ArchiveExtra)];
    let exact = || VerifyRequest { extras: Extras::Refused, ..request() };
    let one = || result("aws-1.0.0", 1, None);
    let unknown = |kind| result("aws-1.1.0", 0, [(None, kind)]);
    let message = "the archive could not be fetched, so its content is unknown: 503";
    let rows: Vec<(VerifyOutcome, Vec<String>)> = vec![
        (
            outcome(request(), 2, vec![missing(), one()], vec![]),
            vec![
                "aws aws-1.0.0 good".to_owned(),
                "buoy buoy-1.0.0 failure archive-missing: v2 has no such archive".to_owned(),
            ],
        ),
        (
            outcome(request(), 1, vec![unknown(unreachable())], vec![]),
            vec![format!("aws aws-1.1.0 error archive-unreachable: {message}")],
        ),
        (
            // The first mismatch of the worst class is the message.
            outcome(
                request(),
                1,
                vec![result(
                    "aws-1.1.0",
                    1,
                    [
                        (None, unreachable()),
                        (Some("b"), MismatchKind::FileMissing),
                        (Some("a"), MismatchKind::FileExtra),
                    ],
                )],
                vec![],
            ),
            vec![
                "aws aws-1.1.0 failure file-extra: a: the archive has the file, v1 does not"
                    .to_owned(),
            ],
        ),
        (outcome(request(), 1, vec![one()], extra()), vec!["aws aws-1.0.0 good".to_owned()]),
        (
            outcome(exact(), 1, vec![one()], extra()),
            vec![
                "aws aws-1.0.0 good".to_owned(),
                "other objects aws-9.0.0.zip failure archive-extra: v1 has no such revision"
                    .to_owned(),
            ],
        ),
    ];
    for (outcome, expected) in rows {
        assert_eq!(cases(&outcome), expected);
    }
}

#[test]
fn a_run_that_proves_nothing_has_a_failing_case() {
    let rows = [
        (outcome(request(), 0, vec![], vec![]), "0 of 0 archives as expected, nothing was checked"),
        (outcome(request(), 2, vec![result("aws-1.0.0", 1, None)], vec![]), "1 was not checked"),
    ];
    for (outcome, clause) in rows {
        let last = cases(&outcome).pop().unwrap();
        let start =
            "verify everything is checked error not-proven: v1 and v2 are not proven to match: ";
        assert!(last.starts_with(start) && last.contains(clause), "{last}");
    }
    let report = read(&everything());
    assert_ne!(report.failures + report.errors, 0);
}

#[test]
fn a_thousand_mismatches_of_a_revision_are_truncated_to_twenty_lines() {
    let paths = (0..1000).map(|index| format!("{index:04}"));
    let mismatches =
        paths.map(|path| mismatch("aws-1.0.0.zip", Some(&path), MismatchKind::FileExtra));
    let mut result = result("aws-1.0.0", 1, None);
    result.mismatches = mismatches.collect();
    let report = read(&outcome(request(), 1, vec![result], vec![]));
    let TestCaseStatus::NonSuccess { description, .. } =
        &report.test_suites[0].test_cases[0].status
    else {
        panic!("it fails");
    };
    let lines: Vec<&str> = description.as_ref().unwrap().lines().collect();
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[0], "file-extra: 0000: the archive has the file, v1 does not");
    assert_eq!(lines[20], "… and 980 more");
}

#[test]
fn hostile_names_are_escaped() {
    let shown = r##"a|b `c` <d> & "e" 'f' ]]> %0A 50% g: h, i ::error::j ##[error]k \u{1}\u{1b}[31m\n\r\t\u{85}\u{202e}\u{fffe}é😀: v1 has the file, the archive does not"##;
    let hostile = [(Some(HOSTILE), MismatchKind::FileMissing)];
    let found = cases(&outcome(request(), 1, vec![result("aws-1.0.0", 1, hostile)], vec![]));
    assert_eq!(found, [format!("aws aws-1.0.0 failure file-missing: {shown}")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_report_is_valid_xml_for_any_detail(detail in any::<String>(), object in any::<String>()) {
        let kind = MismatchKind::ArchiveUnreadable { detail };
        let of_revision = mismatch("aws-1.0.0.zip", Some(&object), kind.clone());
        let mut result = result("aws-1.0.0", 1, None);
        result.mismatches = vec![of_revision];
        let outcome = outcome(request(), 1, vec![result], vec![mismatch(&object, None, kind)]);
        let report = read(&outcome);
        prop_assert_eq!((report.tests, report.failures), (2, 2));
        prop_assert_eq!(outcome.conclusion(), Conclusion::Mismatch);
    }

    #[test]
    fn visible_characters_round_trip(detail in r#"[a-z<>&"'%;:/\]\[|`é😀\u{10ffff}]{0,80}"#) {
        let kind = MismatchKind::ArchiveUnreadable { detail: detail.clone() };
        let found = cases(&outcome(request(), 1, vec![result("aws-1.0.0", 1, [(None, kind)])], vec![]));
        let message = format!("not a valid ZIP archive: {detail}");
        prop_assert_eq!(found, [format!("aws aws-1.0.0 failure archive-unreadable: {message}")]);
    }
}
