//! The text on one revision in full: its copies, events, findings, archive and entry, and its objects in v2.

use serde_json::Value;

use super::events::event_lines;
use super::findings::{finding_lines, history_findings};
use super::in_v2;
use super::lines::{one_line, push};
use crate::cli::terminal::{GOOD, ODD};
use crate::model::plan::ArchiveUpload;
use crate::report::explain::{CopyRole, RevisionStory, Story, StoryCopy};
use crate::report::text::grouped;

/// The fields of an index entry that are shown; JSON has all.
const ENTRY_FIELDS: [&str; 8] =
    ["title", "description", "type", "release", "conditions", "owner", "categories", "download"];

pub(super) fn one_revision(story: &Story, revision: &RevisionStory, lines: &mut Vec<String>) {
    let RevisionStory { copies, events, archive, entry, v2, .. } = revision;
    let copies: Vec<String> = copies.iter().map(copy).collect();
    push(lines, "Copies", copies, "none at a tip");
    let events: Vec<String> = events.iter().flat_map(|event| event_lines(event, None)).collect();
    push(lines, "History", events, "none");
    let findings: Vec<String> = story.findings.iter().flat_map(finding_lines).collect();
    push(lines, "Findings", findings, "none");
    history_findings(story, lines);
    push(lines, "Archive", archive.iter().flat_map(archive_lines).collect(), "none");
    push(lines, "Entry", entry.iter().flat_map(entry_lines).collect(), "none");
    if let (Some(places), Some(v2)) = (&story.places, v2) {
        lines.extend(in_v2::revision_lines(places, v2));
    }
}

fn copy(copy: &StoryCopy) -> String {
    let StoryCopy { stage, content_digest, file_count, role, .. } = copy;
    let role = match role {
        CopyRole::Migrated => format!("{GOOD}migrated{GOOD:#}"),
        CopyRole::Duplicate => "duplicate: the same files".to_owned(),
        CopyRole::Shadowed => format!("{ODD}not migrated{ODD:#}: different files"),
        CopyRole::NotCompared => format!("{ODD}not compared{ODD:#}: its files cannot be read"),
        CopyRole::NotMigrated => format!("{ODD}not migrated{ODD:#}"),
    };
    let content = match (content_digest, file_count) {
        (Some(digest), Some(count)) => {
            let files = if *count == 1 { "file" } else { "files" };
            let digest: String = digest.to_string().chars().take(12).collect();
            format!(", {} {files}, content {digest}", grouped(*count as u64))
        }
        _ => String::new(),
    };
    format!("{stage:10} {role}{content}")
}

fn archive_lines(archive: &ArchiveUpload) -> Vec<String> {
    let ArchiveUpload { key, size, sha256, md5, crc32c, content_digest, file_count, .. } = archive;
    vec![
        format!("{key}, {} bytes, {} files", grouped(*size), grouped(*file_count)),
        format!("sha256  {sha256}"),
        format!("md5     {md5}"),
        format!("crc32c  {crc32c}"),
        format!("content {content_digest}"),
    ]
}

fn entry_lines(entry: &Value) -> Vec<String> {
    let shown = ENTRY_FIELDS.iter().filter_map(|name| {
        let value = entry.get(*name)?;
        let text = value.as_str().map_or_else(|| value.to_string(), one_line);
        Some(format!("{name:11} {text}"))
    });
    let mut lines: Vec<String> = shown.collect();
    let field_count = entry.as_object().map_or(0, serde_json::Map::len);
    match field_count.saturating_sub(lines.len()) {
        0 => {}
        more => lines.push(format!("and {more} more fields: --format json shows all")),
    }
    lines
}
