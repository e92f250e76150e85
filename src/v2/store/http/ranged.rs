//! A request with a range, and its response.
//!
//! Only exactly the requested part counts as such. What to request next is decided by `object`.

use ureq::http::Uri;

use super::HttpPlace;
use super::client::{ObjectRequest, ObjectResponse};
use super::fault::HttpFault;
use super::range::{ContentRange, Range};

/// The response to a request with a range.
pub(super) enum Ranged<'a> {
    /// The requested part, not read yet; `total` is `None` where the server does not send the
    /// object's length (RFC 9110, 14.4).
    Part { response: ObjectResponse<'a>, offset: u64, len: u64, total: Option<u64> },
    /// Another part, or one without a valid `Content-Range`.
    Other { response: ObjectResponse<'a>, total: Option<u64> },
    /// The object has no such part; `total` is its length, if the server sends it.
    Outside { total: Option<u64> },
    /// The whole object, not read yet.
    Whole(ObjectResponse<'a>),
}

/// Requests a range and classifies the response.
pub(super) fn request_range<'a>(
    place: &'a HttpPlace,
    uri: &Uri,
    range: Range,
    tag: Option<&str>,
) -> Result<Ranged<'a>, HttpFault> {
    let request = ObjectRequest { method: "GET", uri, range: Some(range), tag };
    let response = place.client.send(request)?;
    response.check_encoding()?;
    let content_range = response.header("content-range").and_then(|text| text.parse().ok());
    match (response.status(), content_range) {
        (200, _) => Ok(Ranged::Whole(response)),
        (206, Some(ContentRange::Bytes { offset, len, total })) => match (total, range) {
            (Some(total), _) if range.within(total) == Some((offset, len)) => {
                Ok(Ranged::Part { response, offset, len, total: Some(total) })
            }
            (Some(total), _) if range.within(total).is_none() => Err(HttpFault::Replaced),
            (None, Range::At { offset: from, len: requested })
                if (from, requested) == (offset, len) =>
            {
                Ok(Ranged::Part { response, offset, len, total: None })
            }
            (total, _) => Ok(Ranged::Other { response, total }),
        },
        (206, _) => Ok(Ranged::Other { response, total: None }),
        (412, _) => Err(HttpFault::Replaced),
        (416, Some(ContentRange::Unsatisfied { total })) => {
            Ok(Ranged::Outside { total: Some(total) })
        }
        (416, _) => Ok(Ranged::Outside { total: None }),
        (status, _) => Err(HttpFault::status(status)),
    }
}

/// Returns the fault that the server sent another part than the requested one.
pub(super) fn other_part(requested: Range) -> HttpFault {
    HttpFault::OtherPart { requested: requested.to_string() }
}
