//! Sends one HTTP request: connections, TLS, proxies, time-outs, redirects.
//!
//! Certificates are verified with the system's roots, so that a company's own authority is trusted as in
//! its browsers and in curl. Checks the status; bodies are interpreted by others. Only this file and
//! `resolver` use `ureq` for more than its types.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use ureq::http::{HeaderMap, HeaderValue, Request, Response, Uri, header, request};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, AsSendBody, Body, BodyReader, Proxy, SendBody};

use super::Limits;
use super::fault::{HttpFault, Refusal};
use super::range::Range;
use super::resolver::ThreadedResolver;
use super::retry::retry_after;

/// Maximum number of redirects per request.
const REDIRECTS: u32 = 5;
/// Maximum number of idle connections; more than any realistic number of threads.
const KEPT_CONNECTIONS: usize = 256;
/// An unwanted body is read up to this length, so that its connection can be reused.
const DRAINED_LEN: u64 = 16 * 1024;

/// Sends requests and counts the bytes of bodies.
pub(in crate::v2::store) struct Client {
    agent: Agent,
    limits: Limits,
    authorization: Authorization,
    headers: HeaderMap,
    received_len: AtomicU64,
}

/// Which servers a client talks to, and how.
pub(in crate::v2::store) struct Connection {
    /// Whether only https is allowed, also after a redirect.
    pub(in crate::v2::store) https_only: bool,
    /// The proxy, if there is one.
    pub(in crate::v2::store) proxy: Option<Proxy>,
    /// How requests are authorized.
    pub(in crate::v2::store) authorization: Authorization,
    /// Headers of every request that does not set them.
    pub(in crate::v2::store) headers: HeaderMap,
}

/// How requests are authorized.
pub(in crate::v2::store) enum Authorization {
    /// They are not.
    None,
    /// With a fixed header; redirects are followed without it.
    Header(String),
    /// Each attempt anew. Redirects are not followed, since a signature belongs to one host.
    Signed(Arc<dyn Authorize>),
}

/// Authorizes requests.
pub(in crate::v2::store) trait Authorize: Send + Sync {
    /// Adds what proves the sender's identity, and returns the generation of the credentials.
    ///
    /// # Errors
    /// [`HttpFault::Credentials`].
    fn authorize(&self, head: &mut request::Parts) -> Result<u64, HttpFault>;

    /// Interprets a refusal, and renews credentials that have expired; `generation` is that of the request.
    fn interpret(&self, generation: u64, status: u16, headers: &HeaderMap, body: &[u8]) -> Refusal;
}

/// A request for an object.
#[derive(Clone, Copy)]
pub(super) struct ObjectRequest<'a> {
    pub(super) method: &'static str,
    pub(super) uri: &'a Uri,
    pub(super) range: Option<Range>,
    /// The strong entity tag that the object must have.
    pub(super) tag: Option<&'a str>,
}

/// Any request.
#[derive(Clone)]
pub(in crate::v2::store) struct Call {
    /// The method.
    pub(in crate::v2::store) method: &'static str,
    /// The URL, without credentials.
    pub(in crate::v2::store) uri: Uri,
    /// Headers; `Content-Length` is added.
    pub(in crate::v2::store) headers: HeaderMap,
}

/// A body to send.
pub(in crate::v2::store) struct Sent<'a> {
    /// Its bytes.
    pub(in crate::v2::store) reader: &'a mut dyn Read,
    /// Its length.
    pub(in crate::v2::store) len: u64,
}

/// Which statuses are responses, and not faults.
#[derive(Clone, Copy)]
pub(in crate::v2::store) enum Accepts {
    /// All.
    All,
    /// These.
    Only(&'static [u16]),
}

/// A response whose body has not been read yet.
pub(in crate::v2::store) struct ObjectResponse<'a> {
    response: Response<Body>,
    client: &'a Client,
}

impl Client {
    pub(in crate::v2::store) fn new(connection: Connection, limits: Limits) -> Self {
        let Connection { https_only, proxy, authorization, headers } = connection;
        let redirects = match authorization {
            Authorization::Signed(_) => 0,
            Authorization::None | Authorization::Header(_) => REDIRECTS,
        };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(https_only)
            .proxy(proxy)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .http_status_as_error(false)
            .max_redirects(redirects)
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
        let received_len = AtomicU64::new(0);
        let agent = Agent::with_parts(config, DefaultConnector::default(), ThreadedResolver);
        Client { agent, limits, authorization, headers, received_len }
    }

