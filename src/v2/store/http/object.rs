//! An object on a server: found with one request where possible, then read part by part.
//!
//! Every part must be exactly the requested one, of an object with an unchanged length and tag. Received
//! bytes are kept, so that reading them again needs no request.

use std::io;
use std::sync::{Mutex, PoisonError};

use ureq::http::Uri;

use super::claims::{Scope, claims};
use super::client::{ObjectRequest, ObjectResponse};
use super::fault::{Failed, HttpFault};
use super::range::Range;
use super::ranged::{Ranged, other_part, request_range};
use super::spool::Spool;
use super::{HttpPlace, Ranges};
use crate::read_at::ReadAt;
use crate::v2::store::{Claims, Description, StoredObject};

/// A gap of up to this length before the kept bytes is read together with the bytes before it, so that a
/// directory that is longer than expected needs one more request and not one for each of its parts.
const BRIDGED_LEN: u64 = 256 * 1024;

/// A found object.
pub(super) struct HttpObject<'a> {
    place: &'a HttpPlace,
    uri: Uri,
    len: u64,
    claims: Claims,
    description: Option<Description>,
    /// The strong entity tag, if it has one.
    tag: Option<String>,
    kept: Mutex<Kept>,
}

/// The bytes received so far.
enum Kept {
    /// The end of the object, starting at an offset.
    Tail { offset: u64, bytes: Vec<u8> },
    /// The whole object.
    Whole(Spool),
}

/// What is known about an object apart from its bytes.
pub(in crate::v2::store) struct Metadata {
    pub(in crate::v2::store) len: u64,
    pub(in crate::v2::store) claims: Claims,
    pub(in crate::v2::store) description: Option<Description>,
    /// The strong entity tag.
    pub(in crate::v2::store) tag: Option<String>,
}

impl Metadata {
    fn empty_object() -> Self {
        Metadata { len: 0, claims: Claims::default(), description: None, tag: None }
    }

    fn of(response: &ObjectResponse<'_>, scope: Scope, len: u64) -> Self {
        let text = |name: &str| response.header(name).map(str::to_owned);
        let description = Some(Description::of(text("content-type"), text("cache-control")));
        let claims = claims(response.headers(), scope);
        Metadata { len, claims, description, tag: strong_tag(response) }
    }
}

/// The outcome of a request for the end of an object.
enum TailOutcome {
    Received(Metadata, Kept),
    /// Not the end, but possibly the object's length.
    NotTheEnd(Option<Metadata>),
    /// The object is shorter than the requested range, and the server rejects that.
    Short,
}

impl<'a> HttpObject<'a> {
    fn new(place: &'a HttpPlace, uri: Uri, metadata: Metadata, kept: Kept) -> Self {
        let Metadata { len, claims, description, tag } = metadata;
        HttpObject { place, uri, len, claims, description, tag, kept: Mutex::new(kept) }
    }

    /// Creates an object of which no bytes have been received.
    pub(super) fn unread(place: &'a HttpPlace, uri: Uri, metadata: Metadata) -> Self {
        let kept = Kept::Tail { offset: metadata.len, bytes: Vec::new() };
        HttpObject::new(place, uri, metadata, kept)
    }

    /// Finds length and claims without reading the object, or with its first byte only where HEAD
    /// does not work.
    pub(super) fn probe(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        if place.supports_head() {
            let request = ObjectRequest { method: "HEAD", uri: &uri, range: None, tag: None };
            let found = place.retry_policy.attempt(|| {
                let response = place.client.send(request)?;
                if response.status() != 200 {
                    return Err(HttpFault::status(response.status()));
                }
                response.check_encoding()?;
                let len = response.content_len().ok_or(HttpFault::NoLength)?;
                Ok(Metadata::of(&response, Scope::Object, len))
            });
            match found {
                Ok(metadata) => return Ok(HttpObject::unread(place, uri, metadata)),
                Err(failed) if failed.is_specific_to_head() => {}
                Err(failed) => return Err(failed),
            }
        }
        let object = Self::probe_with_first_byte(place, uri)?;
        place.note_no_head();
        Ok(object)
    }

