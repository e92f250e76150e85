//! Whole responses with their headers, for servers that are asked for more than objects.
//!
//! The same requests, retries and checks as for objects; only the paths and the query are the caller's.

use std::io;

use ureq::http::Uri;

use super::HttpPlace;
use super::client::{ObjectRequest, ObjectResponse};
use super::fault::{Failed, HttpFault, Refusal};
use super::spool::Spool;

/// The maximum length of a page, in bytes: the longest real one is the list of all revisions, some megabytes.
const MAX_PAGE_LEN: u64 = 1 << 30;

/// A response that was received whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its content type, if the server sent one.
    pub content_type: Option<String>,
    /// Its body.
    pub bytes: Vec<u8>,
}

/// The headers of a response to HEAD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The length of the body, if the server sent it.
    pub len: Option<u64>,
    /// Whether the server supports ranges of bytes for it.
    pub accepts_ranges: bool,
    /// Whether it has a time of last modification.
    pub has_modification_time: bool,
    /// Whether a store of objects responded: its own headers are there.
    pub is_of_store: bool,
}

impl HttpPlace {
    /// Requests a path below the base URL, with a query without `?`; returns `None` when the server has no such page.
    ///
    /// # Errors
    /// The server gives no definite response, after all attempts.
    pub fn get(&self, path: &str, query: &str) -> io::Result<Option<Page>> {
        let uri = self.uri(path, query)?;
        let found = self.send("GET", &uri, |response| {
            let content_type = response.header("content-type").map(str::to_owned);
            let expected = response.content_len();
            let spool = Spool::receive(response.into_reader(), expected, MAX_PAGE_LEN)?;
            Ok(Page { content_type, bytes: spool.into_vec().map_err(HttpFault::Keep)? })
        });
        or_absent(found)
    }

    /// Requests the headers of a path below the base URL; returns `None` when the server has no such object.
    ///
    /// # Errors
    /// The server gives no definite response, after all attempts.
    pub fn head(&self, path: &str) -> io::Result<Option<Head>> {
        let uri = self.uri(path, "")?;
        let found = self.send("HEAD", &uri, |response| {
            let has = |name: &str| response.headers().contains_key(name);
            Ok(Head {
                len: response.content_len(),
                accepts_ranges: response.header("accept-ranges") == Some("bytes"),
                has_modification_time: has("last-modified"),
                is_of_store: has("x-goog-hash") || has("x-amz-request-id"),
            })
        });
        or_absent(found)
    }

    fn uri(&self, path: &str, query: &str) -> io::Result<Uri> {
        let uri = self.base.at(path, query);
        uri.map_err(|_| Failed { fault: HttpFault::Url, attempts: 0 }.into())
    }

    fn send<T>(
        &self,
        method: &'static str,
        uri: &Uri,
        receive: impl Fn(ObjectResponse<'_>) -> Result<T, HttpFault>,
    ) -> Result<T, Failed> {
        let request = ObjectRequest { method, uri, range: None, tag: None };
        self.retry_policy.attempt(|| {
            let response = self.client.send(request)?;
            if response.status() != 200 {
                let refusal = Refusal::of_status(response.status());
                return Err(HttpFault::Status { refusal, retry_after: None });
            }
            response.check_encoding()?;
            receive(response)
        })
    }
}

fn or_absent<T>(found: Result<T, Failed>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(failed) if matches!(failed.fault.refused_with(), Some(404 | 410)) => Ok(None),
        Err(failed) => Err(failed.into()),
    }
}
