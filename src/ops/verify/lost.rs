//! Finds objects that are in a plan but neither in v1 nor in v2: planned from another state of v1, and
//! never uploaded.
//!
//! The comparison of revisions cannot find them, because it only covers revisions of v1.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use super::static_listing::StaticListing;
use super::surplus::{Known, in_sample, is_listed};
use crate::error::Error;
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::ObjectKey;
use crate::model::plan::{ArchiveUpload, Plan, StaticUpload};
use crate::parallel;
use crate::v2::store::{Place, Wanted};

/// Returns the archives of `plan` that are neither in v1 nor in v2, using `jobs` threads.
///
/// `names` are the sorted names of all files in v2, if it can be listed; otherwise each archive is
/// looked up.
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
    let mismatches = parallel::each(jobs, interrupt, &unknown, |archive| {
        let name = archive.key.file_name();
        let exists = match names {
            Some(names) => Ok(is_listed(names, name)),
            None => place.find(&archive.key, Wanted::Claims).map(|found| found.is_some()),
        };
        let kind = match exists {
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
    Ok(mismatches.into_iter().flatten().collect())
}

/// Returns the static resources of `plan` that are neither among the `expected` keys nor in v2, using `jobs` threads;
/// not those of archives that [`lost`] reports.
///
/// # Errors
/// [`Error::Interrupted`]; [`Error::Workers`].
pub(super) fn lost_statics(
    plan: &Plan,
    known: &Known<'_>,
    expected: &BTreeSet<&str>,
    (place, listing): (&dyn Place, Option<&StaticListing>),
    (jobs, interrupt): (usize, &AtomicBool),
) -> Result<Vec<Mismatch>, Error> {
    let unknown: Vec<&StaticUpload> = plan
        .statics()
        .filter(|upload| {
            let (from, key) = (upload.from(), upload.key());
            let stem = format!("{}-{}", from.package, from.version);
            !expected.contains(key.as_str())
                && known.archives.contains(&format!("{stem}.zip"))
                && known.scope.contains(&from.package, &from.version)
                && in_sample(known.sample, &stem)
        })
        .collect();
    let mismatches = parallel::each(jobs, interrupt, &unknown, |upload| {
        let key: &ObjectKey = upload.key();
        let exists = match listing {
            Some(listing) => Ok(listing.len_of(key).is_ok()),
            None => place.find(key, Wanted::Claims).map(|found| found.is_some()),
        };
        let kind = match exists {
            Ok(true) => return Ok(None),
            Ok(false) => MismatchKind::PlanDisagreement {
                field: "key".to_owned(),
                planned: key.to_string(),
                found: String::new(),
            },
            Err(error) => MismatchKind::StaticUnreachable { detail: error.to_string() },
        };
        Ok(Some(Mismatch::of_object(key, kind)))
    })?;
    Ok(mismatches.into_iter().flatten().collect())
}

/// Returns whether an archive is in the scope and the sample, but not in v1.
fn is_unknown(archive: &ArchiveUpload, known: &Known<'_>) -> bool {
    let name = archive.key.file_name();
    !known.archives.contains(name)
        && !known.unlisted_packages.contains(&archive.package)
        && known.scope.contains(&archive.package, &archive.version)
        && in_sample(known.sample, name.strip_suffix(".zip").unwrap_or(name))
}
