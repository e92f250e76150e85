//! *History*: what happened to a revision, or to all revisions of a package.

use super::lines::stamp;
use crate::cli::terminal::BAD;
use crate::model::timeline::{ChangeCounts, ChangedFiles};
use crate::report::explain::{Elsewhere, Likeness, Presence, Story, StoryEvent};
use crate::report::text::grouped;
use crate::rules::history::StepKind;

/// Returns the events of all revisions by date, one block for what one commit did to several revisions.
pub(super) fn all_events(story: &Story) -> Vec<String> {
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

/// Returns the lines of an event; `versions` are those of the package that it is about, if several are shown.
pub(super) fn event_lines(event: &StoryEvent, versions: Option<&str>) -> Vec<String> {
    let StoryEvent { stages, step, files, elsewhere } = event;
    let what = match &step.what {
        StepKind::First => "added".to_owned(),
        StepKind::Removed { .. } => "removed".to_owned(),
        StepKind::Returned => "added again".to_owned(),
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
            Likeness::Other => "different files",
            Likeness::Unknown => "not comparable",
        };
        format!("{still} {stage} ({likeness})")
    });
    texts.collect::<Vec<_>>().join(", ")
}
