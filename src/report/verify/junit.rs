//! The JUnit XML report of `verify`, for CI: one test case per revision, with its package as the class.
//!
//! No timestamps and no run id: identical input gives identical output. A run that proves nothing
//! must not look like a success, so it gets an additional case that fails. The only user of
//! quick-junit.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::plain;
use super::{left_out, notice, title, verdict};
use crate::model::mismatch::{Class, Mismatch};
use crate::model::verification::{Conclusion, RevisionResult, RevisionStatus, VerifyOutcome};

/// The maximum number of mismatches shown per revision.
const MAX_LINES: usize = 20;
/// The class of cases that belong to no revision of v1; the space keeps it distinct from package names.
const NO_PACKAGE: &str = "other objects";

/// Renders the report.
///
/// # Errors
/// None that these types can cause; returned so that no error is ignored.
pub fn render(outcome: &VerifyOutcome) -> Result<String, quick_junit::SerializeError> {
    let mut suite = TestSuite::new(title(outcome));
    suite.add_properties(properties(outcome));
    suite.add_test_cases(outcome.revisions().iter().map(|result| case(outcome, result)));
    suite.add_test_cases(other_cases(outcome));
    let is_silent = suite.failures == 0 && suite.errors == 0;
    if is_silent && outcome.conclusion() != Conclusion::Match {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("not-proven").set_message(verdict(outcome));
        let mut case = TestCase::new("everything is checked", status);
        case.set_classname("verify");
        suite.add_test_case(case);
    }
    let information: Vec<String> = outcome
        .others()
        .iter()
        .chain(outcome.of_index())
        .filter(|other| outcome.class(other) == Class::Information)
        .map(|other| format!("{}: {}", plain::subject(None, other), plain::mismatch(other)))
        .collect();
    if !information.is_empty() {
        suite.set_system_out(bounded(&information));
    }
    let mut report = Report::new(&*outcome.request.tool.name);
    report.add_test_suite(suite);
    report.to_string()
}

fn properties(outcome: &VerifyOutcome) -> Vec<Property> {
    let request = &outcome.request;
    let property = |name: &str, value: &str| Property::new(name, plain::line(value));
    // Whole: it has no text of others, and its last clauses count as well.
    let mut properties = vec![Property::new("verdict", verdict(outcome))];
    properties.extend(outcome.notices().iter().map(|note| property("note", &notice(note))));
    for stage in &request.source.stages {
        let value = format!("{} at {}", stage.reference, stage.commit);
        properties.push(property(stage.stage.into(), &value));
    }
    properties.push(property("scope", &request.scope.to_string()));
    properties.push(property("place", request.place.as_str()));
    let places = [
        ("index", &request.index),
        ("base index", &request.base_index),
        ("endpoint", &request.endpoint),
    ];
    for (what, place) in places {
        properties.extend(place.iter().map(|place| property(what, place.as_str())));
    }
    let cache_control = request.cache_control.iter();
    properties.extend(cache_control.map(|value| property("cache-control", value)));
    let kinds: Vec<String> = request.kinds.iter().map(ToString::to_string).collect();
    properties.push(property("resources", &kinds.join(",")));
    properties.extend(left_out(outcome).map(|kinds| property("not looked at", &kinds)));
    properties.push(property("depth", request.depth.into()));
    properties.push(property("sample", &request.sample.to_string()));
    properties
}

fn case(outcome: &VerifyOutcome, result: &RevisionResult) -> TestCase {
    let mismatches: Vec<&Mismatch> = result.all().collect();
    let status = match outcome.status(result) {
        RevisionStatus::Good => TestCaseStatus::success(),
        RevisionStatus::Mismatch => status(NonSuccessKind::Failure, outcome, &mismatches),
        RevisionStatus::Unknown => status(NonSuccessKind::Error, outcome, &mismatches),
    };
    let mut case = TestCase::new(result.revision.to_string(), status);
    case.set_classname(result.revision.name.as_str());
    case
}

/// Returns a case for each object outside the revisions that keeps v1 and v2 from matching.
fn other_cases(outcome: &VerifyOutcome) -> Vec<TestCase> {
    let of_none = outcome.others().iter().chain(outcome.of_index());
    let mut others: Vec<&Mismatch> = of_none.chain(outcome.of_endpoint()).collect();
    others.sort_by(|a, b| a.order(b));
    let of_objects: Vec<Vec<&Mismatch>> =
        others.chunk_by(|a, b| a.object == b.object).map(<[&Mismatch]>::to_vec).collect();
    let case = |mismatches: Vec<&Mismatch>| {
        let worst = mismatches.iter().map(|mismatch| outcome.class(mismatch)).max()?;
        let kind = match worst {
            Class::Information => return None,
            Class::Unknown => NonSuccessKind::Error,
            Class::Mismatch => NonSuccessKind::Failure,
        };
        let name = plain::subject(None, mismatches.first()?);
        let mut case = TestCase::new(name, status(kind, outcome, &mismatches));
        case.set_classname(NO_PACKAGE);
        Some(case)
    };
    of_objects.into_iter().filter_map(case).collect()
}

/// Returns a status with the code and message of the worst mismatch, and the first mismatches as
/// description.
fn status(
    kind: NonSuccessKind,
    outcome: &VerifyOutcome,
    mismatches: &[&Mismatch],
) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    // The first of the worst class, hence `rev`: `max_by_key` returns the last maximum.
    if let Some(worst) = mismatches.iter().rev().max_by_key(|mismatch| outcome.class(mismatch)) {
        status.set_type(worst.kind.code()).set_message(plain::of_revision(worst));
    }
    let line = |mismatch: &&Mismatch| {
        let code = mismatch.kind.code();
        format!("{code}: {}", plain::of_revision(mismatch))
    };
    let lines: Vec<String> = mismatches.iter().map(line).collect();
    status.set_description(bounded(&lines));
    status
}

/// Joins the first lines, and adds the number of the others.
fn bounded(lines: &[String]) -> String {
    match lines.len().saturating_sub(MAX_LINES) {
        0 | 1 => lines.join("\n"),
        more => format!("{}\n… and {more} more", lines[..MAX_LINES].join("\n")),
    }
}
