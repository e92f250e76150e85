//! Compares the answers about one revision: its item in the list, its page, its archive, its signature, its files.
//!
//! A difference is reported once: a field that is wrong on the page is usually wrong in the list as well.

use serde_json::Value;

use super::answers::{self, mismatch, text, unreachable};
use super::list::List;
use super::statics;
use super::{Subject, Terms};
use crate::error::Error;
use crate::model::mismatch::{Mismatch, MismatchKind, PathMismatch, RegistryMismatch};
use crate::model::package::RevisionId;
use crate::model::signature_status::SignatureState;
use crate::model::verification::{Depth, RevisionResult, RevisionStatus, ServedFrom};
use crate::ops::verify::entries::NoEntry;
use crate::ops::verify::planned::PlannedObject;
use crate::ops::verify::revision::Checked;
use crate::ops::verify::statics::of_revision;
use crate::rules::index::as_written_by;
use crate::rules::served::{Deprecations, Difference, differences, item, through_float64};
use crate::v2::registry::{RegistryQuery, archive_request, page_request, served_from};
use crate::v2::store::Claims;

/// The answers about a revision, as far as they matter for the run as a whole.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) result: RevisionResult,
    /// What its archive is served from, if it is served.
    pub(super) served_from: Option<ServedFrom>,
    /// Whether its page was compared.
    pub(super) has_page: bool,
    /// Whether the size of its archive was compared with a plan.
    pub(super) has_size: bool,
    /// The status of each static resource in the sample.
    pub(super) statics: Vec<RevisionStatus>,
    /// Extensions whose content types were not judged.
    pub(super) unjudged: Vec<String>,
}

/// The signature path of an entry.
pub(super) const SIGNATURE_PATH: &str = "signature_path";

