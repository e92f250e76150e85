//! The lists of the stores at the start of a run.

use std::collections::{BTreeMap, HashSet};

use super::objects::Object;
use super::published::Published;
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
        [to, internal]: [&dyn Published; 2],
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
            lists.to.append(&mut to.list(prefix)?);
            observer.observe(Event::Advanced(0));
        }
        if has_index {
            lists.internal = internal.list(METADATA_PREFIX)?;
            observer.observe(Event::Advanced(0));
        }
        observer.observe(Event::Finished);
        Ok(lists)
    }

    /// Counts the archives, signatures and static resources that are none of these objects.
    pub(super) fn others(&self, objects: &[Object<'_>]) -> BTreeMap<ObjectKind, u64> {
        let planned: HashSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let mut others = BTreeMap::new();
        for key in self.to.keys().filter(|key| !planned.contains(key.as_str())) {
            let kind = match key {
                key if key.starts_with(STATIC_PREFIX) => ObjectKind::Static,
                key if key.ends_with(".zip") => ObjectKind::Archive,
                key if key.ends_with(".zip.sig") => ObjectKind::Signature,
                // Neither is an object of v2.
                _ => continue,
            };
            *others.entry(kind).or_default() += 1;
        }
        others
    }

    pub(super) fn of(&self, object: &Object<'_>) -> &BTreeMap<String, Entry> {
        if object.kind.is_of_index() { &self.internal } else { &self.to }
    }
}
