//! An observer that shows progress: bars on a terminal, plain lines in a log.
//!
//! The only user of indicatif's bars. They draw nothing if stderr is not a terminal; a line is
//! printed every few seconds instead.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use super::terminal;
use crate::model::event::{self, Event, Observer};

/// The time between two lines in a log.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows progress on stderr, or nothing.
pub(crate) struct Progress {
    phase: Mutex<Phase>,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Bars,
    Lines,
    Nothing,
}

/// The state of the current phase.
struct Phase {
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
    /// Shows bars if stderr is a terminal, else nothing; nothing if `quiet`.
    pub(crate) fn on_terminal(quiet: bool) -> Self {
        Progress::on_stderr(quiet || !std::io::stderr().is_terminal())
    }

    /// Shows bars if stderr is a terminal, else lines; nothing if `quiet`.
    pub(crate) fn on_stderr(quiet: bool) -> Self {
        let form = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Form::Nothing,
            (false, true) => Form::Bars,
            (false, false) => Form::Lines,
        };
        Progress { phase: Mutex::new(Phase::new("", "", 0, ProgressBar::hidden())), form }
    }
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
            Event::Started(started, total) => *phase = self.start(started, total),
            Event::Expected(bytes) => {
                phase.expected = bytes;
                phase.bar.set_style(style_of_bytes());
            }
            Event::Advanced(bytes) => self.advance(&mut phase, bytes),
            Event::Finished => {
                phase.bar.finish_and_clear();
                if let Form::Lines = self.form {
                    terminal::say(phase.line());
                }
            }
        }
    }
}

impl Progress {
    fn start(&self, phase: event::Phase, total: u64) -> Phase {
        let (name, unit) = words(phase);
        let bar = match self.form {
            Form::Bars => ProgressBar::new(total).with_prefix(name).with_style(style()),
            Form::Lines | Form::Nothing => ProgressBar::hidden(),
        };
        Phase::new(name, unit, total, bar)
    }

    fn advance(&self, phase: &mut Phase, bytes: u64) {
        phase.done += 1;
        phase.bytes += bytes;
        match self.form {
            Form::Bars => {
                phase.bar.set_message(phase.amount());
                phase.bar.inc(1);
            }
            Form::Lines if phase.is_due() => {
                phase.last_line = Instant::now();
                terminal::say(phase.line());
            }
            Form::Lines | Form::Nothing => {}
        }
    }
}

impl Phase {
    fn new(name: &'static str, unit: &'static str, total: u64, bar: ProgressBar) -> Self {
        let now = Instant::now();
        Phase {
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

    fn amount(&self) -> String {
        match self.bytes {
            _ if self.expected > 0 => format!("{}, {}", self.unit, self.rate()),
            0 => self.unit.to_owned(),
            bytes => format!("{}, {}", self.unit, HumanBytes(bytes)),
        }
    }

    /// Returns the bytes so far, their rate, and the time that the others take at this rate.
    fn rate(&self) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let done = self.bytes;
        let rate = done as f64 / seconds.max(0.001);
        let (bytes, expected) = (HumanBytes(self.bytes), HumanBytes(self.expected));
        let text = format!("{bytes} of {expected}, {}/s", HumanBytes(rate as u64));
        match self.expected.saturating_sub(self.bytes) {
            left @ 1.. if self.bytes > 0 => {
                format!("{text}, about {:.0} s left", left as f64 / rate.max(1.0))
            }
            _ => text,
        }
    }

    fn line(&self) -> String {
        let head = format!(
            "{}: {} of {} {}",
            self.name,
            HumanCount(self.done),
            HumanCount(self.total),
            self.amount()
        );
        match self.total.saturating_sub(self.done) {
            0 => head,
            _ if self.expected > 0 => head,
            left => {
                let seconds = self.started.elapsed().as_secs_f64() / self.done.max(1) as f64;
                format!("{head}, about {:.0} s left", seconds * left as f64)
            }
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{prefix:9} {wide_bar:.green} {pos}/{len} {msg}, {eta} left")
        .expect("the template is well-formed")
}

/// Returns the style of a phase whose message has the time left.
fn style_of_bytes() -> ProgressStyle {
    ProgressStyle::with_template("{prefix:9} {wide_bar:.green} {pos}/{len} {msg}")
        .expect("the template is well-formed")
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
