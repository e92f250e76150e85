//! v2 at an `http://` or `https://` base URL that serves archives.
//!
//! Keeps only connections open that are in use or were just used; each thread sends one request at a time,
//! so the number of threads limits the number of requests. Whatever the server does, a request
//! ends: with a checked response or with an error.

// What only buckets need of the client.
#![cfg_attr(not(feature = "stores"), allow(dead_code))]

pub(super) mod claims;
pub(super) mod client;
pub(super) mod fault;
mod object;
mod pace;
mod page;
pub(super) mod proxy;
mod range;
mod ranged;
mod resolver;
pub(super) mod retry;
mod spool;
mod url;

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use ureq::http::{HeaderMap, Uri};

use self::client::{Authorization, Client, Connection, ObjectRequest};
pub use self::fault::final_refusal;
use self::fault::{Failed, HttpFault};
use self::object::HttpObject;
pub(super) use self::object::Metadata;
pub use self::page::{Head, Page};
use self::retry::RetryPolicy;
pub use self::url::{BaseUrl, BaseUrlError};
use super::{Listed, Place, StoredObject, Wanted};
use crate::error::Error;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey};

/// Limits on time, attempts and sizes of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For resolving the host name, and again for the connection including TLS.
    pub connect: Duration,
    /// From the request to the end of the response's headers.
    pub response: Duration,
    /// Between two reads of a body.
    pub idle: Duration,
    /// For one attempt including redirects and body.
    pub attempt: Duration,
    /// No attempt starts later than this after the first one.
    pub request: Duration,
    /// Number of attempts of one request, at least 1.
    pub attempts: u32,
    /// Wait before the second attempt; doubled before each further one, plus up to the same time at
    /// random.
    pub first_wait: Duration,
    /// Maximum wait between attempts, without the random part.
    pub longest_wait: Duration,
    /// The longest `Retry-After` that is respected; with a longer one, requests fail at once
    /// until it has passed.
    pub longest_retry_after: Duration,
    /// After this number of consecutive requests that failed in all attempts, all further ones fail at
    /// once. More than the number of threads, so that a short outage does not end a run.
    pub give_up_after: u32,
    /// The longest object that is read as a whole, in bytes.
    pub object_len: u64,
    /// The slowest transfer of a body of known length that is waited for, in bytes per second, beyond
    /// `attempt`.
    pub slowest_rate: u64,
    /// Time between the starts of two requests of all threads together; zero for no limit.
    pub spacing: Duration,
}

impl Limits {
    /// Returns the time that an attempt may take longer than `attempt`, because of the length of a body.
    pub(in crate::v2::store) fn extra_time(&self, len: u64) -> Duration {
        Duration::from_secs(len / self.slowest_rate.max(1))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            response: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            attempt: Duration::from_secs(300),
            request: Duration::from_secs(600),
            attempts: 6,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(120),
            give_up_after: 32,
            object_len: 16 << 30,
            slowest_rate: 64 * 1024,
            spacing: Duration::ZERO,
        }
    }
}

/// The shortest tail that is requested: fewer bytes would not cost a server less, and the reader of
/// archives starts with as many.
const SHORTEST_TAIL_LEN: u64 = 8 * 1024;

/// Attempts of the first request to the server, so that a typo in the URL is reported soon.
pub(super) const FIRST_ATTEMPTS: u32 = 3;

/// The objects below a base URL.
pub struct HttpPlace {
    base: BaseUrl,
    pub(super) client: Client,
    pub(super) retry_policy: RetryPolicy,
    pub(super) limits: Limits,
    /// The server's range support, as far as it is known; a [`Ranges`].
    ranges: AtomicU8,
    /// Whether HEAD has failed where GET succeeded.
    lacks_head_support: AtomicBool,
}

/// A server's support of ranges; it is only ever lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Ranges {
    /// Every kind, until the server shows otherwise.
    All,
    /// No ranges that are counted from the end, as with Azure Blob Storage.
    FromStart,
    /// No ranges.
    None,
}

impl HttpPlace {
    /// Checks with one request that a server responds.
    ///
    /// Any HTTP status is accepted: what it means for an object is reported when an object is requested.
    /// The proxy is taken from the environment.
    ///
    /// # Errors
    /// [`Error::ReachPlace`] when no server responds.
    pub fn open(base: BaseUrl, limits: Limits) -> Result<Self, Error> {
        Self::open_at(base, ARCHIVE_PREFIX, limits)
    }

