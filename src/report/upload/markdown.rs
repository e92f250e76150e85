//! The Markdown report of `upload`: the verdict and the counts, then what is not there as planned, with the first few
//! examples of each outcome.

use std::fmt::{self, Write};

use super::{NOT_AS_PLANNED, count_rows, verdict};
use crate::model::upload::{Layout, OutcomeKind, UploadOutcome, UploadRequest, UploadedObject};
use crate::model::verification::EndpointResult;
use crate::report::text::{
    AllFindings, EXAMPLES, grouped, inline, shown_count, write_advice, write_cut, write_row,
    write_source,
};

/// Renders the report.
pub fn render(outcome: &UploadOutcome, all: &AllFindings) -> String {
    let mut text = String::new();
    write_report(&mut text, outcome, all).expect("writing to a String cannot fail");
    text
}

fn write_report(out: &mut String, outcome: &UploadOutcome, all: &AllFindings) -> fmt::Result {
    let request = &outcome.request;
    let dry = if request.is_dry_run { " (dry run)" } else { "" };
    writeln!(out, "# Upload{dry}\n\n**{}.**\n", verdict(outcome))?;
    for notice in &outcome.notices {
        writeln!(out, "Note: {}.\n", inline(&notice.to_string()))?;
    }
    writeln!(
        out,
        "| | planned | created | already there | conflict | failed | withheld | bytes sent |"
    )?;
    writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|")?;
    write_counts(out, outcome)?;
    let [lists, writes] = [outcome.page_count, outcome.counts().created].map(grouped);
    writeln!(out, "\nRequests: {lists} for lists, {writes} that write.")?;
    for kind in NOT_AS_PLANNED {
        write_objects(out, "##", kind, outcome, all)?;
    }
    if let Some(found) = &outcome.endpoint {
        write_endpoint(out, found)?;
    }
    write_request(out, request)?;
    writeln!(out, "\n---\nMade by {} {}.", request.tool.name, request.tool.version)
}

/// Writes the rows of [`count_rows`].
pub(in crate::report) fn write_counts(out: &mut String, outcome: &UploadOutcome) -> fmt::Result {
    for (name, numbers) in count_rows(outcome) {
        writeln!(out, "| {name} | {} |", numbers.join(" | "))?;
    }
    Ok(())
}

/// Writes a section on the objects with an outcome, if there are any; `level` starts its heading.
pub(in crate::report) fn write_objects(
    out: &mut String,
    level: &str,
    kind: OutcomeKind,
    outcome: &UploadOutcome,
    all: &AllFindings,
) -> fmt::Result {
    let objects: Vec<&UploadedObject> = outcome.with(kind).collect();
    if objects.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{level} {kind} ({})\n", grouped(objects.len() as u64))?;
    write_advice(out, objects.iter().filter_map(|object| object.outcome.advice()))?;
    writeln!(out, "| object | reason |\n|---|---|")?;
    let shown = &objects[..shown_count(objects.len(), EXAMPLES)];
    for object in shown {
        let message = object.outcome.message().unwrap_or_default();
        write_row(out, [&object.key, &message].map(|text| inline(text)))?;
    }
    write_cut(out, "\n", objects.len() - shown.len(), all)
}

fn write_endpoint(out: &mut String, found: &EndpointResult) -> fmt::Result {
    let counts = found.counts();
    let [good, total] = [counts.good, counts.to_check].map(grouped);
    writeln!(out, "\n## Through the endpoint of registries ({good} of {total} as planned)\n")?;
    write_advice(out, found.mismatches().map(|mismatch| mismatch.kind.advice()))?;
    writeln!(out, "| object | result |\n|---|---|")?;
    for object in &found.objects {
        let result = match &object.mismatch {
            None => "as planned".to_owned(),
            Some(mismatch) => mismatch.kind.message(),
        };
        write_row(out, [object.key.as_str(), &result].map(inline))?;
    }
    Ok(())
}

fn write_request(out: &mut String, request: &UploadRequest) -> fmt::Result {
    write_source(out, "What was uploaded", &request.source)?;
    writeln!(out, "\n- plan: SHA-256 `{}`", request.plan)?;
    if !request.shard.is_whole() {
        writeln!(out, "- shard: {}", request.shard)?;
    }
    if !request.scope.is_everything() {
        writeln!(out, "- scope: {}", inline(&request.scope.to_string()))?;
    }
    writeln!(out, "- to: {}", inline(request.to.as_str()))?;
    if let Some(internal) = &request.internal {
        writeln!(out, "- index: {}", inline(internal.as_str()))?;
    }
    if let Some(endpoint) = &request.endpoint {
        writeln!(out, "- endpoint: {}", inline(endpoint.as_str()))?;
    }
    if request.layout == Layout::Queue {
        writeln!(out, "- layout: queue")?;
    }
    if let Some(value) = &request.cache_control {
        writeln!(out, "- Cache-Control: {}", inline(value))?;
    }
    Ok(())
}
