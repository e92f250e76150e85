//! The Markdown report of `verify`: the verdict and the counts, then mismatches, what could not be
//! checked, and information, grouped by code, with the first few examples of each.
//!
//! Its length is bounded by the number of codes, not of mismatches; what is omitted is counted, with a
//! pointer to the full list.

use std::fmt::{self, Write};

use super::kinds::kinds;
use super::verdict::{registry, share};
use super::{left_out, notice, title, verdict};
use crate::model::mismatch::{Class, Extras};
use crate::model::verification::{
    CodeGroup, ObjectCounts, RegistryAnswers, VerifyOutcome, VerifyRequest,
};
use crate::report::text::{AllFindings, EXAMPLES, grouped, inline, shown_count};
use crate::report::text::{write_advice, write_cut, write_row, write_source};

/// Renders the report.
pub fn render(outcome: &VerifyOutcome, all_findings: &AllFindings) -> String {
    let mut text = String::new();
    write_report(&mut text, outcome, all_findings).expect("writing to a String cannot fail");
    text
}

fn write_report(out: &mut String, outcome: &VerifyOutcome, all: &AllFindings) -> fmt::Result {
    writeln!(out, "# {}\n", title(outcome))?;
    writeln!(out, "{}\n", verdict_line(outcome))?;
    for note in outcome.notices() {
        writeln!(out, "Note: {}.\n", inline(&notice(note)))?;
    }
    if let Some(kinds) = left_out(outcome) {
        writeln!(out, "Note: not looked at: {kinds}.\n")?;
    }
    write_counts(out, outcome)?;
    writeln!(
        out,
        "\nArchives read: {}. Files compared: {}. Bytes read: {}.",
        grouped(outcome.reading.archive_count),
        grouped(outcome.file_count()),
        grouped(outcome.reading.byte_len),
    )?;
    if let Some(answers) = &outcome.registry {
        write_answers(out, answers)?;
    }
    let groups = outcome.by_code();
    for &class in <Class as strum::VariantArray>::VARIANTS.iter().rev() {
        let of_class: Vec<_> = groups.iter().filter(|group| group.class == class).collect();
        if !of_class.is_empty() {
            writeln!(out, "\n## {}", class_title(class))?;
        }
        of_class.iter().try_for_each(|group| write_group(out, group, all))?;
    }
    write_request(out, &outcome.request)?;
    if let Some(answers) = &outcome.registry {
        writeln!(out, "- registry: {}", inline(&registry(answers)))?;
    }
    let tool = &outcome.request.tool;
    writeln!(out, "\n---\nMade by {} {}.", tool.name, tool.version)
}

/// Writes a row for the revisions, and one for each kind of object that was looked at.
fn write_counts(out: &mut String, outcome: &VerifyOutcome) -> fmt::Result {
    writeln!(out, "| | to check | checked | good | mismatch | unknown |")?;
    writeln!(out, "|---|---:|---:|---:|---:|---:|")?;
    for (name, counts) in kinds(outcome) {
        let ObjectCounts { to_check, checked, good, mismatch, unknown } = counts;
        let numbers = [to_check, checked, good, mismatch, unknown].map(grouped).join(" | ");
        writeln!(out, "| {name} | {numbers} |")?;
    }
    if let Some(found) = outcome.statics.filter(|found| found.is_sampled()) {
        let [looked_at, in_v1] = [found.counts.to_check, found.in_v1].map(grouped);
        writeln!(out, "\nStatic resources: a sample, {looked_at} of {in_v1}.")?;
    }
    if let Some(found) = &outcome.index {
        let [as_published, base_only] = [found.as_published, found.base_only].map(grouped);
        writeln!(
            out,
            "\nIndex entries left as published: {as_published}. Of the base index alone: {base_only}."
        )?;
    }
    Ok(())
}

fn write_answers(out: &mut String, answers: &RegistryAnswers) -> fmt::Result {
    writeln!(
        out,
        "\n| revisions listed | pages | archive sizes | visible packages | categories |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|---:|")?;
    let RegistryAnswers { listed, pages, archive_sizes, visible, categories, .. } = answers;
    let cells = [
        grouped(*listed),
        share(*pages),
        share(*archive_sizes),
        grouped(*visible),
        grouped(*categories),
    ];
    writeln!(out, "| {} |", cells.join(" | "))?;
    let [as_published, base_only] = [answers.as_published, answers.base_only];
    if as_published + base_only > 0 {
        writeln!(
            out,
            "\nEntries left as published: {}. Of the base index alone: {}.",
            grouped(as_published),
            grouped(base_only),
        )?;
    }
    Ok(())
}

/// Returns the line with the verdict.
pub(super) fn verdict_line(outcome: &VerifyOutcome) -> String {
    format!("**{}.**", verdict(outcome))
}

fn class_title(class: Class) -> &'static str {
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
    let places = [
        ("index", &request.index),
        ("base index", &request.base_index),
        ("endpoint", &request.endpoint),
    ];
    for (what, place) in places {
        if let Some(place) = place {
            writeln!(out, "- {what}: {}", inline(place.as_str()))?;
        }
    }
    let kinds: Vec<String> = request.kinds.iter().map(ToString::to_string).collect();
    writeln!(out, "- resources: {}", kinds.join(", "))?;
    if !request.statics.is_default() {
        writeln!(out, "- static resources: {}", inline(&request.statics.to_string()))?;
    }
    if let Some(value) = &request.cache_control {
        writeln!(out, "- Cache-Control: {}", inline(value))?;
    }
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
        Extras::Allowed => writeln!(out, "- other objects in v2: allowed")?,
        Extras::Refused => writeln!(out, "- other objects in v2: refused")?,
    }
    for extra in request.registry.iter().flat_map(|registry| &registry.known_extras) {
        writeln!(out, "- known extra: {}", inline(extra))?;
    }
    if request.public_keys.is_empty() {
        writeln!(out, "- signatures: not checked")?;
    }
    for fingerprint in &request.public_keys {
        writeln!(out, "- signatures: by {}", inline(fingerprint))?;
    }
    Ok(())
}
