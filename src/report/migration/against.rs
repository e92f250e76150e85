//! The comparison of a plan with what a store has: in the report of a dry run, as JSON and as Markdown.
//!
//! Only what does not go through as planned is listed by object; everything else is counted.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use crate::model::plan::{json_elements, json_list};
use crate::model::upload::{Comparison, ObjectKind};
use crate::report::text::{AllFindings, grouped, inline};
use crate::report::upload::markdown::{write_counts, write_objects};
use crate::report::upload::records::{CountsRecord, NoticeRecord, ObjectRecord, VerdictRecord};
use crate::report::upload::{NOT_AS_PLANNED, verdict};

/// Renders the comparison as JSON.
pub(super) fn to_json(comparison: &Comparison) -> serde_json::Result<String> {
    let Comparison { outcome, others } = comparison;
    let head = Head {
        to: outcome.request.to.as_str(),
        internal: outcome.request.internal.as_ref().map(|place| place.as_str()),
        verdict: VerdictRecord::from(outcome),
        counts: CountsRecord::from(outcome),
        others,
        notices: outcome.notices.iter().map(NoticeRecord::from).collect(),
    };
    let head = serde_json::to_string(&head)?;
    let head = head.strip_suffix('}').expect("an object");
    let objects = NOT_AS_PLANNED.iter().flat_map(|kind| outcome.with(*kind));
    let objects = json_elements(objects.map(ObjectRecord::from))?;
    Ok(format!("{head},\"objects\":{}}}", json_list(&objects)))
}

#[derive(Serialize)]
struct Head<'a> {
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal: Option<&'a str>,
    verdict: VerdictRecord,
    counts: CountsRecord,
    others: &'a BTreeMap<ObjectKind, u64>,
    notices: Vec<NoticeRecord<'a>>,
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
    write_counts(out, outcome)?;
    for kind in NOT_AS_PLANNED {
        write_objects(out, "###", kind, outcome, all)?;
    }
    Ok(())
}
