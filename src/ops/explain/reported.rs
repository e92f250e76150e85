//! What the outcome of `verify` says about the archive, the static resources and the index entry of one revision.

use crate::model::mismatch::{Class, Mismatch, MismatchKind};
use crate::model::package::{ObjectKey, STATIC_PREFIX};
use crate::model::resources::Resource;
use crate::model::verification::{RevisionResult, VerifyOutcome};
use crate::report::explain::V2State;

/// What v1 would put into v2 besides the archive of a revision.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) statics: Vec<ObjectKey>,
    pub(super) has_entry: bool,
}

/// What `verify` reports about a revision.
pub(super) struct Reported {
    /// The states of the archive, the static resources and the entry; `None` where existence has to be looked up.
    pub(super) states: [Option<V2State>; 3],
    pub(super) mismatches: Vec<Mismatch>,
}

impl Reported {
    pub(super) fn of(
        outcome: &VerifyOutcome,
        result: &RevisionResult,
        expected: &Expected,
    ) -> Self {
        let shown = |of: &[Mismatch]| -> Vec<Mismatch> {
            let is_shown = |found: &&Mismatch| outcome.class(found) != Class::Information;
            of.iter().filter(is_shown).cloned().collect()
        };
        let of_archive = shown(&result.mismatches);
        let others = shown(&result.of_resources).into_iter();
        let (of_statics, of_entry): (Vec<_>, Vec<_>) = others.partition(is_of_statics);
        let of_index: Vec<Mismatch> =
            outcome.of_index().iter().filter(|found| is_of_whole_index(found)).cloned().collect();
        let has = |is: fn(&MismatchKind) -> bool, of: &[Mismatch]| of.iter().any(|m| is(&m.kind));
        let state = |of: &[Mismatch]| match of.iter().map(|found| outcome.class(found)).max() {
            None => None,
            Some(Class::Mismatch) => Some(V2State::Different),
            Some(Class::Unknown | Class::Information) => Some(V2State::Unknown),
        };
        let is_absent = has(|kind| *kind == MismatchKind::ArchiveMissing, &of_archive);
        let is_unread = has(|kind| matches!(kind, MismatchKind::NotCheckable { .. }), &of_archive);
        let archive = match is_absent {
            true => V2State::Missing,
            false => state(&of_archive).unwrap_or(V2State::Equal),
        };
        // Nothing about the other objects: they are equal, or unknown like the archive, or nothing is reported because
        // the archive is missing, too, or because nothing is expected.
        let silent = |is_expected: bool| match (is_unread, is_expected && !is_absent) {
            (true, _) => Some(V2State::Unknown),
            (false, true) => Some(V2State::Equal),
            (false, false) => None,
        };
        let statics = match outcome.has(Resource::Static) {
            false => None,
            true => state(&of_statics).or_else(|| silent(!expected.statics.is_empty())),
        };
        let entry = match outcome.has(Resource::Index) {
            false => None,
            true if !of_index.is_empty() => Some(V2State::Unknown),
            true if has(|kind| matches!(kind, MismatchKind::EntryMissing), &of_entry) => {
                Some(V2State::Missing)
            }
            true if has(|kind| matches!(kind, MismatchKind::EntryExtra { .. }), &of_entry) => {
                Some(V2State::Extra)
            }
            true => state(&of_entry).or_else(|| silent(expected.has_entry)),
        };
        let states = [Some(archive), statics, entry];
        Reported { states, mismatches: [of_archive, of_statics, of_entry, of_index].concat() }
    }
}

/// Returns whether a mismatch is about static resources.
pub(super) fn is_of_statics(found: &Mismatch) -> bool {
    found.object.starts_with(STATIC_PREFIX)
}

/// Returns whether a mismatch says that the index could not be read at all.
fn is_of_whole_index(found: &Mismatch) -> bool {
    // One with a path is about an entry.
    found.path.is_none()
        && matches!(
            found.kind,
            MismatchKind::CursorMissing
                | MismatchKind::CursorUnreadable { .. }
                | MismatchKind::IndexMissing
                | MismatchKind::IndexUnreachable { .. }
                | MismatchKind::IndexUnreadable { .. }
        )
}
