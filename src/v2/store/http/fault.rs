//! What can go wrong between us and a server, and which of it may pass by itself.
//!
//! Texts hold neither URLs nor headers' values that could be secrets.

use std::io;
use std::time::Duration;

use ureq::Timeout;

use super::Limits;

/// Why an attempt gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpFault {
    /// The server answered, but with a status that is no success.
    #[error("HTTP status {status}")]
    Status { status: u16, retry_after: Option<Duration> },
    /// The name of the host, or of the proxy, is not known.
    #[error("the host's name is not known")]
    HostNotFound,
    /// No connection, or one that broke.
    #[error("{0}")]
    Connection(io::Error),
    /// The connection ended before the answer did.
    #[error("the server closed the connection early")]
    ClosedEarly,
    /// The server's certificate is not one to trust.
    #[error("{0}")]
    Certificate(rustls::Error),
    /// The TLS connection failed otherwise.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The proxy refused.
    #[error("the proxy refused the connection")]
    Proxy,
    /// One of the time-outs.
    #[error("{what} within {} s", limit.as_secs_f32())]
    TimedOut { what: &'static str, limit: Duration },
    /// Not HTTP as it should be.
    #[error("the server's answer is no HTTP: {0}")]
    Protocol(String),
    /// More redirects than are followed.
    #[error("too many redirects")]
    Redirects,
    /// A redirect that gives up TLS.
    #[error("a redirect leads from https to http")]
    Downgrade,
    /// The body ended early.
    #[error("the body ended after {received} of {expected} bytes")]
    Truncated { expected: u64, received: u64 },
    /// The body goes on where it should end.
    #[error("the body is longer than the {expected} bytes it should have")]
    TooLong { expected: u64 },
    /// A whole object that is longer than any archive.
    #[error("the object is longer than {limit} bytes")]
    TooLarge { limit: u64 },
    /// Compressed on the way.
    #[error("the server sends the object with a Content-Encoding, which are other bytes")]
    Encoded,
    /// A status 206 that does not say which part it is, or that it is another.
    #[error("the server sent another part than {asked}")]
    OtherPart { asked: String },
    /// No `Content-Length` where one is needed.
    #[error("the server does not tell the object's length")]
    NoLength,
    /// The object is not the one that was found.
    #[error("the object was replaced while it was read")]
    Replaced,
    /// What was received cannot be kept.
    #[error("cannot keep what was received: {0}")]
    Keep(io::Error),
    /// The server wants to be left alone for longer than we wait.
    #[error("the server asks to wait {} s", .0.as_secs())]
    Wait(Duration),
    /// Too many requests failed one after the other.
    #[error("not asked: {0} requests in a row failed before")]
    GivenUp(u32),
    /// The key makes no URL.
    #[error("the key makes no URL")]
    Url,
}

