//! Sentences on the static resources and the search index of a plan, for people.

use crate::model::plan::{IndexCounts, PlannedIndex};
use crate::model::resources::StaticCounts;
use crate::report::text::grouped;

/// Returns the number of static resources and their size.
pub(super) fn statics(counts: StaticCounts) -> String {
    let StaticCounts { objects, bytes } = counts;
    format!("Static resources: {} with {} bytes.", grouped(objects), grouped(bytes))
}

/// Returns the number of entries, and if a published index is continued, what becomes of its entries.
pub(super) fn index(index: &PlannedIndex) -> String {
    let PlannedIndex { cursor, base, counts, .. } = index;
    let IndexCounts { entries, published, added, updated } = *counts;
    let [entries, published, added, updated] = [entries, published, added, updated].map(grouped);
    match base {
        Some(base) => format!(
            "Search index {cursor}: {entries} entries, {added} added to index {}, {updated} with a new signature, {published} unchanged.",
            base.cursor
        ),
        None => format!("Search index {cursor}: {entries} entries."),
    }
}