    /// Like [`HttpPlace::open`], with a request for this path.
    ///
    /// # Errors
    /// [`Error::ReachPlace`] when no server responds.
    pub fn open_at(base: BaseUrl, path: &str, limits: Limits) -> Result<Self, Error> {
        let unreachable = |certificate, source| Error::ReachPlace {
            place: base.to_string(),
            certificate,
            source,
        };
        let proxy = proxy::find(&base, |name| env::var(name).ok())
            .map_err(|error| unreachable(false, error.into()))?;
        let authorization = match base.authorization() {
            Some(header) => Authorization::Header(header.to_owned()),
            None => Authorization::None,
        };
        let headers = HeaderMap::new();
        let connection = Connection { https_only: base.is_https(), proxy, authorization, headers };
        let client = Client::new(connection, limits);
        let place = HttpPlace::new(base.clone(), client, limits, Ranges::All);
        let first = Limits { attempts: limits.attempts.min(FIRST_ATTEMPTS), ..limits };
        let first = RetryPolicy::new(first);
        let probe = base.at(path, "").map_err(|_| HttpFault::Url).map(|uri| {
            let request = ObjectRequest { method: "HEAD", uri: &uri, range: None, tag: None };
            first.attempt(|| place.client.send(request).map(drop))
        });
        let probe = probe.unwrap_or_else(|fault| Err(Failed { fault, attempts: 0 }));
        match probe {
            Ok(()) => Ok(place),
            Err(Failed { fault: HttpFault::Status { .. } | HttpFault::Redirects, .. }) => Ok(place),
            Err(failed) => {
                let certificate = matches!(failed.fault, HttpFault::Certificate(_));
                Err(unreachable(certificate, failed.into()))
            }
        }
    }

    /// Creates a place without a request.
    pub(super) fn new(base: BaseUrl, client: Client, limits: Limits, ranges: Ranges) -> Self {
        HttpPlace {
            base,
            client,
            retry_policy: RetryPolicy::new(limits),
            limits,
            ranges: AtomicU8::new(ranges as u8),
            lacks_head_support: AtomicBool::new(false),
        }
    }

    /// Finds an object by its URL.
    pub(super) fn find_at(
        &self,
        uri: Uri,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let wanted = match wanted {
            Wanted::Tail(len) => Wanted::Tail(len.max(SHORTEST_TAIL_LEN)),
            other => other,
        };
        let found = match (wanted, self.ranges()) {
            (Wanted::Claims | Wanted::Description, _) => HttpObject::probe(self, uri),
            (Wanted::Tail(len), Ranges::All) => HttpObject::tail(self, uri, len),
            (Wanted::Tail(len), Ranges::FromStart) => HttpObject::probe_then_tail(self, uri, len),
            (Wanted::Tail(_), Ranges::None) | (Wanted::Whole, _) => HttpObject::whole(self, uri),
        };
        match found {
            Ok(object) => Ok(Some(Box::new(object))),
            Err(failed) if matches!(failed.fault.refused_with(), Some(404 | 410)) => Ok(None),
            Err(failed) => Err(failed.into()),
        }
    }

    /// Finds an object whose length and claims are known from a listing.
    pub(super) fn find_listed(
        &self,
        uri: Uri,
        metadata: Metadata,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        match wanted {
            Wanted::Claims => Ok(Some(Box::new(HttpObject::unread(self, uri, metadata)))),
            // Lists of S3 have none.
            Wanted::Description if metadata.description.is_some() => {
                Ok(Some(Box::new(HttpObject::unread(self, uri, metadata))))
            }
            Wanted::Tail(len) if self.ranges() == Ranges::FromStart => {
                let unread = HttpObject::unread(self, uri, metadata);
                Ok(Some(Box::new(unread.with_tail(len.max(SHORTEST_TAIL_LEN))?)))
            }
            Wanted::Description | Wanted::Tail(_) | Wanted::Whole => self.find_at(uri, wanted),
        }
    }

    fn ranges(&self) -> Ranges {
        match self.ranges.load(Ordering::Relaxed) {
            0 => Ranges::All,
            1 => Ranges::FromStart,
            _ => Ranges::None,
        }
    }

    fn supports_head(&self) -> bool {
        !self.lacks_head_support.load(Ordering::Relaxed)
    }

    fn note_no_head(&self) {
        self.lacks_head_support.store(true, Ordering::Relaxed);
    }

    fn note_no_tail_ranges(&self) {
        self.ranges.fetch_max(Ranges::FromStart as u8, Ordering::Relaxed);
    }

    fn note_no_ranges(&self) {
        self.ranges.fetch_max(Ranges::None as u8, Ordering::Relaxed);
    }
}

impl Place for HttpPlace {
    /// Returns `None`: HTTP has no listing.
    fn list(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(None)
    }

    /// Returns `None`: HTTP has no listing.
    fn list_below(&self, _prefix: &str) -> Result<Option<BTreeMap<String, Listed>>, Error> {
        Ok(None)
    }

    fn has_content_types(&self) -> bool {
        true
    }

    fn find(
        &self,
        key: &ObjectKey,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let uri = self.base.of(key).map_err(|_| Failed { fault: HttpFault::Url, attempts: 0 })?;
        self.find_at(uri, wanted)
    }

    fn read_len(&self) -> u64 {
        self.client.received_len()
    }

    fn lacks_range_support(&self) -> bool {
        self.ranges() == Ranges::None
    }
}

impl HttpPlace {
    /// Finds the object at a path below the base URL; otherwise like [`Place::find`].
    ///
    /// # Errors
    /// The server gives no definite response, after all attempts.
    pub fn find_path(
        &self,
        path: &str,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let uri = self.base.at(path, "");
        let uri = uri.map_err(|_| Failed { fault: HttpFault::Url, attempts: 0 })?;
        self.find_at(uri, wanted)
    }
}
