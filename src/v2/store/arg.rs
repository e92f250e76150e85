//! The place that a user names on the command line: a folder, a base URL, or a bucket.
//!
//! Does not access the place.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::bucket_url::{BucketUrl, BucketUrlError};
use super::http::{BaseUrl, BaseUrlError};
use crate::model::verification::PlaceName;

/// A place as the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceArg {
    /// The name to show.
    pub name: PlaceName,
    /// The place.
    pub kind: PlaceKind,
}

/// The kinds of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// A folder on this machine.
    Folder(PathBuf),
    /// A base URL.
    Url(BaseUrl),
    /// A bucket.
    Bucket(BucketUrl),
}

impl fmt::Display for PlaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlaceKind::Folder(path) => path.display().fmt(f),
            PlaceKind::Url(url) => url.fmt(f),
            PlaceKind::Bucket(url) => url.fmt(f),
        }
    }
}

/// Why a text is not a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceArgError {
    /// An empty text.
    #[error("expected a folder or a URL")]
    Empty,
    /// Any other scheme.
    #[error("expected a folder or a URL that starts with https://, http://, gs://, s3:// or az://")]
    Scheme,
    /// An invalid base URL.
    #[error(transparent)]
    Url(BaseUrlError),
    /// An invalid URL of a bucket.
    #[error(transparent)]
    Bucket(BucketUrlError),
}

impl TryFrom<OsString> for PlaceArg {
    type Error = PlaceArgError;

    /// A text that is not UTF-8 can only be a folder.
    fn try_from(text: OsString) -> Result<Self, PlaceArgError> {
        match text.to_str() {
            Some(text) => text.parse(),
            None => Ok(PlaceArg {
                name: PlaceName::new(&text.to_string_lossy()),
                kind: PlaceKind::Folder(PathBuf::from(text)),
            }),
        }
    }
}

impl FromStr for PlaceArg {
    type Err = PlaceArgError;

    fn from_str(text: &str) -> Result<Self, PlaceArgError> {
        // Schemes are case-insensitive (RFC 3986, 3.1).
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let kind = match scheme.as_deref() {
            None if text.is_empty() => return Err(PlaceArgError::Empty),
            None => PlaceKind::Folder(PathBuf::from(text)),
            Some("http" | "https") => PlaceKind::Url(text.parse().map_err(PlaceArgError::Url)?),
            Some("gs" | "s3" | "az") => {
                PlaceKind::Bucket(text.parse().map_err(PlaceArgError::Bucket)?)
            }
            Some(_) => return Err(PlaceArgError::Scheme),
        };
        Ok(PlaceArg { name: PlaceName::new(text), kind })
    }
}
