//! Selects the copy of a revision to migrate, and classifies the others.
//!
//! Pure: copies in, a winner and findings out; no Git, no files (the caller reads the blobs of files
//! that differ). The winner is the copy of the first stage in the precedence, unless a decision keeps
//! another one. If the winner is defective, the revision is blocked: a less promoted copy is never used
//! instead.

use super::decisions::CopyDigests;
use super::differences::{self, BlobBytes};
use super::paths;
use crate::model::balance::StageBalances;
use crate::model::content::{Content, ObjectId};
use crate::model::finding::{Defect, Finding, FindingKind, path_texts};
use crate::model::package::{RevisionId, Stage};

/// A copy of a revision, after reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The stage.
    pub stage: Stage,
    /// Its files, or all defects that make it incomplete.
    pub content: Result<Content, Vec<Defect>>,
}

/// The copy to migrate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Winner {
    /// The stage.
    pub stage: Stage,
    /// Its files.
    pub content: Content,
    /// Its stage, and every stage whose copy has the same files.
    pub same_in: Vec<Stage>,
}

/// The result for one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The revision.
    pub revision: RevisionId,
    /// The copy to migrate; `None` if the revision is blocked.
    pub winner: Option<Winner>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// The content digest of each copy.
    pub digests: CopyDigests,
    /// The stage of each copy, and whether it is readable; the first copy comes first.
    copies: Vec<(Stage, bool)>,
}

impl Resolution {
    /// Returns the outcome of the revision's copies if its winner is archived.
    pub fn balance_if_archived(&self) -> StageBalances {
        let mut balances = StageBalances::default();
        for (index, (stage, is_readable)) in self.copies.iter().enumerate() {
            let balance = balances.of(*stage);
            match (index, is_readable) {
                (0, _) => balance.archived += 1,
                (_, true) => balance.duplicates += 1,
                (_, false) => balance.blocked += 1,
            }
        }
        balances
    }

    /// Returns the outcome of the revision's copies if a decision skips it.
    pub fn balance_if_skipped(&self) -> StageBalances {
        let mut balances = StageBalances::default();
        self.copies.iter().for_each(|(stage, _)| balances.of(*stage).excluded.skipped += 1);
        balances
    }

    /// Returns the outcome of the revision's copies if the winner cannot be archived: all of them are
    /// blocked.
    pub fn balance_if_blocked(&self) -> StageBalances {
        let mut balances = StageBalances::default();
        self.copies.iter().for_each(|(stage, _)| balances.of(*stage).blocked += 1);
        balances
    }
}

/// Selects the winner among the copies of one revision, which are given in the stages' precedence; a copy
/// that a decision keeps comes first.
///
/// `unreadable_from` is the first stage whose folder of the package could not be listed: from there on in
/// `precedence`, the most promoted copy is unknown. `read` reads the blobs of files that differ, and is
/// not called otherwise.
///
/// # Panics
/// If there are no copies.
pub fn resolve(
    revision: RevisionId,
    copies: Vec<Copy>,
    precedence: &[Stage],
    unreadable_from: Option<Stage>,
    read: &dyn Fn(ObjectId) -> BlobBytes,
) -> Resolution {
    let digest = |copy: &Copy| (copy.stage, copy.content.as_ref().ok().map(Content::digest));
    let digests = copies.iter().map(digest).collect();
    let stages = copies.iter().map(|copy| (copy.stage, copy.content.is_ok())).collect();
    let mut copies = copies.into_iter();
    let first = copies.next().expect("a revision has at least one copy");
    let mut resolution =
        Resolution { revision, winner: None, findings: Vec::new(), digests, copies: stages };
    let mut others = Vec::new();
    for copy in copies {
        match copy.content {
            Ok(content) => others.push((copy.stage, content)),
            Err(defects) => resolution.report(copy.stage, defects),
        }
    }
    let rank = |stage: Stage| precedence.iter().position(|other| *other == stage);
    if let Some(unreadable) = unreadable_from.filter(|from| rank(first.stage) >= rank(*from)) {
        let kind = FindingKind::Undecided { unreadable };
        resolution.report(first.stage, vec![Defect { path: None, kind }]);
        return resolution;
    }
    match first.content {
        Ok(content) => {
            let mut same_in = vec![first.stage];
            for (stage, other) in others {
                let kind = compare((first.stage, &content), (stage, &other), read);
                if !matches!(kind, FindingKind::ContentConflict { .. }) {
                    same_in.push(stage);
                }
                resolution.report(stage, vec![Defect { path: None, kind }]);
            }
            let path_defects = paths::check(&content);
            resolution.report_all(&same_in, path_defects);
            resolution.winner = Some(Winner { stage: first.stage, content, same_in });
        }
        Err(defects) => resolution.report(first.stage, defects),
    }
    resolution
}

impl Resolution {
    fn report(&mut self, stage: Stage, defects: Vec<Defect>) {
        self.report_all(&[stage], defects);
    }

    fn report_all(&mut self, stages: &[Stage], defects: Vec<Defect>) {
        for defect in defects {
            self.findings.push(Finding::of_revision(&self.revision, stages.to_vec(), defect));
        }
    }
}

fn compare(
    winner: (Stage, &Content),
    other: (Stage, &Content),
    read: &dyn Fn(ObjectId) -> BlobBytes,
) -> FindingKind {
    let found = winner.1.diff(other.1);
    let winner_stage = winner.0;
    if !found.is_same_content() {
        let (class, diff) = differences::classify(&found, winner, other, read);
        FindingKind::ContentConflict {
            winner: winner_stage,
            added: path_texts(&found.added),
            removed: path_texts(&found.removed),
            changed: path_texts(&found.changed),
            class,
            diff,
        }
    } else if found.mode_changed_count > 0 {
        FindingKind::ModeOnly { winner: winner_stage, file_count: found.mode_changed_count }
    } else {
        FindingKind::IdenticalCopy { winner: winner_stage }
    }
}
