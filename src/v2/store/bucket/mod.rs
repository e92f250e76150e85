//! Buckets of Google Cloud Storage, S3 and Azure: lists, metadata, reading, and writing that never replaces.
//!
//! Keys are literal in all of them. The HTTP client, the retries and the faults are those of `http`; what
//! differs from store to store is in the dialects. Credentials are found in the environment, and never shown.

pub mod answers;
mod azure;
mod content;
mod credentials;
mod dialect;
mod endpoint;
mod environment;
mod faults;
mod gcs;
mod s3;
mod tagged;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use self::answers::Page;
pub use self::answers::{Entry, Revision};
pub use self::content::Content;
use self::dialect::{Dialect, Facts};
pub use self::environment::{CredentialRequest, Environment, Transport};
pub use self::write::{Creation, NewObject, Presence, Replacement, agrees};
pub use super::access::Access;
pub use super::bucket_url::{BucketUrl, BucketUrlError, StoreKind};
use super::http::client::{Accepts, Authorization, Client, Connection};
use super::http::fault::{Failed, HttpFault};
use super::http::retry::RetryPolicy;
use super::http::{FIRST_ATTEMPTS, HttpPlace, Limits, Metadata, proxy};
use super::{Claims, Description, Listed, Place, StoredObject, Wanted};
use crate::error::{Error, ListSuspect};
use crate::model::content::escape;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey, STATIC_PREFIX};

/// The longest answer that is not an object, in bytes: a page of 5,000 long keys is about 6 MB.
const MAX_ANSWER_LEN: usize = 32 << 20;
/// Maximum number of pages without an object in a row, which a store may send, but not forever.
const MAX_EMPTY_PAGES: u32 = 1000;

/// A bucket, or the part of it below a prefix.
pub struct Bucket {
    url: BucketUrl,
    dialect: Box<dyn Dialect>,
    place: HttpPlace,
    /// Whether requests are sent without credentials, as the caller wants.
    is_anonymous: bool,
    /// Whether requests are sent without credentials since none were found.
    lacks_credentials: bool,
    /// Number of pages of lists.
    page_count: AtomicU64,
    /// The archives by their keys, once they have been listed.
    archives: OnceLock<BTreeMap<String, Entry>>,
    /// The static resources, likewise.
    statics: OnceLock<BTreeMap<String, Entry>>,
}

impl Bucket {
    /// Finds credentials; sends no request to the store itself.
    ///
    /// Without any credentials, requests are anonymous, as public buckets allow.
    ///
    /// # Errors
    /// [`Error::OpenStore`]: credentials that cannot be used, or an incomplete configuration.
    pub fn open(
        url: &BucketUrl,
        environment: &Environment,
        access: Access,
        limits: Limits,
    ) -> Result<Self, Error> {
        let unusable = |source: Box<dyn std::error::Error + Send + Sync>| Error::OpenStore {
            place: url.to_string(),
            source,
        };
        let found = endpoint::find(url, environment).map_err(|error| unusable(error.into()))?;
        let proxy = proxy::find(&found.base, |name| environment.get(name).map(str::to_owned))
            .map_err(|error| unusable(error.into()))?;
        let signer = match access.anonymous || found.is_emulator {
            true => None,
            false => credentials::find(url.kind, environment, &found, access, limits)
                .map_err(|error| unusable(error.into()))?,
        };
        let lacks_credentials = signer.is_none() && !access.anonymous && !found.is_emulator;
        let signer = signer.unwrap_or_else(|| credentials::anonymous(url.kind));
        let authorization = Authorization::Signed(Arc::clone(&signer));
        let https_only = found.base.is_https();
        let headers = found.dialect.common_headers();
        let client = Client::new(Connection { https_only, proxy, authorization, headers }, limits);
        let place = HttpPlace::new(found.base, client, limits, found.dialect.ranges());
        Ok(Bucket {
            url: url.clone(),
            dialect: found.dialect,
            place,
            is_anonymous: access.anonymous,
            lacks_credentials,
            page_count: AtomicU64::new(0),
            archives: OnceLock::new(),
            statics: OnceLock::new(),
        })
    }

    /// Returns whether requests are sent without credentials since none were found.
    pub fn lacks_credentials(&self) -> bool {
        self.lacks_credentials
    }

    /// Lists all objects whose keys start with `prefix`, by their keys without the prefix of the bucket's URL.
    ///
    /// # Errors
    /// The list is incomplete: a part of a list is never returned.
    pub fn list(&self, prefix: &str) -> io::Result<BTreeMap<String, Entry>> {
        Ok(self.list_all(prefix)?)
    }

    /// Lists all objects whose keys start with `prefix`, like [`Bucket::list`], for a run that cannot go on without.
    ///
    /// # Errors
    /// [`Error::ListStore`], [`Error::ReachPlace`].
    pub fn list_or_fail(&self, prefix: &str) -> Result<BTreeMap<String, Entry>, Error> {
        self.list_all(prefix).map_err(|failed| self.list_error(failed))
    }

