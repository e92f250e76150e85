//! What it all comes to, in one sentence: may it be run, and what stands in the way.

use std::collections::BTreeSet;
use std::fmt;

use super::Report;
use crate::model::finding::{Finding, Severity};
use crate::report::text::numbered;

/// What a report comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Revisions that are migrated.
    pub migrated: u64,
    /// What has blockers.
    pub blocked: Subjects,
    /// What has conflicts, which a rule decided unless a person does.
    pub undecided: Subjects,
    /// Number of warnings.
    pub warning_count: u64,
    /// Number of findings that a person has decided on.
    pub settled_count: u64,
}

/// What findings are about, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Revisions.
    pub revisions: u64,
    /// Packages as a whole.
    pub packages: u64,
    /// Stages, and places that are no package's.
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
    /// What it comes to.
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
    /// Tells whether nothing stands in the way.
    pub fn is_ready(&self) -> bool {
        self.blocked.is_empty() && self.undecided.is_empty()
    }
}

impl fmt::Display for Verdict {
    /// One sentence without its full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let going = numbered(self.migrated, "revision goes to v2", "revisions go to v2");
        write!(f, "{}: {going}", if self.is_ready() { "ready" } else { "not ready" })?;
        let mut clauses = Vec::new();
        if !self.blocked.is_empty() {
            clauses.push(format!("blockers stand on {}", self.blocked));
        }
        if !self.undecided.is_empty() {
            clauses.push(format!("decisions are open on {}", self.undecided));
        }
        if clauses.is_empty() {
            clauses.push("nothing is blocked or to be decided".to_owned());
        }
        if self.warning_count > 0 {
            clauses.push(numbered(self.warning_count, "warning to look at", "warnings to look at"));
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
            (self.others, "other place", "other places"),
        ];
        let there = kinds.into_iter().filter(|(count, ..)| *count > 0);
        let texts: Vec<String> =
            there.map(|(count, one, many)| numbered(count, one, many)).collect();
        f.write_str(&texts.join(" and "))
    }
}
