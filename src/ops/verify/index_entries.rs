//! Reads the entries of an index where none is compared with v1: those of a base index, and which revisions an index has.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::index_entry::IndexEntry;
use super::index_place::{FoundIndex, IndexPlace, IndexSource, unreachable};
use crate::error::Error;
use crate::model::cursor::Cursor;
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::rules::index::EntryId;
use crate::v2::index::{IndexFault, read_index};
use crate::v2::store::{Place, Wanted};

/// Why not all entries were read.
enum Unread {
    Index(IndexFault),
    /// An entry that the registry does not load.
    Entry(String),
    Interrupted,
}

impl From<IndexFault> for Unread {
    fn from(fault: IndexFault) -> Self {
        Unread::Index(fault)
    }
}

fn each_entry(
    found: &FoundIndex<'_>,
    interrupt: &AtomicBool,
    visit: &mut dyn FnMut(IndexEntry),
) -> Result<(), Unread> {
    let visit = &mut |offset: u64, text: &[u8]| {
        if interrupt.load(Ordering::Relaxed) {
            return Err(Unread::Interrupted);
        }
        let entry = IndexEntry::parse(text)
            .map_err(|detail| Unread::Entry(format!("its entry at byte {offset}: {detail}")))?;
        visit(entry);
        Ok(())
    };
    read_index(&*found.object, visit).map(drop)
}

/// Reads the base index, and returns its cursor if it was found by one.
///
/// # Errors
/// [`Error::BaseIndex`], [`Error::Interrupted`].
pub(super) fn read_base(
    source: IndexSource<'_>,
    name: &str,
    interrupt: &AtomicBool,
    visit: &mut dyn FnMut(IndexEntry),
) -> Result<Option<Cursor>, Error> {
    let failed =
        |source: String| Error::BaseIndex { place: name.to_owned(), source: source.into() };
    let found = source
        .find(Wanted::Whole)
        .map_err(|mismatch| failed(format!("{}: {}", mismatch.object, mismatch.kind.message())))?;
    match each_entry(&found, interrupt, visit) {
        Ok(()) => Ok(found.cursor.map(|found| found.cursor)),
        Err(Unread::Index(fault)) => Err(failed(fault.to_string())),
        Err(Unread::Entry(detail)) => Err(failed(detail)),
        Err(Unread::Interrupted) => Err(Error::Interrupted),
    }
}

/// Returns the revisions of the index in `place`, or of one that is elsewhere; or the mismatch that says why it cannot
/// be read.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn indexed_revisions(
    place: &dyn Place,
    elsewhere: Option<&IndexPlace>,
    interrupt: &AtomicBool,
) -> Result<Result<BTreeSet<EntryId>, Box<Mismatch>>, Error> {
    let source = elsewhere.map_or(IndexSource { place, object: None }, IndexPlace::source);
    let found = match source.find(Wanted::Whole) {
        Ok(found) => found,
        Err(mismatch) => return Ok(Err(mismatch)),
    };
    let mut revisions = BTreeSet::new();
    let unreadable =
        |detail| Mismatch::of_object(&found.key, MismatchKind::IndexUnreadable { detail });
    let read = each_entry(&found, interrupt, &mut |entry| {
        revisions.insert(entry.id);
    });
    Ok(match read {
        Ok(()) => Ok(revisions),
        Err(Unread::Interrupted) => return Err(Error::Interrupted),
        Err(Unread::Index(IndexFault::Read(error))) => Err(unreachable(&found.key, &error).into()),
        Err(Unread::Index(fault)) => Err(unreadable(fault.to_string()).into()),
        Err(Unread::Entry(detail)) => Err(unreadable(detail).into()),
    })
}