impl Terms<'_> {
    /// Compares the answers about a revision of v1.
    ///
    /// # Errors
    /// [`Error::OpenRepository`]; what the registry answers is part of the result.
    pub(super) fn revision(
        &self,
        subject: &Subject<'_>,
        list: Option<&List>,
        deprecations: &Deprecations,
    ) -> Result<Answered, Error> {
        let revision = subject.revision;
        let mut answered = Answered {
            result: RevisionResult {
                revision: revision.clone(),
                file_count: 0,
                mismatches: Vec::new(),
                of_resources: Vec::new(),
            },
            served_from: None,
            has_page: false,
            has_size: false,
            statics: Vec::new(),
            unjudged: Vec::new(),
        };
        if let Err(NoEntry::NotCheckable(reasons)) = &subject.derived {
            let file = revision.archive_key();
            let reasons = reasons.iter().cloned();
            answered.result.mismatches = reasons.map(|found| found.of(file.file_name())).collect();
            return Ok(answered);
        }
        let listed = list.map(|list| list.item(&revision.to_string()));
        let all = RegistryQuery::All.request();
        match (&subject.derived, listed) {
            // Nothing else can be served: the other handlers look it up in the same list.
            (_, Some(None)) => {
                answered.add(mismatch(&all, None, RegistryMismatch::ListMissing));
                answered.statics = vec![RevisionStatus::Mismatch; subject.statics.len()];
                return Ok(answered);
            }
            (Err(reason), _) => {
                let kind = RegistryMismatch::EntryUnknown { detail: reason.to_string() };
                answered.add(mismatch(&page_request(revision), None, kind));
                answered.statics = vec![RevisionStatus::Unknown; subject.statics.len()];
                return Ok(answered);
            }
            (Ok(_), Some(Some(_)) | None) => {}
        }
        self.archive(subject, &mut answered)?;
        let is_signed = match &subject.derived {
            Ok(entry) => self.page(revision, entry, listed.flatten(), deprecations, &mut answered),
            Err(_) => None,
        };
        self.signature(revision, is_signed, &mut answered);
        self.statics(subject, &mut answered);
        Ok(answered)
    }

    /// Compares the page, and the item in the list; returns whether the page refers to a signature.
    fn page(
        &self,
        revision: &RevisionId,
        entry: &Value,
        listed: Option<&Value>,
        deprecations: &Deprecations,
        answered: &mut Answered,
    ) -> Option<bool> {
        let request = page_request(revision);
        let mut page = match answers::json(self.registry.page(revision)) {
            Ok(Some(page)) => page,
            Ok(None) => {
                answered.add(mismatch(&request, None, RegistryMismatch::PageMissing));
                return None;
            }
            Err(kind) => {
                answered.add(mismatch(&request, None, kind));
                return None;
            }
        };
        answered.has_page = true;
        let mut expected = entry.clone();
        deprecations.apply(self.release, &revision.name, &mut expected);
        as_written_by(self.release, &mut expected);
        // v1 has no signatures: a path is right if it is the one that the registry gives.
        let is_signed = page.get(SIGNATURE_PATH).is_some();
        if let (true, Value::Object(fields)) = (is_signed, &mut expected) {
            let path = format!("{}.sig", archive_request(revision));
            fields.insert(SIGNATURE_PATH.to_owned(), Value::String(path));
        }
        let expected_item = item(&expected, self.release);
        if answered.served_from == Some(ServedFrom::Storage) {
            through_float64(&mut expected);
            through_float64(&mut page);
        }
        let of_page = differences(&expected, &page);
        let of_list = listed.map(|listed| differences(&expected_item, listed)).unwrap_or_default();
        let of_list: Vec<Difference> =
            of_list.into_iter().filter(|found| !of_page.contains(found)).collect();
        let all = RegistryQuery::All.request();
        for Difference { path, expected, found } in of_page {
            let kind = RegistryMismatch::PageDiffers { expected, found };
            answered.add(mismatch(&request, Some(path), kind));
        }
        for Difference { path, expected, found } in of_list {
            let kind = RegistryMismatch::ListDiffers { expected, found };
            answered.add(mismatch(&all, Some(path), kind));
        }
        Some(is_signed)
    }

    /// Compares the archive: that it exists, its size with the plan, and at depth `content` every byte.
    fn archive(&self, subject: &Subject<'_>, answered: &mut Answered) -> Result<(), Error> {
        let revision = subject.revision;
        let key = revision.archive_key();
        let head = match self.registry.archive(revision) {
            Ok(Some(head)) => head,
            Ok(None) => {
                answered.add(PathMismatch::from(MismatchKind::ArchiveMissing).of(key.file_name()));
                return Ok(());
            }
            Err(error) => {
                let kind = MismatchKind::ArchiveUnreachable { detail: error.to_string() };
                answered.add(PathMismatch::from(kind).of(key.file_name()));
                return Ok(());
            }
        };
        let source = self.served_from.unwrap_or_else(|| served_from(&head));
        answered.served_from = Some(source);
        let is_made_on_request = source == ServedFrom::Folders;
        if self.depth == Depth::Content {
            let check = if is_made_on_request { &self.unplanned } else { &self.planned };
            let Checked { result: RevisionResult { file_count, mismatches, .. }, .. } =
                check.revision(0, &(revision, subject.listed))?;
            answered.result.file_count += file_count;
            mismatches.into_iter().for_each(|found| answered.add(found));
        } else if let (false, Some(planned)) = (is_made_on_request, &self.planned.planned)
            && let Some(len) = head.len
        {
            let planned = planned.object(key.as_str());
            answered.has_size = matches!(planned, PlannedObject::Exactly(_));
            for kind in planned.compare_claims(key.as_str(), len, Claims::default()) {
                answered.add(PathMismatch::from(kind).of(key.file_name()));
            }
        }
        Ok(())
    }

    /// Checks that the signature is served to which the page refers, and that there is one if the plan has it.
    fn signature(&self, revision: &RevisionId, is_signed: Option<bool>, answered: &mut Answered) {
        let key = revision.archive_key().signature_key();
        match is_signed {
            Some(true) => match self.registry.has_signature(revision) {
                Ok(true) => {}
                Ok(false) => {
                    let kind = RegistryMismatch::SignatureDangling;
                    answered.add(mismatch(&page_request(revision), None, kind));
                }
                Err(error) => {
                    let request = format!("{}.sig", archive_request(revision));
                    answered.add(mismatch(&request, None, unreachable(&error)));
                }
            },
            Some(false) => {
                let planned = self.planned.planned.as_ref();
                let planned = planned.map(|planned| planned.object(key.as_str()));
                if !matches!(planned, None | Some(PlannedObject::Unplanned)) {
                    let kind = MismatchKind::Signature(SignatureState::Missing);
                    answered.add(PathMismatch::from(kind).of(key.file_name()));
                }
            }
            None => {}
        }
    }

    /// Compares the static resources in the sample.
    fn statics(&self, subject: &Subject<'_>, answered: &mut Answered) {
        let revision = subject.revision;
        let mut all = Vec::new();
        for file in &subject.statics {
            let statics::Compared { compared, unjudged } =
                statics::compare(self.registry, revision, file, answered.served_from);
            answered.statics.push(compared.status(self.extras));
            answered.unjudged.extend(unjudged);
            all.push(compared);
        }
        answered.result.file_count += all.len() as u64;
        let is_archive_missing = answered
            .result
            .mismatches
            .iter()
            .any(|found| found.kind == MismatchKind::ArchiveMissing);
        let folder = (&*page_request(revision), is_archive_missing);
        answered.result.of_resources = of_revision(all, folder, self.is_static_sample);
    }
}

impl Answered {
    fn add(&mut self, found: Mismatch) {
        self.result.mismatches.push(found);
    }
}

/// Returns the version that a registry reports in its description of itself.
pub(super) fn version(index: &Value) -> Option<&str> {
    text(index, "service.version")
}
