//! A place of which only the static resources of some revisions are listed: `verify` lists all of them, which takes a
//! request for each thousand in a bucket.

use std::collections::BTreeMap;
use std::io;

use crate::error::Error;
use crate::model::package::{ObjectKey, RevisionId, STATIC_PREFIX};
use crate::v2::store::{Listed, Place, StoredObject, Wanted};

/// A place, as far as it is about some revisions.
pub(super) struct Narrowed<'p> {
    pub(super) place: &'p dyn Place,
    pub(super) revisions: &'p [&'p RevisionId],
}

impl Place for Narrowed<'_> {
    fn list(&self) -> Result<Option<Vec<String>>, Error> {
        self.place.list()
    }

    fn list_below(&self, prefix: &str) -> Result<Option<BTreeMap<String, Listed>>, Error> {
        if prefix != STATIC_PREFIX {
            return self.place.list_below(prefix);
        }
        let mut all = BTreeMap::new();
        for revision in self.revisions {
            match self.place.list_below(&format!("{STATIC_PREFIX}{revision}/"))? {
                Some(found) => all.extend(found),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    fn find(
        &self,
        key: &ObjectKey,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        self.place.find(key, wanted)
    }

    fn has_content_types(&self) -> bool {
        self.place.has_content_types()
    }

    fn read_len(&self) -> u64 {
        self.place.read_len()
    }

    fn lacks_range_support(&self) -> bool {
        self.place.lacks_range_support()
    }
}
