//! Selects an object of each kind that v2 has, and reads it through the endpoint of registries.
//!
//! The smallest ones, since each is read twice; always the same ones for the same v2.

use super::static_listing::{ExpectedStatic, StaticListing};
use super::surplus::is_listed;
use crate::model::package::{ObjectKey, RevisionId};
use crate::model::verification::{EndpointKind, EndpointResult};
use crate::ops::endpoint::{Endpoint, bytes_of};
use crate::v2::index::cursor_key;
use crate::v2::store::{Place, Wanted};

/// Number of objects that are looked for where v2 cannot be listed.
const TRIES: usize = 16;

/// Where objects are selected.
pub(super) struct EndpointRun<'r> {
    pub(super) place: &'r dyn Place,
    /// The sorted names of all files among the archives, if the place can be listed.
    pub(super) names: Option<&'r [String]>,
    /// Whether the index is looked at, and in the same place.
    pub(super) has_index: bool,
}

impl EndpointRun<'_> {
    /// Reads an archive, its signature, a static resource and the cursor, as far as they exist.
    pub(super) fn read(
        &self,
        endpoint: &Endpoint,
        archive: Option<ObjectKey>,
        of_static: Option<ObjectKey>,
    ) -> EndpointResult {
        let signature = archive.as_ref().map(ObjectKey::signature_key);
        let signature = signature.filter(|key| match self.names {
            Some(names) => is_listed(names, key.file_name()),
            None => self.may_exist(key),
        });
        let cursor = Some(cursor_key()).filter(|key| self.has_index && self.may_exist(key));
        let kinds = [
            (EndpointKind::Archive, archive),
            (EndpointKind::Signature, signature),
            (EndpointKind::Static, of_static),
            (EndpointKind::Cursor, cursor),
        ];
        let there = kinds.into_iter().filter_map(|(kind, key)| Some((kind, key?)));
        let read = |(kind, key): (EndpointKind, ObjectKey)| {
            let stored = || bytes_of(self.place, &key);
            endpoint.read(kind, key.clone(), &stored)
        };
        EndpointResult { objects: there.map(read).collect() }
    }

    /// Selects an archive that exists, with a signature if some have one.
    pub(super) fn archive<'e>(
        &self,
        expected: impl Iterator<Item = &'e RevisionId>,
    ) -> Option<ObjectKey> {
        let mut keys: Vec<ObjectKey> = expected.map(RevisionId::archive_key).collect();
        keys.sort_unstable();
        let Some(names) = self.names else { return self.first(keys) };
        keys.retain(|key| is_listed(names, key.file_name()));
        let is_signed = |key: &ObjectKey| is_listed(names, key.signature_key().file_name());
        if keys.iter().any(is_signed) {
            keys.retain(is_signed);
        }
        // Sizes of listed objects take no request. One whose size is unknown is the last choice.
        let len = |key: &ObjectKey| match self.place.find(key, Wanted::Claims) {
            Ok(Some(object)) => object.len(),
            Ok(None) | Err(_) => u64::MAX,
        };
        keys.into_iter().min_by_key(len)
    }

    /// Selects a static resource that exists, if possible one that is not empty.
    pub(super) fn of_static(
        &self,
        expected: &[ExpectedStatic],
        listing: Option<&StaticListing>,
    ) -> Option<ObjectKey> {
        let mut smallest: Vec<&ExpectedStatic> = expected.iter().collect();
        smallest.sort_unstable_by_key(|one| (one.len == 0, one.len, &one.key));
        let mut keys = smallest.into_iter().map(|one| &one.key);
        match listing {
            Some(listing) => keys.find(|key| listing.len_of(key).is_ok()).cloned(),
            None => self.first(keys.cloned()),
        }
    }

    /// Returns the first object that exists, of a place that cannot be listed.
    fn first(&self, keys: impl IntoIterator<Item = ObjectKey>) -> Option<ObjectKey> {
        keys.into_iter().take(TRIES).find(|key| self.may_exist(key))
    }

    /// Returns whether an object exists or cannot be looked at; then reading it reports why.
    fn may_exist(&self, key: &ObjectKey) -> bool {
        !matches!(self.place.find(key, Wanted::Claims), Ok(None))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io;

    use super::*;
    use crate::error::Error;
    use crate::model::content::ObjectId;
    use crate::v2::store::{Listed, StoredObject};

    /// A place in which nothing can be looked at, so that anything may exist.
    struct Broken;

    impl Place for Broken {
        fn list(&self) -> Result<Option<Vec<String>>, Error> {
            Ok(None)
        }

        fn list_below(&self, _: &str) -> Result<Option<BTreeMap<String, Listed>>, Error> {
            Ok(None)
        }

        fn find(&self, _: &ObjectKey, _: Wanted) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
            Err(io::ErrorKind::TimedOut.into())
        }

        fn read_len(&self) -> u64 {
            0
        }
    }

    #[test]
    fn the_smallest_static_resource_that_is_not_empty_is_selected() {
        let expected = |name: &str, len| ExpectedStatic {
            revision: 0,
            key: format!("artifacts/static/a-1.0.0/{name}").try_into().expect("a key"),
            blob_id: ObjectId([0; 20]),
            len,
        };
        /// Expected files with their sizes, those that v2 has, and the selected one.
        type Row<'r> = (&'r [(&'r str, u64)], &'r [&'r str], Option<&'r str>);
        let rows: [Row<'_>; 5] = [
            (&[("a", 9), ("c", 5), ("b", 5)], &["a", "b", "c"], Some("b")),
            (&[("a", 9), ("b", 5), ("c", 0)], &["a", "b", "c"], Some("b")),
            (&[("a", 9), ("b", 5), ("c", 0)], &["a", "c"], Some("a")),
            (&[("a", 9), ("b", 5), ("c", 0)], &["c"], Some("c")),
            (&[("a", 9)], &[], None),
        ];
        let run = EndpointRun { place: &Broken, names: None, has_index: false };
        for (all, listed, selected) in rows {
            let all: Vec<_> = all.iter().map(|(name, len)| expected(name, *len)).collect();
            let listed: BTreeMap<String, Listed> = all
                .iter()
                .filter(|one| listed.contains(&one.key.file_name()))
                .map(|one| (one.key.to_string(), Listed::Object { len: one.len }))
                .collect();
            let found = run.of_static(&all, Some(&StaticListing::new(listed, &all)));
            assert_eq!(found.as_ref().map(ObjectKey::file_name), selected);
        }
    }

    /// What cannot be looked at is selected, so that reading it reports why.
    #[test]
    fn a_place_that_is_broken_is_reported_by_reading() {
        let run = EndpointRun { place: &Broken, names: None, has_index: true };
        let revision: RevisionId =
            RevisionId::new("a".parse().expect("a name"), "1.0.0".parse().expect("a version"))
                .expect("a revision");
        assert_eq!(run.archive([&revision].into_iter()), Some(revision.archive_key()));
        assert!(run.may_exist(&cursor_key()));
    }
}
