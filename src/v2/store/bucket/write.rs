//! Writing objects: creating without ever replacing, and compare-and-swap.
//!
//! A write has one of few outcomes, and none of them is a guess: where a store's answer leaves open what happened
//! (an error after the bytes were sent, "exists" after a retry, no right to overwrite), the object is looked at and
//! its digests are compared. Nothing is ever deleted.

use std::io;

use ureq::http::HeaderMap;

use super::answers::{Entry, Revision};
use super::content::{Content, body};
use super::dialect::{Condition, Put, PutCall};
use super::faults::NO_TAG;
use super::{Bucket, MAX_ANSWER_LEN, StoreKind};
use crate::digest::{ObjectDigests, Sha256Hasher};
use crate::v2::store::Claims;
use crate::v2::store::http::client::{Accepts, Call, Sent};
use crate::v2::store::http::fault::{Failed, HttpFault, SourceFault};

/// An object to write.
#[derive(Clone, Copy)]
pub struct NewObject<'a> {
    /// The key, without the prefix of the bucket's URL.
    pub key: &'a str,
    /// Its length and digests; the store gets those that it can check.
    pub digests: &'a ObjectDigests,
    /// The content type.
    pub content_type: &'a str,
    /// The value of `Cache-Control`.
    pub cache_control: Option<&'a str>,
    /// Its bytes.
    pub content: &'a dyn Content,
}

/// The outcome of [`Bucket::create`].
#[derive(Debug)]
pub enum Creation {
    /// The object was created.
    Created,
    /// It was there before, with the same bytes according to its digests.
    AlreadyThere,
    /// An object with other bytes is there; it was not touched.
    Conflict(Box<Entry>),
    /// Neither was achieved, or it is not known what was.
    Failed(io::Error),
}

/// The outcome of [`Bucket::replace`].
#[derive(Debug)]
pub enum Replacement {
    /// The object has the new bytes.
    Replaced,
    /// It is not the expected one any more; it was not touched.
    Moved,
    /// Neither was achieved, or it is not known what was.
    Failed(io::Error),
}

/// What is at a key, compared with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Absent,
    /// The same bytes, according to digests, or to the bytes themselves where the store has no digests.
    Same,
    /// Other bytes.
    Other(Box<Entry>),
}

/// What is known after all attempts to write.
enum Written {
    /// The store confirmed the write.
    Confirmed,
    /// The object is there, with the right bytes; by this call, if `by_us`.
    Same { by_us: bool },
    /// Another object is there.
    Other(Box<Entry>),
}

impl Bucket {
    /// Creates an object, and never replaces one.
    pub fn create(&self, object: &NewObject<'_>) -> Creation {
        match self.write(object, Condition::Absent) {
            Ok(Written::Confirmed | Written::Same { by_us: true }) => Creation::Created,
            Ok(Written::Same { by_us: false }) => Creation::AlreadyThere,
            Ok(Written::Other(entry)) => Creation::Conflict(entry),
            Err(failed) => Creation::Failed(failed.into()),
        }
    }

    /// Replaces an object if it is still in the state `expected`, or creates it if `expected` is `None`.
    pub fn replace(&self, object: &NewObject<'_>, expected: Option<&Revision>) -> Replacement {
        let condition = expected.map_or(Condition::Absent, Condition::Is);
        match self.write(object, condition) {
            Ok(Written::Confirmed | Written::Same { .. }) => Replacement::Replaced,
            Ok(Written::Other(_)) => Replacement::Moved,
            Err(failed) => Replacement::Failed(failed.into()),
        }
    }

    /// Compares what is at a key with an object.
    ///
    /// # Errors
    /// No definite response.
    pub fn compare(&self, key: &str, digests: &ObjectDigests) -> io::Result<Presence> {
        let content: &[u8] = b"";
        let object =
            NewObject { key, digests, content_type: "", cache_control: None, content: &content };
        let looked = self.place.retry_policy.attempt(|| self.look(&object, Condition::Absent));
        Ok(match looked? {
            None => Presence::Absent,
            Some(Written::Other(entry)) => Presence::Other(entry),
            Some(Written::Confirmed | Written::Same { .. }) => Presence::Same,
        })
    }

