//! What users will see, in the report's formats: JSON, one change per line, a section in Markdown, and sentences for the
//! summary.
//!
//! Nothing is shortened in JSON and Markdown. In Markdown, a change that several queries share is one row.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use crate::model::registry_release::RegistryRelease;
use crate::report::text::{grouped, inline, numbered, write_row};
use crate::rules::constraint::Version;
use crate::rules::visibility::{
    ByRegistry, Change, Flags, Reason, Registries, Sides, Step, View, Visibility,
};

/// Renders the field of the JSON report.
///
/// # Errors
/// Serialization errors, which these types do not cause.
pub(super) fn to_json(visibility: &Visibility) -> serde_json::Result<String> {
    let Visibility { v1, registries, unread, views } = visibility;
    let head = [
        ("v1", serde_json::to_string(v1)?),
        ("registries", serde_json::to_string(registries)?),
        ("unread", serde_json::to_string(unread)?),
    ];
    let views = views.iter().map(view_to_json).collect::<serde_json::Result<Vec<_>>>()?;
    Ok(object(&head, ("views", &list(&views, 2))))
}

fn view_to_json(view: &View) -> serde_json::Result<String> {
    let View { query, kibana, packages, revisions, changes, by_registry } = view;
    let ByRegistry { older, newer, changes: steps } = by_registry;
    let counts = [("older", older.to_string()), ("newer", newer.to_string())];
    let by_registry = object(&counts, ("changes", &list(&lines(steps)?, 3)));
    let head = [
        ("query", serde_json::to_string(query)?),
        ("kibana", serde_json::to_string(kibana)?),
        ("packages", serde_json::to_string(packages)?),
        ("revisions", serde_json::to_string(revisions)?),
        ("changes", list(&lines(changes)?, 3)),
    ];
    Ok(object(&head, ("by_registry", &by_registry)))
}

fn lines(values: &[impl Serialize]) -> serde_json::Result<Vec<String>> {
    values.iter().map(serde_json::to_string).collect()
}

/// Renders an object of serialized values.
fn object(fields: &[(&str, String)], last: (&str, &str)) -> String {
    let fields: String =
        fields.iter().map(|(name, value)| format!("\"{name}\":{value},")).collect();
    format!("{{{fields}\"{}\":{}}}", last.0, last.1)
}

/// Renders a list with one serialized value per line; `depth` is that of the values.
fn list(values: &[String], depth: usize) -> String {
    if values.is_empty() {
        return "[]".to_owned();
    }
    let indent = |depth: usize| format!("\n{}", "  ".repeat(depth));
    let separator = format!(",{}", indent(depth));
    format!("[{}{}{}]", indent(depth), values.join(&separator), indent(depth - 1))
}

/// Writes the section.
pub(super) fn write_section(
    out: &mut String,
    visibility: &Visibility,
    registry: RegistryRelease,
) -> fmt::Result {
    let Visibility { v1, registries: Registries { older, newer }, unread, views } = visibility;
    writeln!(out, "\n## What users will see\n")?;
    writeln!(
        out,
        "How many packages package-registry {registry} shows from {v1}, which v1 serves today, and from v2. A package counts as changed if its newest visible version differs. The last three columns compare two releases of the registry, both with v2.\n"
    )?;
    writeln!(
        out,
        "| query | Kibana | v1 | v2 | changed | v1, `all=true` | v2, `all=true` | v2 in {older} | v2 in {newer} | changed |"
    )?;
    writeln!(out, "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")?;
    for View { query, kibana, packages, revisions, changes, by_registry } in views {
        let counts = [
            packages.v1,
            packages.v2,
            changes.len() as u64,
            revisions.v1,
            revisions.v2,
            by_registry.older,
            by_registry.newer,
            by_registry.changes.len() as u64,
        ];
        let counts = counts.map(grouped).join(" | ");
        writeln!(out, "| {query} | {} | {counts} |", kibana_text(kibana.as_ref()))?;
    }
    if !unread.is_empty() {
        let names: Vec<String> = unread.iter().map(|name| inline(name)).collect();
        writeln!(
            out,
            "\nIn v1, but not counted because they cannot be read: {}.",
            names.join(", ")
        )?;
    }
    let changes = views.iter().flat_map(|view| view.changes.iter().map(move |own| (view, own)));
    let rows = changes.map(|(view, change)| {
        let Change { package, before, after, reason: _, stage: _ } = change;
        let cells = [version_text(before.as_ref()), version_text(after.as_ref()), why(change)];
        (view, package, cells)
    });
    let head = "| package | v1 | v2 | reason | queries |\n|---|---|---|---|---|";
    write_changes(out, "From v1 to v2", head, rows)?;
    let steps =
        views.iter().flat_map(|view| view.by_registry.changes.iter().map(move |own| (view, own)));
    let rows = steps.map(|(view, Step { package, before, after })| {
        (view, package, [version_text(before.as_ref()), version_text(after.as_ref())])
    });
    let title = format!("From package-registry {older} to {newer}");
    let head = format!("| package | {older} | {newer} | queries |\n|---|---|---|---|");
    write_changes(out, &title, &head, rows)
}

