//! The faults of HTTP requests, to servers and to object stores, and which of them are transient.
//!
//! Messages contain neither URLs, nor header values, nor parts of a body that could be secrets: of a store's
//! answer they show only its error code.

use std::io;
use std::time::Duration;

use ureq::Timeout;

use super::Limits;

/// Why an attempt gave no usable response.
#[derive(Debug, thiserror::Error)]
pub(in crate::v2::store) enum HttpFault {
    /// The server responded with an error status.
    #[error("HTTP status {}{}", refusal.status, shown_code(refusal.code.as_deref()))]
    Status { refusal: Refusal, retry_after: Option<Duration> },
    /// The name of the host, or of the proxy, cannot be resolved.
    #[error("the host name cannot be resolved")]
    HostNotFound,
    /// No connection, or a broken one.
    #[error("{0}")]
    Connection(io::Error),
    /// The connection ended before the response did.
    #[error("the server closed the connection early")]
    ClosedEarly,
    /// The server's certificate is not trusted.
    #[error("{0}")]
    Certificate(rustls::Error),
    /// The TLS connection failed otherwise.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The proxy refused the connection.
    #[error("the proxy refused the connection")]
    Proxy,
    /// A time-out.
    #[error("{what} within {} s", limit.as_secs_f32())]
    TimedOut { what: &'static str, limit: Duration },
    /// Invalid HTTP.
    #[error("the response is not valid HTTP: {0}")]
    Protocol(String),
    /// More redirects than [`super::client`] follows.
    #[error("too many redirects")]
    Redirects,
    /// A redirect that drops TLS.
    #[error("a redirect leads from https to http")]
    Downgrade,
    /// The body ended early.
    #[error("the body ended after {received} of {expected} bytes")]
    Truncated { expected: u64, received: u64 },
    /// The body is longer than expected.
    #[error("the body is longer than the expected {expected} bytes")]
    TooLong { expected: u64 },
    /// An object that exceeds the limit for reading it as a whole.
    #[error("the object is longer than {limit} bytes")]
    TooLarge { limit: u64 },
    /// A body with a Content-Encoding.
    #[error("the server sent the object with a Content-Encoding, so its bytes differ")]
    Encoded,
    /// A status 206 without a valid `Content-Range`, or with another range than the requested one.
    #[error("the server sent another part than {requested}")]
    OtherPart { requested: String },
    /// A required `Content-Length` is missing.
    #[error("the server did not send the object's length")]
    NoLength,
    /// The object is not the one that was found before.
    #[error("the object was replaced while it was read")]
    Replaced,
    /// The received bytes cannot be stored.
    #[error("cannot store the received bytes: {0}")]
    Keep(io::Error),
    /// The server's `Retry-After` exceeds the limit.
    #[error("the server asks to wait {} s", .0.as_secs())]
    Wait(Duration),
    /// Too many consecutive requests failed.
    #[error("not requested: {0} requests in a row failed before")]
    GivenUp(u32),
    /// The key does not form a valid URL.
    #[error("the key does not form a valid URL")]
    Url,
    /// The request cannot be authorized. The text contains no secret.
    #[error("{0}")]
    Credentials(String),
    /// The answer of a store cannot be parsed.
    #[error("the answer is not valid: {0}")]
    Answer(&'static str),
    /// The answer of a store is well-formed, but cannot be true.
    #[error("the answer cannot be right: {0}")]
    Implausible(&'static str),
    /// Something else than the store answered.
    #[error("{host} does not answer as the store does: it sent {what}")]
    Foreign { host: String, what: &'static str },
    /// The bytes to send cannot be read, or are not the expected ones.
    #[error("not sent: {0}")]
    Source(io::Error),
}

/// A server's refusal of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::v2::store) struct Refusal {
    /// The HTTP status.
    pub(in crate::v2::store) status: u16,
    /// The store's error code, such as `AccessDenied`.
    pub(in crate::v2::store) code: Option<String>,
    /// Whether the same request may succeed later.
    pub(in crate::v2::store) transient: bool,
    /// Whether all requests should be sent less often.
    pub(in crate::v2::store) slows: bool,
}

impl Refusal {
    /// Interprets a status without an error code.
    pub(in crate::v2::store) fn of_status(status: u16) -> Self {
        let transient = match status {
            408 | 425 | 429 => true,
            501 | 505 => false,
            _ => status >= 500,
        };
        Refusal { status, code: None, transient, slows: matches!(status, 429 | 503) }
    }
}

fn shown_code(code: Option<&str>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

/// A failure to read the bytes to send, as distinguished from one of the connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(in crate::v2::store) struct SourceFault(pub(in crate::v2::store) io::Error);

impl HttpFault {
    /// Returns whether the same request may succeed later.
    pub(in crate::v2::store) fn is_transient(&self) -> bool {
        match self {
            HttpFault::Status { refusal, .. } => refusal.transient,
            HttpFault::HostNotFound
            | HttpFault::Connection(_)
            | HttpFault::ClosedEarly
            | HttpFault::Tls(_)
            | HttpFault::Proxy
            | HttpFault::TimedOut { .. }
            | HttpFault::Protocol(_)
            | HttpFault::Answer(_)
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
            | HttpFault::Url
            | HttpFault::Credentials(_)
            | HttpFault::Implausible(_)
            | HttpFault::Foreign { .. }
            | HttpFault::Source(_) => false,
        }
    }

    /// Returns whether no server responded.
    pub(in crate::v2::store) fn is_unreachable(&self) -> bool {
        matches!(
            self,
            HttpFault::HostNotFound
                | HttpFault::Connection(_)
                | HttpFault::ClosedEarly
                | HttpFault::Certificate(_)
                | HttpFault::Tls(_)
                | HttpFault::Proxy
                | HttpFault::TimedOut { .. }
        )
    }

    /// Creates the fault of a status that says all.
    pub(in crate::v2::store) fn status(status: u16) -> Self {
        HttpFault::Status { refusal: Refusal::of_status(status), retry_after: None }
    }

    /// Returns the status, if the server responded with an error.
    pub(in crate::v2::store) fn refused_with(&self) -> Option<u16> {
        match self {
            HttpFault::Status { refusal, .. } => Some(refusal.status),
            _ => None,
        }
    }

    /// Returns the status, if the server refused the object itself, and would do so again.
    fn final_refusal(&self) -> Option<u16> {
        // 407 is the answer of a proxy.
        self.refused_with()
            .filter(|status| (400..500).contains(status) && *status != 407 && !self.is_transient())
    }

    /// Returns the kind of the [`io::Error`] that this is converted to.
    pub(super) fn kind(&self) -> io::ErrorKind {
        match self {
            HttpFault::Status { refusal: Refusal { status: 401 | 403 | 407, .. }, .. }
            | HttpFault::Credentials(_)
            | HttpFault::Proxy => io::ErrorKind::PermissionDenied,
            HttpFault::Connection(error) | HttpFault::Keep(error) | HttpFault::Source(error) => {
                error.kind()
            }
            HttpFault::TimedOut { .. } => io::ErrorKind::TimedOut,
            HttpFault::ClosedEarly | HttpFault::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            HttpFault::TooLong { .. }
            | HttpFault::Encoded
            | HttpFault::OtherPart { .. }
            | HttpFault::Answer(_)
            | HttpFault::Implausible(_)
            | HttpFault::Foreign { .. }
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

    /// Converts an error of the HTTP client.
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
            // The error contains a redirect's target, which may include secrets.
            ureq::Error::BadUri(_) | ureq::Error::RedirectFailed => {
                HttpFault::Protocol("a redirect has an invalid target".to_owned())
            }
            ureq::Error::Protocol(error) => HttpFault::Protocol(error.to_string()),
            // The client may add more errors; none of the current texts contains a secret.
            other => HttpFault::Protocol(other.to_string()),
        }
    }
}

fn from_io(error: io::Error) -> HttpFault {
    if error.get_ref().is_some_and(|inner| inner.is::<SourceFault>()) {
        return HttpFault::Source(error);
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => from_tls(tls.clone()),
        None if error.kind() == io::ErrorKind::UnexpectedEof => HttpFault::ClosedEarly,
        None => HttpFault::Connection(error),
    }
}

fn from_tls(error: rustls::Error) -> HttpFault {
    match error {
        // The latter: there are no trusted roots, for example in a container without any.
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
            ("no response", limits.response)
        }
        Timeout::PerRead | Timeout::PerWrite => ("no data", limits.idle),
        // The whole attempt; the client may add more phases.
        _ => ("not completed", limits.attempt),
    };
    HttpFault::TimedOut { what, limit }
}

/// The last fault of a request, and the number of attempts.
#[derive(Debug, thiserror::Error)]
#[error("{fault}{}", tried(*attempts))]
pub(in crate::v2::store) struct Failed {
    pub(in crate::v2::store) fault: HttpFault,
    pub(in crate::v2::store) attempts: u32,
}

impl Failed {
    /// Returns whether this failure of a HEAD says nothing about a GET: the server does not support HEAD,
    /// does not allow it, as with a redirect that is signed for GET only, or sends no length.
    pub(super) fn is_specific_to_head(&self) -> bool {
        match self.fault {
            HttpFault::NoLength => true,
            _ => self.fault.refused_with().is_some_and(|status| {
                status == 501 || ((400..500).contains(&status) && !self.fault.is_transient())
            }),
        }
    }
}

fn tried(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        more => format!(", after {more} attempts"),
    }
}

/// Returns the HTTP status, if an error says that the server refused the object, and would do so again: 401 and 403,
/// but also Azure's 409 where an account allows nobody to read without credentials (`PublicAccessNotPermitted`).
pub fn final_refusal(error: &io::Error) -> Option<u16> {
    error.get_ref()?.downcast_ref::<Failed>()?.fault.final_refusal()
}

impl From<Failed> for io::Error {
    fn from(failed: Failed) -> Self {
        io::Error::new(failed.fault.kind(), failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_final_unless_it_may_change_or_is_a_proxys() {
        let is_final = |status| {
            let error = io::Error::from(Failed { fault: HttpFault::status(status), attempts: 6 });
            final_refusal(&error) == Some(status)
        };
        for status in [400, 401, 402, 403, 404, 405, 409, 410, 451, 499] {
            assert!(is_final(status), "{status}");
        }
        for status in [200, 203, 301, 304, 399, 407, 408, 425, 429, 500, 501, 503, 505] {
            assert!(!is_final(status), "{status}");
        }
        let others = [HttpFault::HostNotFound, HttpFault::NoLength, HttpFault::Redirects];
        for fault in others {
            assert_eq!(final_refusal(&Failed { fault, attempts: 1 }.into()), None);
        }
        assert_eq!(final_refusal(&io::ErrorKind::PermissionDenied.into()), None);
    }
}
