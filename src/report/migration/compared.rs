//! The comparison of a plan with what a store has, as the page shows it: the counts, and every object that does not go
//! through as planned.

use std::collections::BTreeSet;

use super::against::others_sentence;
use crate::model::upload::{Comparison, OutcomeKind, UploadedObject};
use crate::report::html::text::Text;
use crate::report::upload::{NOT_AS_PLANNED, count_rows, verdict};

pub(super) struct Compared {
    pub(super) place: Text,
    pub(super) verdict: Text,
    /// What else to know, without full stops.
    pub(super) remarks: Vec<Text>,
    /// The rows of the table of outcomes.
    pub(super) kinds: Vec<(String, [String; 7])>,
    pub(super) rows: Vec<Row>,
    /// What to do, each once.
    pub(super) advice: BTreeSet<&'static str>,
}

/// An object that does not go through as planned.
pub(super) struct Row {
    pub(super) key: Text,
    pub(super) tone: &'static str,
    pub(super) outcome: &'static str,
    pub(super) reason: Text,
}

impl Compared {
    pub(super) fn of(comparison: &Comparison) -> Self {
        let outcome = &comparison.outcome;
        let index = outcome.request.internal.as_ref();
        let mut remarks: Vec<String> =
            index.map(|place| format!("The index is compared with {place}")).into_iter().collect();
        remarks.extend(others_sentence(comparison));
        remarks.extend(outcome.notices.iter().map(ToString::to_string));
        let objects: Vec<_> = NOT_AS_PLANNED.iter().flat_map(|kind| outcome.with(*kind)).collect();
        Compared {
            place: Text::of(outcome.request.to.as_str()),
            verdict: Text::of(&verdict(outcome)),
            remarks: remarks.iter().map(|remark| Text::of(remark)).collect(),
            kinds: count_rows(outcome),
            advice: objects.iter().filter_map(|object| object.outcome.advice()).collect(),
            rows: objects.into_iter().map(Row::of).collect(),
        }
    }
}

impl Row {
    fn of(object: &UploadedObject) -> Self {
        // Nothing is written: what would fail is unknown.
        let (tone, outcome) = match object.outcome.kind() {
            OutcomeKind::Created => ("good", "new"),
            OutcomeKind::AlreadyThere => ("good", "the same"),
            OutcomeKind::Conflict => ("odd", "conflict"),
            OutcomeKind::Failed => ("bad", "unknown"),
            OutcomeKind::Withheld => ("", "withheld"),
        };
        let reason = Text::of(&object.outcome.message().unwrap_or_default());
        Row { key: Text::of(&object.key), tone, outcome, reason }
    }
}
