//! Evidence that is too long for a row of a table.
//!
//! Reports for people show it below the table; the JSON form has it in the evidence. To add a kind of
//! evidence, add a variant of [`Detail`] and its rendering in `report/markdown`.

use super::FindingKind;

/// A piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail<'a> {
    /// Paths with a common label.
    Paths {
        /// The label: added, removed or changed.
        what: &'static str,
        /// The paths.
        paths: &'a [String],
    },
    /// A text of several lines, shown verbatim.
    Text {
        /// The language of the fenced code block: `diff` or `text`.
        language: &'static str,
        /// The text.
        text: &'a str,
    },
}

impl FindingKind {
    /// Returns the evidence that the message only summarizes, in reading order; empty for most kinds.
    pub fn details(&self) -> Vec<Detail<'_>> {
        let (added, removed, changed, text) = match self {
            FindingKind::ContentConflict { added, removed, changed, diff, .. } => {
                (added, removed, changed, diff)
            }
            // The message already contains the first line.
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
