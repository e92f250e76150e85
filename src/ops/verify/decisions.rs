//! Applies the decisions file to the expected content of v2.
//!
//! `keep` selects another stage's copy, `skip` excludes the revision, and `accept` changes nothing. A decision on
//! content that has changed, or on a revision that was never there, is an error, as in `migrate`; one on a revision that
//! v1 does not have any more has no effect.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::model::content::{Content, escape};
use crate::model::finding::Decision;
use crate::model::package::{RevisionId, Stage};
use crate::model::scope::{Scope, Unpromoted};
use crate::model::verification::Notice;
use crate::ops::past::Past;
use crate::rules::decisions::{CopyDigests, DecisionFault, Resolutions};
use crate::v1::content::read_content;
use crate::v1::listing::{ListedCopy, Listing};
use crate::v1::objects::ObjectReader;
use crate::v1::workers::Workers;
use crate::v2::zip_reader::FileReader;

/// The effect of a decision on a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// v2 should have this stage's copy.
    Keep(Stage),
    /// v2 should not have the revision.
    Skip,
}

/// Returns the rulings on the listed revisions, and a notice of the names in the scope and in decisions that v1 does
/// not have any more.
///
/// # Errors
/// [`Error::Resolutions`] if a decision does not match v1; [`Error::OpenRepository`]; those of the past.
pub(super) fn rulings(
    resolutions: &Resolutions,
    (listing, past): (&Listing, &Past<'_>),
    scope: &Scope,
    workers: &Workers<'_, FileReader>,
) -> Result<(BTreeMap<RevisionId, Ruling>, Option<Notice>), Error> {
    let (mut rulings, mut faults) = (BTreeMap::new(), Vec::new());
    let mut names = BTreeSet::new();
    for (flag, globs) in [("--include", &scope.include), ("--exclude", &scope.exclude)] {
        let accepted = globs.intersection(&listing.accepted);
        names.extend(accepted.map(|glob| escape(format!("{flag} {glob}").as_bytes())));
    }
    for entry in resolutions.entries() {
        let revision = &entry.revision;
        let package = listing.packages.get(&revision.name);
        let Some(copies) = package.and_then(|package| package.revisions.get(revision)) else {
            // A decision on a revision outside the scope is for another run.
            let version = revision.version.to_string();
            let may_be_left_out = scope.unpromoted == Unpromoted::Exclude
                || !scope.contains(revision.name.as_str(), &version);
            if !may_be_left_out && past.of_revision(revision)?.is_some() {
                names.insert(format!("the decision on {revision}"));
            } else if !may_be_left_out {
                faults.push(entry.fault(&format!("v1 has no {revision}")));
            }
            continue;
        };
        if workers.with(|worker| digests(&worker.reader, copies))? != entry.digests {
            faults
                .push(entry.fault(&format!("the content of {revision} has changed: decide again")));
            continue;
        }
        match entry.settlement.decision {
            Decision::Keep(stage) => drop(rulings.insert(revision.clone(), Ruling::Keep(stage))),
            Decision::Skip => drop(rulings.insert(revision.clone(), Ruling::Skip)),
            Decision::Accept | Decision::KeepPublished => {}
        }
    }
    faults.sort();
    match faults.is_empty() {
        true => Ok((rulings, (!names.is_empty()).then_some(Notice::NoLongerInV1 { names }))),
        false => Err(Error::Resolutions {
            faults: faults.iter().map(DecisionFault::to_string).collect(),
        }),
    }
}

fn digests(reader: &ObjectReader, copies: &[ListedCopy]) -> CopyDigests {
    let digest = |copy: &ListedCopy| {
        // The file has `~` for a copy that cannot be read, for any reason.
        let content = copy.tree.as_ref().ok().and_then(|tree| read_content(reader, *tree).ok());
        (copy.stage, content.as_ref().map(Content::digest))
    };
    copies.iter().map(digest).collect()
}