/// Writes a table with a row for each change, and the queries that show it.
fn write_changes<'v, const N: usize>(
    out: &mut String,
    title: &str,
    head: &str,
    changes: impl Iterator<Item = (&'v View, &'v String, [String; N])>,
) -> fmt::Result {
    let mut rows: BTreeMap<(&String, [String; N]), Vec<&View>> = BTreeMap::new();
    for (view, package, cells) in changes {
        rows.entry((package, cells)).or_default().push(view);
    }
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### {title} ({})\n\n{head}", grouped(rows.len() as u64))?;
    for ((package, cells), views) in rows {
        write_row(out, [inline(package), cells.join(" | "), queries(&views)])?;
    }
    Ok(())
}

/// Lists queries: the versions of Kibana for each of the flags.
fn queries(views: &[&View]) -> String {
    let mut by_flags: BTreeMap<Flags, Vec<String>> = BTreeMap::new();
    for view in views {
        by_flags.entry(view.query).or_default().push(kibana_text(view.kibana.as_ref()));
    }
    let texts = by_flags.iter().map(|(flags, kibanas)| format!("{flags} ({})", kibanas.join(", ")));
    texts.collect::<Vec<_>>().join(", ")
}

fn kibana_text(kibana: Option<&Version>) -> String {
    kibana.map_or_else(|| "any".to_owned(), |version| inline(&version.to_string()))
}

fn version_text(version: Option<&Version>) -> String {
    version.map_or_else(|| "–".to_owned(), |version| inline(&version.to_string()))
}

/// Returns why the newest shown version differs.
pub(super) fn why(change: &Change) -> String {
    match (change.reason, change.stage) {
        (Reason::OtherStage, Some(stage)) => format!("{stage} has it"),
        (Reason::OtherStage, None) => "another stage has it".to_owned(),
        (Reason::NotMigrated, _) => "v1's is not migrated".to_owned(),
        (Reason::OtherCopy, _) => "a decision keeps another copy".to_owned(),
    }
}

/// Returns a sentence for each version of Kibana about what its users see by default, without full stops.
pub(crate) fn sentences(visibility: &Visibility) -> Vec<String> {
    let is_default = |view: &&View| {
        view.kibana.as_ref().is_some_and(|kibana| Flags::sent_by(kibana) == view.query)
    };
    let sentence = |view: &View| {
        let Sides { v1, v2 } = view.packages;
        let kibana = view.kibana.as_ref().map(Version::to_string).unwrap_or_default();
        let changed = view.changes.len() as u64;
        format!(
            "Kibana {kibana}: {} in v1, {} in v2; the newest version changes for {}",
            numbered(v1, "package", "packages"),
            grouped(v2),
            grouped(changed),
        )
    };
    let mut shown: Vec<&View> = visibility.views.iter().filter(is_default).collect();
    shown.sort_by(|one, other| match (&one.kibana, &other.kibana) {
        (Some(one), Some(other)) => one.cmp_precedence(other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    });
    shown.into_iter().map(sentence).collect()
}
