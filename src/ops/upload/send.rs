//! Sends objects, or finds out what sending them would do.
//!
//! Both take the same way, so that the numbers of a dry run are those of the run.

use std::path::Path;

use super::objects::{Before, Object};
use super::published::Published;
use crate::digest::ObjectDigests;
use crate::model::event::{Event, Observer};
use crate::model::upload::{Conflict, Failure, ObjectKind, Outcome};
use crate::v2::store::bucket::{Bucket, Creation, NewObject, Presence, Replacement, Revision};

/// The `Cache-Control` of the cursor: whoever reads it needs the newest one.
const CURSOR_CACHE_CONTROL: &str = "no-cache";

/// Where objects are sent, and how.
pub(super) struct Sender<'s> {
    /// Where archives and static resources are.
    pub(super) to: &'s dyn Published,
    /// Where the index is.
    pub(super) internal: &'s dyn Published,
    /// The same two, to write to; `None` in a dry run.
    pub(super) writes: Option<[&'s Bucket; 2]>,
    pub(super) cache_control: Option<&'s str>,
    pub(super) observer: &'s dyn Observer,
}

impl Sender<'_> {
    fn place(&self, object: &Object<'_>) -> &dyn Published {
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
            Some(digests) => settle_at(self.place(object), &object.key, digests),
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
        match self.writes {
            None => Outcome::Created,
            Some([to, internal]) => {
                let bucket = if object.kind.is_of_index() { internal } else { to };
                let content: &Path = &object.path;
                let new = NewObject {
                    key: &object.key,
                    digests,
                    content_type: object.content_type,
                    cache_control: self.cache_control(object.kind),
                    content: &content,
                };
                let outcome = send(bucket, &new);
                self.observer.observe(Event::Advanced(digests.size));
                outcome
            }
        }
    }
}

/// Finds out whether what a list shows at a key is the object with these digests.
pub(super) fn settle_at(place: &dyn Published, key: &str, digests: &ObjectDigests) -> Before {
    match place.compare(key, digests) {
        Ok(Presence::Absent) => Before::Absent,
        Ok(Presence::Same) => Before::There,
        Ok(Presence::Other(entry)) => {
            Before::Conflict(Conflict::OtherBytes { found_len: entry.len })
        }
        Err(error) => Before::Failed(Failure::Store { detail: error.to_string() }),
    }
}
