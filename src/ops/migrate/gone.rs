//! Names in the scope and in decisions that v1 does not have any more, as history or the published index shows.
//!
//! They are reported instead of refused when v2 is continued: names become stale in an unattended run, since v1
//! is switched off package by package. A name that was never there is a typing error.

use crate::error::Error;
use crate::model::content::escape;
use crate::model::finding::{Defect, Finding, FindingKind, NamedBy};
use crate::model::package::{RevisionId, Stage};
use crate::model::scope::{RevisionGlob, Scope};
use crate::model::shard::Shard;
use crate::ops::index::Base;
use crate::ops::past::{Gone, Past};
use crate::rules::index::EntryId;

/// What to do about names that v1 does not have any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoneNames {
    /// They are errors, like names that were never there.
    Refused,
    /// They are findings.
    Reported,
}

/// Where revisions are looked for that no stage has.
pub(super) struct Evidence<'e> {
    pub(super) past: Past<'e>,
    pub(super) base: Option<&'e Base>,
    pub(super) policy: GoneNames,
}

impl Evidence<'_> {
    /// Returns whether a glob that matches nothing is accepted.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(super) fn accepts(&self, glob: &RevisionGlob) -> Result<bool, Error> {
        Ok(self.of_glob(NamedBy::Include, glob)?.is_some())
    }

    /// Returns the findings on globs that were accepted.
    ///
    /// # Errors
    /// Those of [`Evidence::accepts`].
    pub(super) fn of_scope<'g>(
        &self,
        scope: &Scope,
        accepted: impl IntoIterator<Item = &'g RevisionGlob>,
        precedence: &[Stage],
    ) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        for glob in accepted {
            let named = [(NamedBy::Include, &scope.include), (NamedBy::Exclude, &scope.exclude)];
            for (named_by, _) in named.into_iter().filter(|(_, globs)| globs.contains(glob)) {
                let kind = self.of_glob(named_by, glob)?.into_iter();
                findings.extend(kind.map(|kind| Finding::of_stages(precedence.to_vec(), kind)));
            }
        }
        Ok(findings)
    }

    /// Returns the finding on a revision that a decision is about and that no stage has, if it is accepted.
    ///
    /// # Errors
    /// Those of [`Evidence::accepts`].
    pub(super) fn of_decision(&self, revision: &RevisionId) -> Result<Option<Finding>, Error> {
        let id = EntryId::from(revision);
        let kind = self.finding(
            (NamedBy::Decision, revision.to_string()),
            |past| past.of_revision(revision),
            |published| *published == id,
        )?;
        let finding =
            |kind| Finding::of_revision(revision, Vec::new(), Defect { path: None, kind });
        Ok(kind.map(finding))
    }

    fn of_glob(
        &self,
        named_by: NamedBy,
        glob: &RevisionGlob,
    ) -> Result<Option<FindingKind>, Error> {
        self.finding(
            (named_by, escape(glob.as_str().as_bytes())),
            |past| past.of_glob(glob),
            |published| glob.matches(&published.name, &published.version.to_string()),
        )
    }

    fn finding(
        &self,
        (named_by, name): (NamedBy, String),
        in_past: impl FnOnce(&Past<'_>) -> Result<Option<Gone>, Error>,
        is_meant: impl Fn(&EntryId) -> bool,
    ) -> Result<Option<FindingKind>, Error> {
        if self.policy == GoneNames::Refused {
            return Ok(None);
        }
        let found = match in_past(&self.past)? {
            Some(Gone { revision, last }) => {
                Some((revision, Some(last.stage), Some(last.last.commit_id)))
            }
            None => {
                let published = self.base.into_iter().flat_map(|it| it.revisions_of(Shard::WHOLE));
                let published = published.filter(|id| is_meant(id)).last();
                published.map(|id| {
                    (escape(format!("{}-{}", id.name, id.version).as_bytes()), None, None)
                })
            }
        };
        let kind = |(revision, stage, commit)| FindingKind::NoLongerInV1 {
            named_by,
            name,
            revision,
            stage,
            commit,
        };
        Ok(found.map(kind))
    }
}
