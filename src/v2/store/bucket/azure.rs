//! Azure Blob Storage.
//!
//! Sources: learn.microsoft.com, rest/api/storageservices: Put Blob, Get Blob Properties, List Blobs.

use ureq::http::{HeaderMap, Uri};

use super::answers::{Page, Revision, azure_page};
use super::dialect::{Condition, Dialect, Facts, Put, PutCall, component, get, path, set, uri};
use super::faults::{NO_TAG, bad_page};
use crate::v2::store::Claims;
use crate::v2::store::http::claims::{Scope, claims};
use crate::v2::store::http::client::Call;
use crate::v2::store::http::fault::HttpFault;
use crate::v2::store::http::{BaseUrl, Ranges};

/// The version of the interface: blobs of up to 5,000 MiB in one request need 2019-12-12.
const VERSION: &str = "2021-12-02";

/// A container of Azure.
pub(super) struct Azure {
    /// The URL of the account.
    pub(super) base: BaseUrl,
    pub(super) container: String,
}

impl Azure {
    fn call(&self, method: &'static str, uri: Uri) -> Call {
        Call { method, uri, headers: HeaderMap::new() }
    }
}

impl Dialect for Azure {
    /// Azure knows no ranges that are counted from the end.
    fn ranges(&self) -> Ranges {
        Ranges::FromStart
    }

    fn object(&self, key: &str) -> Result<Uri, HttpFault> {
        uri(&format!("{}{}/{}", self.base, path(&self.container), path(key)))
    }

    fn list(&self, prefix: &str, token: Option<&str>) -> Result<Call, HttpFault> {
        let token = token.map(|token| format!("&marker={}", component(token)));
        let (prefix, token) = (component(prefix), token.unwrap_or_default());
        let query = format!("restype=container&comp=list&maxresults=5000&prefix={prefix}{token}");
        let uri = uri(&format!("{}{}?{query}", self.base, path(&self.container)))?;
        Ok(self.call("GET", uri))
    }

    fn page(&self, body: &[u8]) -> Result<Page, HttpFault> {
        azure_page(body).map_err(|error| bad_page(error, &self.base))
    }

    fn head(&self, key: &str) -> Result<Call, HttpFault> {
        Ok(self.call("HEAD", self.object(key)?))
    }

    fn facts(&self, headers: &HeaderMap, _body: &[u8]) -> Result<Facts, HttpFault> {
        let len = get(headers, "content-length").and_then(|len| len.parse().ok());
        Ok(Facts {
            len: len.ok_or(HttpFault::NoLength)?,
            claims: claims(headers, Scope::Object),
            content_type: get(headers, "content-type"),
            cache_control: get(headers, "cache-control"),
            // Without one, it is the answer of someone else, such as a proxy.
            revision: Some(Revision(get(headers, "etag").ok_or(HttpFault::Answer(NO_TAG))?)),
        })
    }

    fn put(&self, key: &str, put: &Put<'_>) -> Result<PutCall, HttpFault> {
        let mut call = self.call("PUT", self.object(key)?);
        let headers = &mut call.headers;
        set(headers, "x-ms-blob-type", "BlockBlob")?;
        set(headers, "content-type", put.content_type)?;
        set(headers, "x-ms-blob-content-type", put.content_type)?;
        set(headers, "content-md5", &put.digests.md5.to_string())?;
        set(headers, "x-ms-blob-content-md5", &put.digests.md5.to_string())?;
        if let Some(cache_control) = put.cache_control {
            set(headers, "x-ms-blob-cache-control", cache_control)?;
        }
        match put.condition {
            Condition::Absent => set(headers, "if-none-match", "*")?,
            Condition::Is(Revision(tag)) => set(headers, "if-match", tag)?,
        }
        Ok(PutCall { call, before: Vec::new(), after: Vec::new() })
    }

    /// The `Content-MD5` of this answer is that of the blob.
    fn written(&self, headers: &HeaderMap, _body: &[u8]) -> Option<Claims> {
        headers.contains_key("etag").then(|| claims(headers, Scope::Object))
    }

    fn common_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        set(&mut headers, "x-ms-version", VERSION).expect("a date");
        headers
    }
}
