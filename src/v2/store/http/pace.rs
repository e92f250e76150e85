//! How often all threads together send requests, which a server can slow down.
//!
//! Normally there is no limit but the number of threads. When a server asks for fewer requests (429, 503), the
//! starts of requests are spaced: more with each further complaint, less with each success, until there is no
//! limit again. So threads neither storm a busy server nor stop for long.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Limits;

/// The spacing of requests, shared by all threads.
pub(super) struct Pace {
    /// Spacing after the first complaint.
    first: Duration,
    longest: Duration,
    /// Spacing that is kept even if the server does not complain.
    shortest: Duration,
    state: Mutex<State>,
}

struct State {
    spacing: Duration,
    /// When the next request may start.
    next: Option<Instant>,
    slowed_at: Option<Instant>,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Self {
        let (first, longest) = (limits.first_wait / 8, limits.longest_wait / 8);
        let state = State { spacing: limits.spacing, next: None, slowed_at: None };
        Pace { first, longest, shortest: limits.spacing, state: Mutex::new(state) }
    }

    /// Waits for this request's turn.
    pub(super) fn wait(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.spacing.is_zero() {
            return;
        }
        let now = Instant::now();
        let start = state.next.map_or(now, |next| next.max(now));
        state.next = Some(start + state.spacing);
        drop(state);
        thread::sleep(start.saturating_duration_since(now));
    }

    /// Doubles the spacing. Complaints about requests that were sent at the same time count once.
    pub(super) fn slow_down(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let grace = state.spacing.max(self.first);
        if state.slowed_at.is_some_and(|at| now.saturating_duration_since(at) < grace) {
            return;
        }
        state.slowed_at = Some(now);
        state.spacing = (state.spacing * 2).clamp(self.first, self.longest.max(self.first));
        state.next = Some(now + state.spacing);
    }

    /// Shortens the spacing by an eighth.
    pub(super) fn succeeded(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.spacing > self.shortest {
            let shorter = state.spacing * 7 / 8;
            state.spacing = if shorter < self.first / 8 { self.shortest } else { shorter };
            state.spacing = state.spacing.max(self.shortest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(spacing: Duration, first_wait: Duration) -> Pace {
        let longest_wait = 10 * first_wait;
        Pace::new(&Limits { first_wait, longest_wait, spacing, ..Limits::default() })
    }

    fn spacing(pace: &Pace) -> Duration {
        pace.state.lock().unwrap().spacing
    }

    #[test]
    fn complaints_space_requests_and_successes_end_that() {
        // Seconds, so that a busy machine does not separate complaints.
        let second = Duration::from_secs(1);
        let pace = pace(Duration::ZERO, 800 * second);
        assert_eq!(spacing(&pace), Duration::ZERO);
        pace.slow_down();
        pace.slow_down();
        assert_eq!(spacing(&pace), 100 * second, "complaints at the same time count once");
        for expected in [200, 400, 800, 1000, 1000] {
            pace.state.lock().unwrap().slowed_at = None;
            pace.slow_down();
            assert_eq!(spacing(&pace), expected * second);
        }
        pace.succeeded();
        assert_eq!(spacing(&pace), 875 * second);
        for _ in 0..40 {
            pace.succeeded();
        }
        assert_eq!(spacing(&pace), Duration::ZERO);
    }

    #[test]
    fn a_configured_spacing_is_kept() {
        let milli = Duration::from_millis(1);
        let pace = pace(5 * milli, 800 * milli);
        pace.slow_down();
        assert_eq!(spacing(&pace), 100 * milli);
        for _ in 0..40 {
            pace.succeeded();
        }
        assert_eq!(spacing(&pace), 5 * milli);
        let start = Instant::now();
        for _ in 0..5 {
            pace.wait();
        }
        assert!(start.elapsed() >= Duration::from_millis(20));
    }
}
