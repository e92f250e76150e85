//! Findings and mismatches as a page lists them: groups with a common code, and in each of them all items.
//!
//! The template is `templates/groups.html`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::text::Text;
use crate::model::finding::{Detail, Finding, FindingKind};
use crate::report::findings::CodeGroup;
use crate::report::text::numbered;

/// Items of one code and rank.
pub(in crate::report) struct Group {
    /// The anchor.
    pub(in crate::report) id: String,
    /// The severity or class, which is also a CSS class.
    pub(in crate::report) rank: String,
    pub(in crate::report) code: &'static str,
    /// The advice, if it is the same for all items.
    pub(in crate::report) advice: Option<&'static str>,
    pub(in crate::report) items: Vec<Item>,
}

/// A finding or a mismatch.
#[derive(Default)]
pub(in crate::report) struct Item {
    /// The package, or what else it is about.
    pub(in crate::report) package: Text,
    pub(in crate::report) version: Text,
    pub(in crate::report) stages: Vec<&'static str>,
    pub(in crate::report) path: Option<Text>,
    /// The commit that it was found at, and its date.
    pub(in crate::report) commit: Option<String>,
    pub(in crate::report) message: Text,
    /// The advice, if it differs within the group.
    pub(in crate::report) advice: Option<&'static str>,
    /// The decision, and its reason.
    pub(in crate::report) settled: Option<(String, Text)>,
    /// Further evidence, by name.
    pub(in crate::report) evidence: Vec<(String, Text)>,
    pub(in crate::report) paths: Vec<Paths>,
    /// A diff or the output of a program, by line.
    pub(in crate::report) listing: Vec<Line>,
}

/// Paths with a common label.
pub(in crate::report) struct Paths {
    pub(in crate::report) what: &'static str,
    pub(in crate::report) paths: Vec<Text>,
}

/// A line of a listing.
pub(in crate::report) struct Line {
    /// The class of its colour: `add`, `del`, `hunk`, `head` or empty.
    pub(in crate::report) class: &'static str,
    pub(in crate::report) text: Text,
}

impl Group {
    /// Creates a group; advice that all items share is moved to the group.
    pub(in crate::report) fn of(rank: String, code: &'static str, mut items: Vec<Item>) -> Self {
        let advice: BTreeSet<_> = items.iter().filter_map(|item| item.advice).collect();
        let shared = advice.first().copied().filter(|_| advice.len() == 1);
        if shared.is_some() {
            items.iter_mut().for_each(|item| item.advice = None);
        }
        Group { id: format!("{rank}-{code}"), rank, code, advice: shared, items }
    }

    /// Converts findings that are grouped by code.
    pub(in crate::report) fn of_findings(group: &CodeGroup<'_>) -> Self {
        let items = group.findings.iter().map(|finding| Item::of(finding)).collect();
        Group::of(group.severity.to_string(), group.code, items)
    }

    /// Returns the items in lists of a limited length: the browser skips lists that are not in sight.
    pub(in crate::report) fn lists(&self) -> std::slice::Chunks<'_, Item> {
        const MAX_LEN: usize = 100;
        self.items.chunks(MAX_LEN)
    }

    /// Returns the number of items.
    pub(in crate::report) fn count(&self) -> String {
        numbered(self.items.len() as u64, "item", "items")
    }
}

impl Item {
    /// Converts a finding.
    pub(in crate::report) fn of(finding: &Finding) -> Self {
        let Finding { package, version, stages, path, kind, settled } = finding;
        let mut item = Item {
            package: Text::of(package.as_deref().unwrap_or_default()),
            version: Text::of(version.as_deref().unwrap_or_default()),
            stages: stages.iter().map(|stage| stage.into()).collect(),
            path: path.as_deref().map(Text::of),
            message: Text::of(&kind.message()),
            advice: Some(kind.advice()),
            settled: settled
                .as_ref()
                .map(|made| (made.decision.to_string(), Text::of(&made.reason))),
            ..Item::default()
        };
        let details = kind.details();
        item.evidence = evidence(kind, !details.is_empty());
        for detail in details {
            match detail {
                Detail::Paths { what, paths } => {
                    let paths = paths.iter().map(|path| Text::of(path)).collect();
                    item.paths.push(Paths { what, paths });
                }
                Detail::Text { language, text } => item.listing = listing(language, text),
            }
        }
        item
    }

    /// Returns the words that the filter by stage compares.
    pub(in crate::report) fn stage_words(&self) -> String {
        self.stages.join(" ")
    }
}

fn listing(language: &str, text: &str) -> Vec<Line> {
    let lines = Text::lines(text).into_iter();
    let class = |line: &Text| match line.as_str().as_bytes() {
        _ if language != "diff" => "",
        [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => "head",
        [b'+', ..] => "add",
        [b'-', ..] => "del",
        [b'@', b'@', ..] => "hunk",
        _ => "",
    };
    lines.map(|text| Line { class: class(&text), text }).collect()
}

/// Returns the evidence by name, without what the details show.
fn evidence(kind: &FindingKind, has_details: bool) -> Vec<(String, Text)> {
    const DETAILS: [&str; 5] = ["added", "removed", "changed", "diff", "output"];
    let record =
        serde_json::to_value(kind).expect("a kind has only fields that JSON can represent");
    let Some(Value::Object(fields)) = record.get("evidence") else { return Vec::new() };
    let shown = fields.iter().filter(|(name, value)| {
        let is_shown_below = has_details && DETAILS.contains(&name.as_str());
        !value.is_null() && !is_shown_below
    });
    shown.map(|(name, value)| (name.replace('_', " "), Text::of(&plain(value)))).collect()
}

/// Renders a value of evidence without the punctuation of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| format!("{name}: {}", plain(value));
            fields.iter().map(field).collect::<Vec<_>>().join("; ")
        }
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
    }
}
