//! Finds extra objects in v2: archives of revisions that v1 does not have, and signatures without an
//! archive.
//!
//! Pure: names in, mismatches out.

use std::collections::BTreeSet;

use crate::model::mismatch::{Extras, Mismatch, MismatchKind};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::signature_status::SignatureState;

/// The objects that are expected in v2.
pub(super) struct Known<'k> {
    /// The names of the archives that v2 should have, `<name>-<version>.zip`.
    pub(super) archives: BTreeSet<String>,
    /// Packages whose revisions are not all known.
    pub(super) unlisted_packages: BTreeSet<String>,
    pub(super) scope: &'k Scope,
    pub(super) sample: Shard,
    pub(super) extras: Extras,
}

/// Returns whether the sorted names of a list have this one.
pub(super) fn is_listed(names: &[String], name: &str) -> bool {
    names.binary_search_by(|found| found.as_str().cmp(name)).is_ok()
}

const ARCHIVE_SUFFIX: &str = ".zip";
const SIGNATURE_SUFFIX: &str = ".sig";

impl Known<'_> {
    /// Returns a mismatch for each extra object; `names` are the names of all files in v2.
    pub(super) fn surplus(&self, names: &[String]) -> Vec<Mismatch> {
        let existing: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let mismatches = names.iter().filter_map(|name| {
            let kind = self.kind(name, &existing)?;
            Some(Mismatch { object: name.clone(), path: None, kind })
        });
        mismatches.collect()
    }

    fn kind(&self, name: &str, existing: &BTreeSet<&str>) -> Option<MismatchKind> {
        let archive = name
            .strip_suffix(SIGNATURE_SUFFIX)
            .filter(|archive| archive.ends_with(ARCHIVE_SUFFIX))
            .unwrap_or(name);
        let stem = archive.strip_suffix(ARCHIVE_SUFFIX).unwrap_or(archive);
        if !in_sample(self.sample, stem) {
            return None;
        }
        if archive != name {
            let is_orphan = !existing.contains(archive);
            return is_orphan.then_some(MismatchKind::Signature(SignatureState::Orphan));
        }
        let is_known = self.archives.contains(name);
        (self.is_in_scope(stem) && !is_known).then_some(MismatchKind::ArchiveExtra)
    }

    /// Returns whether an object of the revision `<name>-<version>` is extra if it is not expected: with extras allowed,
    /// only in the scope, and never if not all revisions of its package are known.
    pub(super) fn is_in_scope(&self, stem: &str) -> bool {
        // A package name has no dash.
        let (package, version) = stem.split_once('-').unwrap_or((stem, ""));
        let is_in_scope = match self.extras {
            Extras::Refused => true,
            Extras::Allowed => self.scope.contains(package, version),
        };
        is_in_scope && !self.unlisted_packages.contains(package)
    }
}

/// Returns whether a slice contains the revision or object with this name (without `.zip`).
///
/// Defined like [`Shard::contains`], but over `<name>-<version>`.
pub(super) fn in_sample(sample: Shard, stem: &str) -> bool {
    sample.contains(stem.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(known: &Known<'_>, names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let line = |mismatch: Mismatch| match mismatch.kind {
            MismatchKind::ArchiveExtra => format!("extra {}", mismatch.object),
            MismatchKind::Signature(SignatureState::Orphan) => {
                format!("orphan {}", mismatch.object)
            }
            other => panic!("unexpected kind: {other:?}"),
        };
        known.surplus(&names).into_iter().map(line).collect()
    }

    fn known<'k>(scope: &'k Scope, sample: Shard, extras: Extras) -> Known<'k> {
        Known {
            archives: ["a-1.0.0.zip", "a_b-1.0.0-rc.1.zip"].map(str::to_owned).into(),
            unlisted_packages: ["lost".to_owned()].into(),
            scope,
            sample,
            extras,
        }
    }

    #[test]
    fn archives_unknown_to_v1_are_extra_and_signatures_need_their_archive() {
        let scope = Scope::default();
        let rows: [(&[&str], &[&str]); 11] = [
            (&["a-1.0.0.zip", "a_b-1.0.0-rc.1.zip"], &[]),
            (&["a-1.0.0.zip", "a-1.0.0.zip.sig"], &[]),
            (&["a-1.0.0.zip.sig"], &["orphan a-1.0.0.zip.sig"]),
            (&["A-1.0.0.zip"], &["extra A-1.0.0.zip"]),
            (&["a-1.0.0.ZIP"], &["extra a-1.0.0.ZIP"]),
            (&["a-1.0.1.zip", "a-1.0.1.zip.sig"], &["extra a-1.0.1.zip"]),
            (&["a-1.0.0.zip.asc", "note.txt"], &["extra a-1.0.0.zip.asc", "extra note.txt"]),
            (&["a-1.0.0.sig"], &["extra a-1.0.0.sig"]),
            (&["static/"], &["extra static/"]),
            (&["lost-1.0.0.zip", "lostx-1.0.0.zip"], &["extra lostx-1.0.0.zip"]),
            (&[], &[]),
        ];
        for (names, expected) in rows {
            let known = known(&scope, Shard::WHOLE, Extras::Allowed);
            assert_eq!(lines(&known, names), expected, "{names:?}");
        }
    }

    #[test]
    fn excluded_archives_are_extra_only_if_extras_are_refused() {
        let scope =
            Scope { exclude: ["a-2.*".parse().expect("a glob")].into(), ..Scope::default() };
        let names = ["a-1.0.0.zip", "a-2.0.0.zip", "b-1.0.0.zip"];
        let allowed = known(&scope, Shard::WHOLE, Extras::Allowed);
        assert_eq!(lines(&allowed, &names), ["extra b-1.0.0.zip"]);
        let refused = known(&scope, Shard::WHOLE, Extras::Refused);
        assert_eq!(lines(&refused, &names), ["extra a-2.0.0.zip", "extra b-1.0.0.zip"]);
    }

    #[test]
    fn every_extra_object_is_in_exactly_one_slice() {
        let scope = Scope::default();
        let names: Vec<String> = (0..50)
            .flat_map(|n| [format!("x-{n}.0.0.zip"), format!("y-{n}.0.0.zip.sig")])
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut all = Vec::new();
        for slice in ["1/3", "2/3", "3/3"] {
            let sample = slice.parse().expect("a slice");
            all.extend(lines(&known(&scope, sample, Extras::Allowed), &names));
        }
        all.sort();
        let mut whole = lines(&known(&scope, Shard::WHOLE, Extras::Allowed), &names);
        whole.sort();
        assert_eq!((all.len(), all), (100, whole));
    }
}
