//! What was read through the endpoint of registries, without credentials.
//!
//! Data only; `ops/endpoint` reads the objects.

use serde::Serialize;

use super::{ObjectCounts, RevisionStatus};
use crate::model::mismatch::{Extras, Mismatch};
use crate::model::package::ObjectKey;

/// The kinds of object that are read, one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum EndpointKind {
    /// An archive.
    Archive,
    /// The signature of an archive.
    Signature,
    /// A static resource.
    #[strum(serialize = "static resource")]
    Static,
    /// The object that names the newest index.
    Cursor,
}

/// An object that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointObject {
    /// Its kind.
    pub kind: EndpointKind,
    /// Its key.
    pub key: ObjectKey,
    /// What is wrong; `None` if the endpoint serves the bytes of the store.
    pub mismatch: Option<Mismatch>,
}

impl EndpointObject {
    /// Returns the status.
    pub fn status(&self) -> RevisionStatus {
        // No code of the endpoint depends on extra objects.
        RevisionStatus::of(self.mismatch.iter().map(|found| found.kind.class(Extras::Allowed)))
    }
}

/// What was read through an endpoint, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointResult {
    /// One object of each kind that exists.
    pub objects: Vec<EndpointObject>,
}

impl EndpointResult {
    /// Counts the objects.
    pub fn counts(&self) -> ObjectCounts {
        let statuses = self.objects.iter().map(EndpointObject::status);
        ObjectCounts::of(self.objects.len() as u64, statuses)
    }

    /// Returns what is wrong.
    pub fn mismatches(&self) -> impl Iterator<Item = &Mismatch> {
        self.objects.iter().filter_map(|object| object.mismatch.as_ref())
    }
}
