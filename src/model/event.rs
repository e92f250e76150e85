//! What the engine tells while it works: data, never sentences.
//!
//! The engine knows no terminal. `cli/progress` turns events into bars or lines. Events come from
//! several threads, in no fixed order.

/// A part of a run that makes progress of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The stages are listed; counted in stages.
    Listing,
    /// The history is walked; counted in commits.
    Walking,
    /// Archives are made; counted in revisions.
    Archiving,
    /// v2 is compared with v1; counted in revisions.
    Comparing,
    /// Archives are signed; counted in archives.
    Signing,
    /// Signatures are checked; counted in archives.
    Checking,
}

/// One step of a run. Phases follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A phase begins, with the number of units that it has to do.
    Started(Phase, u64),
    /// One unit of the phase is done, and with it an archive of this many bytes was made; 0 for none.
    Advanced(u64),
    /// The phase has ended.
    Finished,
}

/// Takes events, from any thread.
pub trait Observer: Sync {
    /// Takes one event.
    fn observe(&self, event: Event);
}

/// Nobody watches.
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _event: Event) {}
}
