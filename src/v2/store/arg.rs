//! The place that a user names on the command line: a folder, or a base URL.
//!
//! Does not access the place. Schemes that are not supported yet are rejected here, with a
//! workaround.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

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
}

/// Why a text is not a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceArgError {
    /// An empty text.
    #[error("expected a folder or a URL")]
    Empty,
    /// A bucket of Google Cloud Storage.
    #[error(
        "gs:// is not supported yet: use a URL that serves the bucket, such as https://storage.googleapis.com/<bucket>/, or copy it into a folder with `gcloud storage rsync`"
    )]
    Gcs,
    /// A bucket of S3.
    #[error(
        "s3:// is not supported yet: use a URL that serves the bucket, such as https://<bucket>.s3.<region>.amazonaws.com/, or copy it into a folder with `aws s3 sync`"
    )]
    S3,
    /// Any other scheme.
    #[error("expected a folder or a URL that starts with https:// or http://")]
    Scheme,
    /// An invalid base URL.
    #[error(transparent)]
    Url(BaseUrlError),
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
            Some("gs") => return Err(PlaceArgError::Gcs),
            Some("s3") => return Err(PlaceArgError::S3),
            Some(_) => return Err(PlaceArgError::Scheme),
        };
        Ok(PlaceArg { name: PlaceName::new(text), kind })
    }
}
