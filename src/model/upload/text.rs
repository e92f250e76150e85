//! The sentences about what became of objects.

use std::fmt;

use super::{Conflict, Failure, ObjectKind, Outcome, OutcomeKind, UploadNotice, Withheld};

impl Outcome {
    /// Returns why the object is not there as planned; `None` if it is.
    pub fn message(&self) -> Option<String> {
        match self {
            Outcome::Created | Outcome::AlreadyThere => None,
            Outcome::Conflict(conflict) => Some(conflict.to_string()),
            Outcome::Failed(failure) => Some(failure.to_string()),
            Outcome::Withheld(withheld) => Some(withheld.to_string()),
        }
    }

    /// Returns what the user can do.
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Outcome::Created | Outcome::AlreadyThere => return None,
            Outcome::Conflict(Conflict::OtherBytes { .. }) => {
                "Objects are never replaced. If the published one is right, exclude the revision or decide for another copy; if not, publish a new version."
            }
            Outcome::Conflict(
                Conflict::CursorMoved { .. }
                | Conflict::CursorUnreadable
                | Conflict::BaseChanged { .. },
            ) => {
                "Run `migrate` again with --base-index set to this store, and upload the new plan."
            }
            Outcome::Conflict(Conflict::BaseMissing { .. }) => {
                "Upload the plan that made the published index again, which restores it; then run the same command again."
            }
            Outcome::Failed(Failure::Store { .. }) => {
                "Run the same command again: what is there is not sent again."
            }
            Outcome::Failed(Failure::ArchivesMissing { .. }) => {
                "Upload these archives first, with a plan that has them."
            }
            Outcome::Withheld(Withheld::Pending) => {
                "Sign the archives with `sign`, and run the same command again."
            }
            Outcome::Withheld(Withheld::SignatureStays) => {
                "Nothing; `verify --public-key` checks the published signature."
            }
            Outcome::Withheld(Withheld::IndexBetween) => {
                "Nothing: registries load the whole index instead of the changes."
            }
            Outcome::Withheld(_) => {
                "Solve what is reported about the other objects, and run the same command again."
            }
        })
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Conflict::OtherBytes { found_len: 1 } => {
                f.write_str("an object with other content exists, of 1 byte")
            }
            Conflict::OtherBytes { found_len } => {
                write!(f, "an object with other content exists, of {found_len} bytes")
            }
            Conflict::CursorMoved { base: Some(base), found: Some(found) } => {
                write!(f, "the plan continues the index {base}, but {found} is published")
            }
            Conflict::CursorMoved { base: Some(base), found: None } => {
                write!(f, "the plan continues the index {base}, but none is published")
            }
            Conflict::CursorMoved { base: None, found: Some(found) } => {
                write!(f, "the plan continues no index, but {found} is published")
            }
            Conflict::CursorMoved { base: None, found: None } => {
                f.write_str("another cursor was published meanwhile")
            }
            Conflict::CursorUnreadable => f.write_str("the published cursor cannot be read"),
            Conflict::BaseChanged { base, found_len } => write!(
                f,
                "the plan continues an index {base} with other content than the published one, which has {found_len} bytes"
            ),
            Conflict::BaseMissing { base } => {
                write!(f, "the published cursor names the index {base}, which does not exist")
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Store { detail } => f.write_str(detail),
            Failure::ArchivesMissing { entry_count: 1, first } => {
                write!(f, "the index has an entry whose archive does not exist: {first}")
            }
            Failure::ArchivesMissing { entry_count, first } => {
                write!(
                    f,
                    "the index has {entry_count} entries whose archives do not exist, such as {first}"
                )
            }
        }
    }
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Withheld::Pending => f.write_str("the signature does not exist yet"),
            Withheld::ArchiveNotThere => f.write_str("not sent, since its archive is not there"),
            Withheld::SignatureStays => {
                f.write_str("not sent, since another signature of the archive is published")
            }
            Withheld::NotComplete { object_count: 1 } => {
                f.write_str("not sent, since an object that it depends on is not there")
            }
            Withheld::NotComplete { object_count } => {
                write!(f, "not sent, since {object_count} objects that it depends on are not there")
            }
            Withheld::CursorNotBase => f.write_str(
                "not sent, since the published index is not the one that the plan continues",
            ),
            Withheld::IndexBetween => f.write_str(
                "not sent, since another index lies between the published one and this one",
            ),
        }
    }
}

impl fmt::Display for UploadNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UploadNotice::IndexNotReadable => f.write_str(
                "a registry reads the index from gs:// only: elsewhere, let it serve the archives as a package path",
            ),
            UploadNotice::NotInQueue { object_count: 1 } => f.write_str(
                "a queue has only archives and signatures: 1 other object is left out",
            ),
            UploadNotice::NotInQueue { object_count } => {
                write!(f, "a queue has only archives and signatures: {object_count} other objects are left out")
            }
            UploadNotice::Pending { signature_count: 1 } => {
                f.write_str("1 signature does not exist yet, and is left out")
            }
            UploadNotice::Pending { signature_count } => {
                write!(f, "{signature_count} signatures do not exist yet, and are left out")
            }
        }
    }
}

impl ObjectKind {
    /// Returns the name of one object.
    pub fn singular(self) -> &'static str {
        match self {
            ObjectKind::Archive => "archive",
            ObjectKind::Signature => "signature",
            ObjectKind::Static => "static resource",
            ObjectKind::Index => "index",
            ObjectKind::Delta => "delta",
            ObjectKind::Cursor => "cursor",
        }
    }
}

impl fmt::Display for ObjectKind {
    /// The plural.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ObjectKind::Archive => "archives",
            ObjectKind::Signature => "signatures",
            ObjectKind::Static => "static resources",
            ObjectKind::Index => "index",
            ObjectKind::Delta => "delta",
            ObjectKind::Cursor => "cursor",
        })
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            OutcomeKind::Created => "created",
            OutcomeKind::AlreadyThere => "already there",
            OutcomeKind::Conflict => "conflict",
            OutcomeKind::Failed => "failed",
            OutcomeKind::Withheld => "withheld",
        })
    }
}
