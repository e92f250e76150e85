//! An observer that shows progress: bars on a terminal, plain lines or events in a log.
//!
//! The only user of indicatif's bars. Without a terminal, or if it has no codes, a line is printed every few seconds
//! instead.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use super::log::{LogEvent, ProgressEvent, emit};
use super::print;
use super::settings::{LogFormat, ProgressForm, settings};
use crate::model::event::{self, Event, Observer};

/// The time between two lines in a log.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows progress on stderr, or nothing.
pub(crate) struct Progress {
    phase: Mutex<Phase>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bars,
    Lines,
    Events,
    Nothing,
}

/// The state of the current phase.
struct Phase {
    code: &'static str,
    name: &'static str,
    unit: &'static str,
    done: u64,
    total: u64,
    bytes: u64,
    /// The number of bytes of the whole phase, or 0 if it is unknown.
    expected: u64,
    started: Instant,
    last_line: Instant,
    bar: ProgressBar,
}

impl Progress {
    /// Shows bars if stderr is a terminal, else nothing; what `--progress` says; nothing if `quiet`.
    pub(crate) fn on_terminal(quiet: bool) -> Self {
        Progress::new(quiet, Form::Nothing)
    }

    /// Shows bars if stderr is a terminal, else lines; what `--progress` says; nothing if `quiet`.
    pub(crate) fn on_stderr(quiet: bool) -> Self {
        Progress::new(quiet, Form::Lines)
    }

    /// `otherwise` is the form without a terminal.
    fn new(quiet: bool, otherwise: Form) -> Self {
        let settings = settings();
        let form = match (settings.progress, settings.log_format) {
            _ if quiet => Form::Nothing,
            (ProgressForm::Nothing, _) => Form::Nothing,
            (ProgressForm::Auto | ProgressForm::Plain, LogFormat::Json) => Form::Events,
            (ProgressForm::Plain, LogFormat::Text) => Form::Lines,
            (ProgressForm::Auto, LogFormat::Text) if has_codes() => Form::Bars,
            (ProgressForm::Auto, LogFormat::Text) => otherwise,
        };
        Progress { phase: Mutex::new(Phase::new("", ("", ""), 0, ProgressBar::hidden())), form }
    }
}

/// Returns whether stderr is a terminal that can move its cursor.
fn has_codes() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.phase.get_mut().unwrap_or_else(PoisonError::into_inner).bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn observe(&self, event: Event) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started(started, total) => {
                *phase = self.start(started, total);
                self.log(&phase, "started");
            }
            Event::Expected(bytes) => {
                phase.expected = bytes;
                phase.bar.set_style(style_of_bytes());
            }
            Event::Advanced(bytes) => self.advance(&mut phase, bytes),
            Event::Finished => {
                phase.bar.finish_and_clear();
                self.log(&phase, "finished");
                if self.form == Form::Lines {
                    print(phase.last_line());
                }
            }
        }
    }
}

impl Progress {
    fn start(&self, phase: event::Phase, total: u64) -> Phase {
        let words = words(phase);
        let bar = match self.form {
            Form::Bars => ProgressBar::new(total).with_prefix(words.0).with_style(style()),
            Form::Lines | Form::Events | Form::Nothing => ProgressBar::hidden(),
        };
        Phase::new(phase.into(), words, total, bar)
    }

    fn advance(&self, phase: &mut Phase, bytes: u64) {
        phase.done += 1;
        phase.bytes += bytes;
        match self.form {
            Form::Bars => {
                phase.bar.set_message(phase.amount(Instant::now()));
                phase.bar.inc(1);
            }
            Form::Lines | Form::Events if phase.is_due() => {
                phase.last_line = Instant::now();
                self.log(phase, "advanced");
                if self.form == Form::Lines {
                    print(phase.line(phase.last_line));
                }
            }
            Form::Lines | Form::Events | Form::Nothing => {}
        }
    }

    /// Writes an event, if progress is shown as events.
    fn log(&self, phase: &Phase, state: &'static str) {
        if self.form == Form::Events {
            let now = Instant::now();
            emit(&LogEvent::Progress(ProgressEvent {
                phase: phase.code,
                state,
                unit: phase.unit,
                done: phase.done,
                total: phase.total,
                bytes: phase.bytes,
                total_bytes: (phase.expected > 0).then_some(phase.expected),
                bytes_per_second: phase.bytes_per_second(now) as u64,
                seconds_left: phase.seconds_left(now).map(|seconds| seconds.ceil() as u64),
            }));
        }
    }
}

impl Phase {
    fn new(
        code: &'static str,
        (name, unit): (&'static str, &'static str),
        total: u64,
        bar: ProgressBar,
    ) -> Self {
        let now = Instant::now();
        Phase {
            code,
            name,
            unit,
            done: 0,
            total,
            bytes: 0,
            expected: 0,
            started: now,
            last_line: now,
            bar,
        }
    }

    /// Returns whether it is time for another line; the last one is printed when the phase ends.
    fn is_due(&self) -> bool {
        self.done < self.total && self.last_line.elapsed() >= LINE_INTERVAL
    }

    fn seconds_at(&self, now: Instant) -> f64 {
        now.saturating_duration_since(self.started).as_secs_f64()
    }

    fn bytes_per_second(&self, now: Instant) -> f64 {
        let done = self.bytes;
        done as f64 / self.seconds_at(now).max(0.001)
    }

