//! The text of `explain` for a terminal: an overview of a package, or one revision in full.
//!
//! Names and paths of the repository are escaped where they are read; messages are those of the reports.

use anstyle::Style;
use serde_json::Value;

use super::{labelled, source_lines};
use crate::cli::terminal::{BAD, GOOD, ODD, STRONG};
use crate::model::finding::{Finding, Severity};
use crate::model::mismatch::Mismatch;
use crate::model::package::PackageVersion;
use crate::model::plan::ArchiveUpload;
use crate::model::timeline::{ChangeCounts, ChangedFiles, CommitStamp};
use crate::report::explain::{
    CopyRole, Elsewhere, Likeness, Presence, RevisionStory, Story, StoryCopy, StoryEvent,
    StoryOutcome, V2State, V2Story, WinnerReason,
};
use crate::report::text::{grouped, is_invisible};
use crate::rules::history::StepKind;

/// The fields of an index entry that are shown; JSON has all.
const ENTRY_FIELDS: [&str; 8] =
    ["title", "description", "type", "release", "conditions", "owner", "categories", "download"];

/// Renders a story.
pub(in crate::cli) fn render(story: &Story) -> String {
    let mut lines = vec![headline(story)];
    lines.extend(source_lines(&story.source));
    match (&story.subject.version, story.revisions.as_slice()) {
        (Some(_), [revision]) => one_revision(story, revision, &mut lines),
        _ => overview(story, &mut lines),
    }
    lines.join("\n") + "\n"
}

fn headline(story: &Story) -> String {
    let subject = format!("{STRONG}{}{STRONG:#}", story.subject);
    let partial = match story.is_whole() {
        true => String::new(),
        false => format!(" ({BAD}not the whole history{BAD:#})"),
    };
    match (&story.subject.version, story.revisions.as_slice()) {
        (Some(_), [revision]) => format!("{subject}: {}{partial}", outcome(&revision.outcome)),
        (_, revisions) => {
            let count = |test: fn(&StoryOutcome) -> bool| {
                revisions.iter().filter(|revision| test(&revision.outcome)).count()
            };
            let versions = if revisions.len() == 1 { "version" } else { "versions" };
            let counts = [
                (count(|o| matches!(o, StoryOutcome::Archived { .. })), "archived"),
                (count(|o| matches!(o, StoryOutcome::Blocked { .. })), "blocked"),
                (count(|o| matches!(o, StoryOutcome::Skipped { .. })), "skipped"),
                (count(|o| matches!(o, StoryOutcome::Gone { .. })), "gone"),
                (count(|o| matches!(o, StoryOutcome::Unknown)), "unknown"),
            ];
            let counts: Vec<String> = counts
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            let total = revisions.len();
            format!("{subject}: {total} {versions} ever = {}{partial}", counts.join(" + "))
        }
    }
}

fn outcome(outcome: &StoryOutcome) -> String {
    match outcome {
        StoryOutcome::Archived { stage, why } => {
            let why = match why {
                WinnerReason::OnlyCopy => "the only copy",
                WinnerReason::Precedence => "the first stage in the precedence that has it",
                WinnerReason::Decision => "selected by a decision",
            };
            format!("{GOOD}archived{GOOD:#} from {stage}, {why}")
        }
        StoryOutcome::Blocked { codes } => {
            format!("{BAD}blocked{BAD:#} by {}", codes.join(", "))
        }
        StoryOutcome::Skipped { reason } => {
            format!("{ODD}skipped{ODD:#} by a decision: {}", one_line(reason))
        }
        StoryOutcome::Gone { last } => {
            let (stage, removed) = (last.stage, stamp(last.removed));
            format!("{ODD}gone{ODD:#}, last removed from {stage} on {removed}")
        }
        StoryOutcome::Unknown => {
            format!("{ODD}unknown{ODD:#}, since a tip that may have it cannot be read")
        }
    }
}

