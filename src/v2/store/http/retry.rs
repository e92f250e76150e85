//! The retry policy: how often a request is tried, and the waits in between.
//!
//! Waits grow from attempt to attempt. After a `Retry-After`, no thread sends a request before the
//! time has passed; while a server asks for fewer requests, all threads together send fewer ([`Pace`]). After too many consecutive failed requests, all further ones fail at once, so that
//! an outage ends a run within minutes. Independent of the kind of request.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};

use super::Limits;
use super::fault::{Failed, HttpFault};
use super::pace::Pace;

/// The limits, and retry state shared by all threads.
pub(in crate::v2::store) struct RetryPolicy {
    limits: Limits,
    pace: Pace,
    /// No request is sent before this time.
    not_before: Mutex<Option<Instant>>,
    consecutive_failures: AtomicU32,
}

impl RetryPolicy {
    pub(in crate::v2::store) fn new(limits: Limits) -> Self {
        let not_before = Mutex::new(None);
        let pace = Pace::new(&limits);
        RetryPolicy { limits, pace, not_before, consecutive_failures: AtomicU32::new(0) }
    }

    /// Retries until `once` succeeds, fails permanently, or a limit is reached.
    pub(in crate::v2::store) fn attempt<T>(
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
            if let Err(fault) = self.wait_for_retry_after() {
                return Err(Failed { fault, attempts });
            }
            self.pace.wait();
            attempts += 1;
            let fault = match once() {
                Ok(response) => {
                    self.pace.succeeded();
                    self.consecutive_failures.store(0, Ordering::Relaxed);
                    return Ok(response);
                }
                Err(fault) if !fault.is_transient() => {
                    // The server is up and has given a definite response.
                    self.consecutive_failures.store(0, Ordering::Relaxed);
                    return Err(Failed { fault, attempts });
                }
                Err(fault) => fault,
            };
            if let HttpFault::Status { refusal, retry_after } = &fault {
                if refusal.slows {
                    self.pace.slow_down();
                }
                if let Some(delay) = retry_after {
                    self.set_retry_after(*delay);
                }
            }
            match waits.next().filter(|wait| Instant::now() + *wait < deadline) {
                Some(wait) => thread::sleep(wait),
                None => {
                    self.consecutive_failures.fetch_add(1, Ordering::Relaxed);
                    return Err(Failed { fault, attempts });
                }
            }
        }
    }

    /// Blocks requests of all threads for a time.
    fn set_retry_after(&self, delay: Duration) {
        let until = Instant::now().checked_add(delay);
        let mut not_before = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *not_before = until.max(*not_before);
    }

    /// Waits as long as the server has requested, up to `longest_retry_after`.
    fn wait_for_retry_after(&self) -> Result<(), HttpFault> {
        let failed = self.consecutive_failures.load(Ordering::Relaxed);
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

/// Parses `Retry-After`: seconds, or a date (RFC 9110, 10.2.3); a date in the past means no wait.
pub(super) fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    /// Longer than any run; keeps sums of times within bounds.
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
