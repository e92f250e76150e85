//! What breaks rules in one file: of each rule the first few faults, and the number of the rest.

use std::collections::BTreeMap;

use crate::model::finding::KibanaRule;
use crate::yaml::YamlError;

/// The most faults of one rule that are told of one file.
const MAX_TOLD: usize = 3;

/// What breaks rules in one file, by rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeMap<KibanaRule, Fault>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Fault {
    /// The key of the first one.
    key: Option<String>,
    details: Vec<String>,
    more: usize,
}

impl Faults {
    /// A file that does not parse.
    pub(super) fn unparseable(rule: KibanaRule, error: &YamlError) -> Self {
        let mut faults = Faults::default();
        let place =
            error.place.map(|place| format!(" (line {}, column {})", place.line, place.column));
        faults
            .add(rule, None, || format!("{}{}", excerpt(&error.detail), place.unwrap_or_default()));
        faults
    }

    /// Adds a fault; `detail` is asked only if it is told.
    pub(super) fn add(
        &mut self,
        rule: KibanaRule,
        key: Option<&str>,
        detail: impl FnOnce() -> String,
    ) {
        let fault = self
            .0
            .entry(rule)
            .or_insert_with(|| Fault { key: key.map(str::to_owned), ..Fault::default() });
        if fault.details.len() < MAX_TOLD { fault.details.push(detail()) } else { fault.more += 1 }
    }

    /// Each broken rule, with the key of its first fault and everything that is told of it.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (KibanaRule, Option<String>, String)> {
        self.0.iter().map(|(rule, Fault { key, details, more })| {
            let told = details.join("; ");
            let told = if *more == 0 { told } else { format!("{told}; and {more} more") };
            (*rule, key.clone(), told)
        })
    }
}

/// A text of a repository, short enough to be told.
pub(super) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