fn one_revision(story: &Story, revision: &RevisionStory, lines: &mut Vec<String>) {
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
    if let (Some(place), Some(v2)) = (&story.place, v2) {
        let parts = parts(v2).map(|(what, found)| format!("{what} {}", state(found)));
        let parts: Vec<String> = parts.collect();
        lines.push(labelled(0, "V2", &format!("{} in {place}", parts.join(", "))));
        lines.extend(mismatch_lines(v2));
    }
}

fn overview(story: &Story, lines: &mut Vec<String>) {
    push(
        lines,
        "Versions",
        table(story.revisions.iter().map(|revision| row(story, revision))),
        "none",
    );
    if let Some(place) = &story.place {
        lines.push(labelled(0, "V2", &format!("{place}")));
        for revision in &story.revisions {
            for line in revision.v2.iter().flat_map(mismatch_texts) {
                lines.push(labelled(1, "", &format!("{}: {line}", revision.revision.version)));
            }
        }
    }
    push(lines, "History", all_events(story), "none");
    let of_package = story.findings.iter().filter(|finding| finding.version.is_none());
    push(lines, "Findings", of_package.flat_map(finding_lines).collect(), "");
    history_findings(story, lines);
    let hint = format!("`explain <V1_REPO> {}-<VERSION>` shows one in full", story.subject.name);
    lines.push(labelled(1, "", &hint));
}

/// Returns the cells of a revision: its version, the stages that have it, what a migration does with it, its state
/// in v2, and the codes of its findings.
fn row(story: &Story, revision: &RevisionStory) -> [String; 5] {
    let copies: Vec<&str> = revision.copies.iter().map(|copy| copy.stage.into()).collect();
    [
        revision.revision.version.to_string(),
        if copies.is_empty() { "-".to_owned() } else { copies.join(",") },
        outcome_word(&revision.outcome),
        revision.v2.as_ref().map(states_word).unwrap_or_default(),
        codes(story, &revision.revision.version),
    ]
}

/// Aligns the columns of a table, without those that are empty.
fn table(rows: impl Iterator<Item = [String; 5]>) -> Vec<String> {
    let rows: Vec<_> = rows.collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Returns the events of all revisions by date, one block for what one commit did to several revisions.
fn all_events(story: &Story) -> Vec<String> {
    let mut groups: Vec<(&StoryEvent, Vec<String>)> = Vec::new();
    let mut dated: Vec<(&StoryEvent, String)> = Vec::new();
    for revision in &story.revisions {
        let version = revision.revision.version.to_string();
        dated.extend(revision.events.iter().map(|event| (event, version.clone())));
    }
    dated.sort_by_key(|(event, _)| event.step.commit.time);
    for (event, version) in dated {
        match groups.iter_mut().find(|(known, _)| *known == event) {
            Some((_, versions)) => versions.push(version),
            None => groups.push((event, vec![version])),
        }
    }
    let blocks = groups.into_iter().map(|(event, versions)| {
        // Which files are shown with a single revision.
        event_lines(event, Some(&versions.join(", "))).swap_remove(0)
    });
    blocks.collect()
}

fn codes(story: &Story, version: &PackageVersion) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for finding in story.findings_on(version) {
        let is_shown = finding.kind.severity() > Severity::Info;
        if is_shown && !codes.contains(&finding.kind.code()) {
            codes.push(finding.kind.code());
        }
    }
    codes.join(", ")
}

fn outcome_word(outcome: &StoryOutcome) -> String {
    match outcome {
        StoryOutcome::Archived { stage, .. } => format!("archived from {stage}"),
        StoryOutcome::Blocked { .. } => "blocked".to_owned(),
        StoryOutcome::Skipped { .. } => "skipped".to_owned(),
        StoryOutcome::Gone { .. } => "gone".to_owned(),
        StoryOutcome::Unknown => "unknown".to_owned(),
    }
}