    /// Returns the time that the rest takes at the rate so far, by its bytes if their number is known; `None` before
    /// there is a rate.
    fn seconds_left(&self, now: Instant) -> Option<f64> {
        let seconds = self.seconds_at(now);
        let (done, total) =
            if self.expected > 0 { (self.bytes, self.expected) } else { (self.done, self.total) };
        (done > 0).then(|| seconds / done as f64 * total.saturating_sub(done) as f64)
    }

    /// Returns the unit, the bytes so far and their rate.
    fn amount(&self, now: Instant) -> String {
        let rate = HumanBytes(self.bytes_per_second(now) as u64);
        let bytes = HumanBytes(self.bytes);
        match (self.bytes, self.expected) {
            (0, 0) => self.unit.to_owned(),
            (_, 0) => format!("{}, {bytes}, {rate}/s", self.unit),
            (_, expected) => {
                let text = format!("{}, {bytes} of {}, {rate}/s", self.unit, HumanBytes(expected));
                // Elsewhere, it is the bar that shows the time by its units.
                match self.seconds_left(now) {
                    Some(seconds) if self.bytes < expected => {
                        format!("{text}, about {seconds:.0} s left")
                    }
                    _ => text,
                }
            }
        }
    }

    fn line(&self, now: Instant) -> String {
        let head = format!("{} {}", self.count(), self.amount(now));
        match self.seconds_left(now) {
            Some(seconds) if self.expected == 0 && self.done < self.total => {
                format!("{head}, about {seconds:.0} s left")
            }
            _ => head,
        }
    }

    /// Returns the line at the end, which says nothing that depends on the time.
    fn last_line(&self) -> String {
        match self.bytes {
            0 => format!("{} {}", self.count(), self.unit),
            bytes => format!("{} {}, {}", self.count(), self.unit, HumanBytes(bytes)),
        }
    }

    fn count(&self) -> String {
        format!("{}: {} of {}", self.name, HumanCount(self.done), HumanCount(self.total))
    }
}

fn style() -> ProgressStyle {
    bar_style(", {eta} left")
}

/// Returns the style of a phase whose message has the time left.
fn style_of_bytes() -> ProgressStyle {
    bar_style("")
}

/// Returns the style of a bar, in colour as other text on stderr: indicatif itself would not know the flag.
fn bar_style(end: &str) -> ProgressStyle {
    let color = match AutoStream::choice(&std::io::stderr()) {
        ColorChoice::Never => Style::new(),
        _ => AnsiColor::Green.on_default(),
    };
    let template =
        format!("{{prefix:9}} {color}{{wide_bar}}{color:#} {{pos}}/{{len}} {{msg}}{end}");
    ProgressStyle::with_template(&template).expect("the template is well-formed")
}

/// Returns the name of a phase, and what it counts.
fn words(phase: event::Phase) -> (&'static str, &'static str) {
    match phase {
        event::Phase::Listing => ("listing", "stages"),
        event::Phase::Walking => ("walking", "commits"),
        event::Phase::Archiving => ("archiving", "revisions"),
        event::Phase::Placing => ("placing", "static resources"),
        event::Phase::Comparing => ("comparing", "revisions"),
        event::Phase::ComparingStatics => ("comparing", "static resources"),
        event::Phase::ComparingIndex => ("comparing", "index entries"),
        event::Phase::Signing => ("signing", "archives"),
        event::Phase::Checking => ("checking", "archives"),
        event::Phase::CheckingFiles => ("checking", "files"),
        event::Phase::ListingStore => ("listing", "prefixes"),
        event::Phase::Settling => ("comparing", "objects"),
        event::Phase::Uploading => ("uploading", "objects"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phase of 4 units.
    fn phase(done: u64, bytes: u64, expected: u64) -> Phase {
        let mut phase =
            Phase::new("archiving", ("archiving", "revisions"), 4, ProgressBar::hidden());
        (phase.done, phase.bytes, phase.expected) = (done, bytes, expected);
        phase
    }

    #[test]
    fn lines_have_the_bytes_their_rate_and_the_time_left() {
        const MIB: u64 = 1 << 20;
        let rows = [
            (phase(0, 0, 0), "archiving: 0 of 4 revisions", ""),
            (phase(2, 0, 0), "archiving: 2 of 4 revisions, about 10 s left", ""),
            (
                phase(1, 42 * MIB, 0),
                "archiving: 1 of 4 revisions, 42.00 MiB, 4.",
                "/s, about 30 s left",
            ),
            (phase(1, 0, 84 * MIB), "archiving: 1 of 4 revisions, 0 B of 84.00 MiB, 0 B/s", ""),
            (
                phase(1, 42 * MIB, 84 * MIB),
                "archiving: 1 of 4 revisions, 42.00 MiB of 84.00 MiB, 4.",
                "/s, about 10 s left",
            ),
            (
                phase(4, 84 * MIB, 84 * MIB),
                "archiving: 4 of 4 revisions, 84.00 MiB of 84.00 MiB, 8.",
                "/s",
            ),
        ];
        for (phase, start, end) in rows {
            let line = phase.line(phase.started + Duration::from_secs(10));
            assert!(line.starts_with(start) && line.ends_with(end), "{line}");
            assert!(!end.is_empty() || line == start, "{line}");
        }
        assert_eq!(
            phase(4, 84 * MIB, 84 * MIB).last_line(),
            "archiving: 4 of 4 revisions, 84.00 MiB"
        );
        assert_eq!(phase(4, 0, 0).last_line(), "archiving: 4 of 4 revisions");
    }

    #[test]
    fn styles_of_bars_are_templates() {
        style();
        style_of_bytes();
    }
}