    /// Sends a request for an object once. Any status other than success, 412 or 416 is a fault.
    pub(super) fn send(&self, wanted: ObjectRequest<'_>) -> Result<ObjectResponse<'_>, HttpFault> {
        let mut headers = HeaderMap::new();
        if let Some(range) = wanted.range {
            headers.insert(header::RANGE, value(&range.to_string())?);
        }
        if let Some(tag) = wanted.tag {
            headers.insert(header::IF_MATCH, value(tag)?);
        }
        if wanted.method == "HEAD" {
            // S3 sends its checksums only on request.
            headers.insert("x-amz-checksum-mode", HeaderValue::from_static("ENABLED"));
        }
        let call = Call { method: wanted.method, uri: wanted.uri.clone(), headers };
        let len = match wanted.range {
            Some(Range::At { len, .. } | Range::Tail(len)) => len,
            None => 0,
        };
        self.exchange(&call, None, len, Accepts::Only(&[200, 206, 412, 416]))
    }

    /// Sends a request once; `len` is the expected length of the longer body, so that time-outs fit it.
    pub(in crate::v2::store) fn exchange(
        &self,
        call: &Call,
        sent: Option<Sent<'_>>,
        len: u64,
        accepts: Accepts,
    ) -> Result<ObjectResponse<'_>, HttpFault> {
        let request = Request::builder().method(call.method).uri(call.uri.clone());
        let (mut head, ()) = request.body(()).map_err(|_| HttpFault::Url)?.into_parts();
        head.headers = self.headers.clone();
        head.headers.extend(call.headers.clone());
        if let Some(sent) = &sent {
            head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(sent.len));
        }
        let generation = match &self.authorization {
            Authorization::None => 0,
            Authorization::Header(authorization) => {
                head.headers.insert(header::AUTHORIZATION, value(authorization)?);
                0
            }
            Authorization::Signed(signer) => signer.authorize(&mut head)?,
        };
        let response = match sent {
            Some(Sent { reader, .. }) => {
                self.run(Request::from_parts(head, SendBody::from_reader(reader)), len)?
            }
            None => self.run(Request::from_parts(head, ()), len)?,
        };
        let response = ObjectResponse { response, client: self };
        let status = response.status();
        let is_accepted = match accepts {
            Accepts::All => true,
            Accepts::Only(statuses) => statuses.contains(&status),
        };
        if is_accepted {
            return Ok(response);
        }
        let now = SystemTime::now();
        let retry_after = response.header("retry-after").and_then(|text| retry_after(text, now));
        let headers = response.headers().clone();
        let page = response.drain();
        let refusal = match &self.authorization {
            Authorization::Signed(signer) => signer.interpret(generation, status, &headers, &page),
            Authorization::None | Authorization::Header(_) => Refusal::of_status(status),
        };
        Err(HttpFault::Status { refusal, retry_after })
    }

    fn run<B: AsSendBody>(
        &self,
        request: Request<B>,
        len: u64,
    ) -> Result<Response<Body>, HttpFault> {
        let request = match self.limits.extra_time(len) {
            Duration::ZERO => request,
            extra => self
                .agent
                .configure_request(request)
                .timeout_global(Some(self.limits.attempt + extra))
                .build(),
        };
        self.agent.run(request).map_err(|error| self.fault(error))
    }

    /// Returns the number of bytes received in bodies.
    pub(in crate::v2::store) fn received_len(&self) -> u64 {
        self.received_len.load(Ordering::Relaxed)
    }

    fn fault(&self, error: ureq::Error) -> HttpFault {
        HttpFault::from_client(error, &self.limits)
    }
}

/// Converts text to a header; the error does not show it.
fn value(text: &str) -> Result<HeaderValue, HttpFault> {
    HeaderValue::from_str(text).map_err(|_| HttpFault::Url)
}

impl<'a> ObjectResponse<'a> {
    pub(in crate::v2::store) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(in crate::v2::store) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Returns a header that appears exactly once, as text.
    pub(in crate::v2::store) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers().get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// Returns the length of the body, if the server sends it.
    pub(in crate::v2::store) fn content_len(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// Rejects an encoded body: its bytes are not the object's own.
    pub(in crate::v2::store) fn check_encoding(&self) -> Result<(), HttpFault> {
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
    pub(in crate::v2::store) fn into_reader(self) -> ResponseBody<'a> {
        let client = self.client;
        ResponseBody { reader: self.response.into_body().into_reader(), client }
    }

    /// Reads a body of at most `limit` bytes, whose length may be unknown.
    pub(in crate::v2::store) fn read_at_most(self, limit: usize) -> Result<Vec<u8>, HttpFault> {
        let expected = self.content_len();
        let mut bytes = Vec::new();
        let mut reader = self.into_reader();
        let mut piece = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut piece)? {
                0 => break,
                len => bytes.extend_from_slice(&piece[..len]),
            }
            if bytes.len() > limit {
                return Err(HttpFault::TooLarge { limit: limit as u64 });
            }
        }
        match expected.filter(|expected| bytes.len() as u64 != *expected) {
            Some(expected) => Err(HttpFault::Truncated { expected, received: bytes.len() as u64 }),
            None => Ok(bytes),
        }
    }

    /// Reads a short body that is not an object, such as an error page, and returns what arrived of it.
    fn drain(self) -> Vec<u8> {
        let mut page = Vec::new();
        if self.content_len().is_none_or(|len| len <= DRAINED_LEN) {
            let mut reader = self.into_reader();
            let mut piece = [0; 4096];
            // An error here only costs the connection.
            while let Ok(len @ 1..) = reader.read(&mut piece) {
                page.extend_from_slice(&piece[..len]);
                if page.len() as u64 > DRAINED_LEN {
                    break;
                }
            }
        }
        page
    }
}

/// A body being read.
pub(in crate::v2::store) struct ResponseBody<'a> {
    reader: BodyReader<'static>,
    client: &'a Client,
}

impl ResponseBody<'_> {
    /// Reads some bytes; 0 at the end of the body.
    pub(in crate::v2::store) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HttpFault> {
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
