//! The place that a person names on the command line: a folder, or a base URL.
//!
//! Decides nothing about what is there. Schemes that are not read yet are refused here, with the
//! way round. Called by `cli` and `commands`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use super::http::{BaseUrl, BaseUrlError};

/// A place as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceArg {
    /// A folder on this machine.
    Folder(PathBuf),
    /// A base URL.
    Url(BaseUrl),
}

/// Why a text names no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceArgError {
    /// No text at all.
    #[error("a place is a folder or a URL")]
    Empty,
    /// A bucket of Google Cloud Storage.
    #[error(
        "gs:// is not read yet: name what serves the bucket, such as https://storage.googleapis.com/<bucket>/, or copy it into a folder with `gcloud storage rsync`"
    )]
    Gcs,
    /// A bucket of S3.
    #[error(
        "s3:// is not read yet: name what serves the bucket, such as https://<bucket>.s3.<region>.amazonaws.com/, or copy it into a folder with `aws s3 sync`"
    )]
    S3,
    /// Any other scheme.
    #[error("a place is a folder or a URL that begins with https:// or http://")]
    Scheme,
    /// No base URL.
    #[error(transparent)]
    Url(BaseUrlError),
}

impl TryFrom<OsString> for PlaceArg {
    type Error = PlaceArgError;

    /// What is no UTF-8 can only be a folder.
    fn try_from(text: OsString) -> Result<Self, PlaceArgError> {
        match text.to_str() {
            Some(text) => text.parse(),
            None => Ok(PlaceArg::Folder(PathBuf::from(text))),
        }
    }
}

impl FromStr for PlaceArg {
    type Err = PlaceArgError;

    fn from_str(text: &str) -> Result<Self, PlaceArgError> {
        // Schemes do not count upper and lower case (RFC 3986, 3.1).
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            None if text.is_empty() => Err(PlaceArgError::Empty),
            None => Ok(PlaceArg::Folder(PathBuf::from(text))),
            Some("http" | "https") => text.parse().map(PlaceArg::Url).map_err(PlaceArgError::Url),
            Some("gs") => Err(PlaceArgError::Gcs),
            Some("s3") => Err(PlaceArgError::S3),
            Some(_) => Err(PlaceArgError::Scheme),
        }
    }
}
