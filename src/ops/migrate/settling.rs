//! Applies what people decided: marks findings as settled, and notices decisions that do not fit.
//!
//! A decision falls with the content that it was made on. What does not fit stops nothing by itself;
//! the run ends with an error that names every line.

use std::collections::HashSet;

use crate::model::content::escape;
use crate::model::finding::{Decision, Finding, Severity};
use crate::model::package::{RevisionId, Stage};
use crate::rules::decisions::{CopyDigests, DecisionEntry, DecisionFault, Resolutions};

/// The decisions on one revision.
#[derive(Clone, Copy)]
pub(super) struct Decided<'r> {
    entries: &'r [DecisionEntry],
}

impl<'r> Decided<'r> {
    pub(super) fn on(resolutions: &'r Resolutions, revision: &RevisionId) -> Self {
        Decided { entries: resolutions.of(revision) }
    }

    /// The stage whose copy is to be migrated, whatever the precedence says.
    pub(super) fn kept(self) -> Option<Stage> {
        self.entries.iter().find_map(|entry| match entry.settlement.decision {
            Decision::Keep(stage) => Some(stage),
            Decision::Skip | Decision::Accept => None,
        })
    }

    /// Tells whether the revision is not to be migrated.
    pub(super) fn is_skipped(self) -> bool {
        self.entries.iter().any(|entry| entry.settlement.decision == Decision::Skip)
    }

    /// Tells whether the content is another than that which was decided on.
    pub(super) fn is_stale(self, digests: &CopyDigests) -> bool {
        self.entries.iter().any(|entry| entry.digests != *digests)
    }
}

/// What became of the decisions so far.
#[derive(Default)]
pub(super) struct Settling {
    /// Numbers of entries that fit a finding, or have a fault already.
    seen: HashSet<usize>,
    faults: Vec<DecisionFault>,
}

impl Settling {
    /// Marks what is settled of everything that was found on one revision.
    pub(super) fn settle(
        &mut self,
        decided: Decided<'_>,
        digests: &CopyDigests,
        findings: &mut [Finding],
    ) {
        if decided.is_stale(digests) {
            for entry in decided.entries {
                let detail = format!("{} has other content now: decide again", entry.revision);
                self.fault(entry, &detail);
            }
            return;
        }
        let skip = decided.entries.iter().find(|entry| entry.settlement.decision == Decision::Skip);
        let accepted =
            decided.entries.iter().filter(|entry| entry.settlement.decision == Decision::Accept);
        // Some codes occur in two severities: one blocker among them is enough.
        for entry in accepted {
            let is_blocker = |finding: &Finding| finding.kind.severity() == Severity::Blocker;
            let mut own = findings.iter().filter(|finding| finding.kind.code() == entry.code);
            if own.any(is_blocker) {
                let detail = format!(
                    "a blocker cannot be accepted, since {} is not migrated with it: skip it, or mend v1",
                    entry.revision
                );
                self.fault(entry, &detail);
            }
        }
        for finding in findings {
            let own = decided.entries.iter().find(|entry| entry.code == finding.kind.code());
            self.seen.extend(own.map(|entry| entry.number));
            // What is found on a revision that is left out is settled with it.
            finding.settled = own.or(skip).map(|entry| entry.settlement.clone());
        }
    }

    fn fault(&mut self, entry: &DecisionEntry, detail: &str) {
        if self.seen.insert(entry.number) {
            self.faults.push(entry.fault(detail));
        }
    }

    /// Every fault, by line; `is_expected` tells whether an entry's revision is within the run.
    pub(super) fn finish(
        &mut self,
        resolutions: &Resolutions,
        is_expected: impl Fn(&RevisionId) -> bool,
    ) -> Vec<DecisionFault> {
        for entry in resolutions.entries().filter(|entry| is_expected(&entry.revision)) {
            let code = escape(entry.code.as_bytes());
            self.fault(entry, &format!("there is no {code} on {}", entry.revision));
        }
        self.faults.sort();
        std::mem::take(&mut self.faults)
    }
}
