//! Applies a scope while the stages are listed, and notices a scope that cannot be meant.
//!
//! It must see every revision of every stage, whatever its shard and however odd its name, the
//! first stage of the precedence first: what is not there by then is unpromoted.

use std::collections::HashSet;

use crate::error::Error;
use crate::model::balance::Exclusion;
use crate::model::package::{PackageName, Stage};
use crate::model::scope::{RevisionGlob, Scope, Unpromoted};

/// What a scope made of the stages so far.
pub(super) struct Selection<'a> {
    scope: &'a Scope,
    first: Stage,
    /// Globs that no name was fit by.
    unfit: Vec<&'a RevisionGlob>,
    /// Revisions that the first stage has.
    promoted: HashSet<(String, String)>,
    /// Packages of which nobody can say what the first stage has.
    unlisted_in_first: HashSet<String>,
    seen_count: u64,
    /// Whether anything is migrated, or may be.
    takes_any: bool,
}

impl<'a> Selection<'a> {
    pub(super) fn new(scope: &'a Scope, first: Stage) -> Self {
        Selection {
            scope,
            first,
            unfit: scope.globs().collect(),
            promoted: HashSet::new(),
            unlisted_in_first: HashSet::new(),
            seen_count: 0,
            takes_any: false,
        }
    }

    /// Tells why a copy is left out, if it is.
    pub(super) fn exclusion(
        &mut self,
        stage: Stage,
        package: &str,
        version: &str,
    ) -> Option<Exclusion> {
        self.seen_count += 1;
        self.unfit.retain(|glob| !glob.fits(package, version));
        if !self.scope.holds(package, version) {
            return Some(Exclusion::Scope);
        }
        if package.parse::<PackageName>().is_ok_and(|name| name.is_marker()) {
            return Some(Exclusion::Marker);
        }
        if !self.is_promoted(stage, package, version) {
            return Some(Exclusion::Unpromoted);
        }
        self.takes_any = true;
        None
    }

    /// Tells whether the first stage has a revision, as far as the scope wants to know.
    fn is_promoted(&mut self, stage: Stage, package: &str, version: &str) -> bool {
        match self.scope.unpromoted {
            Unpromoted::Include => true,
            Unpromoted::Exclude => {
                let revision = (package.to_owned(), version.to_owned());
                if stage == self.first {
                    self.promoted.insert(revision);
                    return true;
                }
                self.promoted.contains(&revision) || self.unlisted_in_first.contains(package)
            }
        }
    }

    /// Takes note of a package whose revisions in `stage` nobody knows.
    pub(super) fn unlisted(&mut self, stage: Stage, package: &str) {
        self.unfit.retain(|glob| !glob.may_fit_in(package));
        self.takes_any |= !self.leaves_out_package(package);
        if stage == self.first {
            self.unlisted_in_first.insert(package.to_owned());
        }
    }

    /// Tells whether a package is out of the scope, whatever versions it has.
    pub(super) fn leaves_out_package(&self, package: &str) -> bool {
        self.scope.leaves_out_package(package)
    }

    /// Checks that the scope fits these stages.
    ///
    /// # Errors
    /// [`Error::UnfitGlobs`]: the move cannot be undone, so that a slip of the pen must not pass;
    /// [`Error::NothingInScope`].
    pub(super) fn check(self) -> Result<(), Error> {
        if !self.unfit.is_empty() {
            let globs = self.unfit.iter().map(|glob| glob.to_string()).collect();
            return Err(Error::UnfitGlobs { globs });
        }
        if !self.takes_any && !self.scope.is_everything() {
            let (scope, copies) = (self.scope.to_string(), self.seen_count);
            return Err(Error::NothingInScope { scope, copies });
        }
        Ok(())
    }
}
