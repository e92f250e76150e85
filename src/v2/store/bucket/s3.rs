//! Amazon S3, and stores with its interface.
//!
//! Sources: docs.aws.amazon.com, AmazonS3, API_PutObject, API_HeadObject, API_ListObjectsV2.

use ureq::http::{HeaderMap, Uri};

use super::answers::{Page, s3_page};
use super::dialect::{Dialect, Facts, Put, PutCall, component, path, set, uri};
use super::faults::bad_page;
use super::tagged::{self, call, set_condition};
use crate::v2::store::Claims;
use crate::v2::store::http::client::Call;
use crate::v2::store::http::fault::HttpFault;
use crate::v2::store::http::{BaseUrl, Ranges};

/// The SHA-256 of no bytes.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A bucket of S3.
pub(super) struct S3 {
    /// The bucket's URL: with the bucket in the host or in the path.
    pub(super) base: BaseUrl,
    /// Whether to send checksums beside `Content-MD5`, which some stores do not know.
    pub(super) sends_checksums: bool,
    /// Whether the requester pays.
    pub(super) requester_pays: bool,
}

impl Dialect for S3 {
    fn ranges(&self) -> Ranges {
        Ranges::All
    }

    fn object(&self, key: &str) -> Result<Uri, HttpFault> {
        uri(&format!("{}{}", self.base, path(key)))
    }

    fn list(&self, prefix: &str, token: Option<&str>) -> Result<Call, HttpFault> {
        // In the order of their names, as the signature needs them.
        let token = token.map(|token| format!("continuation-token={}&", component(token)));
        let (token, prefix) = (token.unwrap_or_default(), component(prefix));
        let query = format!("{token}list-type=2&max-keys=1000&prefix={prefix}");
        Ok(call("GET", uri(&format!("{}?{query}", self.base))?))
    }

    fn page(&self, body: &[u8]) -> Result<Page, HttpFault> {
        s3_page(body).map_err(|error| bad_page(error, &self.base))
    }

    fn head(&self, key: &str) -> Result<Call, HttpFault> {
        let mut call = call("HEAD", self.object(key)?);
        set(&mut call.headers, "x-amz-checksum-mode", "ENABLED")?;
        Ok(call)
    }

    fn facts(&self, headers: &HeaderMap, _body: &[u8]) -> Result<Facts, HttpFault> {
        tagged::facts(headers)
    }

    fn put(&self, key: &str, put: &Put<'_>) -> Result<PutCall, HttpFault> {
        let mut call = call("PUT", self.object(key)?);
        let headers = &mut call.headers;
        set(headers, "content-type", put.content_type)?;
        set(headers, "content-md5", &put.digests.md5.to_string())?;
        set(headers, "x-amz-content-sha256", &put.digests.sha256.to_string())?;
        if self.sends_checksums {
            set(headers, "x-amz-checksum-sha256", &put.digests.sha256.to_base64())?;
        }
        if let Some(cache_control) = put.cache_control {
            set(headers, "cache-control", cache_control)?;
        }
        set_condition(headers, put.condition)?;
        Ok(PutCall { call, before: Vec::new(), after: Vec::new() })
    }

    fn written(&self, headers: &HeaderMap, _body: &[u8]) -> Option<Claims> {
        tagged::written(headers)
    }

    fn common_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        set(&mut headers, "x-amz-content-sha256", EMPTY_SHA256).expect("a digest");
        if self.requester_pays {
            set(&mut headers, "x-amz-request-payer", "requester").expect("a word");
        }
        headers
    }
}
