//! The history as a picture: for each stage, how many revisions it had over time, and when revisions appeared, changed
//! and vanished; and a strip for a single revision.
//!
//! Computes the geometry; `templates/history.html` draws it as SVG. The tables have the same events with their dates.

use crate::model::package::Stage;
use crate::model::timeline::CommitTime;
use crate::report::text::grouped;
use crate::rules::history::{StageHistory, StepKind};

use super::HistoryReport;

/// The view box of a stage's picture.
const WIDTH: f64 = 960.0;
/// The area of the number of revisions, from its top to its base line.
const AREA_TOP: f64 = 16.0;
const AREA: f64 = 74.0;
/// The base line between the bars of what appeared or changed (above) and of what vanished (below).
const BARS: f64 = 136.0;
const MAX_BAR: f64 = 34.0;
/// Enough for about ten days each in three years.
const BIN_COUNT: usize = 96;
/// The length of a revision's strip.
const STRIP: f64 = 200.0;

/// The pictures of all stages, with a common axis of time.
pub(super) struct Timeline {
    pub(super) stages: Vec<StagePicture>,
    /// The beginning of each year on the axis.
    pub(super) years: Vec<(String, i16)>,
    /// The number of steps whose commit has no date.
    pub(super) undated_count: usize,
}

/// The picture of a stage.
pub(super) struct StagePicture {
    pub(super) stage: &'static str,
    /// The outline of the area.
    pub(super) area: String,
    pub(super) most: String,
    pub(super) now: String,
    pub(super) appeared: String,
    pub(super) changed: String,
    pub(super) vanished: String,
    pub(super) bars: Vec<Bar>,
}

/// The events of one kind in one bin.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) title: String,
}

/// The life of a revision in a stage.
pub(super) struct Strip {
    /// Where it was present: position and length.
    pub(super) spans: Vec<(String, String)>,
    /// The positions of its changes.
    pub(super) changes: Vec<String>,
}

/// The span of time of all walks.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    from: i64,
    to: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Appeared,
    Changed,
    Vanished,
}

impl Axis {
    /// Returns the axis from the oldest to the newest commit; `None` if there are no dates.
    pub(super) fn of(report: &HistoryReport) -> Option<Self> {
        let stamps = report.walks.iter().flat_map(|walk| [walk.oldest, walk.newest]);
        let all = report.history.revisions.values().flatten().flat_map(|history| &history.steps);
        let times = stamps.chain(all.map(|step| step.commit)).filter_map(|stamp| stamp.time);
        let from = times.clone().min()?.0;
        Some(Axis { from, to: times.max()?.0 })
    }

    /// Returns the position of a time, from 0 to 1.
    fn at(self, time: CommitTime) -> f64 {
        // In f64, since dates may be forged: a difference of two of them need not fit into 64 bits.
        (time.0 as f64 - self.from as f64) / self.span()
    }

    /// Returns the length in seconds; not 0, so that a single commit has a place too.
    fn span(self) -> f64 {
        (self.to as f64 - self.from as f64).max(1.0)
    }

    fn bin(self, time: CommitTime) -> usize {
        ((self.at(time) * BIN_COUNT as f64) as usize).min(BIN_COUNT - 1)
    }

    /// Returns the beginning of each year.
    fn years(self) -> Vec<(String, i16)> {
        let [first, last] = [self.from, self.to].map(|time| CommitTime(time).year());
        let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
        // Dates may be forged: more labels than this would overlap.
        const MAX_YEARS: i16 = 40;
        let years = (first..=last.min(first.saturating_add(MAX_YEARS))).filter_map(|year| {
            let at = self.at(CommitTime::of_year(year)?);
            (0.0..=1.0).contains(&at).then(|| (number(at * WIDTH), year))
        });
        years.collect()
    }

    /// Draws the life of a revision in a stage.
    pub(super) fn strip(self, history: &StageHistory) -> Strip {
        let mut strip = Strip { spans: Vec::new(), changes: Vec::new() };
        let mut since = None;
        let mut add = |since: f64, until: f64| {
            strip.spans.push((number(since), number((until - since).max(1.5))));
        };
        for step in &history.steps {
            let Some(time) = step.commit.time else { continue };
            let at = self.at(time) * STRIP;
            match event(&step.what) {
                Some(Event::Appeared) => since = Some(at),
                Some(Event::Vanished) => add(since.take().unwrap_or(at), at),
                Some(Event::Changed) => strip.changes.push(number(at)),
                None => {}
            }
        }
        if let Some(since) = since {
            add(since, STRIP);
        }
        strip
    }
}

