//! The text of `explain` for a terminal: an overview of a package, or one revision in full.
//!
//! Each section of the text has a file. Names and paths of the repository are escaped where they are read; messages are
//! those of the reports.

mod events;
mod findings;
mod in_v2;
mod lines;
mod overview;
mod revision;

use super::source_lines;
use crate::cli::terminal::{BAD, GOOD, ODD, STRONG};
use crate::report::explain::{Story, StoryOutcome, WinnerReason};

use lines::{one_line, stamp};
use overview::overview;
use revision::one_revision;

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