    /// Returns the number of pages of lists that were requested.
    pub fn page_count(&self) -> u64 {
        self.page_count.load(Ordering::Relaxed)
    }

    fn list_all(&self, prefix: &str) -> Result<BTreeMap<String, Entry>, Failed> {
        let full = self.full(prefix);
        let mut entries = BTreeMap::new();
        let mut tokens = BTreeSet::new();
        let mut token: Option<String> = None;
        let mut empty_pages = 0;
        let implausible = |what| Failed { fault: HttpFault::Implausible(what), attempts: 1 };
        loop {
            let once = || {
                let call = self.dialect.list(&full, token.as_deref())?;
                let response = self.place.client.exchange(&call, None, 0, Accepts::Only(&[200]))?;
                self.dialect.page(&response.read_at_most(MAX_ANSWER_LEN)?)
            };
            let page = match token {
                Some(_) => self.place.retry_policy.attempt(once)?,
                None => self.first_page(once)?,
            };
            self.page_count.fetch_add(1, Ordering::Relaxed);
            empty_pages = if page.entries.is_empty() { empty_pages + 1 } else { 0 };
            for mut entry in page.entries {
                if !entry.key.starts_with(&full) {
                    return Err(implausible("the list has a key without the prefix"));
                }
                entry.key = entry.key.split_off(self.url.prefix.len());
                if entries.insert(entry.key.clone(), entry).is_some() {
                    return Err(implausible("a key appears twice in the list"));
                }
            }
            match page.next {
                None => return Ok(entries),
                Some(_) if empty_pages >= MAX_EMPTY_PAGES => {
                    return Err(implausible("the list has no end"));
                }
                Some(next) if !tokens.insert(next.clone()) => {
                    return Err(implausible("a page of the list names itself as the next one"));
                }
                Some(next) => token = Some(next),
            }
        }
    }

    /// Requests the first page, which is often the first request of a run: that no server responds is reported
    /// soon.
    fn first_page(&self, once: impl Fn() -> Result<Page, HttpFault>) -> Result<Page, Failed> {
        let limits = self.place.limits;
        let few = Limits { attempts: limits.attempts.min(FIRST_ATTEMPTS), ..limits };
        let page = RetryPolicy::new(few).attempt(&once);
        match &page {
            // A busy store recovers; one whose answers are broken each time hardly does.
            Err(Failed { fault: HttpFault::Answer(_) | HttpFault::Protocol(_), .. }) => page,
            Err(failed) if failed.fault.is_transient() && !failed.fault.is_unreachable() => {
                self.place.retry_policy.attempt(once)
            }
            _ => page,
        }
    }

    /// Returns what the store reports about an object; `None` when it does not exist.
    ///
    /// # Errors
    /// No definite response.
    pub fn head(&self, key: &str) -> io::Result<Option<Entry>> {
        Ok(self.place.retry_policy.attempt(|| self.head_once(key))?)
    }

