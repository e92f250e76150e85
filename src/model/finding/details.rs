//! Evidence that takes more room than a line of a table.
//!
//! A report shows it below the line; the JSON form has it among the evidence anyway. A new kind of
//! evidence is a variant of [`Detail`], and a way to show it in `report/markdown`.

use super::FindingKind;

/// A piece of evidence, in the order in which it is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail<'a> {
    /// Paths, and what is said of each.
    Paths {
        /// In a word: added, removed, changed.
        what: &'static str,
        /// The paths.
        paths: &'a [String],
    },
    /// A text of several lines, shown as it is.
    Text {
        /// What it is in, as fenced code names it: `diff`.
        language: &'static str,
        /// The text.
        text: &'a str,
    },
}

impl FindingKind {
    /// The evidence that its message only counts; most kinds have none.
    pub fn details(&self) -> Vec<Detail<'_>> {
        match self {
            FindingKind::ContentConflict {
                winner: _,
                added,
                removed,
                changed,
                class: _,
                diff: text,
            } => {
                let paths = [("added", added), ("removed", removed), ("changed", changed)]
                    .into_iter()
                    .filter(|(_, paths)| !paths.is_empty())
                    .map(|(what, paths)| Detail::Paths { what, paths });
                let diff = Detail::Text { language: "diff", text };
                paths.chain((!text.is_empty()).then_some(diff)).collect()
            }
            FindingKind::IdenticalCopy { .. }
            | FindingKind::ModeOnly { .. }
            | FindingKind::MarkerPackage
            | FindingKind::StrayEntry { .. }
            | FindingKind::EmptyStage
            | FindingKind::StaleBranch { .. }
            | FindingKind::ShallowHistory { .. }
            | FindingKind::InvalidName { .. }
            | FindingKind::InvalidVersion { .. }
            | FindingKind::MissingObject { .. }
            | FindingKind::CorruptObject { .. }
            | FindingKind::UnsupportedEntry { .. }
            | FindingKind::UnsafePath { .. }
            | FindingKind::UnportablePath { .. }
            | FindingKind::PathCollision { .. }
            | FindingKind::KeyCollision { .. }
            | FindingKind::EqualPrecedence { .. }
            | FindingKind::ExposesUnpromoted { .. }
            | FindingKind::TooManyEntries { .. }
            | FindingKind::Undecided { .. }
            | FindingKind::ManifestMissing
            | FindingKind::ManifestUnreadable { .. }
            | FindingKind::ManifestAmbiguous { .. }
            | FindingKind::ManifestMismatch { .. }
            | FindingKind::NotLoadable { .. }
            | FindingKind::ReleaseContradiction { .. } => Vec::new(),
        }
    }
}
