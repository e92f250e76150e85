//! Base URLs: the grammar, the URL of an object, and the form to show.
//!
//! Credentials in a URL are sent as HTTP Basic authentication, only to the URL's own host, and
//! never shown.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ureq::http::Uri;

use crate::model::package::ObjectKey;

/// All characters but those that RFC 3986 calls unreserved, and the slash. A plus sign is encoded too,
/// since S3 decodes it as a space.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// An `http://` or `https://` URL that keys are appended to; its path ends with `/`.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Without credentials.
    uri: Uri,
    /// The header `Authorization` made from the credentials.
    authorization: Option<String>,
}

/// Why a text is not a base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not a URL.
    #[error("expected a URL with a host; special characters in its path must be percent-encoded")]
    Malformed,
    /// Another scheme.
    #[error("a base URL must start with https:// or http://")]
    Scheme,
    /// A query or a fragment, to which keys cannot be appended.
    #[error("a base URL must not contain ? or #")]
    Query,
}

impl BaseUrl {
    /// Returns whether the server is authenticated with TLS.
    pub fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// Returns whether the URL has a user or a password.
    pub fn has_credentials(&self) -> bool {
        self.authorization.is_some()
    }

    /// Returns the host, with its port if the URL has one.
    pub(in crate::v2::store) fn host(&self) -> String {
        self.uri.authority().map(ToString::to_string).unwrap_or_default()
    }

    /// Returns whether the server is on this machine.
    pub(in crate::v2::store) fn is_loopback(&self) -> bool {
        matches!(self.uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
    }

    /// Returns the URL of an object.
    ///
    /// # Errors
    /// The URL would be longer than `http` allows (64 KiB).
    pub(super) fn of(&self, key: &ObjectKey) -> Result<Uri, BaseUrlError> {
        self.at(key.as_str(), "")
    }

    /// Returns the URL of a path below the base URL, with a query without `?` unless it is empty.
    ///
    /// # Errors
    /// The URL would be longer than `http` allows (64 KiB).
    pub(super) fn at(&self, path: &str, query: &str) -> Result<Uri, BaseUrlError> {
        let encoded = utf8_percent_encode(path, ENCODED);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{encoded}{mark}{query}", self.uri).parse().map_err(|_| BaseUrlError::Malformed)
    }

    /// Returns the URL of the folder and the key in it, if the URL's last component ends with `suffix`.
    pub fn split_file(&self, suffix: &str) -> Option<(BaseUrl, ObjectKey)> {
        let text = self.uri.to_string();
        let (folder, name) = text.strip_suffix('/')?.rsplit_once('/')?;
        let name = percent_decode_str(name).decode_utf8().ok()?;
        let key = ObjectKey::try_from(name.into_owned()).ok()?;
        let uri = format!("{folder}/").parse().ok().filter(|uri: &Uri| uri.host().is_some())?;
        let base = BaseUrl { uri, authorization: self.authorization.clone() };
        key.as_str().ends_with(suffix).then_some((base, key))
    }

    /// Returns the header `Authorization`, if there are credentials.
    pub(super) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    /// Parses a base URL. A missing slash at the end is added, so that keys are appended to the path.
    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(BaseUrlError::Scheme)?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(BaseUrlError::Scheme);
        }
        if rest.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials), host),
            None => (None, authority),
        };
        let slash = if path.ends_with('/') { "" } else { "/" };
        let uri: Uri = format!("{scheme}://{host}{path}{slash}")
            .parse()
            .map_err(|_| BaseUrlError::Malformed)?;
        if uri.host().is_none_or(str::is_empty) {
            return Err(BaseUrlError::Malformed);
        }
        Ok(BaseUrl { uri, authorization: credentials.map(basic) })
    }
}

/// Creates HTTP Basic authentication (RFC 7617) from the user information of a URL.
fn basic(credentials: &str) -> String {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let mut plain: Vec<u8> = percent_decode_str(user).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    format!("Basic {}", BASE64_STANDARD.encode(plain))
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
