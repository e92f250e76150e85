//! Applies decisions: marks findings as settled, and collects decisions that do not match.
//!
//! A decision is valid only for the content it was made on. A decision that does not match does not stop the run
//! at once; the run fails at the end with an error that lists all of them with their lines.

use std::collections::{BTreeMap, HashSet};

use crate::model::content::escape;
use crate::model::finding::{Decision, Finding, FindingKind, Severity};
use crate::model::package::{RevisionId, Stage};
use crate::rules::decisions::{CopyDigests, DecisionEntry, DecisionFault, Resolutions};
use crate::rules::similar_names::similar_names;

/// The decisions on one revision.
#[derive(Clone, Copy)]
pub(super) struct Decided<'r> {
    entries: &'r [DecisionEntry],
}

impl<'r> Decided<'r> {
    pub(super) fn on(resolutions: &'r Resolutions, revision: &RevisionId) -> Self {
        Decided { entries: resolutions.of(revision) }
    }

    /// Returns the stage whose copy is migrated regardless of the precedence.
    pub(super) fn kept(self) -> Option<Stage> {
        self.entries.iter().find_map(|entry| match entry.settlement.decision {
            Decision::Keep(stage) => Some(stage),
            Decision::Skip | Decision::Accept | Decision::KeepPublished => None,
        })
    }

    /// Returns whether the revision is skipped.
    pub(super) fn is_skipped(self) -> bool {
        self.entries.iter().any(|entry| entry.settlement.decision == Decision::Skip)
    }

    /// Returns whether the content differs from that of a decision.
    pub(super) fn is_stale(self, digests: &CopyDigests) -> bool {
        self.entries.iter().any(|entry| entry.digests != *digests)
    }
}

/// The state of the decisions so far.
#[derive(Default)]
pub(super) struct AppliedDecisions {
    /// Numbers of entries that match a finding, or already have a fault.
    seen: HashSet<usize>,
    faults: Vec<DecisionFault>,
}

impl AppliedDecisions {
    /// Applies the decisions to all findings on one revision.
    pub(super) fn apply(
        &mut self,
        decided: Decided<'_>,
        digests: &CopyDigests,
        findings: &mut [Finding],
    ) {
        if decided.is_stale(digests) {
            for entry in decided.entries {
                let detail = format!("the content of {} has changed: decide again", entry.revision);
                self.fault(entry, &detail);
            }
            return;
        }
        let skip = decided.entries.iter().find(|entry| entry.settlement.decision == Decision::Skip);
        let accepted =
            decided.entries.iter().filter(|entry| entry.settlement.decision == Decision::Accept);
        // Some codes have two severities: a single blocker is enough to refuse.
        for entry in accepted {
            let is_blocker = |finding: &Finding| finding.kind.severity() == Severity::Blocker;
            let mut own = findings.iter().filter(|finding| finding.kind.code() == entry.code);
            if own.any(is_blocker) {
                let detail = format!(
                    "a blocker cannot be accepted because {} cannot be migrated: skip it, or fix v1",
                    entry.revision
                );
                self.fault(entry, &detail);
            }
        }
        for finding in findings {
            let own = decided.entries.iter().find(|entry| entry.code == finding.kind.code());
            self.seen.extend(own.map(|entry| entry.number));
            // All findings on a skipped revision are settled by the skip.
            finding.settled = own.or(skip).map(|entry| entry.settlement.clone());
        }
    }

    fn fault(&mut self, entry: &DecisionEntry, detail: &str) {
        if self.seen.insert(entry.number) {
            self.faults.push(entry.fault(detail));
        }
    }

    /// Returns all faults, by line; `is_expected` returns whether an entry's revision is part of the run, and
    /// `similar` has what v1 has instead of a revision that it does not have.
    pub(super) fn finish(
        &mut self,
        resolutions: &Resolutions,
        similar: &BTreeMap<&RevisionId, Vec<String>>,
        is_expected: impl Fn(&RevisionId) -> bool,
    ) -> Vec<DecisionFault> {
        for entry in resolutions.entries().filter(|entry| is_expected(&entry.revision)) {
            let code = escape(entry.code.as_bytes());
            let similar = similar.get(&entry.revision).cloned().unwrap_or_else(|| {
                // A code that exists is not mistyped: there is no such finding.
                let codes = FindingKind::CODES;
                let is_known = codes.contains(&entry.code.as_str());
                let codes = codes.iter().filter(|_| !is_known).map(|code| (*code).to_owned());
                similar_names(&entry.code, codes)
            });
            let question = match similar.as_slice() {
                [] => String::new(),
                names => format!("; did you mean {}?", names.join(" or ")),
            };
            self.fault(entry, &format!("no finding {code} on {}{question}", entry.revision));
        }
        self.faults.sort();
        std::mem::take(&mut self.faults)
    }
}
