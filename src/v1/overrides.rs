//! Replacements and grafts: what Git reads instead of the objects that were committed.
//!
//! Git honours both (`git replace`, "gitrepository-layout"); libgit2 ignores replacements, and honours grafts
//! only where it follows parents for a revision such as `production~3`. Objects are read here as they were
//! committed, and each difference is counted so that it can be reported.

use std::fs;
use std::io;

use crate::error::Error;
use crate::model::content::ObjectId;
use crate::model::finding::FindingKind;

/// The number of replacements and grafts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Objects that refs in `refs/replace/` replace; 0 when `core.useReplaceRefs` is off.
    pub replaced_object_count: u64,
    /// Commits that `info/grafts` gives other parents.
    pub grafted_commit_count: u64,
}

impl Overrides {
    pub(in crate::v1) fn of(handle: &git2::Repository) -> Result<Self, Error> {
        Ok(Overrides {
            replaced_object_count: count_replaced(handle).map_err(|source| {
                Error::OpenRepository {
                    path: handle.path().to_owned(),
                    foreign_owner: false,
                    source: source.message().into(),
                }
            })?,
            grafted_commit_count: count_grafted(handle)?,
        })
    }

    /// The findings that report them.
    pub fn finding_kinds(self) -> Vec<FindingKind> {
        let Overrides { replaced_object_count, grafted_commit_count } = self;
        let replaced = FindingKind::ReplacedObjects { object_count: replaced_object_count };
        let grafted = FindingKind::GraftedCommits { commit_count: grafted_commit_count };
        [(replaced_object_count, replaced), (grafted_commit_count, grafted)]
            .into_iter()
            .filter_map(|(count, kind)| (count > 0).then_some(kind))
            .collect()
    }
}

fn count_replaced(handle: &git2::Repository) -> Result<u64, git2::Error> {
    // Git ignores replacements in that case, too.
    if handle.config()?.get_bool("core.useReplaceRefs").is_ok_and(|is_on| !is_on) {
        return Ok(0);
    }
    let mut count = 0;
    for reference in handle.references_glob("refs/replace/*")? {
        let reference = reference?;
        let id = reference.name_bytes().rsplit(|byte| *byte == b'/').next();
        count += u64::from(id.is_some_and(is_id));
    }
    Ok(count)
}

/// Counts the lines that Git parses: a commit and its parents, but not comments (`read_graft_line`).
fn count_grafted(handle: &git2::Repository) -> Result<u64, Error> {
    let file = handle.commondir().join("info/grafts");
    let text = match fs::read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        read => read.map_err(Error::file("read", &file))?,
    };
    let is_graft = |line: &&[u8]| line.trim_ascii_end().split(|byte| *byte == b' ').all(is_id);
    Ok(text.split(|byte| *byte == b'\n').filter(is_graft).count() as u64)
}

fn is_id(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<ObjectId>().is_ok())
}
