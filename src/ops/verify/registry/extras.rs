//! What the registry lists and v1 does not have: published since, served from a folder of v1, or unexpected.

use serde_json::Value;

use super::Subject;
use super::answers::{self, mismatch};
use super::list::{self, List};
use super::run::{Round, Run};
use crate::error::Error;
use crate::model::mismatch::{Extras, Mismatch, RegistryMismatch};
use crate::model::package::RevisionId;
use crate::model::verification::ServedFrom;
use crate::ops::verify::entries::NoEntry;
use crate::ops::verify::in_sample;
use crate::rules::served::{Difference, differences, item};
use crate::v2::registry::{RegistryQuery, page_request, served_from};

/// What the list has that v1 does not.
#[derive(Default)]
pub(super) struct ExtraAnswers {
    pub(super) mismatches: Vec<Mismatch>,
    /// The pages of those that are known.
    pub(super) pages: Vec<(RevisionId, Value)>,
}

impl Run<'_> {
    /// Judges what the list has that v1 does not, and fetches the pages of those that are known.
    pub(super) fn extras(&self, list: &List) -> ExtraAnswers {
        let mut extras =
            ExtraAnswers { mismatches: list.duplicates().collect(), pages: Vec::new() };
        for name in list.others(&self.of_v1()) {
            let revision = list::revision(name);
            if let Some(revision) =
                revision.as_ref().filter(|one| self.asked.known_extras.contains(one))
            {
                let (page, mismatches) = self.page_of_extra(revision, list.item(name));
                extras.pages.extend(page.map(|page| (revision.clone(), page)));
                extras.mismatches.extend(mismatches);
            } else if !self.base.contains(name) && !self.is_unjudged(name, revision.as_ref()) {
                let all = RegistryQuery::All.request();
                extras.mismatches.push(mismatch(
                    &all,
                    Some(name.to_owned()),
                    RegistryMismatch::ListExtra,
                ));
            }
        }
        extras.mismatches.extend(self.lost(list));
        extras
    }

    /// Returns a mismatch for each revision of the base index that is not listed.
    fn lost(&self, list: &List) -> impl Iterator<Item = Mismatch> {
        let lost = self.base.names().filter(|name| {
            let (package, version) = name.split_once('-').unwrap_or((name, ""));
            !list.items.contains_key(*name)
                && in_sample(self.options.sample, name)
                && self.options.scope.contains(package, version)
        });
        lost.map(|name| {
            let all = RegistryQuery::All.request();
            mismatch(&all, Some(name.to_owned()), RegistryMismatch::ListMissing)
        })
    }

    /// Returns whether a listed revision that is not to be compared is no mismatch: it is outside the scope, or the
    /// registry serves it from a folder of v1, where markers and blocked revisions are.
    fn is_unjudged(&self, name: &str, revision: Option<&RevisionId>) -> bool {
        let (package, version) = name.split_once('-').unwrap_or((name, ""));
        if !in_sample(self.options.sample, name) {
            return true;
        }
        let is_outside = !self.options.scope.contains(package, version);
        if is_outside && self.options.extras == Extras::Allowed {
            return true;
        }
        revision.is_some_and(|revision| self.is_unmigrated(revision))
    }

    /// Returns whether a revision is one that v1 has and v2 should not, and is served from a folder.
    pub(super) fn is_unmigrated(&self, revision: &RevisionId) -> bool {
        let is_renamed = |subject: &Subject<'_>| matches!(&subject.derived, Err(NoEntry::OtherRevision(named)) if *named == revision.to_string());
        (revision.name.is_marker() || self.subjects().any(is_renamed))
            && self.is_from_folder(revision)
    }

    fn is_from_folder(&self, revision: &RevisionId) -> bool {
        let source = self.terms.served_from.or_else(|| {
            let head = self.terms.registry.archive(revision).ok()??;
            Some(served_from(&head))
        });
        source == Some(ServedFrom::Folders)
    }

    /// Returns the page of a known extra, and how it differs from the list.
    fn page_of_extra(
        &self,
        revision: &RevisionId,
        listed: Option<&Value>,
    ) -> (Option<Value>, Vec<Mismatch>) {
        let request = page_request(revision);
        let page = match answers::json(self.terms.registry.page(revision)) {
            Ok(Some(page)) => page,
            Ok(None) => {
                return (None, vec![mismatch(&request, None, RegistryMismatch::PageMissing)]);
            }
            Err(kind) => return (None, vec![mismatch(&request, None, kind)]),
        };
        let listed = listed.expect("only revisions of the list are extras");
        let differences = differences(&item(&page, self.terms.release), listed).into_iter();
        let mismatches = differences.map(|Difference { path, expected, found }| {
            let path = Some(format!("{revision}: {path}"));
            let kind = RegistryMismatch::ListDiffers { expected, found };
            mismatch(&RegistryQuery::All.request(), path, kind)
        });
        let mismatches = mismatches.collect();
        (Some(page), mismatches)
    }

    /// Checks that every known extra is one.
    ///
    /// # Errors
    /// [`Error::KnownExtras`].
    pub(super) fn check_extras(&self, round: &Round) -> Result<(), Error> {
        let Some(list) = &round.list else { return Ok(()) };
        let of_v1 = self.of_v1();
        let mut faults = Vec::new();
        for revision in &self.asked.known_extras {
            let name = revision.to_string();
            if of_v1.contains(&name) {
                faults.push(format!("v1 has {name}"));
            } else if !list.items.contains_key(&name) {
                faults.push(format!("the registry does not list {name}"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::KnownExtras { faults }) }
    }
}
