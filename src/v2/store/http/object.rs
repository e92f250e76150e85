//! An object on a server: found with one request where that can be, then read part by part.
//!
//! Every part must be exactly the one that was asked for, of an object that is still as long and
//! still has the same tag. What was received is kept, so that reading it again costs nothing.

use std::io;
use std::sync::{Mutex, PoisonError};

use ureq::http::Uri;

use super::claims::{Scope, claims};
use super::client::{Answer, Ask};
use super::fault::{Failed, HttpFault};
use super::range::Range;
use super::ranged::{Ranged, ask_range, other_part};
use super::spool::Spool;
use super::{HttpPlace, Ranges};
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

/// What is known of an object before, or without, its bytes.
struct Known {
    len: u64,
    claims: Claims,
    tag: Option<String>,
}

impl Known {
    fn nothing_in_it() -> Self {
        Known { len: 0, claims: Claims::default(), tag: None }
    }

    fn of(answer: &Answer<'_>, scope: Scope, len: u64) -> Self {
        Known { len, claims: claims(answer.headers(), scope), tag: strong_tag(answer) }
    }
}

/// What came of asking for the end of an object.
enum Asked {
    Received(Known, Kept),
    /// Not the end; but perhaps how long the object is.
    NotTheEnd(Option<Known>),
    /// The object is shorter than what was asked for, and the server does not take that.
    Short,
}

impl<'a> HttpObject<'a> {
    fn new(place: &'a HttpPlace, uri: Uri, known: Known, kept: Kept) -> Self {
        let Known { len, claims, tag } = known;
        HttpObject { place, uri, len, claims, tag, kept: Mutex::new(kept) }
    }

    /// An object of which nothing was received yet.
    fn unread(place: &'a HttpPlace, uri: Uri, known: Known) -> Self {
        let kept = Kept::Tail { offset: known.len, bytes: Vec::new() };
        HttpObject::new(place, uri, known, kept)
    }

    /// Learns length and claims without a byte of the object, or with its first one where HEAD is
    /// of no use.
    pub(super) fn look(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        if place.knows_head() {
            let ask = Ask { method: "HEAD", uri: &uri, range: None, tag: None };
            let found = place.patience.attempt(|| {
                let answer = place.client.ask(ask)?;
                if answer.status() != 200 {
                    return Err(HttpFault::Status { status: answer.status(), retry_after: None });
                }
                answer.check_encoding()?;
                let len = answer.content_len().ok_or(HttpFault::NoLength)?;
                Ok(Known::of(&answer, Scope::Object, len))
            });
            match found {
                Ok(known) => return Ok(HttpObject::unread(place, uri, known)),
                Err(failed) if failed.is_of_head_alone() => {}
                Err(failed) => return Err(failed),
            }
        }
        let object = Self::look_by_first_byte(place, uri)?;
        place.learn_no_head();
        Ok(object)
    }

    /// Learns length and claims from the answer to a GET of one byte.
    fn look_by_first_byte(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        let range = Range::At { offset: 0, len: 1 };
        let found = place.patience.attempt(|| {
            Ok(match ask_range(place, &uri, range, None)? {
                Ranged::Part { answer, total: Some(total), .. } => {
                    let known = Known::of(&answer, Scope::Part, total);
                    answer.read_into(&mut [0])?;
                    Some((known, None))
                }
                // Only nothing has no first byte.
                Ranged::Outside { total: Some(0) } => Some((Known::nothing_in_it(), None)),
                Ranged::Whole(answer) => {
                    place.learn_no_ranges();
                    match answer.content_len() {
                        Some(len) => Some((Known::of(&answer, Scope::Object, len), None)),
                        None => {
                            let (known, spool) = receive_whole(place, answer)?;
                            Some((known, Some(Kept::Whole(spool))))
                        }
                    }
                }
                Ranged::Part { total: None, .. }
                | Ranged::Other { .. }
                | Ranged::Outside { .. } => None,
            })
        })?;
        match found {
            Some((known, Some(kept))) => Ok(HttpObject::new(place, uri, known, kept)),
            Some((known, None)) => Ok(HttpObject::unread(place, uri, known)),
            None => Self::whole(place, uri),
        }
    }