impl HttpFault {
    /// Tells whether the same request may succeed later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            HttpFault::Status { status, .. } => match status {
                408 | 425 | 429 => true,
                501 | 505 => false,
                _ => *status >= 500,
            },
            HttpFault::HostNotFound
            | HttpFault::Connection(_)
            | HttpFault::ClosedEarly
            | HttpFault::Tls(_)
            | HttpFault::Proxy
            | HttpFault::TimedOut { .. }
            | HttpFault::Protocol(_)
            | HttpFault::Truncated { .. } => true,
            HttpFault::Certificate(_)
            | HttpFault::Redirects
            | HttpFault::Downgrade
            | HttpFault::TooLong { .. }
            | HttpFault::TooLarge { .. }
            | HttpFault::Encoded
            | HttpFault::OtherPart { .. }
            | HttpFault::NoLength
            | HttpFault::Replaced
            | HttpFault::Keep(_)
            | HttpFault::Wait(_)
            | HttpFault::GivenUp(_)
            | HttpFault::Url => false,
        }
    }

    /// The kind of the [`io::Error`] that this becomes.
    pub(super) fn kind(&self) -> io::ErrorKind {
        match self {
            HttpFault::Status { status: 401 | 403 | 407, .. } | HttpFault::Proxy => {
                io::ErrorKind::PermissionDenied
            }
            HttpFault::Connection(error) | HttpFault::Keep(error) => error.kind(),
            HttpFault::TimedOut { .. } => io::ErrorKind::TimedOut,
            HttpFault::ClosedEarly | HttpFault::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            HttpFault::TooLong { .. }
            | HttpFault::Encoded
            | HttpFault::OtherPart { .. }
            | HttpFault::Protocol(_) => io::ErrorKind::InvalidData,
            HttpFault::Status { .. }
            | HttpFault::HostNotFound
            | HttpFault::Certificate(_)
            | HttpFault::Tls(_)
            | HttpFault::Redirects
            | HttpFault::Downgrade
            | HttpFault::TooLarge { .. }
            | HttpFault::NoLength
            | HttpFault::Replaced
            | HttpFault::Wait(_)
            | HttpFault::GivenUp(_)
            | HttpFault::Url => io::ErrorKind::Other,
        }
    }

    /// What the HTTP client says, in our words.
    pub(super) fn from_client(error: ureq::Error, limits: &Limits) -> HttpFault {
        match error {
            ureq::Error::Timeout(timeout) => timed_out(timeout, limits),
            ureq::Error::HostNotFound => HttpFault::HostNotFound,
            ureq::Error::Io(error) => from_io(error),
            ureq::Error::Rustls(error) => from_tls(error),
            ureq::Error::Tls(what) => HttpFault::Tls(what.to_owned()),
            ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => HttpFault::Proxy,
            ureq::Error::ConnectionFailed => {
                HttpFault::Connection(io::ErrorKind::NotConnected.into())
            }
            ureq::Error::TooManyRedirects => HttpFault::Redirects,
            ureq::Error::RequireHttpsOnly(_) => HttpFault::Downgrade,
            // Names a redirect's target, which may hold secrets.
            ureq::Error::BadUri(_) | ureq::Error::RedirectFailed => {
                HttpFault::Protocol("a redirect leads nowhere".to_owned())
            }
            ureq::Error::Protocol(error) => HttpFault::Protocol(error.to_string()),
            // The client may learn of more errors in time; none of its texts is a secret otherwise.
            other => HttpFault::Protocol(other.to_string()),
        }
    }
}

fn from_io(error: io::Error) -> HttpFault {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => from_tls(tls.clone()),
        None if error.kind() == io::ErrorKind::UnexpectedEof => HttpFault::ClosedEarly,
        None => HttpFault::Connection(error),
    }
}

fn from_tls(error: rustls::Error) -> HttpFault {
    match error {
        // The latter: there are no roots to judge by, as in a container without any.
        rustls::Error::InvalidCertificate(_) | rustls::Error::General(_) => {
            HttpFault::Certificate(error)
        }
        other => HttpFault::Tls(other.to_string()),
    }
}

fn timed_out(timeout: Timeout, limits: &Limits) -> HttpFault {
    let (what, limit) = match timeout {
        Timeout::Resolve | Timeout::Connect => ("no connection", limits.connect),
        Timeout::SendRequest | Timeout::SendBody | Timeout::RecvResponse => {
            ("no answer", limits.answer)
        }
        Timeout::PerRead | Timeout::PerWrite => ("not a byte", limits.idle),
        // The whole attempt; the client may learn of more phases in time.
        _ => ("not done", limits.attempt),
    };
    HttpFault::TimedOut { what, limit }
}

/// The last fault of a request, and how often it was tried.
#[derive(Debug, thiserror::Error)]
#[error("{fault}{}", tried(*attempts))]
pub(super) struct Failed {
    pub(super) fault: HttpFault,
    pub(super) attempts: u32,
}

impl Failed {
    /// Tells whether a HEAD that failed so says nothing about a GET: the server does not know HEAD,
    /// does not allow it, as behind a redirect that is signed for GET alone, or tells no length.
    pub(super) fn is_of_head_alone(&self) -> bool {
        match self.fault {
            HttpFault::NoLength | HttpFault::Status { status: 501, .. } => true,
            HttpFault::Status { status, .. } => {
                (400..500).contains(&status) && !self.fault.may_pass()
            }
            _ => false,
        }
    }
}

fn tried(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        more => format!(", after {more} attempts"),
    }
}

impl From<Failed> for io::Error {
    fn from(failed: Failed) -> Self {
        io::Error::new(failed.fault.kind(), failed)
    }
}