fn copy(copy: &StoryCopy) -> String {
    let StoryCopy { stage, content_digest, file_count, role, .. } = copy;
    let role = match role {
        CopyRole::Migrated => format!("{GOOD}migrated{GOOD:#}"),
        CopyRole::Duplicate => "duplicate: the same files".to_owned(),
        CopyRole::Shadowed => format!("{ODD}not migrated{ODD:#}: other files"),
        CopyRole::NotCompared => format!("{ODD}not compared{ODD:#}: its files cannot be read"),
        CopyRole::NotMigrated => format!("{ODD}not migrated{ODD:#}"),
    };
    let content = match (content_digest, file_count) {
        (Some(digest), Some(count)) => {
            let files = if *count == 1 { "file" } else { "files" };
            format!(", {} {files}, content digest {digest}", grouped(*count as u64))
        }
        _ => String::new(),
    };
    format!("{stage:10} {role}{content}")
}

/// Returns the lines of an event; `versions` are those of the package that it is about, if several are shown.
fn event_lines(event: &StoryEvent, versions: Option<&str>) -> Vec<String> {
    let StoryEvent { stages, step, files, elsewhere } = event;
    let what = match &step.what {
        StepKind::First => "came".to_owned(),
        StepKind::Removed { .. } => "removed".to_owned(),
        StepKind::Returned => "came back".to_owned(),
        StepKind::Content(counts) => format!("changed: {}", counted(*counts)),
        StepKind::ModeOnly => "changed: only file modes".to_owned(),
        StepKind::NotCompared => {
            format!("{BAD}changed, and cannot be compared{BAD:#}")
        }
        StepKind::Unreadable => format!("{BAD}cannot be read from here on{BAD:#}"),
    };
    let stages: Vec<&str> = stages.iter().map(<&str>::from).collect();
    let stages = stages.join(",");
    let versions = versions.map(|versions| format!("{versions} ")).unwrap_or_default();
    let others = match elsewhere.is_empty() {
        true => String::new(),
        false => format!("; {}", elsewhere_text(&step.what, elsewhere)),
    };
    let mut lines = vec![format!("{} {stages:10} {versions}{what}{others}", stamp(step.commit))];
    if let Some(ChangedFiles { added, removed, changed }) = files {
        for (sign, paths) in [("+", added), ("-", removed), ("~", changed)] {
            lines.extend(paths.iter().map(|path| format!("  {sign} {path}")));
        }
    }
    lines
}

