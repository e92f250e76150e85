//! The terminal's summary of `audit-history`: counts, with a few examples of each.

use indicatif::HumanCount;

use super::{finding_lines, labelled, written_lines};
use crate::cli::outputs::Outputs;
use crate::cli::terminal::BAD;
use crate::model::package::RevisionId;
use crate::model::timeline::CommitTime;
use crate::report::history::HistoryReport;

/// The maximum number of examples next to a count.
const SHOWN: usize = 3;

/// Renders the summary.
pub(in crate::cli) fn render(report: &HistoryReport, outputs: &Outputs) -> String {
    let mut lines = Vec::new();
    for (index, (walk, source)) in report.walks.iter().zip(&report.source.stages).enumerate() {
        let commit: String = source.commit.chars().take(12).collect();
        let cut_off = match walk.reaches_the_beginning {
            true => String::new(),
            false => format!(", {BAD}cut off{BAD:#} before that"),
        };
        let text = format!(
            "{:10} {} at {commit}, {} {} since {}{cut_off}",
            walk.stage,
            source.reference,
            HumanCount(walk.commit_count),
            if walk.commit_count == 1 { "commit" } else { "commits" },
            day(walk.oldest.time),
        );
        lines.push(labelled(index, "Read", &text));
    }
    let counts = report.revision_counts();
    let unknown = match counts.unknown {
        0 => String::new(),
        count => format!(" + {BAD}{} unknown{BAD:#}", number(count)),
    };
    let part = match report.is_whole() {
        true => String::new(),
        false => format!(" ({BAD}not the whole history{BAD:#})"),
    };
    let text = format!(
        "{} ever = {} at a tip + {} gone{unknown}{part}",
        number(counts.ever),
        number(counts.at_tip),
        number(counts.gone),
    );
    lines.push(labelled(0, "Revisions", &text));

    let gone = report.gone();
    for (index, walk) in report.walks.iter().enumerate() {
        let of_stage = gone.iter().filter(|gone| gone.last.stage == walk.stage);
        let dated = of_stage.map(|gone| (gone.revision, gone.last.removed.time));
        lines.push(labelled(index, "Gone", &format!("{:10} {}", walk.stage, examples(dated))));
    }
    for (index, (stage, changed)) in report.changed_by_stage().into_iter().enumerate() {
        let dated = changed.into_iter().filter_map(|(revision, history)| {
            Some((revision, history.changes().last()?.commit.time))
        });
        lines.push(labelled(index, "Changed", &format!("{stage:10} {}", examples(dated))));
    }
    for (index, (code, count)) in report.other_counts().into_iter().enumerate() {
        let text = format!("{:10} {:>6}  {code}", "", number(count));
        lines.push(labelled(index, "Others", &text));
    }
    lines.extend(finding_lines(report.by_code()));
    lines.extend(written_lines(outputs));
    lines.join("\n")
}

/// Returns the number of revisions, and the latest of them with their dates.
fn examples<'a>(dated: impl Iterator<Item = (&'a RevisionId, Option<CommitTime>)>) -> String {
    let mut dated: Vec<_> = dated.collect();
    dated.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    let shown = dated.iter().take(SHOWN);
    let shown: Vec<String> =
        shown.map(|(revision, time)| format!("{revision} {}", day(*time))).collect();
    let count = format!("{:>6}", number(dated.len()));
    match (shown.is_empty(), dated.len() > SHOWN) {
        (true, _) => count,
        (false, false) => format!("{count}  {}", shown.join(", ")),
        (false, true) => format!("{count}  latest: {}", shown.join(", ")),
    }
}

fn number(count: usize) -> String {
    HumanCount(count as u64).to_string()
}

fn day(time: Option<CommitTime>) -> String {
    let Some(time) = time else { return "(no date)".to_owned() };
    let text = time.to_string();
    text.split_once('T').map_or(text.clone(), |(day, _)| day.to_owned())
}
