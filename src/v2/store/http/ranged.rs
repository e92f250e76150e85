//! The answer to a request with a range: what a server made of it.
//!
//! Nothing is taken for the part that was asked for but that very part. What to ask next is for
//! `object`.

use ureq::http::Uri;

use super::HttpPlace;
use super::client::{Answer, Ask};
use super::fault::HttpFault;
use super::range::{ContentRange, Range};

/// An answer to a request with a range.
pub(super) enum Ranged<'a> {
    /// The part that was asked for, still to be read; `total` is none where the server does not say
    /// how long the object is (RFC 9110, 14.4).
    Part { answer: Answer<'a>, offset: u64, len: u64, total: Option<u64> },
    /// Some other part, or one that is not named.
    Other { answer: Answer<'a>, total: Option<u64> },
    /// The object has no such part; how long it is, if the server says so.
    Outside { total: Option<u64> },
    /// The whole object, still to be read.
    Whole(Answer<'a>),
}

/// Asks for a range, and tells what came.
pub(super) fn ask_range<'a>(
    place: &'a HttpPlace,
    uri: &Uri,
    range: Range,
    tag: Option<&str>,
) -> Result<Ranged<'a>, HttpFault> {
    let answer = place.client.ask(Ask { method: "GET", uri, range: Some(range), tag })?;
    answer.check_encoding()?;
    let content_range = answer.header("content-range").and_then(|text| text.parse().ok());
    match (answer.status(), content_range) {
        (200, _) => Ok(Ranged::Whole(answer)),
        (206, Some(ContentRange::Bytes { offset, len, total })) => match (total, range) {
            (Some(total), _) if range.within(total) == Some((offset, len)) => {
                Ok(Ranged::Part { answer, offset, len, total: Some(total) })
            }
            (Some(total), _) if range.within(total).is_none() => Err(HttpFault::Replaced),
            (None, Range::At { offset: from, len: asked }) if (from, asked) == (offset, len) => {
                Ok(Ranged::Part { answer, offset, len, total: None })
            }
            (total, _) => Ok(Ranged::Other { answer, total }),
        },
        (206, _) => Ok(Ranged::Other { answer, total: None }),
        (412, _) => Err(HttpFault::Replaced),
        (416, Some(ContentRange::Unsatisfied { total })) => {
            Ok(Ranged::Outside { total: Some(total) })
        }
        (416, _) => Ok(Ranged::Outside { total: None }),
        (status, _) => Err(HttpFault::Status { status, retry_after: None }),
    }
}

/// That another part came than the one that was asked for.
pub(super) fn other_part(asked: Range) -> HttpFault {
    HttpFault::OtherPart { asked: asked.to_string() }
}
