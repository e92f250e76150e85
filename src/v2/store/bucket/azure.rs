//! Azure Blob Storage.
//!
//! Sources: learn.microsoft.com, rest/api/storageservices: Put Blob, Get Blob Properties, List Blobs.

use ureq::http::{HeaderMap, Uri};

use super::answers::{Page, azure_page};
use super::dialect::{Dialect, Facts, Put, PutCall, component, path, set, uri};
use super::faults::bad_page;
use super::tagged::{self, call, set_condition};
use crate::v2::store::Claims;
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
        Ok(call("GET", uri))
    }

    fn page(&self, body: &[u8]) -> Result<Page, HttpFault> {
        azure_page(body).map_err(|error| bad_page(error, &self.base))
    }

    fn head(&self, key: &str) -> Result<Call, HttpFault> {
        Ok(call("HEAD", self.object(key)?))
    }

    fn facts(&self, headers: &HeaderMap, _body: &[u8]) -> Result<Facts, HttpFault> {
        tagged::facts(headers)
    }

    fn put(&self, key: &str, put: &Put<'_>) -> Result<PutCall, HttpFault> {
        let mut call = call("PUT", self.object(key)?);
        let headers = &mut call.headers;
        set(headers, "x-ms-blob-type", "BlockBlob")?;
        set(headers, "content-type", put.content_type)?;
        set(headers, "x-ms-blob-content-type", put.content_type)?;
        set(headers, "content-md5", &put.digests.md5.to_string())?;
        set(headers, "x-ms-blob-content-md5", &put.digests.md5.to_string())?;
        if let Some(cache_control) = put.cache_control {
            set(headers, "x-ms-blob-cache-control", cache_control)?;
        }
        set_condition(headers, put.condition)?;
        Ok(PutCall { call, before: Vec::new(), after: Vec::new() })
    }

    fn written(&self, headers: &HeaderMap, _body: &[u8]) -> Option<Claims> {
        tagged::written(headers)
    }

    fn common_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        set(&mut headers, "x-ms-version", VERSION).expect("a date");
        headers
    }
}
