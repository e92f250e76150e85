//! How often a request is tried, and how long we wait in between.
//!
//! Waits grow from attempt to attempt. A server that names a time with `Retry-After` is not asked
//! again before, by no thread. A server that fails request after request is given up, so that an
//! outage ends a run in minutes. Knows nothing of what is asked.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};

use super::Limits;
use super::fault::{Failed, HttpFault};

/// What all threads know about the server's mood.
pub(super) struct Patience {
    limits: Limits,
    /// Nobody asks before this.
    not_before: Mutex<Option<Instant>>,
    failed_in_a_row: AtomicU32,
}

impl Patience {
    pub(super) fn new(limits: Limits) -> Self {
        Patience { limits, not_before: Mutex::new(None), failed_in_a_row: AtomicU32::new(0) }
    }

    /// Tries until it succeeds, cannot succeed, or a limit is reached.
    pub(super) fn attempt<T>(
        &self,
        mut once: impl FnMut() -> Result<T, HttpFault>,
    ) -> Result<T, Failed> {
        let limits = &self.limits;
        let deadline = Instant::now() + limits.request;
        let mut waits = ExponentialBuilder::new()
            .with_min_delay(limits.first_wait)
            .with_max_delay(limits.longest_wait)
            .with_max_times(limits.attempts.saturating_sub(1) as usize)
            .with_jitter()
            .build();
        let mut attempts = 0;
        loop {
            if let Err(fault) = self.wait_for_turn() {
                return Err(Failed { fault, attempts });
            }
            attempts += 1;
            let fault = match once() {
                Ok(answer) => {
                    self.failed_in_a_row.store(0, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(fault) if !fault.may_pass() => {
                    // The server is there, and has said something definite.
                    self.failed_in_a_row.store(0, Ordering::Relaxed);
                    return Err(Failed { fault, attempts });
                }
                Err(fault) => fault,
            };
            if let HttpFault::Status { retry_after: Some(asked), .. } = fault {
                self.hold(asked);
            }
            match waits.next().filter(|wait| Instant::now() + *wait < deadline) {
                Some(wait) => thread::sleep(wait),
                None => {
                    self.failed_in_a_row.fetch_add(1, Ordering::Relaxed);
                    return Err(Failed { fault, attempts });
                }
            }
        }
    }

    /// Lets nobody ask for a while.
    fn hold(&self, asked: Duration) {
        let until = Instant::now().checked_add(asked);
        let mut not_before = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *not_before = until.max(*not_before);
    }

    /// Waits as long as the server has asked for, if that is bearable.
    fn wait_for_turn(&self) -> Result<(), HttpFault> {
        let failed = self.failed_in_a_row.load(Ordering::Relaxed);
        if failed >= self.limits.give_up_after {
            return Err(HttpFault::GivenUp(failed));
        }
        let not_before = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        let left = not_before.map(|until| until.saturating_duration_since(Instant::now()));
        match left {
            Some(left) if left > self.limits.longest_retry_after => Err(HttpFault::Wait(left)),
            Some(left) => {
                thread::sleep(left);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// The grammar of `Retry-After`: seconds, or a date (RFC 9110, 10.2.3); a date that has gone by
/// is no wait.
pub(super) fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    /// Longer than any run; keeps sums of times in bounds.
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(DAY, Duration::from_secs)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(now).unwrap_or(Duration::ZERO)
    };
    Some(wait.min(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 12:00:00 GMT").unwrap();
        let rows = [
            ("0", Some(0)),
            ("7", Some(7)),
            (" 7 ", Some(7)),
            ("99999999999999999999", Some(86_400)),
            ("Sun, 22 Nov 2026 12:00:30 GMT", Some(30)),
            ("Sunday, 22-Nov-26 12:00:30 GMT", Some(30)),
            ("Sun, 22 Nov 2026 11:59:59 GMT", Some(0)),
            ("Thu, 22 Nov 2029 12:00:00 GMT", Some(86_400)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (text, seconds) in rows {
            assert_eq!(retry_after(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