    /// Writes under a condition until the outcome is known.
    fn write(&self, object: &NewObject<'_>, condition: Condition<'_>) -> Result<Written, Failed> {
        let NewObject { digests, content_type, cache_control, .. } = *object;
        let put = Put { digests, content_type, cache_control, condition };
        let failed = |fault| Failed { fault, attempts: 0 };
        let call = self.dialect.put(&self.full(object.key), &put).map_err(failed)?;
        // Whether an attempt may have written the object although it failed.
        let mut is_uncertain = false;
        let written = self.place.retry_policy.attempt(|| {
            if is_uncertain {
                // Looking costs less than sending the bytes again.
                let found = self.look(object, condition)?;
                if let Some(found) = found {
                    return Ok(found);
                }
            }
            let sent = self.send(object, &call);
            is_uncertain |= sent.as_ref().is_err_and(may_have_written);
            match sent {
                Ok(Some(claims)) if agrees(claims, digests) != Some(false) => {
                    Ok(Written::Confirmed)
                }
                Ok(Some(_)) => {
                    is_uncertain = true;
                    Err(HttpFault::Implausible("the store reports other digests than sent"))
                }
                Ok(None) => {
                    is_uncertain = true;
                    Err(HttpFault::Answer("it does not confirm the write"))
                }
                Err(fault) => Err(fault),
            }
        });
        let failed = match written {
            Ok(Written::Same { .. }) => return Ok(Written::Same { by_us: true }),
            Ok(written) => return Ok(written),
            Err(failed) => failed,
        };
        let may_exist = match failed.fault.refused_with() {
            // Exists (GCS, S3), exists (Azure), no right to overwrite or to look.
            Some(412 | 409 | 403 | 401) => true,
            _ => is_uncertain,
        };
        if !may_exist {
            return Err(failed);
        }
        let looked = self.place.retry_policy.attempt(|| self.look(object, condition));
        match looked {
            Ok(Some(Written::Same { .. })) => Ok(Written::Same { by_us: is_uncertain }),
            // Written by this call, and not what was sent.
            Ok(Some(_)) if matches!(failed.fault, HttpFault::Implausible(_)) => Err(failed),
            Ok(Some(written)) => Ok(written),
            // The state that was there before: nothing was written.
            Ok(None) => Err(failed),
            // The first fault says more than that of looking.
            Err(_) => Err(failed),
        }
    }

    /// Sends the object once, and returns the digests in the answer; `None` if the answer is not that of a write.
    fn send(&self, object: &NewObject<'_>, put: &PutCall) -> Result<Option<Claims>, HttpFault> {
        let PutCall { call, before, after } = put;
        let opened = body(before, object.content, object.digests, after);
        let (mut reader, len) =
            opened.map_err(|error| HttpFault::Source(io::Error::other(SourceFault(error))))?;
        let sent = Sent { reader: &mut reader, len };
        let response =
            self.place.client.exchange(call, Some(sent), len, Accepts::Only(&[200, 201]))?;
        let headers = response.headers().clone();
        // Where the body confirms the write and is cut off, the object is looked at.
        let answer = response.read_at_most(MAX_ANSWER_LEN).unwrap_or_default();
        Ok(self.dialect.written(&headers, &answer))
    }

    /// Looks at what is there; `None` if that is what was there before the write.
    fn look(
        &self,
        object: &NewObject<'_>,
        condition: Condition<'_>,
    ) -> Result<Option<Written>, HttpFault> {
        let Some(entry) = self.head_once(object.key)? else { return Ok(None) };
        let is_same = entry.len == object.digests.size
            && match agrees(entry.claims, object.digests) {
                Some(agrees) => agrees,
                // The store declares no digest: only the bytes can answer.
                None => self.reads_as(object, &entry)?,
            };
        if is_same {
            return Ok(Some(Written::Same { by_us: false }));
        }
        if let Condition::Is(expected) = condition
            && entry.revision.as_ref() == Some(expected)
        {
            return Ok(None);
        }
        Ok(Some(Written::Other(Box::new(entry))))
    }

    /// Reads the stored object that was found, and returns whether its SHA-256 is the expected one.
    fn reads_as(&self, object: &NewObject<'_>, found: &Entry) -> Result<bool, HttpFault> {
        let uri = self.dialect.object(&self.full(object.key))?;
        let call = Call { method: "GET", uri, headers: HeaderMap::new() };
        let size = object.digests.size;
        let response = self.place.client.exchange(&call, None, size, Accepts::Only(&[200]))?;
        response.check_encoding()?;
        // GCS's states are generations; its objects have digests.
        let is_tag = self.url.kind != StoreKind::Gcs;
        match response.header("etag") {
            _ if !is_tag => {}
            None => return Err(HttpFault::Answer(NO_TAG)),
            tag if tag == found.revision.as_ref().map(|tag| tag.0.as_str()) => {}
            Some(_) => return Err(HttpFault::Replaced),
        }
        let mut reader = response.into_reader();
        let (mut hasher, mut len) = (Sha256Hasher::default(), 0);
        let mut piece = vec![0; 128 * 1024];
        loop {
            match reader.read(&mut piece)? {
                0 => break,
                read => {
                    hasher.update(&piece[..read]);
                    len += read as u64;
                }
            }
            if len > size {
                return Ok(false);
            }
        }
        if len < size {
            return Err(HttpFault::Truncated { expected: size, received: len });
        }
        Ok(hasher.finish() == object.digests.sha256)
    }
}

/// Returns whether the store may have written the object despite a fault. Redirects and errors of the client (3xx,
/// 4xx) are definite; another success than the documented one is not.
fn may_have_written(fault: &HttpFault) -> bool {
    match fault.refused_with() {
        Some(status) => status < 300 || (status >= 500 && fault.is_transient()),
        None => fault.is_transient(),
    }
}

/// Compares the digests that a store declares; `None` if it declares none.
pub fn agrees(claims: Claims, digests: &ObjectDigests) -> Option<bool> {
    let agreements = [
        claims.sha256.map(|sha256| sha256 == digests.sha256),
        claims.md5.map(|md5| md5 == digests.md5),
        claims.crc32c.map(|crc32c| crc32c == digests.crc32c),
    ];
    let known: Vec<bool> = agreements.into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.into_iter().all(|agrees| agrees))
}
