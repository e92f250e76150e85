//! Coverage over several runs of `verify`: which revisions were proved, and how deeply, when they were last checked.
//!
//! The runs are read from their JSON reports, in the order in which they were made. The last result for a revision
//! counts: a mismatch undoes what earlier runs proved. Revisions of slices that no run checked are in no report, so that
//! missing slices are listed.

pub mod html;
pub mod json;
pub mod sentence;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::package::RevisionId;
use crate::model::plan::{Source, Tool};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::verification::{Conclusion, Depth, RevisionStatus};

/// A run of `verify`, as far as coverage needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The name of its report.
    pub name: String,
    /// The tool that verified.
    pub tool: Tool,
    /// The stages of v1.
    pub source: Source,
    /// The revisions that it was to check.
    pub scope: Scope,
    /// The location of v2.
    pub place: String,
    /// How much was compared.
    pub depth: Depth,
    /// The slice of the revisions.
    pub sample: Shard,
    /// Its conclusion.
    pub conclusion: Conclusion,
    /// The status of each revision that it checked.
    pub results: BTreeMap<RevisionId, RevisionStatus>,
}

/// What is known of a revision after all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The last result.
    pub status: RevisionStatus,
    /// The index of the run of the last result.
    pub run: usize,
    /// The greatest depth at which it matched since its last mismatch; `None` if the last result is not good.
    pub depth: Option<Depth>,
}

/// The number of revisions by what is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Proved with every byte.
    pub content: u64,
    /// Proved by names, sizes and CRC-32.
    pub entries: u64,
    /// Proved by the listing alone.
    pub listing: u64,
    /// Not known to match.
    pub open: u64,
}

/// The coverage of several runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The runs, in their order.
    pub runs: Vec<Run>,
    /// The counts after each run.
    pub after: Vec<Counts>,
    /// What is known of each revision.
    pub proofs: BTreeMap<RevisionId, Proof>,
}

impl Counts {
    /// Counts revisions.
    pub fn of<'p>(proofs: impl IntoIterator<Item = &'p Proof>) -> Self {
        let mut counts = Counts::default();
        for proof in proofs {
            *match proof.depth {
                Some(Depth::Content) => &mut counts.content,
                Some(Depth::Entries) => &mut counts.entries,
                Some(Depth::Listing) => &mut counts.listing,
                None => &mut counts.open,
            } += 1;
        }
        counts
    }

    /// Returns the number of revisions.
    pub fn total(&self) -> u64 {
        self.content + self.entries + self.listing + self.open
    }
}

impl Coverage {
    /// Computes the coverage of runs, given in the order in which they were made.
    pub fn of(runs: Vec<Run>) -> Self {
        let mut proofs: BTreeMap<RevisionId, Proof> = BTreeMap::new();
        let mut after = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            for (revision, status) in &run.results {
                let earlier = proofs.get(revision).and_then(|proof| proof.depth);
                let depth = match status {
                    RevisionStatus::Good => earlier.max(Some(run.depth)),
                    RevisionStatus::Mismatch | RevisionStatus::Unknown => None,
                };
                proofs.insert(revision.clone(), Proof { status: *status, run: index, depth });
            }
            after.push(Counts::of(proofs.values()));
        }
        Coverage { runs, after, proofs }
    }

    /// Counts the revisions after all runs.
    pub fn counts(&self) -> Counts {
        Counts::of(self.proofs.values())
    }

    /// Returns the slices that no run at `depth` or deeper checked; empty if such runs checked everything. If slices of
    /// several numbers were checked, those of the number that lacks the fewest are returned.
    pub fn missing_slices(&self, depth: Depth) -> Vec<Shard> {
        let mut seen: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for run in self.runs.iter().filter(|run| run.depth >= depth) {
            seen.entry(run.sample.count()).or_default().insert(run.sample.index());
        }
        let missing = |(count, indexes): (&u32, &BTreeSet<u32>)| -> Vec<Shard> {
            let all = (1..=*count).filter(|index| !indexes.contains(index));
            let slice = |index: u32| format!("{index}/{count}").parse();
            all.map(|index| slice(index).expect("the index is at most the count")).collect()
        };
        let fewest = seen.iter().map(missing).min_by_key(Vec::len);
        fewest.unwrap_or_else(|| vec![Shard::WHOLE])
    }

    /// Returns the revisions that are not known to match.
    pub fn open(&self) -> impl Iterator<Item = (&RevisionId, &Proof)> {
        self.proofs.iter().filter(|(_, proof)| proof.depth.is_none())
    }

    /// Returns the conclusion: a match if every slice was checked, at whatever depth, and every revision matched when it
    /// was last checked.
    pub fn conclusion(&self) -> Conclusion {
        let is_whole = !self.proofs.is_empty() && self.missing_slices(Depth::Listing).is_empty();
        let statuses = || self.proofs.values().map(|proof| proof.status);
        if statuses().any(|status| status == RevisionStatus::Mismatch) {
            Conclusion::Mismatch
        } else if is_whole && statuses().all(|status| status == RevisionStatus::Good) {
            Conclusion::Match
        } else {
            Conclusion::NotProven
        }
    }

    /// Returns whether the runs read different commits of v1.
    pub fn source_changed(&self) -> bool {
        self.differ(|run| run.source.stages.iter().map(|at| (at.stage, &at.commit)).collect())
    }

    /// Returns whether the runs checked different places.
    pub fn place_changed(&self) -> bool {
        self.differ(|run| vec![&run.place])
    }

    fn differ<'c, T: PartialEq>(&'c self, of: impl Fn(&'c Run) -> Vec<T>) -> bool {
        self.runs.windows(2).any(|pair| of(&pair[0]) != of(&pair[1]))
    }
}
