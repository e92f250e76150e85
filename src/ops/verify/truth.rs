//! What v2 should hold of a revision, by v1 alone.
//!
//! Knows nothing of how archives are made: the rule that the first stage of the precedence wins,
//! unless a person keeps another copy, is written down here once more. A first copy that cannot be
//! read is never healed by another one: then nobody can say what v2 should hold.

use super::blobs::{BlobFacts, Blobs};
use crate::model::content::{Content, FileEntry};
use crate::model::finding::{Defect, FindingKind};
use crate::model::mismatch::{MismatchKind, PathMismatch};
use crate::model::package::Stage;
use crate::v1::content::read_content;
use crate::v1::listing::ListedCopy;
use crate::v1::objects::ObjectReader;

/// A copy that v2 may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedCopy {
    /// The stage it stands in.
    pub(super) stage: Stage,
    /// Its files.
    pub(super) content: Content,
    /// What is known of each file's blob, in the order of the files.
    facts: Vec<BlobFacts>,
}

impl WantedCopy {
    /// A copy whose blobs are known, in the order of its files.
    pub(super) fn new(stage: Stage, content: Content, facts: Vec<BlobFacts>) -> Self {
        assert_eq!(content.files().len(), facts.len(), "each file has a blob");
        WantedCopy { stage, content, facts }
    }

    /// Its files, sorted by the bytes of their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (&FileEntry, BlobFacts)> {
        self.content.files().iter().zip(self.facts.iter().copied())
    }

    /// Number of its files.
    pub(super) fn file_count(&self) -> u64 {
        self.facts.len() as u64
    }

    /// The length of the file of this path.
    pub(super) fn len_of(&self, path: &str) -> Option<u64> {
        let files = self.content.files();
        let index = files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(self.facts[index].len)
    }
}

/// What v2 may hold, never empty: the copy that it should hold, then those of other stages that
/// have other files.
pub(super) type WantedCopies = Vec<WantedCopy>;

/// Why nobody can say what v2 should hold; each with the path that it is about.
pub(super) type NotCheckable = Vec<PathMismatch>;

/// A revision's copies, as they are listed, and what bears on which of them wins.
pub(super) struct Listed<'l> {
    /// Its copies, in the precedence of the stages.
    pub(super) copies: &'l [ListedCopy],
    /// The first stage whose folder of the package cannot be read.
    pub(super) unreadable_from: Option<Stage>,
    /// The stage whose copy a person wants to keep.
    pub(super) kept: Option<Stage>,
}

/// Finds out what v2 should hold.
///
/// # Errors
/// What is wrong with v1's copy.
pub(super) fn find_out(
    listed: &Listed<'_>,
    precedence: &[Stage],
    reader: &ObjectReader,
    blobs: &Blobs,
) -> Result<WantedCopies, NotCheckable> {
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
    let mut wanted = vec![winner];
    for copy in others {
        // What v2 should hold is known without it; it only cannot be told as another copy.
        if let Ok(other) = read_whole(copy, reader, blobs)
            && wanted.iter().all(|known| !has_same_files(known, &other))
        {
            wanted.push(other);
        }
    }
    Ok(wanted)
}

fn read_whole(
    copy: &ListedCopy,
    reader: &ObjectReader,
    blobs: &Blobs,
) -> Result<WantedCopy, Vec<Defect>> {
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
    if defects.is_empty() { Ok(WantedCopy::new(copy.stage, content, facts)) } else { Err(defects) }
}

fn has_same_files(one: &WantedCopy, other: &WantedCopy) -> bool {
    one.content.diff(&other.content).is_same_content()
}

fn not_checkable(stage: Stage, defects: Vec<Defect>) -> NotCheckable {
    let mismatch = |Defect { path, kind }| {
        let kind = MismatchKind::NotCheckable { stage, detail: FindingKind::message(&kind) };
        PathMismatch { path, kind }
    };
    defects.into_iter().map(mismatch).collect()
}
