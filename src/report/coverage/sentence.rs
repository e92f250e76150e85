//! Coverage in sentences, for the page and the terminal.

use std::collections::BTreeSet;

use super::{Counts, Coverage};
use crate::model::shard::Shard;
use crate::model::verification::{Conclusion, Depth};
use crate::report::text::{grouped, numbered};

/// The maximum number of slices that are named.
const NAMED: usize = 12;

/// Returns the verdict as one sentence without its full stop.
pub fn verdict(coverage: &Coverage) -> String {
    let counts = coverage.counts();
    let head = match coverage.conclusion() {
        Conclusion::Match => "every revision matched when it was last checked",
        Conclusion::Mismatch => "some revisions do not match",
        Conclusion::NotProven => "not every revision is proven to match",
    };
    let mut text = format!("{head}: {}", proved(&counts));
    let missing = coverage.missing_slices(Depth::Listing);
    if !missing.is_empty() {
        text += &format!(", {}", not_run(&missing, "checked"));
    }
    text
}

/// Returns how many revisions were proved, by depth.
pub fn proved(counts: &Counts) -> String {
    let Counts { content, entries, listing, open } = *counts;
    let total = grouped(counts.total());
    let numbers = [
        (content, "with every byte"),
        (entries, "by names, sizes and CRC-32"),
        (listing, "by the listing alone"),
    ];
    let there = numbers.into_iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> =
        there.map(|(count, how)| format!("{} of {total} {how}", grouped(count))).collect();
    if open > 0 || counts.total() == 0 {
        parts.push(format!("{} of {total} not", grouped(open)));
    }
    parts.join(", ")
}

/// Returns which slices were not checked; `how` is the participle, with what qualifies it.
fn not_run(missing: &[Shard], how: &str) -> String {
    if missing == [Shard::WHOLE] {
        return "nothing was checked".to_owned();
    }
    let named: Vec<String> = missing.iter().take(NAMED).map(Shard::to_string).collect();
    let verb = if missing.len() == 1 { "was" } else { "were" };
    let count = format!("{} {verb} not {how}", numbered(missing.len() as u64, "slice", "slices"));
    match missing.len() - named.len() {
        0 => format!("{count} ({})", named.join(", ")),
        more => format!("{count} ({} and {more} more)", named.join(", ")),
    }
}

/// Returns what a reader must know about the runs to judge the numbers; sentences without full stops.
pub fn remarks(coverage: &Coverage) -> Vec<String> {
    let mut remarks = Vec::new();
    let missing = coverage.missing_slices(Depth::Content);
    if missing == [Shard::WHOLE] {
        remarks.push("no run compared every byte".to_owned());
    } else if !missing.is_empty() {
        remarks.push(not_run(&missing, "checked with every byte"));
    }
    let scopes: BTreeSet<String> = coverage
        .runs
        .iter()
        .filter(|run| !run.scope.is_everything())
        .map(|run| run.scope.to_string())
        .collect();
    remarks.extend(scopes.iter().map(|scope| format!("only a part of v1 was checked: {scope}")));
    if coverage.source_changed() {
        remarks.push(
            "v1 changed between the runs: earlier results are about earlier commits".to_owned(),
        );
    }
    if coverage.place_changed() {
        remarks.push("the runs checked different places".to_owned());
    }
    remarks
}
