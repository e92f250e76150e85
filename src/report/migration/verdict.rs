//! The verdict of a report in one sentence: whether the migration is ready, and what blocks it.

use std::collections::BTreeSet;
use std::fmt;

use super::Report;
use crate::model::finding::{Finding, Severity};
use crate::report::text::numbered;

/// The verdict of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Revisions that are migrated.
    pub migrated: u64,
    /// Subjects with blockers.
    pub blocked: Subjects,
    /// Subjects with conflicts, which are resolved by a rule unless a person decides.
    pub undecided: Subjects,
    /// Number of warnings.
    pub warning_count: u64,
    /// Number of findings with a decision.
    pub settled_count: u64,
}

/// The subjects of findings, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Revisions.
    pub revisions: u64,
    /// Whole packages.
    pub packages: u64,
    /// Stages, and paths outside of packages.
    pub others: u64,
}

impl Subjects {
    fn of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Self {
        let (mut revisions, mut packages) = (BTreeSet::new(), BTreeSet::new());
        let mut others = BTreeSet::new();
        for finding in findings {
            match (&finding.package, &finding.version) {
                (Some(package), Some(version)) => drop(revisions.insert((package, version))),
                (Some(package), None) => drop(packages.insert(package)),
                (None, _) => drop(others.insert((&finding.stages, &finding.path))),
            }
        }
        let [revisions, packages, others] =
            [revisions.len(), packages.len(), others.len()].map(|count| count as u64);
        Subjects { revisions, packages, others }
    }

    fn is_empty(&self) -> bool {
        *self == Subjects::default()
    }
}

impl Report {
    /// Returns the verdict.
    pub fn verdict(&self) -> Verdict {
        let of = |severity| self.open().filter(move |finding| finding.kind.severity() == severity);
        Verdict {
            migrated: self.balance.archived,
            blocked: Subjects::of(of(Severity::Blocker)),
            undecided: Subjects::of(of(Severity::Conflict)),
            warning_count: of(Severity::Warning).count() as u64,
            settled_count: self.settled().count() as u64,
        }
    }
}

impl Verdict {
    /// Returns whether there are no open blockers and conflicts.
    pub fn is_ready(&self) -> bool {
        self.blocked.is_empty() && self.undecided.is_empty()
    }
}

impl fmt::Display for Verdict {
    /// Writes one sentence without its full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let going = numbered(self.migrated, "revision goes to v2", "revisions go to v2");
        write!(f, "{}: {going}", if self.is_ready() { "ready" } else { "not ready" })?;
        let mut clauses = Vec::new();
        if !self.blocked.is_empty() {
            clauses.push(format!("blockers on {}", self.blocked));
        }
        if !self.undecided.is_empty() {
            clauses.push(format!("open decisions on {}", self.undecided));
        }
        if clauses.is_empty() {
            clauses.push("no blockers or open decisions".to_owned());
        }
        if self.warning_count > 0 {
            clauses.push(numbered(self.warning_count, "warning to review", "warnings to review"));
        }
        if self.settled_count > 0 {
            clauses.push(numbered(
                self.settled_count,
                "finding is settled",
                "findings are settled",
            ));
        }
        clauses.iter().try_for_each(|clause| write!(f, ", {clause}"))
    }
}

impl fmt::Display for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            (self.revisions, "revision", "revisions"),
            (self.packages, "package", "packages"),
            (self.others, "other path", "other paths"),
        ];
        let there = kinds.into_iter().filter(|(count, ..)| *count > 0);
        let texts: Vec<String> =
            there.map(|(count, one, many)| numbered(count, one, many)).collect();
        f.write_str(&texts.join(" and "))
    }
}