    /// Finds length and claims with a GET of one byte.
    fn probe_with_first_byte(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        let range = Range::At { offset: 0, len: 1 };
        let found = place.retry_policy.attempt(|| {
            Ok(match request_range(place, &uri, range, None)? {
                Ranged::Part { response, total: Some(total), .. } => {
                    let metadata = Metadata::of(&response, Scope::Part, total);
                    response.read_into(&mut [0])?;
                    Some((metadata, None))
                }
                // Only an empty object has no first byte.
                Ranged::Outside { total: Some(0) } => Some((Metadata::empty_object(), None)),
                Ranged::Whole(response) => {
                    place.note_no_ranges();
                    match response.content_len() {
                        Some(len) => Some((Metadata::of(&response, Scope::Object, len), None)),
                        None => {
                            let (metadata, spool) = receive_whole(place, response)?;
                            Some((metadata, Some(Kept::Whole(spool))))
                        }
                    }
                }
                Ranged::Part { total: None, .. }
                | Ranged::Other { .. }
                | Ranged::Outside { .. } => None,
            })
        })?;
        match found {
            Some((metadata, Some(kept))) => Ok(HttpObject::new(place, uri, metadata, kept)),
            Some((metadata, None)) => Ok(HttpObject::unread(place, uri, metadata)),
            None => Self::whole(place, uri),
        }
    }

    /// Receives the last `wanted` bytes, or all of a shorter object.
    pub(super) fn tail(place: &'a HttpPlace, uri: Uri, wanted: u64) -> Result<Self, Failed> {
        let range = Range::Tail(wanted.max(1));
        let outcome = place.retry_policy.attempt(|| {
            Ok(match request_range(place, &uri, range, None)? {
                Ranged::Part { response, offset, len, total: Some(total) } => {
                    let metadata = Metadata::of(&response, Scope::Part, total);
                    let kept = Kept::Tail { offset, bytes: read_vec(response, len)? };
                    TailOutcome::Received(metadata, kept)
                }
                // Only an empty object has no last byte.
                Ranged::Outside { total: Some(0) } => {
                    let kept = Kept::Tail { offset: 0, bytes: Vec::new() };
                    TailOutcome::Received(Metadata::empty_object(), kept)
                }
                // RFC 9110, 14.1.2, requires the whole object in that case; not all servers comply.
                Ranged::Outside { total: Some(total) } if total <= wanted => TailOutcome::Short,
                Ranged::Outside { .. } => TailOutcome::NotTheEnd(None),
                // A part of unknown position, or another part, such as the start.
                Ranged::Part { response, total, .. } | Ranged::Other { response, total } => {
                    let metadata = total.map(|total| Metadata::of(&response, Scope::Part, total));
                    TailOutcome::NotTheEnd(metadata)
                }
                // Some servers respond like this when the range covers the whole object.
                Ranged::Whole(response)
                    if response.content_len().is_some_and(|len| len <= wanted) =>
                {
                    let (metadata, spool) = receive_whole(place, response)?;
                    TailOutcome::Received(metadata, Kept::Whole(spool))
                }
                Ranged::Whole(_) => TailOutcome::NotTheEnd(None),
            })
        })?;
        match outcome {
            TailOutcome::Received(metadata, kept) => {
                Ok(HttpObject::new(place, uri, metadata, kept))
            }
            TailOutcome::Short => Self::whole(place, uri),
            TailOutcome::NotTheEnd(metadata) => {
                place.note_no_tail_ranges();
                match metadata {
                    Some(metadata) => HttpObject::unread(place, uri, metadata).with_tail(wanted),
                    None => Self::probe_then_tail(place, uri, wanted),
                }
            }
        }
    }

    /// Like `tail`, for a server that does not support ranges counted from the end.
    pub(super) fn probe_then_tail(
        place: &'a HttpPlace,
        uri: Uri,
        wanted: u64,
    ) -> Result<Self, Failed> {
        Self::probe(place, uri)?.with_tail(wanted)
    }

