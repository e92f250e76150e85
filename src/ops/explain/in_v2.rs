//! What v2 has of a package's revisions: `verify` compares those that v1 has, and of the others only the
//! existence is looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::{Options, V2};
use crate::error::Error;
use crate::model::event::Observer;
use crate::model::mismatch::{Class, Extras, Mismatch, MismatchKind};
use crate::model::package::RevisionId;
use crate::model::resources::{Resource, StaticSet};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::verification::RevisionStatus;
use crate::ops::verify::{self, verify};
use crate::report::explain::{V2State, V2Story};
use crate::v2::store::{Place, Wanted};

/// Compares the archives of the revisions that v1 has in the scope.
///
/// # Errors
/// Those of [`verify`].
pub(super) fn compared(
    path: &Path,
    options: &Options,
    v2: &V2<'_>,
    scope: Scope,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<BTreeMap<RevisionId, V2Story>, Error> {
    let verified = verify::Options {
        stages: options.stages.clone(),
        remote: options.remote.clone(),
        scope,
        resolutions: options.resolutions.clone(),
        kinds: BTreeSet::from([Resource::Archives]),
        statics: StaticSet::default(),
        static_sample: None,
        index: None,
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
    let outcome = verify(path, &verified, v2.place, observer, interrupt)?;
    let stories = outcome.revisions().iter().map(|result| {
        let is_missing = |found: &Mismatch| matches!(found.kind, MismatchKind::ArchiveMissing);
        let state = match outcome.status(result) {
            _ if result.all().any(is_missing) => V2State::Missing,
            RevisionStatus::Good => V2State::Equal,
            RevisionStatus::Mismatch => V2State::Different,
            RevisionStatus::Unknown => V2State::Unknown,
        };
        let shown = result.all().filter(|found| outcome.class(found) != Class::Information);
        let mismatches = shown.map(|found| (found.path.clone(), found.kind.clone())).collect();
        (result.revision.clone(), V2Story { state, mismatches })
    });
    Ok(stories.collect())
}

/// Looks up a revision that v2 should not have.
pub(super) fn looked_up(place: &dyn Place, revision: &RevisionId) -> V2Story {
    let found = place.find(&revision.archive_key(), Wanted::Claims);
    let (state, mismatches) = match found {
        Ok(Some(_)) => (V2State::Extra, Vec::new()),
        Ok(None) => (V2State::Absent, Vec::new()),
        Err(error) => {
            let kind = MismatchKind::ArchiveUnreachable { detail: error.to_string() };
            (V2State::Unknown, vec![(None, kind)])
        }
    };
    V2Story { state, mismatches }
}
