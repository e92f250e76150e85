//! Applies a scope while the stages are listed, and detects a scope that must be a mistake.
//!
//! It must see every revision of every stage, in every shard and with any name, the first stage of the
//! precedence first: a later revision that the first stage lacks is unpromoted.

use std::collections::{BTreeSet, HashSet};

use crate::error::Error;
use crate::model::balance::Exclusion;
use crate::model::package::{PackageName, Stage};
use crate::model::scope::{RevisionGlob, Scope, Unpromoted};

/// The effect of a scope on the stages so far.
pub(super) struct Selection<'a> {
    scope: &'a Scope,
    first: Stage,
    /// Globs that have matched no revision.
    unmatched: Vec<&'a RevisionGlob>,
    /// Revisions in the first stage.
    promoted: HashSet<(String, String)>,
    /// Packages whose revisions in the first stage are unknown.
    unlisted_in_first: HashSet<String>,
    seen_count: u64,
    /// All revisions, for suggestions; only while a glob has matched none.
    known: BTreeSet<String>,
    /// Whether any copy is migrated, or may be.
    selects_any: bool,
}

impl<'a> Selection<'a> {
    pub(super) fn new(scope: &'a Scope, first: Stage) -> Self {
        Selection {
            scope,
            first,
            unmatched: scope.globs().collect(),
            promoted: HashSet::new(),
            unlisted_in_first: HashSet::new(),
            seen_count: 0,
            known: BTreeSet::new(),
            selects_any: false,
        }
    }

    /// Returns why a copy is excluded, if it is.
    pub(super) fn exclusion(
        &mut self,
        stage: Stage,
        package: &str,
        version: &str,
    ) -> Option<Exclusion> {
        self.seen_count += 1;
        self.unmatched.retain(|glob| !glob.matches(package, version));
        if !self.unmatched.is_empty() {
            self.known.insert(format!("{package}-{version}"));
        }
        if !self.scope.contains(package, version) {
            return Some(Exclusion::Scope);
        }
        if package.parse::<PackageName>().is_ok_and(|name| name.is_marker()) {
            return Some(Exclusion::Marker);
        }
        if !self.is_promoted(stage, package, version) {
            return Some(Exclusion::Unpromoted);
        }
        self.selects_any = true;
        None
    }

    /// Returns whether the first stage has a revision; always true when the scope includes unpromoted ones.
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

    /// Records a package whose revisions in `stage` are unknown.
    pub(super) fn add_unlisted(&mut self, stage: Stage, package: &str) {
        self.unmatched.retain(|glob| !glob.may_match_in(package));
        self.selects_any |= !self.excludes_package(package);
        if stage == self.first {
            self.unlisted_in_first.insert(package.to_owned());
        }
    }

    /// Returns whether a package is out of scope, whatever versions it has.
    pub(super) fn excludes_package(&self, package: &str) -> bool {
        self.scope.excludes_package(package)
    }

    /// Checks that the scope matches these stages; returns the globs that match nothing and that `is_accepted`
    /// all the same.
    ///
    /// # Errors
    /// [`Error::UnmatchedGlobs`]: any other glob that matches nothing is an error, since the migration cannot be
    /// undone; [`Error::NothingInScope`]; those of `is_accepted`.
    pub(super) fn check(
        self,
        is_accepted: impl Fn(&RevisionGlob) -> Result<bool, Error>,
    ) -> Result<BTreeSet<RevisionGlob>, Error> {
        let (mut accepted, mut refused) = (BTreeSet::new(), Vec::new());
        for glob in self.unmatched {
            match is_accepted(glob)? {
                true => drop(accepted.insert(glob.clone())),
                false => refused.push(glob),
            }
        }
        if !refused.is_empty() {
            let globs = refused.iter().map(|glob| glob.to_string()).collect();
            let known = self.known.into_iter().collect();
            return Err(Error::UnmatchedGlobs { globs, known });
        }
        if !self.selects_any && !self.scope.is_everything() {
            let (scope, copies) = (self.scope.to_string(), self.seen_count);
            return Err(Error::NothingInScope { scope, copies });
        }
        Ok(accepted)
    }
}
