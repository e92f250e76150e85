//! Opens the place that a user names.
//!
//! A build without the feature `stores` reports that it has no buckets.

use super::folder::Folder;
use super::http::{HttpPlace, Limits};
use super::{Access, BucketUrl, Place, PlaceKind};
use crate::error::Error;

/// Opens a place; `access` is for buckets only.
///
/// # Errors
/// The place cannot be opened.
pub fn open_place(kind: &PlaceKind, access: Access) -> Result<Box<dyn Place>, Error> {
    Ok(match kind {
        PlaceKind::Folder(path) => Box::new(Folder::open(path)?),
        PlaceKind::Url(base) => Box::new(HttpPlace::open(base.clone(), Limits::default())?),
        PlaceKind::Bucket(url) => open_bucket(url, access)?,
    })
}

#[cfg(feature = "stores")]
fn open_bucket(url: &BucketUrl, access: Access) -> Result<Box<dyn Place>, Error> {
    use super::bucket::{Bucket, Environment};
    let environment = Environment::of_process();
    Ok(Box::new(Bucket::open(url, &environment, access, Limits::default())?))
}

#[cfg(not(feature = "stores"))]
fn open_bucket(url: &BucketUrl, _: Access) -> Result<Box<dyn Place>, Error> {
    let source = "this build has no object stores: it was built without the feature `stores`";
    Err(Error::OpenStore { place: url.to_string(), source: source.into() })
}
