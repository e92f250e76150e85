//! The rules by number, the releases of the registry that have them, and the faults that break them.
//!
//! A hostile file may break a rule a million times, so only the first few faults of each rule are reported, and the
//! number of the others.

use std::collections::BTreeMap;

use crate::model::registry_release::{RegistryRelease, Releases};

/// The maximum number of faults of one rule, and of duplicate keys, reported for one file.
pub(super) const MAX_REPORTED: usize = 3;

/// A rule of the registry; listed in the documentation of the module `registry`.
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
    pub(super) const BASE_PATH: Rule = Rule(33);
    pub(super) const LISTED_DATA_STREAM: Rule = Rule(34);

    /// Returns the number of the rule.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Returns the releases that have the rule; a fault may have a narrower range.
    pub fn releases(self) -> Releases {
        match self {
            Rule::AGENTLESS_RELEASE => Releases::since(39, 0),
            Rule::AGENT_VERSION => Releases::since(33, 0),
            Rule::CATEGORY => Releases::ALL.until(28, 0),
            Rule::INPUT | Rule::STREAM => Releases::since(37, 0),
            _ => Releases::ALL,
        }
    }

    /// Returns whether the rule also applies when the registry's validation is switched off.
    pub fn is_always_on(self, release: RegistryRelease) -> bool {
        match self {
            // Older releases only check it during validation.
            Rule::FORMAT_VERSION => Releases::since(21, 0).contains(release),
            Rule::BASE_PATH => true,
            Rule(number) => number <= 20,
        }
    }
}

/// The first few of many texts, and the number of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Excerpts {
    reported: Vec<String>,
    more: usize,
}

impl Excerpts {
    /// Adds a text; `text` is called only if it is reported.
    pub(super) fn add(&mut self, text: impl FnOnce() -> String) {
        if self.reported.len() < MAX_REPORTED { self.reported.push(text()) } else { self.more += 1 }
    }

    fn extend(&mut self, other: &Excerpts) {
        other.reported.iter().for_each(|text| self.add(|| text.clone()));
        self.more += other.more;
    }

    /// Returns all texts as one line; `None` if there are none.
    pub(super) fn joined(&self) -> Option<String> {
        let text = (!self.reported.is_empty()).then(|| self.reported.join("; "))?;
        Some(if self.more == 0 { text } else { format!("{text}; and {} more", self.more) })
    }
}

/// The faults of one file, by rule and by the releases that refuse it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    by_rule: BTreeMap<(Rule, Releases), Excerpts>,
    /// Values that the registry loads but cannot write as JSON.
    pub(super) unservable: Excerpts,
}

impl Faults {
    /// Adds a fault for all releases that have the rule.
    pub(super) fn add(&mut self, rule: Rule, detail: impl FnOnce() -> String) {
        self.add_in(rule, Releases::ALL, detail);
    }

    /// Adds a fault for those of `releases` that have the rule.
    pub(super) fn add_in(
        &mut self,
        rule: Rule,
        releases: Releases,
        detail: impl FnOnce() -> String,
    ) {
        self.by_rule.entry((rule, rule.releases().and(releases))).or_default().add(detail);
    }

    /// Adds all faults of `other`.
    pub(super) fn extend(&mut self, other: &Faults) {
        for (key, excerpts) in &other.by_rule {
            self.by_rule.entry(*key).or_default().extend(excerpts);
        }
        self.unservable.extend(&other.unservable);
    }

    /// Returns each broken rule with the releases that refuse the package for it, and the details.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (Rule, Releases, String)> {
        self.by_rule.iter().filter_map(|((rule, releases), excerpts)| {
            excerpts.joined().map(|detail| (*rule, *releases, detail))
        })
    }
}

/// Returns a text from a repository, shortened for a report.
pub fn excerpt(text: &str) -> String {
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
