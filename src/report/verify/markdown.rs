//! The Markdown report of `verify`: the verdict and the counts, then mismatches, what could not be
//! checked, and information, grouped by code, with the first few examples of each.
//!
//! Its length is bounded by the number of codes, not of mismatches; what is omitted is counted, with a
//! pointer to the full list.

use std::fmt::{self, Write};

use super::{notice, verdict};
use crate::model::mismatch::{Class, Extras};
use crate::model::verification::{CodeGroup, VerifyOutcome, VerifyRequest};
use crate::report::text::{AllFindings, EXAMPLES, grouped, inline, shown_count};
use crate::report::text::{write_advice, write_cut, write_row, write_source};

/// Renders the report.
pub fn render(outcome: &VerifyOutcome, all_findings: &AllFindings) -> String {
    let mut text = String::new();
    write_report(&mut text, outcome, all_findings).expect("writing to a String cannot fail");
    text
}

fn write_report(out: &mut String, outcome: &VerifyOutcome, all: &AllFindings) -> fmt::Result {
    writeln!(out, "# v1 against v2\n")?;
    writeln!(out, "{}\n", verdict_line(outcome))?;
    for note in outcome.notices() {
        writeln!(out, "Note: {}.\n", inline(&notice(note)))?;
    }
    let counts = outcome.revision_counts();
    let numbers = [
        counts.to_check,
        counts.checked,
        counts.good,
        counts.mismatch,
        counts.unknown,
        outcome.reading.archive_count,
        outcome.file_count(),
        outcome.reading.byte_len,
    ];
    writeln!(
        out,
        "| revisions to check | checked | good | mismatch | unknown | archives read | files compared | bytes read |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|---:|")?;
    writeln!(out, "| {} |", numbers.map(grouped).join(" | "))?;
    let groups = outcome.by_code();
    for &class in <Class as strum::VariantArray>::VARIANTS.iter().rev() {
        let of_class: Vec<_> = groups.iter().filter(|group| group.class == class).collect();
        if !of_class.is_empty() {
            writeln!(out, "\n## {}", title(class))?;
        }
        of_class.iter().try_for_each(|group| write_group(out, group, all))?;
    }
    write_request(out, &outcome.request)?;
    let tool = &outcome.request.tool;
    writeln!(out, "\n---\nMade by {} {}.", tool.name, tool.version)
}

/// Returns the line with the verdict.
pub(super) fn verdict_line(outcome: &VerifyOutcome) -> String {
    format!("**{}.**", verdict(outcome))
}

fn title(class: Class) -> &'static str {
    match class {
        Class::Mismatch => "Mismatches",
        Class::Unknown => "Not checked",
        Class::Information => "Information",
    }
}

fn write_group(out: &mut String, group: &CodeGroup<'_>, all: &AllFindings) -> fmt::Result {
    let CodeGroup { class: _, code, mismatches } = group;
    writeln!(out, "\n### {code} ({})\n", grouped(mismatches.len() as u64))?;
    write_advice(out, mismatches.iter().map(|(_, mismatch)| mismatch.kind.advice()))?;
    writeln!(out, "| object | path | mismatch |\n|---|---|---|")?;
    let shown = &mismatches[..shown_count(mismatches.len(), EXAMPLES)];
    for (_, mismatch) in shown {
        let path = mismatch.path.as_deref().unwrap_or("");
        write_row(out, [&mismatch.object, path, &mismatch.kind.message()].map(inline))?;
    }
    write_cut(out, "\n", mismatches.len() - shown.len(), all)
}

fn write_request(out: &mut String, request: &VerifyRequest) -> fmt::Result {
    write_source(out, "What was compared", &request.source)?;
    writeln!(out, "\n- place: {}", inline(request.place.as_str()))?;
    writeln!(out, "- depth: {}", request.depth)?;
    if !request.sample.is_whole() {
        writeln!(out, "- sample: {}", request.sample)?;
    }
    if !request.scope.is_everything() {
        writeln!(out, "- scope: {}", inline(&request.scope.to_string()))?;
    }
    for (what, digest) in [("decisions", request.resolutions), ("plan", request.plan)] {
        if let Some(digest) = digest {
            writeln!(out, "- {what}: SHA-256 `{digest}`")?;
        }
    }
    match request.extras {
        Extras::Allowed => writeln!(out, "- other archives in v2: allowed")?,
        Extras::Refused => writeln!(out, "- other archives in v2: refused")?,
    }
    if request.public_keys.is_empty() {
        writeln!(out, "- signatures: not checked")?;
    }
    for fingerprint in &request.public_keys {
        writeln!(out, "- signatures: by {}", inline(fingerprint))?;
    }
    Ok(())
}