    /// Receives the last `wanted` bytes, or all when there are fewer.
    pub(super) fn tail(place: &'a HttpPlace, uri: Uri, wanted: u64) -> Result<Self, Failed> {
        let range = Range::Tail(wanted.max(1));
        let asked = place.patience.attempt(|| {
            Ok(match ask_range(place, &uri, range, None)? {
                Ranged::Part { answer, offset, len, total: Some(total) } => {
                    let known = Known::of(&answer, Scope::Part, total);
                    Asked::Received(known, Kept::Tail { offset, bytes: read_vec(answer, len)? })
                }
                // Only nothing has no last byte.
                Ranged::Outside { total: Some(0) } => {
                    let kept = Kept::Tail { offset: 0, bytes: Vec::new() };
                    Asked::Received(Known::nothing_in_it(), kept)
                }
                // RFC 9110, 14.1.2, has the whole object sent then; not all servers do.
                Ranged::Outside { total: Some(total) } if total <= wanted => Asked::Short,
                Ranged::Outside { .. } => Asked::NotTheEnd(None),
                // The end of who knows what, or another part, such as the beginning.
                Ranged::Part { answer, total, .. } | Ranged::Other { answer, total } => {
                    let known = total.map(|total| Known::of(&answer, Scope::Part, total));
                    Asked::NotTheEnd(known)
                }
                // Some servers answer so when the range is all there is.
                Ranged::Whole(answer) if answer.content_len().is_some_and(|len| len <= wanted) => {
                    let (known, spool) = receive_whole(place, answer)?;
                    Asked::Received(known, Kept::Whole(spool))
                }
                Ranged::Whole(_) => Asked::NotTheEnd(None),
            })
        })?;
        match asked {
            Asked::Received(known, kept) => Ok(HttpObject::new(place, uri, known, kept)),
            Asked::Short => Self::whole(place, uri),
            Asked::NotTheEnd(known) => {
                place.learn_no_tails();
                match known {
                    Some(known) => HttpObject::unread(place, uri, known).with_tail(wanted),
                    None => Self::look_then_tail(place, uri, wanted),
                }
            }
        }
    }

    /// Does what `tail` does, with a server that knows no ranges counted from the end.
    pub(super) fn look_then_tail(
        place: &'a HttpPlace,
        uri: Uri,
        wanted: u64,
    ) -> Result<Self, Failed> {
        Self::look(place, uri)?.with_tail(wanted)
    }

    /// Receives the last `wanted` bytes of an object that was found, by their place.
    fn with_tail(mut self, wanted: u64) -> Result<Self, Failed> {
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

    /// Receives all of the object.
    pub(super) fn whole(place: &'a HttpPlace, uri: Uri) -> Result<Self, Failed> {
        let ask = Ask { method: "GET", uri: &uri, range: None, tag: None };
        let (known, spool) = place.patience.attempt(|| {
            let answer = place.client.ask(ask)?;
            match answer.status() {
                200 => receive_whole(place, answer),
                status => Err(HttpFault::Status { status, retry_after: None }),
            }
        })?;
        Ok(HttpObject::new(place, uri, known, Kept::Whole(spool)))
    }

    /// Asks for a part; a server that sends everything is taken at its word.
    fn fetch_kept(&self, offset: u64, len: u64) -> Result<Kept, Failed> {
        self.place.patience.attempt(|| match self.ask_part(offset, len)? {
            Ranged::Whole(answer) => self.take_whole(answer),
            Ranged::Part { answer, .. } => Ok(Kept::Tail { offset, bytes: read_vec(answer, len)? }),
            Ranged::Outside { .. } => Err(HttpFault::Replaced),
            Ranged::Other { .. } => Err(other_part(Range::At { offset, len })),
        })
    }

    /// Asks for a part of the object as it was found.
    fn ask_part(&self, offset: u64, len: u64) -> Result<Ranged<'a>, HttpFault> {
        let range = Range::At { offset, len };
        let ranged = ask_range(self.place, &self.uri, range, self.tag.as_deref())?;
        if let Ranged::Part { answer, total, .. } = &ranged {
            let tag = strong_tag(answer);
            if total.is_some_and(|total| total != self.len)
                || (tag.is_some() && self.tag.is_some() && tag != self.tag)
            {
                return Err(HttpFault::Replaced);
            }
        }
        Ok(ranged)
    }

    fn take_whole(&self, answer: Answer<'_>) -> Result<Kept, HttpFault> {
        self.place.learn_no_ranges();
        let (Known { tag, .. }, spool) = receive_whole(self.place, answer)?;
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
                        Ranged::Other { .. } => Err(other_part(Range::At { offset, len })),
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

fn read_vec(answer: Answer<'_>, len: u64) -> Result<Vec<u8>, HttpFault> {
    // As long as was asked for, so this is no length that a server makes up.
    let len = usize::try_from(len).map_err(|_| HttpFault::TooLarge { limit: usize::MAX as u64 })?;
    let mut bytes = vec![0; len];
    answer.read_into(&mut bytes)?;
    Ok(bytes)
}

fn receive_whole(place: &HttpPlace, answer: Answer<'_>) -> Result<(Known, Spool), HttpFault> {
    answer.check_encoding()?;
    let expected = answer.content_len();
    let mut known = Known::of(&answer, Scope::Object, 0);
    let spool = Spool::receive(answer.into_reader(), expected, place.limits.object_len)?;
    known.len = spool.len();
    Ok((known, spool))
}

/// The entity tag, unless it is a weak one, which may stand for other bytes (RFC 9110, 8.8.3).
fn strong_tag(answer: &Answer<'_>) -> Option<String> {
    answer.header("etag").filter(|tag| tag.starts_with('"')).map(str::to_owned)
}
