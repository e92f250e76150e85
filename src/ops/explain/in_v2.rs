//! What v2 has of a package's revisions: `verify` compares those that v1 has, and of the others only the existence is
//! looked up.
//!
//! `verify` reports what is missing once for each revision, and nothing where v1 expects nothing. So where it reports
//! nothing about a kind of object, its existence is looked up, too.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::Options;
use super::narrowed::Narrowed;
use super::reported::{Expected, Reported, is_of_statics};
use crate::error::Error;
use crate::model::event::Observer;
use crate::model::mismatch::{Extras, Mismatch, MismatchKind};
use crate::model::package::{ObjectKey, RevisionId, STATIC_PREFIX};
use crate::model::resources::{Resource, StaticSet};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::verification::{Depth, PlaceName, VerifyOutcome};
use crate::ops::verify::{self, IndexPlace, indexed_revisions, verify};
use crate::report::explain::{StoryPlaces, V2State, V2Story};
use crate::rules::index::EntryId;
use crate::v2::index::cursor_key;
use crate::v2::store::{Listed, Place, Wanted};

/// The location of v2, and how to compare it.
pub struct V2<'p> {
    /// The location.
    pub place: &'p dyn Place,
    /// Its name, for display.
    pub name: PlaceName,
    /// Whether it can have static resources: a flat folder has only archives.
    pub has_statics: bool,
    /// Whether it can have an index.
    pub may_have_index: bool,
    /// Where the index is, if not there.
    pub index: Option<IndexPlace>,
    /// How much of it is compared.
    pub depth: Depth,
    /// Number of worker threads or concurrent requests, at least 1.
    pub jobs: usize,
}

/// A location of v2 after the comparison.
pub(super) struct Seen<'v> {
    v2: &'v V2<'v>,
    has_index: bool,
    /// The outcome of [`verify`]; `None` if v1 has no revision in the scope.
    outcome: Option<VerifyOutcome>,
    /// The revisions that the index has, or why it cannot be read; read at first use.
    entries: OnceCell<Result<BTreeSet<EntryId>, Box<Mismatch>>>,
    interrupt: &'v AtomicBool,
}

impl<'v> Seen<'v> {
    /// Compares the revisions that v1 has at a tip, if there are any: those of the scope.
    ///
    /// # Errors
    /// Those of [`verify`].
    pub(super) fn compare(
        path: &Path,
        options: &Options,
        v2: &'v V2<'v>,
        at_tip: &[&RevisionId],
        scope: Scope,
        observer: &dyn Observer,
        interrupt: &'v AtomicBool,
    ) -> Result<Self, Error> {
        // An index may also be in another bucket; without a cursor, there is none here. Errors are reported by `verify`.
        let find_cursor = || v2.place.find(&cursor_key(), Wanted::Claims);
        let has_index =
            v2.index.is_some() || (v2.may_have_index && !matches!(find_cursor(), Ok(None)));
        let kinds = [
            (Resource::Archives, true),
            (Resource::Static, v2.has_statics),
            (Resource::Index, has_index),
        ];
        let kinds = kinds.into_iter().filter_map(|(kind, is_there)| is_there.then_some(kind));
        let verified = verify::Options {
            stages: options.stages.clone(),
            remote: options.remote.clone(),
            scope,
            resolutions: options.resolutions.clone(),
            kinds: kinds.collect(),
            statics: StaticSet::default(),
            static_sample: None,
            index: v2.index.clone(),
            base_index: None,
            endpoint: None,
            cache_control: None,
            extras: Extras::Allowed,
            depth: v2.depth,
            sample: Shard::WHOLE,
            plan: None,
            public_keys: None,
            place_name: v2.name.clone(),
            jobs: v2.jobs,
        };
        let place = Narrowed { place: v2.place, revisions: at_tip };
        // Nothing would match the scope without a revision at a tip.
        let outcome = match at_tip {
            [] => None,
            _ => Some(verify(path, &verified, &place, observer, interrupt)?),
        };
        Ok(Seen { v2, has_index, outcome, entries: OnceCell::new(), interrupt })
    }

    /// Returns where v2 is, and where its index is, if there is one.
    pub(super) fn places(&self) -> StoryPlaces {
        let V2 { name, index, .. } = self.v2;
        let index = index.as_ref().map_or(name, |index| &index.name);
        StoryPlaces { objects: name.clone(), index: self.has_index.then(|| index.clone()) }
    }

