//! An object on a server: found with one request where that can be, then read part by part.
//!
//! Every part must be exactly the one that was asked for, of an object that is still as long and
//! still has the same tag. What was received is kept, so that reading it again costs nothing.

use std::io;
use std::sync::{Mutex, PoisonError};

use ureq::http::Uri;

use super::HttpPlace;
use super::claims::{Scope, claims};
use super::client::{Answer, Ask};
use super::fault::{Failed, HttpFault};
use super::range::{ContentRange, Range};
use super::spool::Spool;
use crate::read_at::ReadAt;
use crate::v2::store::{Claims, StoredObject};

/// A hole up to this long before what is kept is read with what lies before it, so that a
/// directory longer than expected costs one more request and not one for each of its pieces.
const BRIDGED_LEN: u64 = 256 * 1024;

/// A found object.
pub(super) struct HttpObject<'a> {
    place: &'a HttpPlace,
    uri: Uri,
    len: u64,
    claims: Claims,
    /// The strong entity tag, if it has one.
    tag: Option<String>,
    kept: Mutex<Kept>,
}

/// What was received so far.
enum Kept {
    /// The end of the object, from an offset on.
    Tail { offset: u64, bytes: Vec<u8> },
    /// All of it.
    Whole(Spool),
}

/// An answer to a request with a range.
enum Ranged<'a> {
    /// The part, still to be read.
    Part { answer: Answer<'a>, offset: u64, len: u64, total: u64 },
    /// The object has no such part, being so long.
    Outside { total: u64 },
    /// The whole object, still to be read.
    Whole(Answer<'a>),
}

impl<'a> HttpObject<'a> {
    /// Learns length and claims without a byte of the object.
    pub(super) fn look(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        let ask = Ask { method: "HEAD", uri: &uri, range: None, tag: None };
        let (len, claims, tag) = place.patience.attempt(|| {
            let answer = place.client.ask(ask)?;
            answer.check_encoding()?;
            let len = answer.content_len().ok_or(HttpFault::NoLength)?;
            Ok((len, claims(answer.headers(), Scope::Object), strong_tag(&answer)))
        })?;
        let kept = Mutex::new(Kept::Tail { offset: len, bytes: Vec::new() });
        Ok(HttpObject { place, uri, len, claims, tag, kept })
    }

    /// Receives the last `wanted` bytes, or all when there are fewer.
    pub(super) fn tail(place: &'a HttpPlace, uri: Uri, wanted: u64) -> Result<Self, Failed> {
        let range = Range::Tail(wanted.max(1));
        let found = place.patience.attempt(|| {
            Ok(match ask_range(place, &uri, range, None)? {
                Ranged::Part { answer, offset, len, total } => {
                    let (claims, tag) =
                        (claims(answer.headers(), Scope::Part), strong_tag(&answer));
                    let bytes = read_vec(answer, len)?;
                    Some((total, claims, tag, Kept::Tail { offset, bytes }))
                }
                // Only nothing has no last byte.
                Ranged::Outside { total: 0 } => {
                    let kept = Kept::Tail { offset: 0, bytes: Vec::new() };
                    Some((0, Claims::default(), None, kept))
                }
                Ranged::Outside { .. } => {
                    return Err(HttpFault::Status { status: 416, retry_after: None });
                }
                // Some servers answer so when the range is all there is.
                Ranged::Whole(answer) if answer.content_len().is_some_and(|len| len <= wanted) => {
                    let (claims, tag, spool) = receive_whole(place, answer)?;
                    Some((spool.len(), claims, tag, Kept::Whole(spool)))
                }
                Ranged::Whole(_) => None,
            })
        })?;
        match found {
            Some((len, claims, tag, kept)) => {
                Ok(HttpObject { place, uri, len, claims, tag, kept: Mutex::new(kept) })
            }
            None => {
                place.learn_no_tails();
                Self::look_then_tail(place, uri, wanted)
            }
        }
    }

    /// Does what `tail` does, with a server that knows no ranges counted from the end.
    pub(super) fn look_then_tail(
        place: &'a HttpPlace,
        uri: Uri,
        wanted: u64,
    ) -> Result<Self, Failed> {
        let mut object = match Self::look(place, uri.clone()) {
            Ok(object) => object,
            Err(failed) => {
                return failed.unless_head_is_refused(|| {
                    place.learn_no_ranges();
                    Self::whole(place, uri)
                });
            }
        };
        let len = wanted.min(object.len);
        if len > 0 {
            object.kept = Mutex::new(object.fetch_kept(object.len - len, len)?);
        }
        Ok(object)
    }

    /// Receives all of the object.
    pub(super) fn whole(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        let ask = Ask { method: "GET", uri: &uri, range: None, tag: None };
        let (claims, tag, spool) = place.patience.attempt(|| {
            let answer = place.client.ask(ask)?;
            match answer.status() {
                200 => receive_whole(place, answer),
                status => Err(HttpFault::Status { status, retry_after: None }),
            }
        })?;
        let (len, kept) = (spool.len(), Mutex::new(Kept::Whole(spool)));
        Ok(HttpObject { place, uri, len, claims, tag, kept })
    }

    /// Asks for a part; a server that sends everything is taken at its word.
    fn fetch_kept(&self, offset: u64, len: u64) -> Result<Kept, Failed> {
        self.place.patience.attempt(|| match self.ask_part(offset, len)? {
            Ranged::Whole(answer) => self.take_whole(answer),
            Ranged::Part { answer, .. } => Ok(Kept::Tail { offset, bytes: read_vec(answer, len)? }),
            Ranged::Outside { .. } => Err(HttpFault::Replaced),
        })
    }

    /// Asks for a part of the object as it was found.
    fn ask_part(&self, offset: u64, len: u64) -> Result<Ranged<'a>, HttpFault> {
        let range = Range::At { offset, len };
        let ranged = ask_range(self.place, &self.uri, range, self.tag.as_deref())?;
        if let Ranged::Part { answer, total, .. } = &ranged {
            let tag = strong_tag(answer);
            if *total != self.len || (tag.is_some() && self.tag.is_some() && tag != self.tag) {
                return Err(HttpFault::Replaced);
            }
        }
        Ok(ranged)
    }

    fn take_whole(&self, answer: Answer<'_>) -> Result<Kept, HttpFault> {
        self.place.learn_no_ranges();
        let (_, tag, spool) = receive_whole(self.place, answer)?;
        if spool.len() != self.len || (tag.is_some() && self.tag.is_some() && tag != self.tag) {
            return Err(HttpFault::Replaced);
        }
        Ok(Kept::Whole(spool))
    }
}

