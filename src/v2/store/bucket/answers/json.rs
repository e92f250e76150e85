//! Answers of GCS's JSON API (cloud.google.com/storage/docs/json_api/v1/objects).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Entry, Page, PageError, Revision, check_start};
use crate::v2::store::Claims;

/// A resource of an object, with the fields that are asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GcsObject {
    name: String,
    /// 64-bit numbers are strings.
    #[serde(default)]
    size: Option<String>,
    #[serde(default)]
    md5_hash: Option<String>,
    #[serde(default)]
    crc32c: Option<String>,
    #[serde(default)]
    generation: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    cache_control: Option<String>,
    #[serde(default)]
    content_encoding: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objects {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    items: Vec<Map<String, Value>>,
    #[serde(default)]
    next_page_token: Option<String>,
}

impl GcsObject {
    /// Parses a resource.
    ///
    /// # Errors
    /// [`PageError`].
    pub fn parse(body: &[u8]) -> Result<Entry, PageError> {
        GcsObject::entry(object(body)?)
    }

    /// Parses an object: serde would also take a list of the fields' values.
    fn entry(object: Map<String, Value>) -> Result<Entry, PageError> {
        GcsObject::deserialize(Value::Object(object)).map_err(error)?.into_entry()
    }

    fn into_entry(self) -> Result<Entry, PageError> {
        let len = self.size.as_deref().and_then(number).ok_or(PageError::Form)?;
        // GCS decompresses such objects on the way: the digests are those of other bytes.
        let is_plain = self.content_encoding.is_none_or(|encoding| {
            encoding.is_empty() || encoding.eq_ignore_ascii_case("identity")
        });
        let claims = Claims {
            md5: self.md5_hash.filter(|_| is_plain).and_then(|digest| digest.parse().ok()),
            crc32c: self.crc32c.filter(|_| is_plain).and_then(|digest| digest.parse().ok()),
            sha256: None,
        };
        Ok(Entry {
            key: self.name,
            len,
            claims,
            content_type: self.content_type,
            cache_control: self.cache_control,
            revision: self.generation.filter(|text| number(text).is_some()).map(Revision),
        })
    }
}

/// Parses a page of a list of GCS.
///
/// # Errors
/// [`PageError`].
pub fn gcs_page(body: &[u8]) -> Result<Page, PageError> {
    let objects = Objects::deserialize(Value::Object(object(body)?)).map_err(error)?;
    if objects.kind.is_some_and(|kind| kind != "storage#objects") {
        return Err(PageError::Form);
    }
    let entries = objects.items.into_iter().map(GcsObject::entry).collect::<Result<_, _>>()?;
    Ok(Page { entries, next: objects.next_page_token.filter(|token| !token.is_empty()) })
}

fn object(body: &[u8]) -> Result<Map<String, Value>, PageError> {
    check_start(body, b"{[")?;
    serde_json::from_slice(body).map_err(error)
}

/// Returns the reason in an error of the JSON API, such as `conditionNotMet`.
pub(in crate::v2::store::bucket) fn error_reason(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let reason = &value["error"]["errors"][0]["reason"];
    reason.as_str().map(str::to_owned)
}

fn error(error: serde_json::Error) -> PageError {
    match error.classify() {
        serde_json::error::Category::Data => PageError::Form,
        _ => PageError::Malformed,
    }
}

/// Parses digits only: no sign, no space.
pub(super) fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
