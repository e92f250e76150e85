//! Compares one entry of the index with what v1 says, with the base index, and with the archives of v2.
//!
//! Entries are compared independently of each other; what follows from their order is in `index_run`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::delta::Entries;
use super::index_entry::{IndexEntry, Stated, stem};
use super::json_value::differences;
use super::surplus::{Known, in_sample, is_listed};
use crate::digest::Sha256;
use crate::error::Error;
use crate::model::content::escape;
use crate::model::finding::FieldDifference;
use crate::model::mismatch::MismatchKind;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey};
use crate::rules::index::EntryId;
use crate::v2::store::{Place, Wanted};

/// What v1 says about a revision's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryTruth {
    /// The digest of its entry.
    Digest(Sha256),
    /// It has no entry, for this reason.
    Without(String),
    /// Its files are unknown.
    Unknown,
}

/// What entries are compared with.
pub(super) struct EntryCheck<'r> {
    /// Where the archives are, and the names of all files there if it can be listed.
    pub(super) archives: (&'r dyn Place, Option<&'r [String]>),
    /// What v1 says, by revision in the order of the results.
    pub(super) truths: &'r [EntryTruth],
    /// Derives the entry of the revision with this position again.
    pub(super) derive: &'r (dyn Fn(usize) -> Result<Option<Value>, Error> + Sync),
    pub(super) known: &'r Known<'r>,
}

/// An entry that was compared.
pub(super) struct Compared {
    pub(super) id: EntryId,
    pub(super) stated: Stated,
    pub(super) position: Option<usize>,
    /// Whether it is left as published although v1 says something else.
    pub(super) is_as_published: bool,
    pub(super) kinds: Vec<MismatchKind>,
}

impl EntryCheck<'_> {
    /// Compares one entry by itself.
    pub(super) fn compare(
        &self,
        entry: IndexEntry,
        positions: &BTreeMap<EntryId, usize>,
        base: Option<&Entries>,
    ) -> Result<Compared, Error> {
        let IndexEntry { id, manifest, stated } = entry;
        let published = base.and_then(|base| base.get(&id));
        let is_published = published.is_some_and(|published| stated.continues(published));
        let position = positions.get(&id).copied();
        let (mut kinds, mut is_as_published) = (Vec::new(), false);
        match position.map(|position| (position, &self.truths[position])) {
            Some((_, EntryTruth::Digest(digest))) if *digest == stated.manifest => {}
            Some((_, EntryTruth::Digest(_) | EntryTruth::Without(_))) if is_published => {
                is_as_published = true;
            }
            Some((position, EntryTruth::Digest(_))) => {
                let derived = (self.derive)(position)?;
                let fields = match &derived {
                    Some(derived) => differences(&manifest, derived),
                    None => Vec::new(),
                };
                kinds.extend(not_empty(fields).map(|fields| MismatchKind::EntryDiffers { fields }));
            }
            Some((_, EntryTruth::Without(reason))) => {
                kinds.push(MismatchKind::EntryExtra { detail: reason.clone() });
            }
            Some((_, EntryTruth::Unknown)) => {}
            None => kinds.extend(self.extra(&id, published.is_some())),
        }
        if published.is_some() && !is_published && kinds.is_empty() {
            kinds.push(MismatchKind::BaseEntryLost { is_changed: true });
        }
        if position.is_some() || published.is_none() {
            kinds.extend(self.signature(&id, stated.signature.as_deref()));
        }
        Ok(Compared { id, stated, position, is_as_published, kinds })
    }

    /// Returns the mismatch of an entry that v1 does not have.
    fn extra(&self, id: &EntryId, is_published: bool) -> Option<MismatchKind> {
        let (stem, (place, names)) = (stem(id), self.archives);
        let archive = format!("{stem}.zip");
        let is_expected = is_published
            || self.known.archives.contains(&archive)
            || !in_sample(self.known.sample, &stem)
            || !self.known.is_in_scope(&stem);
        if is_expected {
            return None;
        }
        match exists(place, names, &archive) {
            Ok(true) => None,
            Ok(false) => {
                Some(MismatchKind::EntryExtra { detail: "v2 has no archive of it".to_owned() })
            }
            Err(error) => Some(MismatchKind::IndexUnreachable { detail: error.to_string() }),
        }
    }

    /// Compares the path of a signature with what v2 has.
    fn signature(&self, id: &EntryId, found: Option<&str>) -> Option<MismatchKind> {
        let (stem, (place, names)) = (stem(id), self.archives);
        let archive = format!("{stem}.zip");
        // A missing archive is reported by itself. Without a list, each archive takes a request.
        let is_checked = match names {
            Some(names) => is_listed(names, &archive),
            None => found.is_some(),
        };
        if !is_checked || !in_sample(self.known.sample, &stem) {
            return None;
        }
        let is_signed = match exists(place, names, &format!("{archive}.sig")) {
            Ok(is_signed) => is_signed,
            Err(error) => {
                return Some(MismatchKind::IndexUnreachable { detail: error.to_string() });
            }
        };
        let expected = is_signed.then(|| format!("/epr/{}/{archive}.sig", id.name));
        let found = found.map(|path| escape(path.as_bytes()));
        (found != expected).then_some(MismatchKind::EntrySignature { expected, found })
    }
}

fn not_empty(fields: Vec<FieldDifference>) -> Option<Vec<FieldDifference>> {
    (!fields.is_empty()).then_some(fields)
}

/// Returns whether v2 has a file among the archives.
fn exists(place: &dyn Place, names: Option<&[String]>, name: &str) -> std::io::Result<bool> {
    match (names, ObjectKey::try_from(format!("{ARCHIVE_PREFIX}{name}"))) {
        (Some(names), _) => Ok(is_listed(names, name)),
        (None, Ok(key)) => Ok(place.find(&key, Wanted::Claims)?.is_some()),
        (None, Err(_)) => Ok(false),
    }
}