impl ReadAt for HttpObject<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let len = buffer.len() as u64;
        let end = offset.checked_add(len).filter(|end| *end <= self.len);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        if len == 0 {
            return Ok(());
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Kept::Tail { offset: kept_from, bytes } = &mut *kept {
            let kept_from = *kept_from;
            if offset < kept_from && kept_from.saturating_sub(end) <= BRIDGED_LEN {
                match self.fetch_kept(offset, kept_from - offset)? {
                    Kept::Tail { bytes: mut before, .. } => {
                        before.append(bytes);
                        *kept = Kept::Tail { offset, bytes: before };
                    }
                    whole => *kept = whole,
                }
            } else if offset < kept_from {
                // Far from the end, such as a local header: read, and not kept.
                let whole =
                    self.place.patience.attempt(|| match self.ask_part(offset, len)? {
                        Ranged::Whole(answer) => self.take_whole(answer).map(Some),
                        Ranged::Part { answer, .. } => answer.read_into(buffer).map(|()| None),
                        Ranged::Outside { .. } => Err(HttpFault::Replaced),
                    })?;
                match whole {
                    Some(whole) => *kept = whole,
                    None => return Ok(()),
                }
            }
        }
        match &mut *kept {
            Kept::Tail { offset: kept_from, bytes } => {
                bytes.as_slice().read_exact_at(buffer, offset - *kept_from)
            }
            Kept::Whole(spool) => spool.read_exact_at(buffer, offset),
        }
    }
}

impl StoredObject for HttpObject<'_> {
    fn claims(&self) -> Claims {
        self.claims
    }
}

/// Asks for a range and checks that the answer is that very range.
fn ask_range<'a>(
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
        (206, Some(ContentRange::Bytes { offset, len, total }))
            if range.within(total) == Some((offset, len)) =>
        {
            Ok(Ranged::Part { answer, offset, len, total })
        }
        (206, Some(ContentRange::Bytes { total, .. })) if range.within(total).is_none() => {
            Err(HttpFault::Replaced)
        }
        (206, _) => Err(HttpFault::OtherPart { asked: range.to_string() }),
        (412, _) => Err(HttpFault::Replaced),
        (416, Some(ContentRange::Unsatisfied { total })) => Ok(Ranged::Outside { total }),
        (status, _) => Err(HttpFault::Status { status, retry_after: None }),
    }
}

fn read_vec(answer: Answer<'_>, len: u64) -> Result<Vec<u8>, HttpFault> {
    // As long as was asked for, so this is no length that a server makes up.
    let len = usize::try_from(len).map_err(|_| HttpFault::TooLarge { limit: usize::MAX as u64 })?;
    let mut bytes = vec![0; len];
    answer.read_into(&mut bytes)?;
    Ok(bytes)
}

fn receive_whole(
    place: &HttpPlace,
    answer: Answer<'_>,
) -> Result<(Claims, Option<String>, Spool), HttpFault> {
    answer.check_encoding()?;
    let (claims, tag) = (claims(answer.headers(), Scope::Object), strong_tag(&answer));
    let expected = answer.content_len();
    let spool = Spool::receive(answer.into_reader(), expected, place.limits.object_len)?;
    Ok((claims, tag, spool))
}

/// The entity tag, unless it is a weak one, which may stand for other bytes (RFC 9110, 8.8.3).
fn strong_tag(answer: &Answer<'_>) -> Option<String> {
    answer.header("etag").filter(|tag| tag.starts_with('"')).map(str::to_owned)
}
