//! What S3 and Azure have in common: headers state everything about an object, and its entity tag identifies its state.

use ureq::http::{HeaderMap, Uri};

use super::answers::Revision;
use super::dialect::{Condition, Facts, get, set};
use super::faults::NO_TAG;
use crate::v2::store::Claims;
use crate::v2::store::http::claims::{Scope, claims};
use crate::v2::store::http::client::Call;
use crate::v2::store::http::fault::HttpFault;

/// Creates a request without headers.
pub(super) fn call(method: &'static str, uri: Uri) -> Call {
    Call { method, uri, headers: HeaderMap::new() }
}

/// Parses the headers of an object.
pub(super) fn facts(headers: &HeaderMap) -> Result<Facts, HttpFault> {
    let len = get(headers, "content-length").and_then(|len| len.parse().ok());
    Ok(Facts {
        len: len.ok_or(HttpFault::NoLength)?,
        claims: claims(headers, Scope::Object),
        content_type: get(headers, "content-type"),
        cache_control: get(headers, "cache-control"),
        // Without one, it is the answer of someone else, such as a proxy.
        revision: Some(Revision(get(headers, "etag").ok_or(HttpFault::Answer(NO_TAG))?)),
    })
}

/// Parses the answer to a write: the digests in it are those of the object.
pub(super) fn written(headers: &HeaderMap) -> Option<Claims> {
    headers.contains_key("etag").then(|| claims(headers, Scope::Object))
}

/// Adds the condition that an object is written under.
pub(super) fn set_condition(
    headers: &mut HeaderMap,
    condition: Condition<'_>,
) -> Result<(), HttpFault> {
    match condition {
        Condition::Absent => set(headers, "if-none-match", "*"),
        Condition::Is(Revision(tag)) => set(headers, "if-match", tag),
    }
}
