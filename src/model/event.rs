//! What the engine tells while it works: data, never sentences.
//!
//! The engine knows no terminal. It tells events to an [`Observer`]; `progress` turns them into
//! bars or lines, tests count them. Events come from several threads, in no fixed order.

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The stages' package folders are being listed.
    ListingStarted {
        /// Number of stages.
        stage_count: u64,
    },
    /// One stage is listed.
    StageListed,
    /// All stages are listed.
    ListingFinished,
    /// The stages' histories are being walked.
    WalkStarted {
        /// Number of commits of all stages.
        commit_count: u64,
    },
    /// One commit is read.
    CommitWalked,
    /// All commits are read.
    WalkFinished,
    /// Archives are being made.
    ArchivingStarted {
        /// Number of distinct revisions, migrated or not.
        revision_count: u64,
    },
    /// v2 is being compared with v1.
    ComparingStarted {
        /// Number of revisions that are compared.
        revision_count: u64,
    },
    /// All revisions are compared.
    ComparingFinished,
    /// One revision is done.
    RevisionFinished {
        /// The archive's length in bytes; zero when the revision has none, or none was made.
        archive_size: u64,
    },
    /// All revisions are done.
    ArchivingFinished,
    /// Archives are being signed, or the signatures that are there be checked.
    SigningStarted {
        /// Number of archives.
        archive_count: u64,
    },
    /// The signatures of archives are being checked, and nothing is signed.
    CheckingStarted {
        /// Number of archives.
        archive_count: u64,
    },
    /// One archive is done, with or without a signature.
    ArchiveSigned,
    /// All archives are done.
    SigningFinished,
}

/// Listens to the engine.
pub trait Observer: Sync {
    /// Takes one event; called from any worker.
    fn observe(&self, event: Event);
}

/// Listens to nothing.
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _event: Event) {}
}
