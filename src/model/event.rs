//! Progress events of the engine: data, never sentences.
//!
//! The engine is independent of the terminal; `cli/progress` turns events into bars or lines. Events
//! come from several threads, in no particular order.

/// A part of a run with its own progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Phase {
    /// The stages are listed; counted in stages.
    Listing,
    /// The history is walked; counted in commits.
    Walking,
    /// Archives are made; counted in revisions.
    Archiving,
    /// Static resources get their names; counted in objects.
    Placing,
    /// v2 is compared with v1; counted in revisions.
    Comparing,
    /// Static resources in v2 are compared with v1; counted in objects.
    ComparingStatics,
    /// The index in v2 is compared with v1; counted in entries of v1.
    ComparingIndex,
    /// Archives are signed; counted in archives.
    Signing,
    /// Signatures are checked; counted in archives.
    Checking,
    /// Files are compared with the plan; counted in files.
    CheckingFiles,
    /// Stores are listed; counted in prefixes.
    ListingStore,
    /// Objects in a store are compared with the plan; counted in objects.
    Settling,
    /// Objects are sent to a store; counted in objects, with their bytes.
    Uploading,
}

/// A progress event. Phases do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A phase started, with its number of units.
    Started(Phase, u64),
    /// The number of bytes that the phase will process, if it is known.
    Expected(u64),
    /// One unit of the phase is done; the value is the size in bytes of the archive that was made or of the object that
    /// was sent, the number of bytes that were read for a comparison, or 0.
    Advanced(u64),
    /// The phase has ended.
    Finished,
}

/// Receives events from any thread.
pub trait Observer: Sync {
    /// Receives one event.
    fn observe(&self, event: Event);
}

/// An observer that ignores all events.
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _event: Event) {}
}
