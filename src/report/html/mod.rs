//! What all HTML reports share: the page around them, the list of findings, and texts from a repository.
//!
//! A page is one file without references to others. Its policy allows only the style and the script that are part of
//! it, by their digests, so that nothing else would run or be loaded even if an escape were missing. Askama escapes
//! every value; only these two constants are inserted as they are. One template per report in `templates/`.

pub(super) mod bar;
pub(super) mod findings;
pub(super) mod text;

use crate::digest::Sha256;
use crate::model::plan::{Source, Tool};

use text::Text;

/// The style of every page.
const STYLE: &str = include_str!("../../../templates/report.css");
/// The script of every page: filters, sorting, and rows that unfold. Everything else works without it.
const SCRIPT: &str = include_str!("../../../templates/report.js");

/// The parts of a page that are the same in each report.
pub(super) struct Page {
    /// The title, also of the window.
    pub(super) title: &'static str,
    /// Name and version of the tool.
    pub(super) tool: String,
    /// The stages that were read.
    pub(super) source: Vec<ReadStage>,
}

/// A stage that was read.
pub(super) struct ReadStage {
    pub(super) stage: &'static str,
    pub(super) reference: Text,
    pub(super) commit: Text,
}

impl Page {
    pub(super) fn of(title: &'static str, tool: &Tool, source: &Source) -> Self {
        let stages = source.stages.iter().map(|at| ReadStage {
            stage: at.stage.into(),
            reference: Text::of(&at.reference),
            commit: Text::of(&at.commit),
        });
        Page { title, tool: format!("{} {}", tool.name, tool.version), source: stages.collect() }
    }

    pub(super) fn style(&self) -> &'static str {
        STYLE
    }

    pub(super) fn script(&self) -> &'static str {
        SCRIPT
    }

    /// Returns the Content-Security-Policy.
    pub(super) fn policy(&self) -> String {
        let [style, script] = [STYLE, SCRIPT].map(|text| Sha256::of(text.as_bytes()).to_base64());
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
        )
    }
}

/// A number with its label, on the first screen.
pub(super) struct Figure {
    pub(super) value: String,
    pub(super) label: String,
    /// The class of its colour: empty, `good`, `odd` or `bad`.
    pub(super) tone: &'static str,
}

impl Figure {
    pub(super) fn of(value: impl Into<String>, label: impl Into<String>) -> Self {
        Figure { value: value.into(), label: label.into(), tone: "" }
    }

    /// Creates a number with the noun for it.
    pub(super) fn counted(count: u64, one: &str, many: &str) -> Self {
        Figure::of(super::text::grouped(count), if count == 1 { one } else { many })
    }

    /// Creates a number that is coloured unless it is 0.
    pub(super) fn toned(count: u64, label: impl Into<String>, tone: &'static str) -> Self {
        Figure::of(super::text::grouped(count), label).in_tone(tone)
    }

    /// Colours the number unless it is 0.
    pub(super) fn in_tone(self, tone: &'static str) -> Self {
        Figure { tone: if self.value == "0" { "" } else { tone }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests in the policy are those of the whole elements, so neither may end its element.
    #[test]
    fn style_and_script_do_not_end_their_elements() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
        }
        assert!(!SCRIPT.contains("innerHTML") && !STYLE.contains("url("));
    }
}
