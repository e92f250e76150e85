//! What the stages once had: distinguishes a name that v1 has given up from one that was never there.
//!
//! The history is read only when it is asked for, and at most once. It is evidence as far as it can be read: what a
//! shallow clone lacks was never there.

use std::cell::OnceCell;
use std::convert::Infallible;

use crate::error::Error;
use crate::model::content::escape;
use crate::model::finding::FindingKind;
use crate::model::package::RevisionId;
use crate::model::scope::{RevisionGlob, Scope};
use crate::model::shard::Shard;
use crate::model::timeline::{ChangeCounts, OtherPlace};
use crate::rules::history::{Fate, History, LastPresence, StageHistory, fate, last_presence};
use crate::v1::commits::{Chain, walk};
use crate::v1::listing::Listing;
use crate::v1::objects::ObjectReader;
use crate::v1::repository::V1Repository;
use crate::v1::stages::StageCommit;

/// The first-parent history of the stages.
pub(super) struct Past<'p> {
    repository: &'p V1Repository,
    stages: &'p [StageCommit],
    history: OnceCell<History>,
}

/// A revision that is at no tip any more.
pub(super) struct Gone {
    /// `<name>-<version>`, escaped.
    pub(super) revision: String,
    /// When and where it was last present.
    pub(super) last: LastPresence,
}

impl<'p> Past<'p> {
    pub(super) fn new(repository: &'p V1Repository, stages: &'p [StageCommit]) -> Self {
        Past { repository, stages, history: OnceCell::new() }
    }

    /// Lists all packages in the stages; a glob that matches nothing is accepted if it matches what is gone.
    ///
    /// # Errors
    /// Those of [`Listing::read`].
    pub(super) fn list(
        &self,
        reader: &ObjectReader,
        scope: &Scope,
        on_stage: impl Fn(),
    ) -> Result<Listing, Error> {
        let is_accepted = |glob: &_| Ok(self.of_glob(glob)?.is_some());
        Listing::read(reader, self.stages, Shard::WHOLE, scope, is_accepted, on_stage)
    }

    /// Returns the revision that was removed last among those that are gone and that a glob matches; folders with an
    /// invalid name count as well, since the scope can name them.
    ///
    /// # Errors
    /// The tip of a stage cannot be read.
    pub(super) fn of_glob(&self, glob: &RevisionGlob) -> Result<Option<Gone>, Error> {
        let History { revisions, others } = self.history()?;
        let revisions = revisions.iter().map(|(revision, stages)| {
            (revision.name.to_string(), revision.version.to_string(), stages)
        });
        let others = others.iter().filter_map(|(place, stages)| {
            let (name, version) = folder_of(place)?;
            Some((name.to_owned(), version.to_owned(), stages))
        });
        let gone = revisions.chain(others).filter_map(|(name, version, stages)| {
            let last = gone(stages).filter(|_| glob.matches(&name, &version))?;
            Some(Gone { revision: format!("{name}-{version}"), last })
        });
        Ok(gone.max_by_key(|gone| gone.last.removed.time))
    }

    /// Returns a revision if it is gone.
    ///
    /// # Errors
    /// Those of [`Past::of_glob`].
    pub(super) fn of_revision(&self, revision: &RevisionId) -> Result<Option<Gone>, Error> {
        let last = self.history()?.revisions.get(revision).and_then(|stages| gone(stages));
        let revision = || escape(revision.to_string().as_bytes());
        Ok(last.map(|last| Gone { revision: revision(), last }))
    }

    fn history(&self) -> Result<&History, Error> {
        if let Some(history) = self.history.get() {
            return Ok(history);
        }
        let (reader, shallow) = (self.repository.reader()?, self.repository.shallow_commits()?);
        let mut history = History::default();
        for at in self.stages {
            let chain = Chain::read(&reader, at, &shallow)?;
            let mut record = |change| {
                // Only presence matters.
                let compare = |_, _| Ok::<_, Infallible>(ChangeCounts::default());
                let Ok(()) = history.record(at.stage, change, compare);
            };
            // What cannot be read is no evidence; `audit-history` reports it.
            walk(&reader, at, &chain, &mut record, &|| {})?;
        }
        Ok(self.history.get_or_init(|| history))
    }
}

fn gone(stages: &[StageHistory]) -> Option<LastPresence> {
    (fate(stages) == Fate::Gone).then(|| last_presence(stages))?
}

/// Returns the names of the folders of a package and a version, of which at least one is invalid.
fn folder_of(place: &OtherPlace) -> Option<(&str, &str)> {
    match place.kind {
        FindingKind::StrayEntry { .. } => None,
        _ => place.path.split_once('/'),
    }
}