impl Timeline {
    /// Draws the history; `None` if there are no dates.
    pub(super) fn of(report: &HistoryReport) -> Option<Self> {
        let axis = Axis::of(report)?;
        let events: Vec<Vec<(CommitTime, Event)>> =
            report.walks.iter().map(|walk| events(report, walk.stage)).collect();
        let counts: Vec<[[usize; 3]; BIN_COUNT]> =
            events.iter().map(|events| binned(axis, events)).collect();
        // Bars have a common scale, so that stages can be compared.
        let highest = counts
            .iter()
            .flatten()
            .flat_map(|[appeared, changed, vanished]| [appeared + changed, *vanished]);
        let highest = highest.max().unwrap_or_default().max(1);
        let presences: Vec<Vec<(f64, usize)>> =
            events.iter().map(|events| presence(axis, events)).collect();
        let stages = report.walks.iter().zip(&events).zip(counts.iter().zip(&presences));
        let stages = stages.map(|((walk, events), (counts, presence))| {
            let count =
                |event| grouped(events.iter().filter(|(_, found)| *found == event).count() as u64);
            let most = presence.iter().map(|(_, count)| *count).max().unwrap_or_default();
            let now = presence.last().map_or(0, |(_, count)| *count);
            StagePicture {
                stage: walk.stage.into(),
                area: area(presence, most.max(1)),
                most: grouped(most as u64),
                now: grouped(now as u64),
                appeared: count(Event::Appeared),
                changed: count(Event::Changed),
                vanished: count(Event::Vanished),
                bars: bars(axis, counts, highest),
            }
        });
        let steps = report.history.revisions.values().flatten().flat_map(|history| &history.steps);
        Some(Timeline {
            stages: stages.collect(),
            years: axis.years(),
            undated_count: steps.filter(|step| step.commit.time.is_none()).count(),
        })
    }
}

fn event(what: &StepKind) -> Option<Event> {
    match what {
        StepKind::First | StepKind::Returned => Some(Event::Appeared),
        StepKind::Content(_) | StepKind::NotCompared => Some(Event::Changed),
        StepKind::Removed { .. } => Some(Event::Vanished),
        StepKind::ModeOnly | StepKind::Unreadable => None,
    }
}

/// Returns the events of a stage with their dates, in order of time.
fn events(report: &HistoryReport, stage: Stage) -> Vec<(CommitTime, Event)> {
    let histories = report.history.revisions.values().flatten();
    let steps = histories.filter(|history| history.stage == stage).flat_map(|own| &own.steps);
    let mut events: Vec<_> =
        steps.filter_map(|step| Some((step.commit.time?, event(&step.what)?))).collect();
    events.sort_by_key(|(time, _)| *time);
    events
}

fn binned(axis: Axis, events: &[(CommitTime, Event)]) -> [[usize; 3]; BIN_COUNT] {
    let mut counts = [[0; 3]; BIN_COUNT];
    for (time, event) in events {
        counts[axis.bin(*time)][*event as usize] += 1;
    }
    counts
}

/// Returns the number of revisions after each time, with one value for each time.
fn presence(axis: Axis, events: &[(CommitTime, Event)]) -> Vec<(f64, usize)> {
    let mut count = 0_usize;
    let mut all: Vec<(f64, usize)> = Vec::new();
    for (time, event) in events {
        match event {
            Event::Appeared => count += 1,
            // Dates need not ascend along the history, so that a removal may come first.
            Event::Vanished => count = count.saturating_sub(1),
            Event::Changed => continue,
        }
        // Commits closer than this cannot be distinguished.
        let at = (axis.at(*time) * WIDTH).round();
        match all.last_mut() {
            Some(last) if last.0 == at => last.1 = count,
            _ => all.push((at, count)),
        }
    }
    all
}

fn area(presence: &[(f64, usize)], most: usize) -> String {
    let base = AREA_TOP + AREA;
    let mut path = format!("M0 {}", number(base));
    for (at, count) in presence {
        let top = base - AREA * *count as f64 / most as f64;
        path += &format!("H{}V{}", number(*at), number(top));
    }
    path + &format!("H{}V{}Z", number(WIDTH), number(base))
}

fn bars(axis: Axis, counts: &[[usize; 3]; BIN_COUNT], highest: usize) -> Vec<Bar> {
    let step = WIDTH / BIN_COUNT as f64;
    let len = |count: usize| {
        // One event must be visible next to a thousand.
        if count == 0 { 0.0 } else { (MAX_BAR * count as f64 / highest as f64).max(1.5) }
    };
    let mut bars = Vec::new();
    for (index, [appeared, changed, vanished]) in counts.iter().enumerate() {
        let [up, on_top, down] = [*appeared, *changed, *vanished].map(len);
        let places = [
            ("appeared", *appeared, BARS - up, up),
            ("changed", *changed, BARS - up - on_top, on_top),
            ("vanished", *vanished, BARS, down),
        ];
        let span = axis.span() * index as f64 / BIN_COUNT as f64;
        let date = CommitTime(axis.from.saturating_add(span as i64)).to_string();
        let date: String = date.chars().take("2020-01-01".len()).collect();
        for (class, count, y, height) in places.into_iter().filter(|(_, count, ..)| *count > 0) {
            bars.push(Bar {
                class,
                x: number(step * index as f64 + 0.5),
                y: number(y),
                width: number(step - 1.0),
                height: number(height),
                title: format!("{} {class} from {date} on", grouped(count as u64)),
            });
        }
    }
    bars
}

/// Formats a coordinate.
fn number(value: f64) -> String {
    format!("{value:.1}")
}
