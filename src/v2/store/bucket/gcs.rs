//! Google Cloud Storage: the JSON API for lists, metadata and writes, the XML API for reading.
//!
//! The XML API reports digests with every read; the JSON API takes digests and a precondition with a write, in one
//! request (`uploadType=multipart`). Sources: cloud.google.com/storage/docs/json_api/v1, …/xml-api.

use ureq::http::{HeaderMap, Uri};

use super::answers::{GcsObject, Page, PageError, Revision, gcs_page};
use super::dialect::{Condition, Dialect, Facts, Put, PutCall, component, path, set, uri};
use super::faults::bad_page;
use crate::v2::store::Claims;
use crate::v2::store::http::client::Call;
use crate::v2::store::http::fault::HttpFault;
use crate::v2::store::http::{BaseUrl, Ranges};

/// The fields of an object that are asked for.
const FIELDS: &str = "name,size,md5Hash,crc32c,generation,contentType,cacheControl,contentEncoding";

/// A bucket of GCS.
pub(super) struct Gcs {
    pub(super) base: BaseUrl,
    pub(super) bucket: String,
    /// The project that pays for requests, if it is not the bucket's.
    pub(super) user_project: Option<String>,
}

impl Gcs {
    fn call(&self, method: &'static str, below: &str) -> Result<Call, HttpFault> {
        let uri = uri(&format!("{}{below}", self.base))?;
        Ok(Call { method, uri, headers: HeaderMap::new() })
    }

    fn objects(&self) -> String {
        format!("storage/v1/b/{}/o", component(&self.bucket))
    }
}

impl Dialect for Gcs {
    fn ranges(&self) -> Ranges {
        Ranges::All
    }

    fn object(&self, key: &str) -> Result<Uri, HttpFault> {
        uri(&format!("{}{}/{}", self.base, component(&self.bucket), path(key)))
    }

    fn list(&self, prefix: &str, token: Option<&str>) -> Result<Call, HttpFault> {
        let token = token.map(|token| format!("&pageToken={}", component(token)));
        let (prefix, token) = (component(prefix), token.unwrap_or_default());
        let fields = component(&format!("kind,nextPageToken,items({FIELDS})"));
        let query = format!("prefix={prefix}&maxResults=1000&fields={fields}{token}");
        self.call("GET", &format!("{}?{query}", self.objects()))
    }

    fn page(&self, body: &[u8]) -> Result<Page, HttpFault> {
        gcs_page(body).map_err(|error| bad_page(error, &self.base))
    }

    fn head(&self, key: &str) -> Result<Call, HttpFault> {
        self.call("GET", &format!("{}/{}?fields={FIELDS}", self.objects(), component(key)))
    }

    fn facts(&self, _headers: &HeaderMap, body: &[u8]) -> Result<Facts, HttpFault> {
        let entry = GcsObject::parse(body).map_err(|error| match error {
            // A proxy may have answered this one request.
            PageError::WebPage | PageError::Foreign => HttpFault::Answer("it is not GCS's"),
            error => bad_page(error, &self.base),
        })?;
        Ok(Facts {
            len: entry.len,
            claims: entry.claims,
            content_type: entry.content_type,
            cache_control: entry.cache_control,
            revision: entry.revision,
        })
    }

    fn put(&self, key: &str, put: &Put<'_>) -> Result<PutCall, HttpFault> {
        let generation = match put.condition {
            Condition::Absent => "0",
            Condition::Is(Revision(generation)) => generation,
        };
        let query = format!("uploadType=multipart&ifGenerationMatch={}", component(generation));
        let mut call = self.call("POST", &format!("upload/{}?{query}", self.objects()))?;
        // The object cannot contain its own digest.
        let boundary = put.digests.sha256.to_string();
        set(&mut call.headers, "content-type", &format!("multipart/related; boundary={boundary}"))?;
        let mut resource = serde_json::json!({
            "name": key,
            "contentType": put.content_type,
            "md5Hash": put.digests.md5.to_string(),
            "crc32c": put.digests.crc32c.to_string(),
        });
        if let Some(cache_control) = put.cache_control {
            resource["cacheControl"] = cache_control.into();
        }
        let before = format!(
            "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{resource}\r\n\
             --{boundary}\r\nContent-Type: {}\r\n\r\n",
            put.content_type
        );
        let after = format!("\r\n--{boundary}--\r\n");
        Ok(PutCall { call, before: before.into_bytes(), after: after.into_bytes() })
    }

    fn written(&self, _headers: &HeaderMap, body: &[u8]) -> Option<Claims> {
        GcsObject::parse(body).ok().map(|entry| entry.claims)
    }

    fn common_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(project) = &self.user_project {
            // Checked when the bucket was opened.
            set(&mut headers, "x-goog-user-project", project).expect("a project's name");
        }
        headers
    }
}
