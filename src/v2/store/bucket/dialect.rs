//! What the three stores do differently: the requests for each action, and what their answers mean.
//!
//! Pure: no request is sent here. The actions themselves, and what to do about faults, are the same for all stores.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::answers::{Page, Revision};
use crate::digest::ObjectDigests;
use crate::v2::store::Claims;
use crate::v2::store::http::Ranges;
use crate::v2::store::http::client::Call;
use crate::v2::store::http::fault::HttpFault;

/// All characters but those that RFC 3986 calls unreserved.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same, and the slash.
const PATH: &AsciiSet = &COMPONENT.remove(b'/');

/// A store's interface.
pub(super) trait Dialect: Send + Sync {
    /// Returns which ranges the store supports.
    fn ranges(&self) -> Ranges;

    /// Returns the URL that an object is read from.
    fn object(&self, key: &str) -> Result<Uri, HttpFault>;

    /// Requests one page of the list of all keys with a prefix.
    fn list(&self, prefix: &str, token: Option<&str>) -> Result<Call, HttpFault>;

    /// Parses a page; it is a fault if it is cut off or is not a list.
    fn page(&self, body: &[u8]) -> Result<Page, HttpFault>;

    /// Requests what is known about an object.
    fn head(&self, key: &str) -> Result<Call, HttpFault>;

    /// Parses the answer to [`Dialect::head`], and to a GET of [`Dialect::object`] if it has headers only.
    fn facts(&self, headers: &HeaderMap, body: &[u8]) -> Result<Facts, HttpFault>;

    /// Requests that an object is created or replaced.
    fn put(&self, key: &str, put: &Put<'_>) -> Result<PutCall, HttpFault>;

    /// Parses the successful answer to [`Dialect::put`]; `None` if it is not that of the store, which names the state
    /// of what it has written. A proxy may answer any request with a page of its own, and status 200.
    fn written(&self, headers: &HeaderMap, body: &[u8]) -> Option<Claims>;

    /// Returns the headers of every request that does not set them, such as who pays for it.
    fn common_headers(&self) -> HeaderMap;
}

/// An object to write.
pub(super) struct Put<'a> {
    pub(super) digests: &'a ObjectDigests,
    pub(super) content_type: &'a str,
    pub(super) cache_control: Option<&'a str>,
    pub(super) condition: Condition<'a>,
}

/// The condition that an object is written under.
#[derive(Clone, Copy)]
pub(super) enum Condition<'a> {
    /// There is no object with the key.
    Absent,
    /// The object is this one.
    Is(&'a Revision),
}

/// A request to write; the object's bytes are sent between `before` and `after`.
pub(super) struct PutCall {
    pub(super) call: Call,
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

/// What a store reports about an object.
pub(super) struct Facts {
    pub(super) len: u64,
    pub(super) claims: Claims,
    pub(super) content_type: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) revision: Option<Revision>,
}

/// Encodes a text for a path; slashes stay.
pub(super) fn path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// Encodes a text for one component of a path, or for a query.
pub(super) fn component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Parses a URL that was put together here.
pub(super) fn uri(text: &str) -> Result<Uri, HttpFault> {
    text.parse().map_err(|_| HttpFault::Url)
}

/// Adds a header.
pub(super) fn set(
    headers: &mut HeaderMap,
    name: &'static str,
    value: &str,
) -> Result<(), HttpFault> {
    let value = HeaderValue::from_str(value).map_err(|_| HttpFault::Url)?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

/// Returns a header as text.
pub(super) fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
