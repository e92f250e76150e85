//! v2 behind `http://` or `https://`: a base URL that archives are served below.
//!
//! Holds no connection open but those that are in use or were just now; as many requests run at a
//! time as threads ask, so the number of threads is the cap. Whatever the server does, a request
//! ends: in an answer that was checked, or in an error.

mod claims;
mod client;
mod fault;
mod object;
mod patience;
mod proxy;
mod range;
mod ranged;
mod spool;
mod url;

use std::env;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use self::client::{Ask, Client};
use self::fault::{Failed, HttpFault};
use self::object::HttpObject;
use self::patience::Patience;
pub use self::url::{BaseUrl, BaseUrlError};
use super::{Place, StoredObject, Wanted};
use crate::error::Error;
use crate::model::package::ObjectKey;

/// How long and how often a server is asked, and what it may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the host's name, and again for the connection with its TLS.
    pub connect: Duration,
    /// From the request to the end of the answer's headers.
    pub answer: Duration,
    /// From one piece of a body to the next.
    pub idle: Duration,
    /// For one attempt with its redirects and its body.
    pub attempt: Duration,
    /// No attempt begins later than this after the first.
    pub request: Duration,
    /// How often one request is tried, at least once.
    pub attempts: u32,
    /// Before the second attempt; twice as long before each further one, and up to twice that at
    /// random.
    pub first_wait: Duration,
    /// No wait of our own grows longer, but for the random part.
    pub longest_wait: Duration,
    /// The longest `Retry-After` that is waited for; with a longer one, requests fail at once
    /// until it is over.
    pub longest_retry_after: Duration,
    /// After so many requests in a row that failed in all attempts, all further ones fail at once.
    /// More than there are threads, so that one bad minute is not the end.
    pub give_up_after: u32,
    /// The longest object that is read whole, in bytes.
    pub object_len: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            attempt: Duration::from_secs(300),
            request: Duration::from_secs(600),
            attempts: 6,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(120),
            give_up_after: 32,
            object_len: 16 << 30,
        }
    }
}

/// The shortest tail that is asked for: fewer bytes would cost a server no less, and those who
/// read archives begin with as many.
const SHORTEST_TAIL_LEN: u64 = 8 * 1024;

/// How often the server is asked whether it is there: a slip of the pen in the URL is told soon.
const FIRST_ATTEMPTS: u32 = 3;

/// The objects below a base URL.
pub struct HttpPlace {
    base: BaseUrl,
    client: Client,
    patience: Patience,
    limits: Limits,
    /// How far the server knows ranges, as far as it has shown; a [`Ranges`].
    ranges: AtomicU8,
    /// Whether HEAD has failed where GET did not.
    knows_no_head: AtomicBool,
}

/// How far a server knows ranges; it only gets worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Ranges {
    /// All that we ask for, until it shows otherwise.
    All,
    /// None that are counted from the end, as with Azure's Blob Storage.
    FromStart,
    /// None.
    None,
}

impl HttpPlace {
    /// Makes sure that there is a server, with one request.
    ///
    /// Any HTTP status will do: what it means for an object is told when one is looked for. The
    /// proxy is taken from the environment.
    ///
    /// # Errors
    /// [`Error::ReachPlace`] when nothing answers.
    pub fn open(base: BaseUrl, limits: Limits) -> Result<Self, Error> {
        let unreachable = |certificate, source| Error::ReachPlace {
            place: base.to_string(),
            certificate,
            source,
        };
        let proxy = proxy::find(&base, |name| env::var(name).ok())
            .map_err(|error| unreachable(false, error.into()))?;
        let place = HttpPlace {
            client: Client::new(&base, limits, proxy),
            patience: Patience::new(limits),
            limits,
            ranges: AtomicU8::new(Ranges::All as u8),
            knows_no_head: AtomicBool::new(false),
            base: base.clone(),
        };
        let first = Limits { attempts: limits.attempts.min(FIRST_ATTEMPTS), ..limits };
        let first = Patience::new(first);
        let probe = base.archives().map_err(|_| HttpFault::Url).map(|uri| {
            let ask = Ask { method: "HEAD", uri: &uri, range: None, tag: None };
            first.attempt(|| place.client.ask(ask).map(drop))
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

    fn ranges(&self) -> Ranges {
        match self.ranges.load(Ordering::Relaxed) {
            0 => Ranges::All,
            1 => Ranges::FromStart,
            _ => Ranges::None,
        }
    }

    fn knows_head(&self) -> bool {
        !self.knows_no_head.load(Ordering::Relaxed)
    }

    fn learn_no_head(&self) {
        self.knows_no_head.store(true, Ordering::Relaxed);
    }

    fn learn_no_tails(&self) {
        self.ranges.fetch_max(Ranges::FromStart as u8, Ordering::Relaxed);
    }

    fn learn_no_ranges(&self) {
        self.ranges.fetch_max(Ranges::None as u8, Ordering::Relaxed);
    }
}

impl Place for HttpPlace {
    /// None: HTTP knows no lists.
    fn list(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(None)
    }

    fn find(
        &self,
        key: &ObjectKey,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let uri = self.base.of(key).map_err(|_| Failed { fault: HttpFault::Url, attempts: 0 })?;
        let wanted = match wanted {
            Wanted::Tail(len) => Wanted::Tail(len.max(SHORTEST_TAIL_LEN)),
            other => other,
        };
        let found = match (wanted, self.ranges()) {
            (Wanted::Claims, _) => HttpObject::look(self, uri),
            (Wanted::Tail(len), Ranges::All) => HttpObject::tail(self, uri, len),
            (Wanted::Tail(len), Ranges::FromStart) => HttpObject::look_then_tail(self, uri, len),
            (Wanted::Tail(_), Ranges::None) | (Wanted::Whole, _) => HttpObject::whole(self, uri),
        };
        match found {
            Ok(object) => Ok(Some(Box::new(object))),
            Err(Failed { fault: HttpFault::Status { status: 404 | 410, .. }, .. }) => Ok(None),
            Err(failed) => Err(failed.into()),
        }
    }

    fn read_len(&self) -> u64 {
        self.client.received_len()
    }

    fn knows_no_ranges(&self) -> bool {
        self.ranges() == Ranges::None
    }
}
