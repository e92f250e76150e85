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
        /// What it is in, as fenced code names it: `diff`, `text`.
        language: &'static str,
        /// The text.
        text: &'a str,
    },
}

impl FindingKind {
    /// The evidence that its message only counts; most kinds have none.
    pub fn details(&self) -> Vec<Detail<'_>> {
        let (added, removed, changed, text) = match self {
            FindingKind::ContentConflict { added, removed, changed, diff, .. } => {
                (added, removed, changed, diff)
            }
            // The message has the first line.
            FindingKind::ValidationFailed { output, .. }
            | FindingKind::NotValidated { output, .. }
                if output.contains('\n') =>
            {
                return vec![Detail::Text { language: "text", text: output }];
            }
            _ => return Vec::new(),
        };
        let paths = [("added", added), ("removed", removed), ("changed", changed)]
            .into_iter()
            .filter(|(_, paths)| !paths.is_empty())
            .map(|(what, paths)| Detail::Paths { what, paths });
        let diff = Detail::Text { language: "diff", text };
        paths.chain((!text.is_empty()).then_some(diff)).collect()
    }
}
