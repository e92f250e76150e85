//! The lists that stores answer with: JSON of GCS, XML of S3 and Azure.
//!
//! A list holds what others wrote into a bucket, so nothing in it is trusted: a page that is cut off, or that has
//! another form than the documented one, is a fault and not a shorter list. Pure.

mod json;
mod xml;

use crate::v2::store::Claims;

pub use self::json::{GcsObject, gcs_page};
pub use self::xml::{azure_page, s3_page};
pub(super) use self::{json::error_reason, xml::error_code};

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The objects of the page.
    pub entries: Vec<Entry>,
    /// What to ask for the next page with; `None` at the end.
    pub next: Option<String>,
}

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key; in a page with the prefix of the bucket's URL.
    pub key: String,
    /// The length in bytes.
    pub len: u64,
    /// Digests that the store declares. The MD5 of a list of S3 is only one if the object is not encrypted
    /// with a key of KMS, which lists do not show.
    pub claims: Claims,
    /// The content type, where the list has it.
    pub content_type: Option<String>,
    /// The value of `Cache-Control`, where the list has it.
    pub cache_control: Option<String>,
    /// What identifies this state of the object.
    pub revision: Option<Revision>,
}

/// What identifies a state of an object: GCS's generation, or a quoted entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(pub(super) String);

/// Why bytes are not a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The bytes are not well-formed, or end early.
    #[error("it is malformed or cut off")]
    Malformed,
    /// It has another form.
    #[error("it has another form than a list")]
    Form,
    /// It promises a next page, but does not name it.
    #[error("it is cut off, and does not name the next page")]
    NoToken,
    /// It is a web page, such as that of a login.
    #[error("it is a web page")]
    WebPage,
    /// It is in no format of the store: neither a list, nor the start of one.
    #[error("it is in another format")]
    Foreign,
}

/// Rejects what cannot be the start of an answer, which begins with one of `first`. Bytes that are missing are another
/// fault: an empty answer may be whole the next time.
fn check_start(body: &[u8], first: &[u8]) -> Result<(), PageError> {
    if is_web_page(body) {
        return Err(PageError::WebPage);
    }
    match text_start(body).first() {
        Some(byte) if !first.contains(byte) => Err(PageError::Foreign),
        _ => Ok(()),
    }
}

/// Returns whether bytes are HTML, as a proxy or a network that asks for a login sends it in the store's place.
///
/// A document starts with its type or its root element, after comments and an XML declaration (HTML, 13.1).
pub(in crate::v2::store::bucket) fn is_web_page(body: &[u8]) -> bool {
    let mut rest = text_start(body);
    loop {
        let end: &[u8] = match rest {
            _ if rest.starts_with(b"<!--") => b"-->",
            _ if rest.starts_with(b"<?xml") => b"?>",
            _ => break,
        };
        match rest.windows(end.len()).position(|part| part == end) {
            Some(at) => rest = text_start(&rest[at + end.len()..]),
            None => return false,
        }
    }
    let starts = |start: &[u8]| {
        rest.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    starts(b"<!doctype html") || starts(b"<html")
}

/// Returns bytes without a byte order mark and white space at their start.
fn text_start(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start()
}
