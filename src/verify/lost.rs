//! Archives that a plan has, and neither v1 nor v2: planned of another v1, and never arrived.
//!
//! What v1 has is looked for revision by revision; only a plan can tell of the rest. Called by
//! `verify`.

use super::surplus::{Known, in_sample};
use crate::mismatch::{Mismatch, MismatchKind};
use crate::place::{Place, Wanted};
use crate::plan::Plan;

/// Looks for the archives of `plan` that v1 does not know; tells those that v2 does not have either.
///
/// `names` are those of all files of the place, if it can be listed; else it is asked for each.
pub(super) fn lost(
    plan: &Plan,
    known: &Known<'_>,
    place: &dyn Place,
    names: Option<&[String]>,
) -> Vec<Mismatch> {
    let told = plan.archives().filter_map(|archive| {
        let name = archive.key.file_name();
        let is_of_concern = !known.archives.contains(name)
            && !known.unlisted_packages.contains(&archive.package)
            && known.scope.holds(&archive.package, &archive.version)
            && in_sample(known.sample, name.strip_suffix(".zip").unwrap_or(name));
        if !is_of_concern {
            return None;
        }
        let is_there = match names {
            Some(names) => Ok(names.iter().any(|there| there == name)),
            None => place.find(&archive.key, Wanted::Claims).map(|found| found.is_some()),
        };
        let kind = match is_there {
            Ok(true) => return None,
            Ok(false) => MismatchKind::PlanDisagreement {
                field: "key".to_owned(),
                planned: archive.key.to_string(),
                found: String::new(),
            },
            Err(error) => MismatchKind::ArchiveUnreachable { detail: error.to_string() },
        };
        Some(Mismatch { object: name.to_owned(), path: None, kind })
    });
    told.collect()
}