/// Returns the numbers of files that are not 0.
fn counted(counts: ChangeCounts) -> String {
    let ChangeCounts { added, removed, changed } = counts;
    let counts = [(added, "added"), (removed, "removed"), (changed, "changed")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0).enumerate();
    let texts = counts.map(|(index, (count, what))| match (index, count) {
        (0, 1) => format!("1 file {what}"),
        (0, _) => format!("{} files {what}", grouped(count as u64)),
        _ => format!("{} {what}", grouped(count as u64)),
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// Returns where else the revision was when it came or went.
fn elsewhere_text(what: &StepKind, elsewhere: &[Elsewhere]) -> String {
    let texts = elsewhere.iter().map(|Elsewhere { stage, when, files }| {
        let still = match (when, what) {
            (Presence::Earlier, _) => "earlier in",
            (Presence::Then, StepKind::Removed { .. }) => "still in",
            (Presence::Then, _) => "also in",
        };
        let likeness = match files {
            Likeness::Same => "the same files",
            Likeness::Other => "other files",
            Likeness::Unknown => "not comparable",
        };
        format!("{still} {stage} ({likeness})")
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn finding_lines(finding: &Finding) -> Vec<String> {
    let severity = finding.kind.severity();
    let style = match severity {
        Severity::Blocker => BAD,
        Severity::Conflict | Severity::Warning => ODD,
        Severity::Info => Style::new(),
    };
    let stages: Vec<&str> = finding.stages.iter().map(<&str>::from).collect();
    let path = finding.path.as_ref().map(|path| format!(" {path}:")).unwrap_or_default();
    let (code, message) = (finding.kind.code(), one_line(&finding.kind.message()));
    let in_stages = stages.join(",");
    let mut lines =
        vec![format!("{style}{severity:8}{style:#} {code}, {in_stages}:{path} {message}")];
    lines.push(match &finding.settled {
        Some(settled) => {
            format!("  settled: {}, {}", settled.decision, one_line(&settled.reason))
        }
        None => format!("  {}", finding.kind.advice()),
    });
    lines
}

fn history_findings(story: &Story, lines: &mut Vec<String>) {
    let found = story.history_findings.iter().flat_map(|found| {
        let mut lines = finding_lines(&found.finding);
        lines[0] = format!("{} {}", stamp(found.commit), lines[0]);
        lines
    });
    push(lines, "Unread", found.collect(), "");
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

fn mismatch_lines(v2: &V2Story) -> Vec<String> {
    mismatch_texts(v2).iter().map(|text| labelled(1, "", text)).collect()
}

fn mismatch_texts(v2: &V2Story) -> Vec<String> {
    let texts = v2.mismatches.iter().map(|Mismatch { object, path, kind }| {
        // The archive is that of the revision; other objects have their key.
        let is_key = path.is_none() && object.contains('/');
        let subject = if is_key { Some(object) } else { path.as_ref() };
        let subject = subject.map(|subject| format!("{subject}: ")).unwrap_or_default();
        format!("{} {subject}{}", kind.code(), one_line(&kind.message()))
    });
    texts.collect()
}

/// Returns the states of the kinds of object that v2 can have.
fn parts(v2: &V2Story) -> impl Iterator<Item = (&'static str, V2State)> {
    let V2Story { archive, statics, entry, .. } = v2;
    let parts =
        [("archive", Some(*archive)), ("static resources", *statics), ("index entry", *entry)];
    parts.into_iter().filter_map(|(what, state)| Some((what, state?)))
}

/// Returns one word for all kinds of object if they agree or there are none of the others.
fn states_word(v2: &V2Story) -> String {
    let is_other = |found: &V2State| *found != v2.archive && *found != V2State::Absent;
    match parts(v2).any(|(_, found)| is_other(&found)) {
        false => state_word(v2.archive).to_owned(),
        true => {
            let texts = parts(v2).map(|(what, found)| format!("{what} {}", state_word(found)));
            texts.collect::<Vec<_>>().join(", ")
        }
    }
}

fn state(state: V2State) -> String {
    let style = match state {
        V2State::Equal => GOOD,
        V2State::Different | V2State::Missing => BAD,
        V2State::Extra | V2State::Unknown => ODD,
        V2State::Absent => Style::new(),
    };
    format!("{style}{}{style:#}", state_word(state))
}

fn state_word(state: V2State) -> &'static str {
    match state {
        V2State::Equal => "equal",
        V2State::Different => "different",
        V2State::Missing => "missing",
        V2State::Extra => "only there",
        V2State::Absent => "absent",
        V2State::Unknown => "unknown",
    }
}

/// Adds a section; without lines, `none` is shown, unless it is empty.
fn push(lines: &mut Vec<String>, label: &str, texts: Vec<String>, none: &str) {
    if texts.is_empty() && !none.is_empty() {
        lines.push(labelled(0, label, none));
    }
    lines.extend(texts.iter().enumerate().map(|(index, text)| labelled(index, label, text)));
}

fn stamp(commit: CommitStamp) -> String {
    let id: String = commit.commit_id.to_string().chars().take(12).collect();
    let date = commit.time.map_or_else(|| "(no date)".to_owned(), |time| time.to_string());
    format!("{date} {id}")
}

/// Returns a text in one line, with invisible characters escaped: it may come from a package.
fn one_line(text: &str) -> String {
    let escaped = text.chars().map(|character| match is_invisible(character) {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    });
    escaped.collect()
}
