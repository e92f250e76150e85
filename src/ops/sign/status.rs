//! Determines the signature state of each archive that is planned, or found in a folder.
//!
//! Does not check the content of archives, nor whether they match the plan: `verify` does.

use std::collections::BTreeSet;
use std::path::Path;

use super::workers::Workers;
use crate::error::Error;
use crate::model::package::ObjectKey;
use crate::model::plan::Plan;
use crate::model::signature_status::{Coverage, SignatureState};
use crate::openpgp::{self, PublicKeys, SignatureFile};
use crate::v2::folder::Listing;

/// The result of [`survey`].
#[derive(Debug)]
pub struct Survey {
    /// The state of every archive, and of every orphan.
    pub coverage: Coverage,
    /// Planned archives that do not exist; their state is [`SignatureState::Missing`].
    pub absent: Vec<ObjectKey>,
    /// Number of archives that exist but are not in the plan; 0 without a plan.
    pub unplanned_count: u64,
    /// Names of files that are neither archives nor signatures, sorted.
    pub others: Vec<String>,
}

impl Survey {
    /// Returns whether every archive exists and has a good signature, and there is no other signature.
    pub fn is_good(&self) -> bool {
        self.coverage.good_count() == self.coverage.archive_count()
            && self.coverage.others.is_empty()
            && self.absent.is_empty()
    }
}

/// Checks the signature of each archive in `folder`, which may be an output folder or a flat one, and of
/// each archive in `plan`.
///
/// # Errors
/// [`Error::NoArchives`] if there are none; [`Error::File`]; [`Error::Workers`].
pub fn survey(
    folder: &Path,
    plan: Option<&Plan>,
    keys: &PublicKeys,
    workers: Workers<'_>,
) -> Result<Survey, Error> {
    let Listing { place, archives: found, signed, others } = Listing::of(folder)?;
    let planned: BTreeSet<ObjectKey> =
        plan.into_iter().flat_map(Plan::archives).map(|archive| archive.key.clone()).collect();
    let all: Vec<&ObjectKey> = planned.union(&found).collect();
    if all.is_empty() {
        return Err(Error::NoArchives { path: folder.to_owned() });
    }
    let states = workers.each(&all, |key| match found.contains(*key) {
        true => state(&place, key, keys),
        false => Ok(SignatureState::Missing),
    })?;
    let mut coverage = Coverage::default();
    for (key, state) in all.into_iter().zip(states) {
        coverage.add(key.clone(), state);
    }
    for key in signed.difference(&found) {
        coverage.add(key.signature_key(), SignatureState::Orphan);
    }
    let absent = planned.difference(&found).cloned().collect();
    // Without a plan, no archive counts as unplanned.
    let unplanned_count = plan.map_or(0, |_| found.difference(&planned).count() as u64);
    Ok(Survey { coverage, absent, unplanned_count, others })
}

/// Returns the state of an archive in the folder `place`.
fn state(place: &Path, key: &ObjectKey, keys: &PublicKeys) -> Result<SignatureState, Error> {
    match SignatureFile::read(&place.join(key.signature_key().file_name()))? {
        SignatureFile::Nothing => Ok(SignatureState::Missing),
        SignatureFile::NoFile => {
            Ok(SignatureState::Malformed { detail: "not a regular file".to_owned() })
        }
        SignatureFile::Bytes(bytes) => {
            openpgp::check(&bytes, &place.join(key.file_name()), None, keys)
        }
    }
}
