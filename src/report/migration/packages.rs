//! The table of packages: what became of each revision, from the plan and the findings.
//!
//! The plan has every revision that is migrated and the stage of its copy; findings have the stages of the other copies
//! and the revisions that are not migrated. Revisions outside the scope have neither, and are not listed.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use crate::model::finding::{Decision, Finding, FindingKind, Severity};
use crate::model::package::{PackageVersion, Stage};
use crate::model::plan::{ArchiveUpload, Plan};
use crate::report::html::text::{Text, size};
use crate::report::text::{grouped, numbered};

/// A package.
pub(super) struct Package {
    /// The number in its anchors.
    pub(super) index: usize,
    pub(super) name: Text,
    pub(super) stages: Vec<&'static str>,
    pub(super) newest_in_production: Text,
    pub(super) newest_in_v2: Text,
    /// Whether the newest versions differ.
    pub(super) newest_differs: bool,
    pub(super) byte_len: u64,
    pub(super) size: String,
    pub(super) signatures: String,
    pub(super) open_count: usize,
    /// In ascending order.
    pub(super) revisions: Vec<Revision>,
}

/// A revision.
pub(super) struct Revision {
    pub(super) version: Text,
    pub(super) stages: Vec<&'static str>,
    /// The stage whose copy is migrated.
    pub(super) winner: &'static str,
    pub(super) outcome: &'static str,
    pub(super) files: String,
    pub(super) size: String,
    pub(super) signature: String,
    pub(super) open_count: usize,
}

/// What is known of a revision.
#[derive(Default)]
struct Known<'r> {
    archive: Option<&'r ArchiveUpload>,
    stages: BTreeSet<Stage>,
    outcome: Option<Outcome>,
    open_count: usize,
}

/// Why a revision is not migrated, the strongest reason last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Blocked,
    Skipped,
    Marker,
}

/// Lists the packages by name.
pub(super) fn packages(report: &Report, plan: &Plan) -> Vec<Package> {
    let mut known: BTreeMap<&str, BTreeMap<&str, Known<'_>>> = BTreeMap::new();
    for archive in plan.archives() {
        let versions = known.entry(&archive.package).or_default();
        let revision = versions.entry(&archive.version).or_default();
        revision.archive = Some(archive);
        revision.stages.insert(archive.stage);
    }
    for finding in &report.findings {
        let (Some(package), Some(version)) = (&finding.package, &finding.version) else { continue };
        let revision = known.entry(package).or_default().entry(version).or_default();
        revision.stages.extend(&finding.stages);
        revision.open_count += usize::from(finding.is_to_decide());
        revision.outcome = revision.outcome.max(outcome(finding));
    }
    let states = signature_states(report, plan);
    let package = |(index, (name, versions))| package(index, name, &versions, &states);
    known.into_iter().enumerate().map(package).collect()
}

fn package(
    index: usize,
    name: &str,
    versions: &BTreeMap<&str, Known<'_>>,
    states: &BTreeMap<&str, String>,
) -> Package {
    let mut ordered: Vec<_> = versions.iter().collect();
    ordered.sort_by_cached_key(|(version, _)| (version.parse::<PackageVersion>().ok(), **version));
    let newest = |test: &dyn Fn(&Known<'_>) -> bool| {
        let found = ordered.iter().rev().find(|(_, known)| test(known));
        found.map(|(version, _)| **version)
    };
    let in_production = newest(&|known| known.stages.contains(&Stage::Production));
    let in_v2 = newest(&|known| known.archive.is_some());
    let archives = || versions.values().filter_map(|known| known.archive);
    let stages: BTreeSet<Stage> =
        versions.values().flat_map(|known| known.stages.iter().copied()).collect();
    let byte_len = archives().map(|archive| archive.size).sum();
    let dash = |version: Option<&str>| Text::of(version.unwrap_or("–"));
    Package {
        index,
        name: Text::of(name),
        stages: stages.iter().map(|stage| stage.into()).collect(),
        newest_in_production: dash(in_production),
        newest_in_v2: dash(in_v2),
        newest_differs: in_production != in_v2,
        byte_len,
        size: if byte_len == 0 { "–".to_owned() } else { size(byte_len) },
        signatures: summary(archives().map(|archive| states[archive.key.as_str()].as_str())),
        open_count: versions.values().map(|known| known.open_count).sum(),
        revisions: ordered
            .into_iter()
            .map(|(version, known)| revision(version, known, states))
            .collect(),
    }
}

fn revision(version: &str, known: &Known<'_>, states: &BTreeMap<&str, String>) -> Revision {
    let archive = known.archive;
    let outcome = match (archive, known.outcome) {
        (Some(_), _) => "archived",
        (None, Some(Outcome::Marker)) => "excluded: a marker",
        (None, Some(Outcome::Skipped)) => "excluded: skipped by a decision",
        (None, Some(Outcome::Blocked)) => "blocked",
        (None, None) => "not in the plan",
    };
    let text = |of: &dyn Fn(&ArchiveUpload) -> String| archive.map_or("–".to_owned(), of);
    Revision {
        version: Text::of(version),
        stages: known.stages.iter().map(|stage| stage.into()).collect(),
        winner: archive.map_or("–", |archive| archive.stage.into()),
        outcome,
        files: text(&|archive| grouped(archive.file_count)),
        size: text(&|archive| size(archive.size)),
        signature: text(&|archive| states[archive.key.as_str()].clone()),
        open_count: known.open_count,
    }
}

fn outcome(finding: &Finding) -> Option<Outcome> {
    match (&finding.kind, &finding.settled) {
        (FindingKind::MarkerPackage, _) => Some(Outcome::Marker),
        (_, Some(made)) if made.decision == Decision::Skip => Some(Outcome::Skipped),
        (kind, _) if kind.severity() == Severity::Blocker => Some(Outcome::Blocked),
        _ => None,
    }
}

/// Returns the state of the signature of each archive, by its key.
fn signature_states<'p>(report: &Report, plan: &'p Plan) -> BTreeMap<&'p str, String> {
    let planned: BTreeMap<_, _> =
        plan.signatures().map(|signature| (signature.signs(), signature.digests())).collect();
    let state = |archive: &'p ArchiveUpload| {
        let state = match (report.signatures.others.get(&archive.key), planned.get(&archive.key)) {
            (Some(state), _) => state.code().trim_start_matches("signature-").replace('-', " "),
            (None, Some(None)) => "pending".to_owned(),
            (None, Some(Some(_))) => "good".to_owned(),
            (None, None) => "missing".to_owned(),
        };
        (archive.key.as_str(), state)
    };
    plan.archives().map(state).collect()
}

/// Summarizes the states of a package's archives.
fn summary<'s>(states: impl Iterator<Item = &'s str>) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for state in states {
        *counts.entry(state).or_default() += 1;
    }
    let mut texts: Vec<String> = match counts.len() {
        0 => vec!["–".to_owned()],
        1 => counts.into_keys().map(str::to_owned).collect(),
        _ => {
            counts.into_iter().map(|(state, count)| format!("{} {state}", grouped(count))).collect()
        }
    };
    texts.sort();
    texts.join(", ")
}

impl Package {
    pub(super) fn findings_label(&self) -> String {
        numbered(self.open_count as u64, "finding", "findings")
    }
}
