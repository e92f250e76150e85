//! The short summary that a command prints to the terminal at its end.

pub(super) mod coverage;
pub(super) mod explain;
pub(super) mod history;
#[cfg(feature = "stores")]
pub(super) mod upload;
pub(super) mod verify;

use std::path::Path;

use anstyle::Style;
use indicatif::{HumanBytes, HumanCount};

use super::outputs::{Outputs, Target};
use super::terminal::{BAD, GOOD, ODD, STRONG};
use crate::model::finding::Severity;
use crate::model::plan::{IndexCounts, Plan, PlannedIndex, Source, SourceStage, Upload};
use crate::model::resources::{Resource, StaticCounts};
use crate::model::signature_status::Coverage;
use crate::model::upload::{
    Comparison, OutcomeCounts, OutcomeKind, UploadConclusion, UploadedObject,
};
use crate::model::validation::{Validation, ValidationCounts};
use crate::model::verification::EndpointResult;
use crate::ops::migrate::{Deliveries, Outcome};
use crate::report::findings::CodeGroup;
use crate::report::migration::against::others_sentence;
use crate::report::migration::visibility::sentences;
use crate::report::migration::{Report, reasons};
use crate::report::signatures::multiple_signatures_sentence;
use crate::report::upload::verdict as upload_verdict;

/// The lines on the objects of each kind, if they are made.
pub(in crate::cli) struct Objects {
    archives: Option<String>,
    statics: Option<String>,
    index: Option<String>,
}

/// Renders the summary of a migration; `signed` is the text on signatures.
pub(in crate::cli) fn render(
    report: &Report,
    objects: &Objects,
    signed: &str,
    outputs: &Outputs,
) -> String {
    let mut lines = source_lines(&report.source);
    if !report.shard.is_whole() {
        lines.push(labelled(0, "Shard", &report.shard.to_string()));
    }
    if !report.scope.is_everything() {
        lines.push(labelled(0, "Scope", &report.scope.to_string()));
    }
    let balance = report.balance;
    let copies = format!(
        "{} = {} archived + {} duplicates + {} excluded{} + {} blocked",
        HumanCount(balance.copies),
        HumanCount(balance.archived),
        HumanCount(balance.duplicates),
        HumanCount(balance.excluded.total()),
        match balance.excluded.total() {
            0 => String::new(),
            _ => format!(" ({})", reasons(&balance.excluded)),
        },
        HumanCount(balance.blocked),
    );
    lines.push(labelled(0, "Copies", &copies));
    lines.extend(report.validation.as_ref().map(validated_line));
    if let Some(archives) = &objects.archives {
        lines.push(labelled(0, "Archives", archives));
        lines.push(labelled(0, "Signed", signed));
    }
    lines.extend(objects.statics.iter().map(|statics| labelled(0, "Static", statics)));
    lines.extend(objects.index.iter().map(|index| labelled(0, "Index", index)));
    lines.extend(report.against.iter().flat_map(compared_lines));
    lines.extend(multiple_signatures_line(&report.signatures));
    let seen = sentences(&report.visibility).into_iter().enumerate();
    lines.extend(seen.map(|(index, sentence)| labelled(index, "Visible", &sentence)));
    lines.extend(finding_lines(report.by_code()));
    let not_installable = report.not_installable();
    lines.extend(not_installable.map(|text| labelled(0, "Kibana", &format!("{ODD}{text}{ODD:#}"))));
    match report.settled().count() {
        0 => {}
        count => lines.push(labelled(0, "Settled", &HumanCount(count as u64).to_string())),
    }
    let verdict = report.verdict();
    let style = if verdict.is_ready() { GOOD } else { BAD };
    lines.push(labelled(0, "Verdict", &format!("{style}{verdict}{style:#}")));
    if outputs.reports.is_empty() && !report.findings.is_empty() {
        let text = "--report FILE.md lists the findings, --report FILE.json without shortening";
        lines.push(labelled(1, "", text));
    }
    lines.extend(written_lines(outputs));
    lines.join("\n")
}

