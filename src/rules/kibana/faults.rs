//! The faults of one file: the first few faults of each rule, and the number of the others.

use std::collections::BTreeMap;

use crate::model::finding::KibanaRule;
use crate::rules::registry::excerpt;
use crate::yaml::YamlError;

/// The maximum number of faults reported for one rule and file.
const MAX_REPORTED: usize = 3;

/// The faults of one file, by rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeMap<KibanaRule, Fault>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Fault {
    /// The key of the first fault.
    key: Option<String>,
    details: Vec<String>,
    more: usize,
}

impl Faults {
    /// Creates the fault of a file that cannot be parsed.
    pub(super) fn unparseable(rule: KibanaRule, error: &YamlError) -> Self {
        let mut faults = Faults::default();
        let place =
            error.place.map(|place| format!(" (line {}, column {})", place.line, place.column));
        faults
            .add(rule, None, || format!("{}{}", excerpt(&error.detail), place.unwrap_or_default()));
        faults
    }

    /// Adds a fault; `detail` is called only if it is reported.
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
        if fault.details.len() < MAX_REPORTED {
            fault.details.push(detail())
        } else {
            fault.more += 1
        }
    }

    /// Returns each broken rule, with the key of its first fault and the details of the reported faults.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (KibanaRule, Option<String>, String)> {
        self.0.iter().map(|(rule, Fault { key, details, more })| {
            let text = details.join("; ");
            let text = if *more == 0 { text } else { format!("{text}; and {more} more") };
            (*rule, key.clone(), text)
        })
    }
}