    fn head_once(&self, key: &str) -> Result<Option<Entry>, HttpFault> {
        let call = self.dialect.head(&self.full(key))?;
        let response = match self.place.client.exchange(&call, None, 0, Accepts::Only(&[200])) {
            Ok(response) => response,
            Err(fault) if fault.refused_with() == Some(404) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let headers = response.headers().clone();
        let body = match call.method {
            "HEAD" => Vec::new(),
            _ => response.read_at_most(MAX_ANSWER_LEN)?,
        };
        let Facts { len, claims, content_type, cache_control, revision } =
            self.dialect.facts(&headers, &body)?;
        let key = key.to_owned();
        Ok(Some(Entry { key, len, claims, content_type, cache_control, revision }))
    }

    /// Reads a small object as a whole, with its state at that time; `None` when it does not exist.
    ///
    /// # Errors
    /// No definite response, or an object that is longer than `limit` bytes.
    pub fn read(&self, key: &str, limit: usize) -> io::Result<Option<(Entry, Vec<u8>)>> {
        let Some(before) = self.head(key)? else { return Ok(None) };
        let uri = self.dialect.object(&self.full(key)).map_err(io::Error::other)?;
        let Some(object) = self.place.find_at(uri, Wanted::Whole)? else { return Ok(None) };
        if object.len() > limit as u64 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let mut bytes = vec![0; object.len() as usize];
        object.read_exact_at(&mut bytes, 0)?;
        // The bytes belong to the state only if it is the same before and after.
        match self.head(key)? {
            Some(after) if after == before && after.len == bytes.len() as u64 => {
                Ok(Some((after, bytes)))
            }
            _ => Err(io::Error::from(Failed { fault: HttpFault::Replaced, attempts: 1 })),
        }
    }

    /// Returns a key with the prefix of the bucket's URL.
    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.url.prefix)
    }

    /// Lists what is below a prefix, for comparing: with digests only where they are some. `None` if that is not allowed.
    fn list_to_compare(&self, prefix: &str) -> Result<Option<BTreeMap<String, Entry>>, Error> {
        let listed = self.list_all(prefix).and_then(|mut listed| {
            if self.url.kind == StoreKind::S3 && self.has_other_tags(&listed)? {
                for entry in listed.values_mut() {
                    entry.claims = Claims::default();
                }
            }
            Ok(listed)
        });
        match listed {
            Ok(listed) => Ok(Some(listed)),
            // Public buckets often allow reading and not listing.
            Err(failed) if !self.lacks_credentials && self.is_denied(&failed.fault) => Ok(None),
            Err(failed) => Err(self.list_error(failed)),
        }
    }

    fn list_error(&self, failed: Failed) -> Error {
        let place = self.url.to_string();
        if failed.fault.is_unreachable() {
            let certificate = matches!(failed.fault, HttpFault::Certificate(_));
            return Error::ReachPlace { place, certificate, source: failed.into() };
        }
        let is_refused = matches!(failed.fault.refused_with(), Some(401 | 403 | 404));
        let suspect = match failed.fault {
            HttpFault::Foreign { .. } => ListSuspect::Address,
            _ if self.lacks_credentials && is_refused => ListSuspect::NoCredentials,
            _ => ListSuspect::Rights,
        };
        Error::ListStore { place, suspect, source: failed.into() }
    }

    /// Returns whether the store denies the request to this sender, and would deny it to the sender always:
    /// wrong credentials are another matter.
    fn is_denied(&self, fault: &HttpFault) -> bool {
        let HttpFault::Status { refusal, .. } = fault else { return false };
        match refusal.status {
            401 => self.is_anonymous,
            403 => {
                let denied = ["AccessDenied", "AuthorizationPermissionMismatch", "forbidden"];
                let code = refusal.code.as_deref();
                self.is_anonymous || code.is_some_and(|code| denied.contains(&code))
            }
            // Azure does not reveal to strangers that a container exists.
            404 => self.is_anonymous && self.url.kind == StoreKind::Azure,
            _ => false,
        }
    }

    /// Returns whether entity tags are not digests, because of how objects are encrypted: a list does not show
    /// that, so one object is looked at.
    fn has_other_tags(&self, listed: &BTreeMap<String, Entry>) -> Result<bool, Failed> {
        let Some(entry) = listed.values().find(|entry| entry.claims.md5.is_some()) else {
            return Ok(false);
        };
        let head = self.place.retry_policy.attempt(|| self.head_once(&entry.key))?;
        Ok(head.is_none_or(|head| head.claims.md5.is_none()))
    }
}

impl Place for Bucket {
    fn list(&self) -> Result<Option<Vec<String>>, Error> {
        let Some(archives) = self.list_to_compare(ARCHIVE_PREFIX)? else { return Ok(None) };
        let archives = self.archives.get_or_init(|| archives);
        let names = archives.keys().map(|key| key[ARCHIVE_PREFIX.len()..].to_owned());
        // The mark of a folder that consoles create has no name.
        Ok(Some(names.filter(|name| !name.is_empty()).collect()))
    }

    fn list_below(&self, prefix: &str) -> Result<Option<BTreeMap<String, Listed>>, Error> {
        let Some(listed) = self.list_to_compare(prefix)? else { return Ok(None) };
        let mut found = BTreeMap::new();
        for Entry { key, len, .. } in listed.values() {
            match key.strip_suffix('/') {
                // The mark of a folder.
                Some(_) if key == prefix && *len == 0 => {}
                Some(folder) if *len == 0 => {
                    found.entry(escape(folder.as_bytes())).or_insert(Listed::Folder);
                }
                Some(_) | None => {
                    found.insert(escape(key.as_bytes()), Listed::Object { len: *len });
                }
            }
        }
        if prefix == STATIC_PREFIX {
            self.statics.get_or_init(|| listed);
        }
        Ok(Some(found))
    }

    fn has_content_types(&self) -> bool {
        true
    }

    fn find(
        &self,
        key: &ObjectKey,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let uri = self.dialect.object(&self.full(key.as_str()));
        let uri = uri.map_err(|fault| Failed { fault, attempts: 0 })?;
        let known = match key.as_str() {
            key if key.starts_with(ARCHIVE_PREFIX) => self.archives.get(),
            key if key.starts_with(STATIC_PREFIX) => self.statics.get(),
            _ => None,
        };
        match known {
            Some(listed) => {
                let Some(entry) = listed.get(key.as_str()) else { return Ok(None) };
                // The tags of GCS's lists are not those of its objects.
                let tag = entry.revision.as_ref().map(|revision| revision.0.clone());
                let tag = tag.filter(|tag| tag.starts_with('"'));
                let description = (self.url.kind != StoreKind::S3).then(|| {
                    Description::of(entry.content_type.clone(), entry.cache_control.clone())
                });
                let metadata = Metadata { len: entry.len, claims: entry.claims, description, tag };
                self.place.find_listed(uri, metadata, wanted)
            }
            None => self.place.find_at(uri, wanted),
        }
    }

    fn read_len(&self) -> u64 {
        self.place.read_len()
    }

    fn lacks_range_support(&self) -> bool {
        self.place.lacks_range_support()
    }
}
