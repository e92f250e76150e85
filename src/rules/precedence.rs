//! Decides which copy of a revision is migrated, and what the others are.
//!
//! Pure: copies in, a winner and findings out; no Git, no files (a difference is looked into with
//! the bytes that the caller reads for it). The winner is the copy of the first stage in the
//! precedence, unless a person keeps another, and whatever is wrong with it: a defect of the most
//! promoted copy is never healed by quietly taking a less promoted one.

use super::decisions::CopyDigests;
use super::differences::{self, BlobBytes};
use super::paths;
use crate::model::balance::{Balance, Excluded};
use crate::model::content::{Content, ObjectId};
use crate::model::finding::{Defect, Finding, FindingKind, path_texts};
use crate::model::package::{RevisionId, Stage};

/// One copy of a revision, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The stage it stands in.
    pub stage: Stage,
    /// Its files, or everything that keeps it from being read whole.
    pub content: Result<Content, Vec<Defect>>,
}

/// The copy that is to be migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Winner {
    /// The stage it stands in.
    pub stage: Stage,
    /// Its files.
    pub content: Content,
    /// Its stage, and every stage whose copy has the same files.
    pub same_in: Vec<Stage>,
}

/// What was decided on one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The revision.
    pub revision: RevisionId,
    /// The copy to be migrated; none when the revision is blocked.
    pub winner: Option<Winner>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What each copy contains.
    pub digests: CopyDigests,
    /// Copies that could be compared with the winner and lost.
    duplicate_count: u64,
    /// Copies that could not be compared with the winner.
    unreadable_count: u64,
}

impl Resolution {
    /// Where the revision's copies end once its winner is archived.
    pub fn balance_if_archived(&self) -> Balance {
        Balance {
            archived: 1,
            duplicates: self.duplicate_count,
            blocked: self.unreadable_count,
            ..Balance::default()
        }
    }

    /// Where the revision's copies end when a person decided not to migrate it.
    pub fn balance_if_skipped(&self) -> Balance {
        let skipped = self.balance_if_blocked().blocked;
        Balance { excluded: Excluded { skipped, ..Excluded::default() }, ..Balance::default() }
    }

    /// Where the revision's copies end when the winner cannot be archived: nothing of them
    /// reaches v2, so all are blocked.
    pub fn balance_if_blocked(&self) -> Balance {
        Balance { blocked: 1 + self.duplicate_count + self.unreadable_count, ..Balance::default() }
    }
}

/// Decides on the copies of one revision, which are given in the stages' precedence; a copy that a
/// person wants to keep comes before all others.
///
/// `unreadable_from` is the first stage whose folder of the package could not be listed: from
/// there on in `precedence` nobody can say which copy is the most promoted one. `read` reads the blobs
/// of files that a conflict is about, and is not called otherwise.
///
/// # Panics
/// When there is no copy: a revision exists by its copies.
pub fn resolve(
    revision: RevisionId,
    copies: Vec<Copy>,
    precedence: &[Stage],
    unreadable_from: Option<Stage>,
    read: &dyn Fn(ObjectId) -> BlobBytes,
) -> Resolution {
    let digest = |copy: &Copy| (copy.stage, copy.content.as_ref().ok().map(Content::digest));
    let digests = copies.iter().map(digest).collect();
    let mut copies = copies.into_iter();
    let first = copies.next().expect("a revision has at least one copy");
    let mut resolution = Resolution {
        revision,
        winner: None,
        findings: Vec::new(),
        digests,
        duplicate_count: 0,
        unreadable_count: 0,
    };
    let mut others = Vec::new();
    for copy in copies {
        match copy.content {
            Ok(content) => {
                resolution.duplicate_count += 1;
                others.push((copy.stage, content));
            }
            Err(defects) => {
                resolution.unreadable_count += 1;
                resolution.tell(copy.stage, defects);
            }
        }
    }
    let rank = |stage: Stage| precedence.iter().position(|other| *other == stage);
    if let Some(unreadable) = unreadable_from.filter(|from| rank(first.stage) >= rank(*from)) {
        let kind = FindingKind::Undecided { unreadable };
        resolution.tell(first.stage, vec![Defect { path: None, kind }]);
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
                resolution.tell(stage, vec![Defect { path: None, kind }]);
            }
            let odd_paths = paths::check(&content);
            resolution.tell_all(&same_in, odd_paths);
            resolution.winner = Some(Winner { stage: first.stage, content, same_in });
        }
        Err(defects) => resolution.tell(first.stage, defects),
    }
    resolution
}

impl Resolution {
    fn tell(&mut self, stage: Stage, defects: Vec<Defect>) {
        self.tell_all(&[stage], defects);
    }

    fn tell_all(&mut self, stages: &[Stage], defects: Vec<Defect>) {
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
