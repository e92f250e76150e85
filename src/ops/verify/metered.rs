//! Adds to each unit of progress the bytes that were read from v2 meanwhile.
//!
//! Units are compared side by side, so that what is read for one may count for another; the sum of a phase is right.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::event::{Event, Observer};

/// An observer that passes events on, with the bytes that were read.
pub(super) struct Metered<'o, R> {
    observer: &'o dyn Observer,
    /// Returns the number of bytes that were read so far.
    read_len: R,
    /// How many of them are part of an event, or belong to no phase.
    counted: AtomicU64,
}

impl<'o, R: Fn() -> u64 + Sync> Metered<'o, R> {
    pub(super) fn new(observer: &'o dyn Observer, read_len: R) -> Self {
        Metered { observer, read_len, counted: AtomicU64::new(0) }
    }

    /// Returns the number of bytes that were read since the last event.
    fn newly_read(&self) -> u64 {
        let read = (self.read_len)();
        read.saturating_sub(self.counted.fetch_max(read, Ordering::Relaxed))
    }
}

impl<R: Fn() -> u64 + Sync> Observer for Metered<'_, R> {
    fn observe(&self, event: Event) {
        let newly_read = self.newly_read();
        self.observer.observe(match event {
            Event::Advanced(_) => Event::Advanced(newly_read),
            Event::Started(..) | Event::Expected(_) | Event::Finished => event,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::model::event::Phase;

    struct Seen(Mutex<Vec<Event>>);

    impl Observer for Seen {
        fn observe(&self, event: Event) {
            self.0.lock().expect("no panic").push(event);
        }
    }

    #[test]
    fn each_byte_of_a_phase_counts_once() {
        let (seen, read) = (Seen(Mutex::default()), AtomicU64::new(7));
        let metered = Metered::new(&seen, || read.load(Ordering::Relaxed));
        let started = Event::Started(Phase::Comparing, 3);
        // The bytes before a phase belong to none.
        metered.observe(started);
        metered.observe(Event::Advanced(0));
        read.store(17, Ordering::Relaxed);
        metered.observe(Event::Advanced(0));
        metered.observe(Event::Advanced(0));
        read.store(20, Ordering::Relaxed);
        metered.observe(Event::Finished);
        metered.observe(Event::Advanced(0));
        let expected =
            [started, Event::Advanced(0), Event::Advanced(10), Event::Advanced(0), Event::Finished];
        let seen = seen.0.into_inner().expect("no panic");
        assert_eq!(seen, [&expected[..], &[Event::Advanced(0)]].concat());
    }
}