/// Returns the lines on what a store has of the plan.
fn compared_lines(comparison: &Comparison) -> Vec<String> {
    /// Number of objects that are named.
    const NAMED: usize = 5;
    let outcome = &comparison.outcome;
    let style = match outcome.conclusion() {
        UploadConclusion::Complete => GOOD,
        UploadConclusion::NotServed | UploadConclusion::Conflicts | UploadConclusion::Failed => BAD,
    };
    let verdict = upload_verdict(outcome);
    let mut texts = vec![format!("{}: {style}{verdict}{style:#}", outcome.request.to)];
    for (kind, counts) in outcome.counts_by_kind() {
        let OutcomeCounts { planned, created, already_there, conflict, failed, withheld, .. } =
            counts;
        let counts = [
            (created, "new"),
            (already_there, "the same"),
            (conflict, "conflict"),
            (failed, "unknown"),
            (withheld, "withheld"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> =
            counts.map(|(count, what)| format!("{} {what}", HumanCount(*count))).collect();
        texts.push(format!("{} {kind}: {}", HumanCount(planned), counts.join(", ")));
    }
    texts.extend(others_sentence(comparison));
    texts.extend(outcome.notices.iter().map(ToString::to_string));
    let mut lines: Vec<String> =
        texts.iter().enumerate().map(|(index, text)| labelled(index, "Against", text)).collect();
    for (label, kind) in [("Conflict", OutcomeKind::Conflict), ("Unknown", OutcomeKind::Failed)] {
        let name = |object: &UploadedObject| {
            format!("{}: {}", object.key, object.outcome.message().unwrap_or_default())
        };
        let names: Vec<String> = outcome.with(kind).map(name).collect();
        lines.extend(name_lines(label, &names, NAMED));
    }
    lines
}

/// Returns the line on validation.
fn validated_line(validation: &Validation) -> String {
    let ValidationCounts { passed, failed, not_validated } = validation.counts;
    let total = validation.counts.total();
    let style = if passed == total { GOOD } else { ODD };
    let [passed, total, failed, not_validated] =
        [passed, total, failed, not_validated].map(HumanCount);
    let text = format!(
        "{style}{passed} of {total} passed{style:#}, {failed} failed, {not_validated} not validated"
    );
    labelled(0, "Validated", &text)
}

/// Returns the line on archives with several signatures, if there are any.
pub(super) fn multiple_signatures_line(coverage: &Coverage) -> Option<String> {
    let style = if coverage.good_but_not_first().next().is_some() { ODD } else { Style::new() };
    let sentence = multiple_signatures_sentence(coverage)?;
    Some(labelled(0, "Several", &format!("{style}{sentence}{style:#}")))
}

/// Returns the lines on the source, one per stage.
pub(super) fn source_lines(source: &Source) -> Vec<String> {
    let line = |(index, stage): (usize, &SourceStage)| {
        let commit: String = stage.commit.chars().take(12).collect();
        let text = format!("{:10} {} at {commit}", stage.stage, stage.reference);
        labelled(index, "Read", &text)
    };
    source.stages.iter().enumerate().map(line).collect()
}

/// Returns the lines on findings, one per code.
pub(super) fn finding_lines(groups: Vec<CodeGroup<'_>>) -> Vec<String> {
    let row = |CodeGroup { severity, code, findings }| {
        let style = match severity {
            Severity::Blocker => BAD,
            Severity::Conflict | Severity::Warning => ODD,
            Severity::Info => Style::new(),
        };
        (format!("{style}{severity:8}{style:#}"), findings.len(), code)
    };
    group_lines("Findings", groups.into_iter().map(row).collect())
}

/// Returns a line for each code: its severity or class, the number of occurrences, and its name.
fn group_lines(label: &str, groups: Vec<(String, usize, &str)>) -> Vec<String> {
    if groups.is_empty() {
        return vec![labelled(0, label, "none")];
    }
    let line = |(index, (rank, count, code)): (usize, (String, usize, &str))| {
        let count = HumanCount(count as u64).to_string();
        labelled(index, label, &format!("{rank} {count:>6}  {code}"))
    };
    groups.into_iter().enumerate().map(line).collect()
}

/// Returns the lines on the files that were written.
pub(super) fn written_lines(outputs: &Outputs) -> Vec<String> {
    let line = |(index, target): (usize, &Target)| labelled(index, "Written", &target.to_string());
    outputs.targets().enumerate().map(line).collect()
}

/// Returns how many of how many, in the colour that it deserves.
fn counted(count: u64, total: u64) -> String {
    let style = if total > 0 && count == total { GOOD } else { BAD };
    format!("{style}{} of {}{style:#}", HumanCount(count), HumanCount(total))
}

/// Returns how many objects were read through the endpoint of registries, and their kinds.
fn endpoint_line(found: &EndpointResult, count: u64) -> String {
    let kinds: Vec<String> = found.objects.iter().map(|object| object.kind.to_string()).collect();
    let kinds = if kinds.is_empty() { "none is there".to_owned() } else { kinds.join(", ") };
    format!("{} objects at the endpoint: {kinds}", counted(count, found.counts().to_check))
}

/// Returns a line of the summary; only the first line of a group (`index` 0) shows the label.
pub(super) fn labelled(index: usize, label: &str, text: &str) -> String {
    let label = if index == 0 { label } else { "" };
    format!("{STRONG}{label:9}{STRONG:#} {text}")
}

/// Returns a line for each of the first `limit` names, and one for the number of the others.
pub(super) fn name_lines(label: &str, names: &[String], limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = names.iter().take(limit).cloned().collect();
    match names.len().saturating_sub(limit) {
        0 => {}
        cut => lines.push(format!("and {} more", HumanCount(cut as u64))),
    }
    lines.iter().enumerate().map(|(index, line)| labelled(index, label, line)).collect()
}

/// Returns the texts on objects for a run of `migrate`.
pub(super) fn delivered(outcome: &Outcome, keeps_objects: bool, folder: Option<&Path>) -> Objects {
    let of_kind = |deliveries: &Deliveries, (count, len): (u64, u64)| {
        delivered_of_kind(deliveries, count, len, keeps_objects, folder)
    };
    let plan = &outcome.plan;
    let has = |kind| plan.resources.has(kind);
    Objects {
        archives: has(Resource::Archives)
            .then(|| of_kind(&outcome.deliveries, planned_archives(plan))),
        statics: has(Resource::Static).then(|| of_kind(&outcome.statics, planned_statics(plan))),
        index: plan.index.as_ref().map(|index| index_text(plan, index)),
    }
}

fn delivered_of_kind(
    deliveries: &Deliveries,
    count: u64,
    len: u64,
    keeps_objects: bool,
    folder: Option<&Path>,
) -> String {
    let Deliveries { written_count, kept_count, discarded_count, refused } = deliveries;
    let (total, bytes) = (HumanCount(count), HumanBytes(len));
    let mut text = match (keeps_objects, folder) {
        (true, Some(folder)) => {
            let in_place = HumanCount(written_count + kept_count);
            let style = if refused.is_empty() { GOOD } else { BAD };
            format!(
                "{style}{in_place} of {total}{style:#} in {} ({bytes}): {} written, {} kept",
                folder.display(),
                HumanCount(*written_count),
                HumanCount(*kept_count),
            )
        }
        (_, Some(folder)) => format!(
            "{total} ({bytes}); a run would write {} into {} and keep {} (dry run: nothing is written)",
            HumanCount(*discarded_count),
            folder.display(),
            HumanCount(*kept_count),
        ),
        (_, None) => format!("{total} ({bytes}) would be written (dry run: nothing is written)"),
    };
    if !refused.is_empty() {
        text += &format!(", {BAD}{} refused{BAD:#}", HumanCount(refused.len() as u64));
    }
    text
}

/// Returns the texts on objects for a plan.
pub(super) fn planned(plan: &Plan) -> Objects {
    let of_kind =
        |(count, len): (u64, u64)| format!("{} planned ({})", HumanCount(count), HumanBytes(len));
    let has = |kind| plan.resources.has(kind);
    Objects {
        archives: has(Resource::Archives).then(|| of_kind(planned_archives(plan))),
        statics: has(Resource::Static).then(|| of_kind(planned_statics(plan))),
        index: plan.index.as_ref().map(|index| index_text(plan, index)),
    }
}

/// Returns the text on the search index.
fn index_text(plan: &Plan, index: &PlannedIndex) -> String {
    let PlannedIndex { cursor, base, counts, part } = index;
    let IndexCounts { entries, published, added, updated } = *counts;
    let [entries, published, added, updated] = [entries, published, added, updated].map(HumanCount);
    let object = plan.uploads.iter().find_map(|upload| match upload {
        Upload::Index(object) => Some(object.size),
        _ => None,
    });
    let size = object.or(part.as_ref().map(|part| part.index.size));
    let mut text = match size {
        Some(size) => format!("{entries} entries at {cursor} ({})", HumanBytes(size)),
        None => format!("{entries} entries, equal to the published ones: no new index"),
    };
    if base.is_some() && size.is_some() {
        text += &format!(": {added} added, {updated} updated, {published} unchanged");
    }
    text
}

/// Returns number and total length of a plan's archives.
fn planned_archives(plan: &Plan) -> (u64, u64) {
    plan.archives().fold((0, 0), |(count, len), archive| (count + 1, len + archive.size))
}

/// Returns number and total length of a plan's static resources.
fn planned_statics(plan: &Plan) -> (u64, u64) {
    let StaticCounts { objects, bytes } = plan.static_counts();
    (objects, bytes)
}