    /// Receives the last `wanted` bytes of an object of known length.
    pub(super) fn with_tail(mut self, wanted: u64) -> Result<Self, Failed> {
        let is_whole = match self.kept.get_mut().unwrap_or_else(PoisonError::into_inner) {
            Kept::Whole(_) => true,
            Kept::Tail { .. } => self.len == 0,
        };
        if is_whole {
            return Ok(self);
        }
        if self.len <= wanted || self.place.ranges() == Ranges::None {
            return Self::whole(self.place, self.uri);
        }
        self.kept = Mutex::new(self.fetch_kept(self.len - wanted, wanted)?);
        Ok(self)
    }

    /// Receives the whole object.
    pub(super) fn whole(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        let request = ObjectRequest { method: "GET", uri: &uri, range: None, tag: None };
        let (metadata, spool) = place.retry_policy.attempt(|| {
            let response = place.client.send(request)?;
            match response.status() {
                200 => receive_whole(place, response),
                status => Err(HttpFault::status(status)),
            }
        })?;
        Ok(HttpObject::new(place, uri, metadata, Kept::Whole(spool)))
    }

    /// Requests a part; if the server sends the whole object instead, it is kept.
    fn fetch_kept(&self, offset: u64, len: u64) -> Result<Kept, Failed> {
        self.place.retry_policy.attempt(|| match self.request_part(offset, len)? {
            Ranged::Whole(response) => self.accept_whole(response),
            Ranged::Part { response, .. } => {
                Ok(Kept::Tail { offset, bytes: read_vec(response, len)? })
            }
            Ranged::Outside { .. } => Err(HttpFault::Replaced),
            Ranged::Other { .. } => Err(other_part(Range::At { offset, len })),
        })
    }

    /// Requests a part of the object, which must be unchanged.
    fn request_part(&self, offset: u64, len: u64) -> Result<Ranged<'a>, HttpFault> {
        let range = Range::At { offset, len };
        let ranged = request_range(self.place, &self.uri, range, self.tag.as_deref())?;
        if let Ranged::Part { response, total, .. } = &ranged {
            let tag = strong_tag(response);
            if total.is_some_and(|total| total != self.len)
                || (tag.is_some() && self.tag.is_some() && tag != self.tag)
            {
                return Err(HttpFault::Replaced);
            }
        }
        Ok(ranged)
    }

    fn accept_whole(&self, response: ObjectResponse<'_>) -> Result<Kept, HttpFault> {
        self.place.note_no_ranges();
        let (Metadata { tag, .. }, spool) = receive_whole(self.place, response)?;
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
                // Far from the end, for example a local header: read, but not kept.
                let whole = self.place.retry_policy.attempt(|| {
                    match self.request_part(offset, len)? {
                        Ranged::Whole(response) => self.accept_whole(response).map(Some),
                        Ranged::Part { response, .. } => response.read_into(buffer).map(|()| None),
                        Ranged::Outside { .. } => Err(HttpFault::Replaced),
                        Ranged::Other { .. } => Err(other_part(Range::At { offset, len })),
                    }
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

    fn description(&self) -> Option<&Description> {
        self.description.as_ref()
    }
}

fn read_vec(response: ObjectResponse<'_>, len: u64) -> Result<Vec<u8>, HttpFault> {
    // The requested length, not one that the server declares.
    let len = usize::try_from(len).map_err(|_| HttpFault::TooLarge { limit: usize::MAX as u64 })?;
    let mut bytes = vec![0; len];
    response.read_into(&mut bytes)?;
    Ok(bytes)
}

fn receive_whole(
    place: &HttpPlace,
    response: ObjectResponse<'_>,
) -> Result<(Metadata, Spool), HttpFault> {
    response.check_encoding()?;
    let expected = response.content_len();
    let mut metadata = Metadata::of(&response, Scope::Object, 0);
    let spool = Spool::receive(response.into_reader(), expected, place.limits.object_len)?;
    metadata.len = spool.len();
    Ok((metadata, spool))
}

/// Returns the entity tag, unless it is weak: a weak tag may be the same for other bytes (RFC 9110, 8.8.3).
fn strong_tag(response: &ObjectResponse<'_>) -> Option<String> {
    response.header("etag").filter(|tag| tag.starts_with('"')).map(str::to_owned)
}
