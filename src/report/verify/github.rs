//! A proof as GitHub Actions shows it: annotations as workflow commands, and the job's summary.
//!
//! The runner takes workflow commands from stdout and from stderr alike (actions/runner,
//! `ScriptHandler`), keeps 10 annotations of a level and step and 4,096 letters of each
//! (`ExecutionContext`), and drops a summary that is too large as a whole (`FileCommandManager`).
//! So both are bounded here, and what is left out is counted. Pure; whether it runs there is asked
//! by `cli`.

use super::{markdown, notice, plain, verdict};
use crate::model::mismatch::Class;
use crate::model::verification::{CodeGroup, Conclusion, VerifyOutcome};
use crate::report::text::{AllFindings, grouped, numbered};

/// Annotations of one level that the runner keeps of a step.
const MAX_ANNOTATIONS: usize = 10;
/// Examples in one annotation: with the longest lines, they stay below what the runner keeps.
const EXAMPLES: usize = 5;
/// The most bytes of all summaries of one step: 1 MiB.
pub const MAX_SUMMARY_LEN: u64 = 1 << 20;

/// How an annotation is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Error,
    Notice,
}

/// Renders the annotations, one workflow command a line: the verdict, and one for each code.
pub fn annotations(outcome: &VerifyOutcome) -> String {
    let level = match outcome.conclusion() {
        Conclusion::Match => Level::Notice,
        Conclusion::Mismatch | Conclusion::NotProven => Level::Error,
    };
    let mut commands = vec![command(level, "verify", &verdict(outcome))];
    let groups = outcome.by_code();
    let (informing, failing): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| group.class == Class::Information);
    // The verdict is one of them, and so is the line on what is left out.
    let room = MAX_ANNOTATIONS - 1;
    let shown = if failing.len() <= room { failing.len() } else { room - 1 };
    commands.extend(failing[..shown].iter().map(|group| of_code(Level::Error, group)));
    if shown < failing.len() {
        let codes: Vec<&str> = failing[shown..].iter().map(|group| group.code).collect();
        commands.push(command(Level::Error, "verify", &format!("and {}", codes.join(", "))));
    }
    commands.extend(informing.iter().map(|group| of_code(Level::Notice, group)));
    // What a place is like stays the same from night to night, so it warns of nothing.
    let notices = outcome.notices().iter();
    commands.extend(notices.map(|told| command(Level::Notice, "verify", &notice(told))));
    commands.concat()
}

fn of_code(level: Level, group: &CodeGroup<'_>) -> String {
    let mismatches = &group.mismatches;
    // They come by object.
    let object_count = mismatches.chunk_by(|(_, a), (_, b)| a.object == b.object).count();
    let mut lines = vec![format!(
        "{} in {}",
        numbered(mismatches.len() as u64, "time", "times"),
        numbered(object_count as u64, "object", "objects"),
    )];
    for (revision, mismatch) in mismatches.iter().take(EXAMPLES) {
        let text =
            format!("{}: {}", plain::subject(*revision, mismatch), plain::mismatch(mismatch));
        lines.push(plain::line(&text));
    }
    let more = mismatches.len().saturating_sub(EXAMPLES);
    if more > 0 {
        lines.push(format!("… and {} more", grouped(more as u64)));
    }
    command(level, group.code, &lines.join("\n"))
}

/// A workflow command with its line's end. The runner reads the escapes back (actions/runner,
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

/// Renders the job's summary in at most `max_len` bytes; none when not even the verdict has room.
pub fn summary(
    outcome: &VerifyOutcome,
    all_findings: &AllFindings,
    max_len: u64,
) -> Option<String> {
    const CUT: &str = "\n… the rest has no room here.\n";
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
