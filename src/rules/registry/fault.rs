//! Rules by their number, and what breaks them.
//!
//! A hostile file may break a rule a million times: each rule tells its first few faults and the
//! number of the rest. Used by every other file of `registry`.

use std::collections::BTreeMap;

/// The most faults of one rule, and the most duplicate keys, that are told of one file.
pub(super) const MAX_TOLD: usize = 3;

/// A rule of the registry; the module's documentation lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule(u8);

impl Rule {
    pub(super) const TYPES: Rule = Rule(4);
    pub(super) const MANIFEST_REQUIRED: Rule = Rule(5);
    pub(super) const TEMPLATE_README: Rule = Rule(6);
    pub(super) const AGENTLESS_RELEASE: Rule = Rule(7);
    pub(super) const VERSION: Rule = Rule(8);
    pub(super) const KIBANA_VERSION: Rule = Rule(9);
    pub(super) const AGENT_VERSION: Rule = Rule(10);
    pub(super) const FORMAT_VERSION: Rule = Rule(11);
    pub(super) const RELEASE: Rule = Rule(12);
    pub(super) const README: Rule = Rule(13);
    pub(super) const FOLDER_NAME: Rule = Rule(14);
    pub(super) const DATA_STREAM: Rule = Rule(16);
    pub(super) const DATA_STREAM_RELEASE: Rule = Rule(17);
    pub(super) const UNUSED_PIPELINES: Rule = Rule(18);
    pub(super) const NO_FORMAT_VERSION: Rule = Rule(21);
    pub(super) const TITLE: Rule = Rule(22);
    pub(super) const DESCRIPTION: Rule = Rule(23);
    pub(super) const CATEGORY: Rule = Rule(24);
    pub(super) const IMAGE: Rule = Rule(25);
    pub(super) const INPUT: Rule = Rule(27);
    pub(super) const DATASET: Rule = Rule(28);
    pub(super) const DATA_STREAM_TYPE: Rule = Rule(29);
    pub(super) const PIPELINE: Rule = Rule(30);
    pub(super) const FIELDS: Rule = Rule(31);
    pub(super) const STREAM: Rule = Rule(32);

    /// The rule's number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Whether the registry demands it with validation switched off as well.
    pub fn is_always_on(self) -> bool {
        self.0 <= 20
    }
}

/// What breaks rules in one file, by rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeMap<Rule, (Vec<String>, usize)>);

impl Faults {
    /// Adds a fault; `detail` is asked only if it is told.
    pub(super) fn add(&mut self, rule: Rule, detail: impl FnOnce() -> String) {
        let (told, more) = self.0.entry(rule).or_default();
        if told.len() < MAX_TOLD { told.push(detail()) } else { *more += 1 }
    }

    /// Adds all faults of `other`.
    pub(super) fn extend(&mut self, other: &Faults) {
        for (rule, (details, more)) in &other.0 {
            details.iter().for_each(|detail| self.add(*rule, || detail.clone()));
            self.0.entry(*rule).or_default().1 += more;
        }
    }

    /// Each broken rule, with everything that is told of it.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (Rule, String)> {
        self.0.iter().map(|(rule, (details, more))| {
            let told = details.join("; ");
            (*rule, if *more == 0 { told } else { format!("{told}; and {more} more") })
        })
    }
}

/// A text of a repository, short enough to be told.
pub fn excerpt(text: &str) -> String {
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
