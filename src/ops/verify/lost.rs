//! Archives that a plan has, and neither v1 nor v2: planned of another v1, and never arrived.
//!
//! What v1 has is looked for revision by revision; only a plan can tell of the rest.

use std::sync::atomic::AtomicBool;

use super::surplus::{Known, in_sample};
use crate::error::Error;
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::plan::{ArchiveUpload, Plan};
use crate::parallel;
use crate::v2::store::{Place, Wanted};

/// Looks with `jobs` threads for the archives of `plan` that v1 does not know; tells those that v2
/// does not have either.
///
/// `names` are those of all files of the place, sorted, if it can be listed; else it is asked for each.
///
/// # Errors
/// [`Error::Interrupted`]; [`Error::Workers`].
pub(super) fn lost(
    plan: &Plan,
    known: &Known<'_>,
    (place, names): (&dyn Place, Option<&[String]>),
    jobs: usize,
    interrupt: &AtomicBool,
) -> Result<Vec<Mismatch>, Error> {
    let unknown: Vec<&ArchiveUpload> =
        plan.archives().filter(|archive| is_unknown(archive, known)).collect();
    let told = parallel::each(jobs, interrupt, &unknown, |archive| {
        let name = archive.key.file_name();
        let is_there = match names {
            Some(names) => Ok(names.binary_search_by(|there| there.as_str().cmp(name)).is_ok()),
            None => place.find(&archive.key, Wanted::Claims).map(|found| found.is_some()),
        };
        let kind = match is_there {
            Ok(true) => return Ok(None),
            Ok(false) => MismatchKind::PlanDisagreement {
                field: "key".to_owned(),
                planned: archive.key.to_string(),
                found: String::new(),
            },
            Err(error) => MismatchKind::ArchiveUnreachable { detail: error.to_string() },
        };
        Ok(Some(Mismatch { object: name.to_owned(), path: None, kind }))
    })?;
    Ok(told.into_iter().flatten().collect())
}

/// Tells whether v1 has no such revision, although it was asked for.
fn is_unknown(archive: &ArchiveUpload, known: &Known<'_>) -> bool {
    let name = archive.key.file_name();
    !known.archives.contains(name)
        && !known.unlisted_packages.contains(&archive.package)
        && known.scope.contains(&archive.package, &archive.version)
        && in_sample(known.sample, name.strip_suffix(".zip").unwrap_or(name))
}
