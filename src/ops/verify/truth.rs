//! Determines the expected content of a revision from v1 alone.
//!
//! Independent of how archives are made: the rule that the first stage of the precedence wins, unless a
//! decision keeps another copy, is implemented here a second time. If the winning copy cannot be read, no
//! other copy is used instead: the expected content is unknown.

use super::blobs::{BlobFacts, Blobs};
use crate::model::content::{Content, FileEntry};
use crate::model::finding::{Defect, FindingKind};
use crate::model::mismatch::{MismatchKind, PathMismatch};
use crate::model::package::Stage;
use crate::v1::content::read_content;
use crate::v1::listing::ListedCopy;
use crate::v1::objects::ObjectReader;

/// A copy that an archive may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedCopy {
    /// The stage.
    pub(super) stage: Stage,
    /// Its files.
    pub(super) content: Content,
    /// The properties of each file's blob, in the order of the files.
    facts: Vec<BlobFacts>,
}

impl ExpectedCopy {
    /// Creates a copy; `facts` are in the order of its files.
    pub(super) fn new(stage: Stage, content: Content, facts: Vec<BlobFacts>) -> Self {
        assert_eq!(content.files().len(), facts.len(), "each file has a blob");
        ExpectedCopy { stage, content, facts }
    }

    /// Returns its files, sorted by the bytes of their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (&FileEntry, BlobFacts)> {
        self.content.files().iter().zip(self.facts.iter().copied())
    }

    /// Returns the number of its files.
    pub(super) fn file_count(&self) -> u64 {
        self.facts.len() as u64
    }

    /// Returns the size of the file with this path.
    pub(super) fn len_of(&self, path: &str) -> Option<u64> {
        let files = self.content.files();
        let index = files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(self.facts[index].len)
    }
}

/// The copies that an archive may have, never empty: first the expected one, then those of other stages
/// with different files.
pub(super) type ExpectedCopies = Vec<ExpectedCopy>;

/// The reasons why the expected content is unknown, each with its path.
pub(super) type NotCheckable = Vec<PathMismatch>;

/// The listed copies of a revision, and what determines which of them wins.
#[derive(Clone, Copy)]
pub(super) struct Listed<'l> {
    /// The copies, in the precedence of the stages.
    pub(super) copies: &'l [ListedCopy],
    /// The first stage whose folder of the package cannot be read.
    pub(super) unreadable_from: Option<Stage>,
    /// The stage whose copy a decision keeps.
    pub(super) kept: Option<Stage>,
}

/// Returns the copies that the archive may have, the expected one first.
///
/// # Errors
/// The expected copy cannot be read, or is unknown.
pub(super) fn expected_copies(
    listed: &Listed<'_>,
    precedence: &[Stage],
    reader: &ObjectReader,
    blobs: &Blobs,
) -> Result<ExpectedCopies, NotCheckable> {
    let mut copies: Vec<&ListedCopy> = listed.copies.iter().collect();
    if let Some(kept) = listed.kept {
        copies.sort_by_key(|copy| copy.stage != kept);
    }
    let (first, others) = copies.split_first().expect("a revision has at least one copy");
    let rank = |stage: Stage| precedence.iter().position(|other| *other == stage);
    if let Some(unreadable) = listed.unreadable_from
        && rank(first.stage) >= rank(unreadable)
    {
        let kind = FindingKind::Undecided { unreadable };
        return Err(not_checkable(first.stage, vec![Defect { path: None, kind }]));
    }
    let winner =
        read_whole(first, reader, blobs).map_err(|defects| not_checkable(first.stage, defects))?;
    let mut expected = vec![winner];
    for copy in others {
        // An unreadable copy of another stage is ignored: it is only used to report `other-copy`.
        if let Ok(other) = read_whole(copy, reader, blobs)
            && expected.iter().all(|known| !has_same_files(known, &other))
        {
            expected.push(other);
        }
    }
    Ok(expected)
}

fn read_whole(
    copy: &ListedCopy,
    reader: &ObjectReader,
    blobs: &Blobs,
) -> Result<ExpectedCopy, Vec<Defect>> {
    let tree_id = copy.tree.clone().map_err(|defect| vec![defect])?;
    let content = read_content(reader, tree_id)?;
    let mut facts = Vec::with_capacity(content.files().len());
    let mut defects = Vec::new();
    for file in content.files() {
        match blobs.facts(reader, file.blob_id) {
            Ok(known) => facts.push(known),
            Err(kind) => defects.push(Defect { path: Some(file.path.to_string()), kind }),
        }
    }
    if defects.is_empty() {
        Ok(ExpectedCopy::new(copy.stage, content, facts))
    } else {
        Err(defects)
    }
}

fn has_same_files(one: &ExpectedCopy, other: &ExpectedCopy) -> bool {
    one.content.diff(&other.content).is_same_content()
}

fn not_checkable(stage: Stage, defects: Vec<Defect>) -> NotCheckable {
    let mismatch = |Defect { path, kind }| {
        let kind = MismatchKind::NotCheckable { stage, detail: FindingKind::message(&kind) };
        PathMismatch { path, kind }
    };
    defects.into_iter().map(mismatch).collect()
}
