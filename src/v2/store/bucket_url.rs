//! Names of buckets: `gs://`, `s3://` and `az://` URLs, with an optional prefix.
//!
//! The prefix is literal: nothing in it is decoded. A query or credentials in the URL are rejected, since URLs
//! are shown in messages and reports.

use std::fmt;
use std::str::FromStr;

use crate::model::package::ObjectKey;

/// The kind of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::Display)]
pub enum StoreKind {
    /// Google Cloud Storage.
    #[strum(serialize = "gs")]
    Gcs,
    /// Amazon S3, or a store with its interface.
    #[strum(serialize = "s3")]
    S3,
    /// Azure Blob Storage.
    #[strum(serialize = "az")]
    Azure,
}

/// A bucket (a container in Azure's words), and the part of it that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketUrl {
    pub(in crate::v2::store) kind: StoreKind,
    /// The account's host, only for Azure, and only if it was given.
    pub(in crate::v2::store) host: Option<String>,
    pub(in crate::v2::store) bucket: String,
    /// Empty, or ends with `/`.
    pub(in crate::v2::store) prefix: String,
}

/// Why a text is not the URL of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketUrlError {
    /// Another scheme.
    #[error("expected gs://, s3:// or az://")]
    Scheme,
    /// Not the name of a bucket.
    #[error(
        "expected the name of a bucket after ://, of letters, digits, dots, dashes and underscores"
    )]
    Bucket,
    /// A prefix that keys cannot be appended to.
    #[error("a prefix has no empty, . or .. components")]
    Prefix,
    /// A query or a fragment.
    #[error("the URL of a bucket has no ? or #; credentials are taken from the environment")]
    Query,
}

impl BucketUrl {
    /// Returns the kind of the store.
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// Returns the part above a file and the file's key in it, if the URL's last component ends with `suffix`.
    pub fn split_file(&self, suffix: &str) -> Option<(BucketUrl, ObjectKey)> {
        let path = self.prefix.strip_suffix('/')?;
        let (folder, name) = match path.rsplit_once('/') {
            Some((folder, name)) => (format!("{folder}/"), name),
            None => (String::new(), path),
        };
        let key = ObjectKey::try_from(name.to_owned()).ok().filter(|_| name.ends_with(suffix))?;
        Some((BucketUrl { prefix: folder, ..self.clone() }, key))
    }
}

impl FromStr for BucketUrl {
    type Err = BucketUrlError;

    fn from_str(text: &str) -> Result<Self, BucketUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(BucketUrlError::Scheme)?;
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "gs" => StoreKind::Gcs,
            "s3" => StoreKind::S3,
            "az" => StoreKind::Azure,
            _ => return Err(BucketUrlError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(BucketUrlError::Query);
        }
        let (mut bucket, mut prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let mut host = None;
        // A container's name has no dots, so a name with dots is the account's host.
        if kind == StoreKind::Azure && bucket.contains('.') {
            host = Some(bucket.to_owned());
            (bucket, prefix) = prefix.split_once('/').unwrap_or((prefix, ""));
        }
        let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        // Azure's root and web containers.
        let plain = match kind {
            StoreKind::Azure => bucket.strip_prefix('$').unwrap_or(bucket),
            StoreKind::Gcs | StoreKind::S3 => bucket,
        };
        let names = [Some(plain), host.as_deref()];
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(is_safe) && name.chars().any(|c| c != '.')
        };
        if !names.into_iter().flatten().all(is_name) {
            return Err(BucketUrlError::Bucket);
        }
        let is_only_slash = prefix == "/";
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if is_only_slash {
            return Err(BucketUrlError::Prefix);
        }
        if !prefix.is_empty() && prefix.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(BucketUrlError::Prefix);
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(BucketUrl { kind, host, bucket: bucket.to_owned(), prefix })
    }
}

impl fmt::Display for BucketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.kind)?;
        if let Some(host) = &self.host {
            write!(f, "{host}/")?;
        }
        write!(f, "{}/{}", self.bucket, self.prefix)
    }
}