    /// Returns what v2 has of a revision.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(super) fn story(
        &self,
        revision: &RevisionId,
        expected: &Expected,
    ) -> Result<V2Story, Error> {
        let reported = self.outcome.as_ref().and_then(|outcome| {
            let all = outcome.revisions();
            let found = all.binary_search_by(|result| result.revision.cmp(revision)).ok()?;
            Some(Reported::of(outcome, &all[found], expected))
        });
        // v2 should have nothing of a revision that `verify` does not expect.
        let expected = if reported.is_some() { expected } else { &Expected::default() };
        let mut story = V2Story {
            archive: V2State::Unknown,
            statics: None,
            entry: None,
            mismatches: Vec::new(),
        };
        let [archive, statics, entry] = match reported {
            Some(Reported { states, mismatches }) => {
                story.mismatches = mismatches;
                states
            }
            None => [None; 3],
        };
        let mut judge = |state: Option<V2State>, is_expected, lookup: &dyn Fn() -> Lookup| {
            if state.is_some() {
                return Ok(state);
            }
            Ok(match lookup()? {
                Ok(found) => found.map(|is_there| unreported(is_there, is_expected)),
                Err(mismatch) => {
                    story.mismatches.push(*mismatch);
                    Some(V2State::Unknown)
                }
            })
        };
        let of_archive = judge(archive, false, &|| self.find_archive(revision))?;
        let has_statics = !expected.statics.is_empty();
        let find_statics = || self.find_statics(revision, &expected.statics);
        let mut of_statics = judge(statics, has_statics, &find_statics)?;
        let of_entry = judge(entry, expected.has_entry, &|| self.find_entry(revision))?;
        // `verify` reports each one that is missing.
        let mut found = story.mismatches.iter().filter(|found| is_of_statics(found));
        let are_missing = of_statics == Some(V2State::Different)
            && found.all(|found| matches!(found.kind, MismatchKind::StaticMissing { .. }));
        if are_missing && matches!(find_statics()?, Ok(Some(false))) {
            of_statics = Some(V2State::Missing);
        }
        story.archive = of_archive.expect("an archive is found, or not");
        (story.statics, story.entry) = (of_statics, of_entry);
        Ok(story)
    }

    fn find_archive(&self, revision: &RevisionId) -> Lookup {
        let key = revision.archive_key();
        Ok(match self.v2.place.find(&key, Wanted::Claims) {
            Ok(found) => Ok(Some(found.is_some())),
            Err(error) => {
                let kind = MismatchKind::ArchiveUnreachable { detail: error.to_string() };
                Err(Mismatch::of_object(&key, kind).into())
            }
        })
    }

    /// Looks for any static resource of a revision; where nothing can be listed, for those that are expected.
    fn find_statics(&self, revision: &RevisionId, expected: &[ObjectKey]) -> Lookup {
        if !self.v2.has_statics {
            return Ok(Ok(None));
        }
        let folder = format!("{STATIC_PREFIX}{revision}/");
        let unreachable = |object: &str, detail: String| {
            let kind = MismatchKind::StaticUnreachable { detail };
            Ok(Err(Box::new(Mismatch { object: object.to_owned(), path: None, kind })))
        };
        match self.v2.place.list_below(&folder) {
            Ok(Some(listed)) => {
                return Ok(Ok(Some(listed.values().any(|found| *found != Listed::Folder))));
            }
            Ok(None) => {}
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => return unreachable(&folder, error.to_string()),
        }
        for key in expected {
            match self.v2.place.find(key, Wanted::Claims) {
                Ok(Some(_)) => return Ok(Ok(Some(true))),
                Ok(None) => {}
                Err(error) => return unreachable(key.as_str(), error.to_string()),
            }
        }
        Ok(Ok((!expected.is_empty()).then_some(false)))
    }

    fn find_entry(&self, revision: &RevisionId) -> Lookup {
        if !self.has_index {
            return Ok(Ok(None));
        }
        let entries = match self.entries.get() {
            Some(entries) => entries,
            None => {
                let V2 { place, index, .. } = self.v2;
                let entries = indexed_revisions(*place, index.as_ref(), self.interrupt)?;
                self.entries.get_or_init(|| entries)
            }
        };
        let has = |entries: &BTreeSet<EntryId>| Some(entries.contains(&EntryId::from(revision)));
        Ok(entries.as_ref().map(has).map_err(Clone::clone))
    }
}

/// Whether an object exists: `None` if that cannot be looked up, or why it is unknown.
type Lookup = Result<Result<Option<bool>, Box<Mismatch>>, Error>;

/// Returns the state of objects about which nothing is reported.
fn unreported(is_there: bool, is_expected: bool) -> V2State {
    match (is_there, is_expected) {
        (true, true) => V2State::Equal,
        (false, true) => V2State::Missing,
        (true, false) => V2State::Extra,
        (false, false) => V2State::Absent,
    }
}
