//! Whether the cursor in the store may be replaced by that of the plan. Pure.
//!
//! The cursor is the only object that is ever replaced, and only if it is the one that the plan continues.

use std::collections::BTreeMap;

use crate::digest::{ObjectDigests, Sha256};
use crate::model::cursor::Cursor;
use crate::model::package::METADATA_PREFIX;
use crate::model::plan::PlannedIndex;
use crate::model::upload::Conflict;
use crate::v2::index::parse_cursor;
use crate::v2::store::bucket::{Entry, Revision};

/// What the cursor in the store allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CursorState {
    /// There is none, and the plan continues none.
    Absent,
    /// It names the index that the plan continues, in this state; `None` if the store reports no states.
    Base(Option<Revision>),
    /// It is the cursor of the plan.
    Published,
    /// It is another one.
    Other(Conflict),
}

/// Judges the cursor in the store, given with its bytes.
pub(super) fn judge(
    found: Option<(Entry, Vec<u8>)>,
    planned: &PlannedIndex,
    digests: &ObjectDigests,
) -> CursorState {
    let base = planned.base.as_ref().map(|base| base.cursor.clone());
    let Some((entry, bytes)) = found else {
        return match base {
            None => CursorState::Absent,
            Some(_) => CursorState::Other(Conflict::CursorMoved { base, found: None }),
        };
    };
    if Sha256::of(&bytes) == digests.sha256 {
        return CursorState::Published;
    }
    match parse_cursor(&bytes) {
        Ok(cursor) if Some(&cursor) == base.as_ref() => CursorState::Base(entry.revision),
        Ok(cursor) => CursorState::Other(Conflict::CursorMoved { base, found: Some(cursor) }),
        Err(_) => CursorState::Other(Conflict::CursorUnreadable),
    }
}

/// Returns whether an index lies between the published one and that of the plan.
///
/// A registry (package-registry 1.40.1, `internal/storage`) applies the changes of every index after its own up to the
/// cursor, in the byte order of their names.
pub(super) fn has_index_between(planned: &PlannedIndex, listed: &BTreeMap<String, Entry>) -> bool {
    let Some(base) = &planned.base else { return false };
    let name = |cursor: &Cursor| cursor.to_string();
    let (from, to) = (name(&base.cursor), name(&planned.cursor));
    let folders = listed.keys().filter_map(|key| {
        let (folder, _) = key.strip_prefix(METADATA_PREFIX)?.split_once('/')?;
        Some(folder)
    });
    folders.into_iter().any(|folder| from.as_str() < folder && folder < to.as_str())
}
