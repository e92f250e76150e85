//! Sends one HTTP request: connections, TLS, proxies, time-outs, redirects.
//!
//! Certificates are verified with the system's roots, so that a company's own authority is trusted as in
//! its browsers and in curl. Checks the status; the body is interpreted by `object`. The only file
//! that uses `ureq` for more than its types.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use ureq::http::{HeaderMap, Request, Response, Uri, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body, BodyReader, Proxy};

use super::Limits;
use super::fault::HttpFault;
use super::range::Range;
use super::retry::retry_after;
use super::url::BaseUrl;

/// Maximum number of redirects per request.
const REDIRECTS: u32 = 5;
/// Maximum number of idle connections; more than any realistic number of threads.
const KEPT_CONNECTIONS: usize = 256;
/// An unwanted body is read up to this length, so that its connection can be reused.
const DRAINED_LEN: u64 = 16 * 1024;

/// Sends requests and counts the received bytes.
pub(super) struct Client {
    agent: Agent,
    limits: Limits,
    authorization: Option<String>,
    received_len: AtomicU64,
}

/// A request.
#[derive(Clone, Copy)]
pub(super) struct ObjectRequest<'a> {
    pub(super) method: &'static str,
    pub(super) uri: &'a Uri,
    pub(super) range: Option<Range>,
    /// The strong entity tag that the object must have.
    pub(super) tag: Option<&'a str>,
}

/// A successful response whose body has not been read yet.
pub(super) struct ObjectResponse<'a> {
    response: Response<Body>,
    client: &'a Client,
}

impl Client {
    pub(super) fn new(base: &BaseUrl, limits: Limits, proxy: Option<Proxy>) -> Self {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(base.is_https())
            .proxy(proxy)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .http_status_as_error(false)
            .max_redirects(REDIRECTS)
            .max_idle_connections(KEPT_CONNECTIONS)
            .max_idle_connections_per_host(KEPT_CONNECTIONS)
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_send_request(Some(limits.response))
            .timeout_recv_response(Some(limits.response))
            .timeout_per_read(Some(limits.idle))
            .timeout_per_write(Some(limits.idle))
            .timeout_global(Some(limits.attempt))
            .build();
        Client {
            agent: config.into(),
            limits,
            authorization: base.authorization().map(str::to_owned),
            received_len: AtomicU64::new(0),
        }
    }

    /// Sends a request once. Any status other than success, 412 or 416 is a fault.
    pub(super) fn send(&self, wanted: ObjectRequest<'_>) -> Result<ObjectResponse<'_>, HttpFault> {
        let mut request = Request::builder().method(wanted.method).uri(wanted.uri);
        if let Some(range) = wanted.range {
            request = request.header(header::RANGE, range.to_string());
        }
        if let Some(tag) = wanted.tag {
            request = request.header(header::IF_MATCH, tag);
        }
        if let Some(authorization) = &self.authorization {
            // The client drops it when it follows a redirect.
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if wanted.method == "HEAD" {
            // S3 sends its checksums only on request.
            request = request.header("x-amz-checksum-mode", "ENABLED");
        }
        let request = request.body(()).map_err(|_| HttpFault::Url)?;
        let response = self.agent.run(request).map_err(|error| self.fault(error))?;
        let response = ObjectResponse { response, client: self };
        match response.status() {
            200 | 206 | 412 | 416 => Ok(response),
            status => {
                let now = SystemTime::now();
                let retry_after =
                    response.header("retry-after").and_then(|text| retry_after(text, now));
                response.drain();
                Err(HttpFault::Status { status, retry_after })
            }
        }
    }

    /// Returns the number of bytes received in bodies.
    pub(super) fn received_len(&self) -> u64 {
        self.received_len.load(Ordering::Relaxed)
    }

    fn fault(&self, error: ureq::Error) -> HttpFault {
        HttpFault::from_client(error, &self.limits)
    }
}

impl<'a> ObjectResponse<'a> {
    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Returns a header that appears exactly once, as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers().get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// Returns the length of the body, if the server sends it.
    pub(super) fn content_len(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// Rejects an encoded body: its bytes are not the object's own.
    pub(super) fn check_encoding(&self) -> Result<(), HttpFault> {
        let mut encodings = self.headers().get_all(header::CONTENT_ENCODING).iter();
        let identity =
            encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
        if identity { Ok(()) } else { Err(HttpFault::Encoded) }
    }

    /// Fills `buffer` with the body, which must have exactly that length.
    pub(super) fn read_into(self, buffer: &mut [u8]) -> Result<(), HttpFault> {
        let expected = buffer.len() as u64;
        let mut reader = self.into_reader();
        let mut filled = 0;
        while filled < buffer.len() {
            match reader.read(&mut buffer[filled..])? {
                0 => return Err(HttpFault::Truncated { expected, received: filled as u64 }),
                len => filled += len,
            }
        }
        // Reading to the end also lets the client reuse the connection.
        match reader.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(HttpFault::TooLong { expected }),
        }
    }

    /// Returns a reader of the body that counts its bytes.
    pub(super) fn into_reader(self) -> ResponseBody<'a> {
        let client = self.client;
        ResponseBody { reader: self.response.into_body().into_reader(), client }
    }

    /// Reads a short unwanted body, such as an error page.
    fn drain(self) {
        if self.content_len().is_some_and(|len| len <= DRAINED_LEN) {
            let mut reader = self.into_reader();
            let mut page = [0; 4096];
            // An error here only costs the connection.
            while reader.read(&mut page).is_ok_and(|len| len > 0) {}
        }
    }
}

/// A body being read.
pub(super) struct ResponseBody<'a> {
    reader: BodyReader<'static>,
    client: &'a Client,
}

impl ResponseBody<'_> {
    /// Reads some bytes; 0 at the end of the body.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HttpFault> {
        loop {
            match self.reader.read(buffer) {
                Ok(len) => {
                    self.client.received_len.fetch_add(len as u64, Ordering::Relaxed);
                    return Ok(len);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.client.fault(error.into())),
            }
        }
    }
}
