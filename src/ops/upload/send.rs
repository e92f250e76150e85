//! Sends objects, or finds out what sending them would do.
//!
//! Both take the same way, so that the numbers of a dry run are those of the run.

use std::path::Path;

use super::objects::{Before, Object};
use crate::digest::ObjectDigests;
use crate::model::event::{Event, Observer};
use crate::model::upload::{Conflict, Failure, ObjectKind, Outcome};
use crate::v2::store::bucket::{Bucket, Creation, NewObject, Presence, Replacement, Revision};

/// The `Cache-Control` of the cursor: whoever reads it needs the newest one.
const CURSOR_CACHE_CONTROL: &str = "no-cache";

/// Where objects are sent, and how.
pub(super) struct Sender<'s> {
    pub(super) to: &'s Bucket,
    pub(super) internal: &'s Bucket,
    pub(super) cache_control: Option<&'s str>,
    pub(super) is_dry_run: bool,
    pub(super) observer: &'s dyn Observer,
}

impl Sender<'_> {
    fn bucket(&self, object: &Object<'_>) -> &Bucket {
        if object.kind.is_of_index() { self.internal } else { self.to }
    }

    fn cache_control(&self, kind: ObjectKind) -> Option<&str> {
        match kind {
            ObjectKind::Archive | ObjectKind::Signature | ObjectKind::Static => self.cache_control,
            ObjectKind::Index | ObjectKind::Delta => None,
            ObjectKind::Cursor => Some(CURSOR_CACHE_CONTROL),
        }
    }

    /// Finds out whether what a list shows is the object.
    pub(super) fn settle(&self, object: &Object<'_>) -> Before {
        match &object.digests {
            Some(digests) => settle_at(self.bucket(object), &object.key, digests),
            None => Before::Absent,
        }
    }

    /// Creates an object.
    pub(super) fn create(&self, object: &Object<'_>) -> Outcome {
        self.sent(object, |bucket, new| match bucket.create(new) {
            Creation::Created => Outcome::Created,
            Creation::AlreadyThere => Outcome::AlreadyThere,
            Creation::Conflict(entry) => {
                Outcome::Conflict(Conflict::OtherBytes { found_len: entry.len })
            }
            Creation::Failed(error) => {
                Outcome::Failed(Failure::Store { detail: error.to_string() })
            }
        })
    }

    /// Replaces the cursor if it is still in a state, or creates it.
    pub(super) fn replace(&self, object: &Object<'_>, expected: Option<&Revision>) -> Outcome {
        self.sent(object, |bucket, new| match bucket.replace(new, expected) {
            Replacement::Replaced => Outcome::Created,
            Replacement::Moved => {
                Outcome::Conflict(Conflict::CursorMoved { base: None, found: None })
            }
            Replacement::Failed(error) => {
                Outcome::Failed(Failure::Store { detail: error.to_string() })
            }
        })
    }

    fn sent(
        &self,
        object: &Object<'_>,
        send: impl FnOnce(&Bucket, &NewObject<'_>) -> Outcome,
    ) -> Outcome {
        let digests = object.digests.as_ref().expect("a pending signature is not sent");
        let outcome = match self.is_dry_run {
            true => Outcome::Created,
            false => {
                let content: &Path = &object.path;
                let new = NewObject {
                    key: &object.key,
                    digests,
                    content_type: object.content_type,
                    cache_control: self.cache_control(object.kind),
                    content: &content,
                };
                send(self.bucket(object), &new)
            }
        };
        self.observer.observe(Event::Advanced(digests.size));
        outcome
    }
}

/// Finds out whether what a list shows at a key is the object with these digests.
pub(super) fn settle_at(bucket: &Bucket, key: &str, digests: &ObjectDigests) -> Before {
    match bucket.compare(key, digests) {
        Ok(Presence::Absent) => Before::Absent,
        Ok(Presence::Same) => Before::There,
        Ok(Presence::Other(entry)) => {
            Before::Conflict(Conflict::OtherBytes { found_len: entry.len })
        }
        Err(error) => Before::Failed(Failure::Store { detail: error.to_string() }),
    }
}
