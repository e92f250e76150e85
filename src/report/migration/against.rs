//! The comparison of a plan with what a store has: in the report of a dry run, as JSON, as Markdown and as sentences.
//!
//! Only what does not go through as planned is listed by object; everything else is counted.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use crate::model::plan::{json_elements, json_list};
use crate::model::upload::{
    Comparison, Conflict, Failure, ObjectKind, Outcome, OutcomeCounts, OutcomeKind,
    UploadConclusion, UploadNotice, UploadedObject, Withheld,
};
use crate::report::text::{
    AllFindings, EXAMPLES, grouped, inline, shown_count, write_advice, write_cut, write_row,
};
use crate::report::upload::verdict;

/// The outcomes of objects that do not go through as planned.
const LISTED: [OutcomeKind; 3] =
    [OutcomeKind::Conflict, OutcomeKind::Failed, OutcomeKind::Withheld];

/// Renders the comparison as JSON.
pub(super) fn to_json(comparison: &Comparison) -> serde_json::Result<String> {
    let Comparison { outcome, others } = comparison;
    let notices = outcome.notices.iter();
    let objects = LISTED.iter().flat_map(|kind| outcome.with(*kind));
    let objects: Vec<ObjectRecord<'_>> = objects.map(ObjectRecord::of).collect();
    let head = Head {
        to: outcome.request.to.as_str(),
        internal: outcome.request.internal.as_ref().map(|place| place.as_str()),
        verdict: VerdictRecord { conclusion: outcome.conclusion(), sentence: verdict(outcome) },
        counts: Counts { all: outcome.counts(), by_kind: outcome.counts_by_kind() },
        others,
        notices: notices
            .map(|notice| NoticeRecord { message: notice.to_string(), notice })
            .collect(),
    };
    let head = serde_json::to_string(&head)?;
    let head = head.strip_suffix('}').expect("an object");
    let objects = json_elements(objects)?;
    Ok(format!("{head},\"objects\":{}}}", json_list(&objects)))
}

#[derive(Serialize)]
struct Head<'a> {
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal: Option<&'a str>,
    verdict: VerdictRecord,
    counts: Counts,
    others: &'a BTreeMap<ObjectKind, u64>,
    notices: Vec<NoticeRecord<'a>>,
}

#[derive(Serialize)]
struct VerdictRecord {
    conclusion: UploadConclusion,
    sentence: String,
}

#[derive(Serialize)]
struct Counts {
    all: OutcomeCounts,
    by_kind: BTreeMap<ObjectKind, OutcomeCounts>,
}

#[derive(Serialize)]
struct NoticeRecord<'a> {
    message: String,
    #[serde(flatten)]
    notice: &'a UploadNotice,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Reason<'a> {
    Conflict(&'a Conflict),
    Failed(&'a Failure),
    Withheld(&'a Withheld),
}

#[derive(Serialize)]
struct ObjectRecord<'a> {
    kind: ObjectKind,
    key: &'a str,
    size: Option<u64>,
    outcome: OutcomeKind,
    reason: Option<Reason<'a>>,
    message: Option<String>,
    advice: Option<&'static str>,
}

impl<'a> ObjectRecord<'a> {
    fn of(object: &'a UploadedObject) -> Self {
        let UploadedObject { kind, key, size, outcome } = object;
        ObjectRecord {
            kind: *kind,
            key,
            size: *size,
            outcome: outcome.kind(),
            reason: match outcome {
                Outcome::Created | Outcome::AlreadyThere => None,
                Outcome::Conflict(conflict) => Some(Reason::Conflict(conflict)),
                Outcome::Failed(failure) => Some(Reason::Failed(failure)),
                Outcome::Withheld(withheld) => Some(Reason::Withheld(withheld)),
            },
            message: outcome.message(),
            advice: outcome.advice(),
        }
    }
}

/// Returns the comparison in sentences, without full stops.
pub(super) fn sentences(comparison: &Comparison) -> Vec<String> {
    let outcome = &comparison.outcome;
    let mut sentences =
        vec![format!("Compared with {}: {}", outcome.request.to.as_str(), verdict(outcome))];
    sentences.extend(others_sentence(comparison));
    sentences.extend(outcome.notices.iter().map(|notice| format!("Note: {notice}")));
    let conflicts: Vec<&UploadedObject> = outcome.with(OutcomeKind::Conflict).collect();
    let shown = &conflicts[..shown_count(conflicts.len(), EXAMPLES)];
    for object in shown {
        let message = object.outcome.message().unwrap_or_default();
        sentences.push(format!("Conflict: {}: {message}", object.key));
    }
    if conflicts.len() > shown.len() {
        sentences
            .push(format!("{} more conflicts", grouped((conflicts.len() - shown.len()) as u64)));
    }
    sentences
}

/// Returns a sentence on the objects that the plan does not have; `None` without any.
pub fn others_sentence(comparison: &Comparison) -> Option<String> {
    let counts = comparison.others.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> =
        counts.map(|(kind, count)| format!("{} {kind}", grouped(*count))).collect();
    (!counts.is_empty()).then(|| format!("{} are not in this plan, and stay", counts.join(", ")))
}

/// Writes the section of the Markdown report.
pub(super) fn write_section(
    out: &mut String,
    comparison: &Comparison,
    all: &AllFindings,
) -> fmt::Result {
    let outcome = &comparison.outcome;
    let request = &outcome.request;
    writeln!(out, "\n## Compared with {}\n", inline(request.to.as_str()))?;
    writeln!(out, "**{}.** Nothing was written.\n", inline(&verdict(outcome)))?;
    if let Some(internal) = &request.internal {
        writeln!(out, "Index: {}.\n", inline(internal.as_str()))?;
    }
    if let Some(sentence) = others_sentence(comparison) {
        writeln!(out, "{}.\n", inline(&sentence))?;
    }
    for notice in &outcome.notices {
        writeln!(out, "Note: {}.\n", inline(&notice.to_string()))?;
    }
    writeln!(out, "| | planned | new | the same | conflict | unknown | withheld | new bytes |")?;
    writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|")?;
    for (kind, counts) in outcome.counts_by_kind() {
        write_counts(out, &kind.to_string(), counts)?;
    }
    write_counts(out, "all", outcome.counts())?;
    for kind in LISTED {
        let objects: Vec<&UploadedObject> = outcome.with(kind).collect();
        if objects.is_empty() {
            continue;
        }
        writeln!(out, "\n### {kind} ({})\n", grouped(objects.len() as u64))?;
        write_advice(out, objects.iter().filter_map(|object| object.outcome.advice()))?;
        writeln!(out, "| object | reason |\n|---|---|")?;
        let shown = &objects[..shown_count(objects.len(), EXAMPLES)];
        for object in shown {
            let message = object.outcome.message().unwrap_or_default();
            write_row(out, [&object.key, &message].map(|text| inline(text)))?;
        }
        write_cut(out, "\n", objects.len() - shown.len(), all)?;
    }
    Ok(())
}

fn write_counts(out: &mut String, name: &str, counts: OutcomeCounts) -> fmt::Result {
    let OutcomeCounts { planned, created, already_there, conflict, .. } = counts;
    let OutcomeCounts { failed, withheld, created_bytes, .. } = counts;
    let numbers = [planned, created, already_there, conflict, failed, withheld, created_bytes];
    writeln!(out, "| {name} | {} |", numbers.map(grouped).join(" | "))
}
