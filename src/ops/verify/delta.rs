//! Compares the list of changes with the index, and with the base index if it is known.
//!
//! A registry that loads deltas applies `removed`, then `added`, then `updated` to what it has (package-registry 1.40.1,
//! `internal/storage/delta.go`); the result must be the index.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value;

use super::index_entry::{IndexEntry, Stated, stem};
use super::index_place::unreachable;
use super::planned::PlannedObject;
use crate::digest::Sha256;
use crate::model::content::escape;
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::{ObjectKey, PackageVersion};
use crate::rules::index::EntryId;
use crate::v2::store::{Description, Place, Wanted};

/// The maximum length of a delta in bytes, which is read as a whole.
const MAX_LEN: u64 = 1 << 30;

/// Entries by revision.
pub(super) type Entries = BTreeMap<EntryId, Stated>;

/// The changes.
#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    added: Items,
    #[serde(default)]
    updated: Items,
    #[serde(default)]
    removed: Vec<Removed>,
}

#[derive(Default)]
struct Items(Vec<(EntryId, Stated)>);

#[derive(Deserialize)]
struct Removed {
    name: String,
    version: String,
}

impl<'de> Deserialize<'de> for Items {
    /// Keeps only digests, one entry after the other.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;
        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Items;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of entries")
            }

            fn visit_unit<E>(self) -> Result<Items, E> {
                Ok(Items::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items, A::Error> {
                let mut items = Items::default();
                while let Some(item) = list.next_element::<Value>()? {
                    let IndexEntry { id, stated, .. } =
                        IndexEntry::of_item(item).map_err(A::Error::custom)?;
                    items.0.push((id, stated));
                }
                Ok(items)
            }
        }
        from.deserialize_any(ItemsVisitor)
    }
}

/// What was found of a delta.
#[derive(Default)]
pub(super) struct ComparedDelta {
    pub(super) mismatches: Vec<Mismatch>,
    /// What is stated about it, if it is there.
    pub(super) stated: Option<Option<Description>>,
}

impl ComparedDelta {
    fn of(mismatches: Vec<Mismatch>, stated: Option<Option<Description>>) -> Self {
        ComparedDelta { mismatches, stated }
    }
}

/// Returns the mismatches of the delta with this key, if there is one.
pub(super) fn compare(
    (place, key, planned): (&dyn Place, &ObjectKey, Option<PlannedObject>),
    index: &Entries,
    base: Option<&Entries>,
) -> ComparedDelta {
    let object = match place.find(key, Wanted::Whole) {
        Ok(Some(object)) => object,
        // Optional: the registry reads the whole index instead.
        Ok(None) => return ComparedDelta::default(),
        Err(error) => return ComparedDelta::of(vec![unreachable(key, &error)], None),
    };
    let stated = Some(object.description().cloned());
    let unreadable = |detail| {
        let kind = MismatchKind::DeltaUnreadable { detail };
        ComparedDelta::of(vec![Mismatch::of_object(key, kind)], stated.clone())
    };
    if object.len() > MAX_LEN {
        return unreadable(format!("it is longer than {MAX_LEN} bytes"));
    }
    let mut text = vec![0; object.len() as usize];
    if let Err(error) = object.read_exact_at(&mut text, 0) {
        return ComparedDelta::of(vec![unreachable(key, &error)], stated);
    }
    let delta: Delta = match serde_json::from_slice(&text) {
        Ok(delta) => delta,
        Err(error) => return unreadable(error.to_string()),
    };
    // Another tool may publish one that the plan does not have.
    let planned = planned.filter(|planned| planned.is_planned());
    let of_plan =
        planned.map(|planned| planned.compare_bytes(key.as_str(), object.len(), Sha256::of(&text)));
    let of_plan = of_plan.unwrap_or_default().into_iter();
    let of_plan = of_plan.map(|kind| Mismatch::of_object(key, kind));
    let object = escape(key.as_str().as_bytes());
    let mismatch = |(path, detail): (String, String)| Mismatch {
        object: object.clone(),
        path: Some(path),
        kind: MismatchKind::DeltaDiffers { detail },
    };
    let of_entries = delta.differences(index, base).into_iter().map(mismatch);
    ComparedDelta::of(of_plan.chain(of_entries).collect(), stated)
}

impl Delta {
    fn differences(&self, index: &Entries, base: Option<&Entries>) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let lists = [("added", &self.added, false), ("updated", &self.updated, true)];
        for (list, Items(items), is_in_base) in lists {
            for (id, stated) in items {
                let fault = if !seen.insert(id) {
                    "the delta has it twice".to_owned()
                } else if index.get(id) != Some(stated) {
                    format!("the index has not the entry that the delta lists as {list}")
                } else if base.is_some_and(|base| base.contains_key(id) != is_in_base) {
                    format!("the delta lists it as {list}, which contradicts the base index")
                } else {
                    continue;
                };
                found.push((stem(id), fault));
            }
        }
        for Removed { name, version } in &self.removed {
            let is_in_index = version
                .parse::<PackageVersion>()
                .is_ok_and(|version| index.contains_key(&EntryId { name: name.clone(), version }));
            if is_in_index {
                let fault = "the delta lists it as removed, the index has it".to_owned();
                found.push((format!("{name}-{version}"), fault));
            }
        }
        let Some(base) = base else { return found };
        for (id, stated) in index {
            if base.get(id) != Some(stated) && !seen.contains(id) {
                found.push((stem(id), "the delta lacks this change".to_owned()));
            }
        }
        found
    }
}
