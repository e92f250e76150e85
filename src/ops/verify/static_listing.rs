//! The listed static resources of v2: which of the expected ones exist, and which objects are extra.
//!
//! Pure: a listing and keys in, mismatches out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::surplus::{Known, in_sample};
use crate::model::content::{ObjectId, escape};
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::{ObjectKey, STATIC_PREFIX};
use crate::v2::store::Listed;

/// A static resource that v2 should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedStatic {
    /// The position of its revision among those to check.
    pub(super) revision: usize,
    pub(super) key: ObjectKey,
    pub(super) blob_id: ObjectId,
    /// Size in bytes.
    pub(super) len: u64,
}

/// The objects below `artifacts/static/`, and which of them are expected.
pub(super) struct StaticListing {
    listed: BTreeMap<String, Listed>,
    /// Objects that are not expected, by their keys in lower case.
    by_lower: HashMap<String, String>,
    expected: BTreeSet<String>,
}

impl StaticListing {
    pub(super) fn new(listed: BTreeMap<String, Listed>, expected: &[ExpectedStatic]) -> Self {
        let expected: BTreeSet<String> =
            expected.iter().map(|one| escape(one.key.as_str().as_bytes())).collect();
        let others = listed.iter().filter(|(key, found)| {
            matches!(found, Listed::Object { .. }) && !expected.contains(*key)
        });
        let by_lower = others.map(|(key, _)| (key.to_lowercase(), key.clone())).collect();
        StaticListing { listed, by_lower, expected }
    }

    /// Returns the size of an object.
    ///
    /// # Errors
    /// There is no such object: the mismatch that says so.
    pub(super) fn len_of(&self, key: &ObjectKey) -> Result<u64, Box<Mismatch>> {
        let shown = escape(key.as_str().as_bytes());
        if let Some(Listed::Object { len }) = self.listed.get(&shown) {
            return Ok(*len);
        }
        if let Some((object, found)) = self.obstacle(&shown) {
            let kind = MismatchKind::StaticNotAFile { found: found.to_owned() };
            return Err(Mismatch { object: object.to_owned(), path: None, kind }.into());
        }
        let kind = match self.by_lower.get(&shown.to_lowercase()) {
            Some(found) => MismatchKind::StaticCase { found: found.clone() },
            None => MismatchKind::StaticMissing { object_count: 1 },
        };
        Err(Mismatch::of_object(key, kind).into())
    }

    /// Returns what is in the place of an object or of a folder above it.
    fn obstacle<'k>(&self, key: &'k str) -> Option<(&'k str, &'static str)> {
        let ends = key.match_indices('/').map(|(at, _)| at).chain([key.len()]);
        for end in ends.filter(|end| *end > STATIC_PREFIX.len()) {
            let found = match self.listed.get(&key[..end]) {
                Some(Listed::Link) => "symbolic link",
                Some(Listed::Special) => "special file",
                Some(Listed::Folder) if end == key.len() => "folder",
                Some(Listed::Object { .. }) if end < key.len() => "file",
                Some(Listed::Folder | Listed::Object { .. }) | None => continue,
            };
            return Some((&key[..end], found));
        }
        None
    }

    /// Returns a mismatch for each object that v1 does not have; those of a revision that v1 does not have are
    /// reported together. `unknown` are the revisions whose files are unknown.
    pub(super) fn surplus(&self, known: &Known<'_>, unknown: &BTreeSet<String>) -> Vec<Mismatch> {
        let lowers: BTreeSet<String> = self
            .expected
            .iter()
            .filter(|key| !self.listed.contains_key(*key))
            .map(|key| key.to_lowercase())
            .collect();
        let obstacles: BTreeSet<&str> = self
            .expected
            .iter()
            .filter_map(|key| self.obstacle(key).map(|(object, _)| object))
            .collect();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (key, found) in &self.listed {
            let is_reported =
                lowers.contains(&key.to_lowercase()) || obstacles.contains(key.as_str());
            if *found == Listed::Folder || self.expected.contains(key) || is_reported {
                continue;
            }
            let below = key.strip_prefix(STATIC_PREFIX).unwrap_or(key);
            let stem = below.split('/').next().unwrap_or(below);
            if !in_sample(known.sample, stem) || unknown.contains(stem) || !known.is_in_scope(stem)
            {
                continue;
            }
            let is_single = stem == below || known.archives.contains(&format!("{stem}.zip"));
            let object = match is_single {
                true => key.clone(),
                false => format!("{STATIC_PREFIX}{stem}/"),
            };
            *counts.entry(object).or_default() += 1;
        }
        let mismatch = |(object, object_count)| Mismatch {
            object,
            path: None,
            kind: MismatchKind::StaticExtra { object_count },
        };
        counts.into_iter().map(mismatch).collect()
    }
}
