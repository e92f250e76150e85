//! Base URLs: the grammar, the URL of an object, and how one is shown.
//!
//! Credentials in a URL are sent, as `Authorization`, and never shown. Called by `place`.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Uri;

use crate::package::ObjectKey;

/// Everything but what RFC 3986 calls unreserved, and the slash. A plus sign is encoded too, since
/// S3 takes a bare one for a space.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// An `http://` or `https://` URL that keys are resolved against; its path ends in `/`.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Uri);

/// Why a text is no base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// No URL.
    #[error("this is no URL with a host; odd characters in its path must be percent-encoded")]
    Malformed,
    /// Another scheme.
    #[error("a base URL begins with https:// or http://")]
    Scheme,
    /// A query or a fragment, which keys cannot be put behind.
    #[error("a base URL has neither ? nor #")]
    Query,
}

impl BaseUrl {
    /// Tells whether the server must prove who it is.
    pub fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// The URL of an object.
    ///
    /// # Errors
    /// The URL would be longer than any server takes (64 KiB).
    pub(super) fn of(&self, key: &ObjectKey) -> Result<Uri, BaseUrlError> {
        let encoded = utf8_percent_encode(key.as_str(), ENCODED);
        format!("{}{encoded}", self.0).parse().map_err(|_| BaseUrlError::Malformed)
    }

    /// The URL itself.
    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    /// A path without a slash at its end gets one: keys go below it, never in its place.
    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        if text.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let slash = if text.ends_with('/') { "" } else { "/" };
        let uri: Uri = format!("{text}{slash}").parse().map_err(|_| BaseUrlError::Malformed)?;
        if uri.host().is_none_or(str::is_empty) {
            return Err(BaseUrlError::Malformed);
        }
        match uri.scheme_str() {
            Some("http" | "https") => Ok(BaseUrl(uri)),
            _ => Err(BaseUrlError::Scheme),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.0.authority().map_or("", |authority| authority.as_str());
        let host = authority.rsplit('@').next().unwrap_or(authority);
        write!(f, "{}://{host}{}", self.0.scheme_str().unwrap_or(""), self.0.path())
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
