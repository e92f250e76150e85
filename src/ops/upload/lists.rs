//! The lists of the stores at the start of a run.

use std::collections::BTreeMap;

use super::Stores;
use super::objects::Object;
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::package::{ARCHIVE_PREFIX, METADATA_PREFIX, STATIC_PREFIX};
use crate::model::upload::{Layout, ObjectKind};
use crate::v2::store::bucket::Entry;

/// What is in the stores at the start.
pub(super) struct Lists {
    /// Archives, static resources, and signatures.
    pub(super) to: BTreeMap<String, Entry>,
    /// The objects of indexes.
    pub(super) internal: BTreeMap<String, Entry>,
}

impl Lists {
    pub(super) fn read(
        objects: &[Object<'_>],
        layout: Layout,
        stores: Stores<'_>,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let has = |wanted: &dyn Fn(ObjectKind) -> bool| objects.iter().any(|one| wanted(one.kind));
        let has_statics = has(&|kind| kind == ObjectKind::Static);
        let has_index = has(&ObjectKind::is_of_index);
        let prefixes: &[&str] = match layout {
            Layout::Queue => &[""],
            Layout::Bucket if has_statics => &[ARCHIVE_PREFIX, STATIC_PREFIX],
            Layout::Bucket => &[ARCHIVE_PREFIX],
        };
        let count = prefixes.len() + usize::from(has_index);
        observer.observe(Event::Started(Phase::ListingStore, count as u64));
        let mut lists = Lists { to: BTreeMap::new(), internal: BTreeMap::new() };
        for prefix in prefixes {
            lists.to.append(&mut stores.to.list_or_fail(prefix)?);
            observer.observe(Event::Advanced(0));
        }
        if has_index {
            lists.internal = stores.internal.list_or_fail(METADATA_PREFIX)?;
            observer.observe(Event::Advanced(0));
        }
        observer.observe(Event::Finished);
        Ok(lists)
    }

    pub(super) fn of(&self, object: &Object<'_>) -> &BTreeMap<String, Entry> {
        if object.kind.is_of_index() { &self.internal } else { &self.to }
    }
}
