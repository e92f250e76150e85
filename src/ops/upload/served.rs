//! Selects an object of each kind that is in the store, and reads it through the endpoint of registries.
//!
//! What is expected is known from the plan, so that nothing is read from the store.

use std::collections::BTreeSet;

use super::objects::Object;
use crate::model::package::ObjectKey;
use crate::model::upload::{ObjectKind, UploadedObject};
use crate::model::verification::{EndpointKind, EndpointResult};
use crate::ops::endpoint::{Bytes, Endpoint};

/// Reads the smallest archive, its signature, the smallest static resource and, unless the index is elsewhere, the
/// cursor, as far as they are there.
pub(super) fn read(
    endpoint: &Endpoint,
    (objects, uploaded): (&[Object<'_>], &[UploadedObject]),
    has_index: bool,
) -> EndpointResult {
    let there: Vec<(&ObjectKey, ObjectKind, Bytes)> = objects
        .iter()
        .zip(uploaded)
        .filter(|(_, uploaded)| uploaded.outcome.is_there())
        .filter_map(|(object, _)| {
            let digests = object.digests?;
            let bytes = Bytes { len: digests.size, sha256: digests.sha256 };
            Some((object.file, object.kind, bytes))
        })
        .collect();
    let of_kind = |wanted| there.iter().filter(move |(_, kind, _)| *kind == wanted);
    let signature_of = |archive: &ObjectKey| {
        let key = archive.signature_key();
        of_kind(ObjectKind::Signature).find(|(signature, ..)| **signature == key)
    };
    let signed: BTreeSet<&str> = of_kind(ObjectKind::Signature)
        .filter_map(|(key, ..)| key.as_str().strip_suffix(".sig"))
        .collect();
    let archive = of_kind(ObjectKind::Archive)
        .min_by_key(|(key, _, bytes)| (!signed.contains(key.as_str()), bytes.len, *key));
    let of_static =
        of_kind(ObjectKind::Static).min_by_key(|(key, _, bytes)| (bytes.len == 0, bytes.len, *key));
    let selected = [
        (EndpointKind::Archive, archive),
        (EndpointKind::Signature, archive.and_then(|(key, ..)| signature_of(key))),
        (EndpointKind::Static, of_static),
        (EndpointKind::Cursor, of_kind(ObjectKind::Cursor).next().filter(|_| has_index)),
    ];
    let read = |(kind, object): (EndpointKind, Option<&(&ObjectKey, ObjectKind, Bytes)>)| {
        let (key, _, bytes) = object?;
        Some(endpoint.read(kind, (*key).clone(), &|| Ok(Some(*bytes))))
    };
    EndpointResult { objects: selected.into_iter().filter_map(read).collect() }
}
