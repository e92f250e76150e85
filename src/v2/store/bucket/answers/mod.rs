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
}
