//! The output of `verify` for GitHub Actions: annotations as workflow commands, and the job summary.
//!
//! The runner reads workflow commands from stdout and from stderr (actions/runner, `ScriptHandler`),
//! keeps 10 annotations per level and step and 4,096 characters of each (`ExecutionContext`), and drops
//! a summary that is too large entirely (`FileCommandManager`). So both are bounded here, and what is
//! omitted is counted. Pure; `cli` detects whether the run is a step of GitHub Actions.

use super::{markdown, notice, plain, verdict};
use crate::model::mismatch::Class;
use crate::model::verification::{CodeGroup, Conclusion, VerifyOutcome};
use crate::report::text::{AllFindings, grouped, numbered};

/// The number of annotations per level that the runner keeps for a step.
const MAX_ANNOTATIONS: usize = 10;
/// The number of examples in one annotation; even with the longest lines, they fit into the runner's
/// limit.
const EXAMPLES: usize = 5;
/// The maximum length of all summaries of one step, in bytes: 1 MiB.
pub const MAX_SUMMARY_LEN: u64 = 1 << 20;

/// The level of an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Error,
    Notice,
}

/// Renders the annotations, one workflow command per line: the verdict, and one for each code.
pub fn annotations(outcome: &VerifyOutcome) -> String {
    let level = match outcome.conclusion() {
        Conclusion::Match => Level::Notice,
        Conclusion::Mismatch | Conclusion::NotProven => Level::Error,
    };
    let mut commands = vec![command(level, "verify", &verdict(outcome))];
    let groups = outcome.by_code();
    let (informing, failing): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| group.class == Class::Information);
    // The verdict counts as one, and so does the line on what is omitted.
    let room = MAX_ANNOTATIONS - 1;
    let shown = if failing.len() <= room { failing.len() } else { room - 1 };
    commands.extend(failing[..shown].iter().map(|group| of_code(Level::Error, group)));
    if shown < failing.len() {
        let codes: Vec<&str> = failing[shown..].iter().map(|group| group.code).collect();
        commands.push(command(Level::Error, "verify", &format!("and {}", codes.join(", "))));
    }
    commands.extend(informing.iter().map(|group| of_code(Level::Notice, group)));
    // A notice, not a warning: the properties of a location are the same in every scheduled run.
    let notices: Vec<String> = outcome.notices().iter().map(notice).collect();
    let room = room.saturating_sub(informing.len());
    let alone = if notices.len() <= room { notices.len() } else { room.saturating_sub(1) };
    let (alone, together) = notices.split_at(alone);
    commands.extend(alone.iter().map(|note| command(Level::Notice, "verify", note)));
    if !together.is_empty() {
        commands.push(command(Level::Notice, "verify", &together.join("\n")));
    }
    commands.concat()
}

fn of_code(level: Level, group: &CodeGroup<'_>) -> String {
    let mismatches = &group.mismatches;
    // The mismatches are sorted by object.
    let object_count = mismatches.chunk_by(|(_, a), (_, b)| a.object == b.object).count();
    let mut lines = vec![format!(
        "{} in {}",
        numbered(mismatches.len() as u64, "time", "times"),
        numbered(object_count as u64, "object", "objects"),
    )];
    for (revision, mismatch) in mismatches.iter().take(EXAMPLES) {
        let detail = match revision {
            Some(_) => plain::of_revision(mismatch),
            None => plain::mismatch(mismatch),
        };
        let text = format!("{}: {detail}", plain::subject(*revision, mismatch));
        lines.push(plain::line(&text));
    }
    let more = mismatches.len().saturating_sub(EXAMPLES);
    if more > 0 {
        lines.push(format!("… and {} more", grouped(more as u64)));
    }
    command(level, group.code, &lines.join("\n"))
}

/// Renders a workflow command with its line ending. The runner decodes the escapes (actions/runner,
/// `ActionCommand`).
fn command(level: Level, title: &str, message: &str) -> String {
    let name = match level {
        Level::Error => "error",
        Level::Notice => "notice",
    };
    let (title, message) = (property(title), data(message));
    format!("::{name} title={title}::{message}\n")
}

/// Escapes a command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Renders the job summary in at most `max_len` bytes; `None` if not even the verdict fits.
pub fn summary(
    outcome: &VerifyOutcome,
    all_findings: &AllFindings,
    max_len: u64,
) -> Option<String> {
    const CUT: &str = "\n… the rest exceeds the size limit of a job summary.\n";
    let max_len = usize::try_from(max_len).unwrap_or(usize::MAX);
    let text = markdown::render(outcome, all_findings);
    if text.len() <= max_len {
        return Some(text);
    }
    let room = max_len.checked_sub(CUT.len())?;
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let end = ends.take_while(|end| *end <= room).last()?;
    let kept = &text[..end];
    kept.contains(&markdown::verdict_line(outcome)).then(|| format!("{kept}{CUT}"))
}
