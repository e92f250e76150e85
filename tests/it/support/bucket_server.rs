//! A store in memory that speaks the three interfaces: lists in pages, metadata, reads, conditional writes.
//!
//! Written from the stores' documentation, and independent of the client: what it accepts, real servers have
//! accepted as well (`stores::real`). Faults are injected around it, by `fault_server`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use package_storage_migrate::digest::{ObjectDigests, Sha256};
use package_storage_migrate::v2::store::bucket::StoreKind;
use percent_encoding::percent_decode_str;

use super::fault_server::{FaultServer, Reply, Request, ranged};

/// A stored object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
    pub(crate) cache_control: String,
    /// Counts the writes of all objects.
    pub(crate) generation: u64,
    /// Whether the MD5 is not reported: encryption with KMS, composition, or a write without it.
    pub(crate) hides_md5: bool,
    /// Whether no digest is reported at all.
    pub(crate) hides_digests: bool,
}

/// A store with one bucket, `bkt`.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) kind: StoreKind,
    objects: Arc<Mutex<BTreeMap<String, Stored>>>,
    /// Number of objects in a page.
    pub(crate) page_len: usize,
}

impl Store {
    pub(crate) fn new(kind: StoreKind) -> Self {
        Store { kind, objects: Arc::default(), page_len: 3 }
    }

    /// Returns another store with the same objects.
    pub(crate) fn copy(&self) -> Self {
        let objects = self.objects.lock().expect("no panic").clone();
        Store { objects: Arc::new(Mutex::new(objects)), ..*self }
    }

    /// Serves the store; `handler` decides what to do about a request.
    pub(crate) fn serve(
        &self,
        handler: impl Fn(&Store, &Request) -> Reply + Send + Sync + 'static,
    ) -> FaultServer {
        let store = self.clone();
        FaultServer::with(move |request| handler(&store, request))
    }

    pub(crate) fn get(&self, key: &str) -> Option<Stored> {
        self.objects.lock().expect("no panic").get(key).cloned()
    }

    /// Writes as another client would.
    pub(crate) fn put(&self, key: &str, bytes: &[u8]) -> u64 {
        self.edit(key, |object| object.bytes = bytes.to_vec())
    }

    /// Changes an object, and returns its generation.
    pub(crate) fn edit(&self, key: &str, edit: impl FnOnce(&mut Stored)) -> u64 {
        let mut objects = self.objects.lock().expect("no panic");
        let generation = 1 + objects.values().map(|object| object.generation).max().unwrap_or(0);
        let object = objects.entry(key.to_owned()).or_default();
        edit(object);
        object.generation = generation;
        generation
    }

    /// Deletes as another client would.
    pub(crate) fn remove(&self, key: &str) {
        self.objects.lock().expect("no panic").remove(key).expect("an object");
    }

    /// Returns the keys of all objects.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.objects.lock().expect("no panic").keys().cloned().collect()
    }

    /// Returns the key that a request writes, if it does.
    pub(crate) fn written_key(&self, request: &Request) -> Option<String> {
        match (self.kind, request.method.as_str()) {
            (StoreKind::Gcs, "POST") => {
                Some(multipart(request).0["name"].as_str().expect("a name").to_owned())
            }
            (StoreKind::S3, "PUT") => request.path.strip_prefix("/bkt/").map(decode),
            (StoreKind::Azure, "PUT") => request.path.strip_prefix("/acc/bkt/").map(decode),
            _ => None,
        }
    }

    /// Returns the URL of the bucket, and the variables for a server of this store.
    pub(crate) fn variables(&self, server: &FaultServer) -> Vec<(String, String)> {
        let origin = format!("http://127.0.0.1:{}", server.port);
        let pairs: &[(&str, &str)] = match self.kind {
            StoreKind::Gcs => &[("STORAGE_EMULATOR_HOST", &origin)],
            StoreKind::S3 => &[
                ("AWS_ENDPOINT_URL", &origin),
                ("AWS_ACCESS_KEY_ID", "AKIDPLANTED"),
                ("AWS_SECRET_ACCESS_KEY", "planted-secret-key"),
            ],
            StoreKind::Azure => &[(
                "AZURE_STORAGE_CONNECTION_STRING",
                &format!(
                    "AccountName=acc;AccountKey=cGxhbnRlZC1hY2NvdW50LWtleQ==;BlobEndpoint={origin}/acc"
                ),
            )],
        };
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Returns the response of a correct store.
    pub(crate) fn correct(&self, request: &Request) -> Reply {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let query: BTreeMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect();
        match self.kind {
            StoreKind::Gcs => self.gcs(request, path, &query),
            StoreKind::S3 => match path.strip_prefix("/bkt/") {
                Some("") => self.list(&query),
                Some(key) => self.object(request, &decode(key)),
                None => self.error(404, "NoSuchBucket"),
            },
            StoreKind::Azure => match path.strip_prefix("/acc/bkt") {
                Some("") => self.list(&query),
                Some(key) => self.object(request, &decode(key.trim_start_matches('/'))),
                None => self.error(404, "ContainerNotFound"),
            },
        }
    }

    fn gcs(&self, request: &Request, path: &str, query: &BTreeMap<String, String>) -> Reply {
        let list = "/storage/v1/b/bkt/o";
        if path == list {
            return self.list(query);
        }
        if let Some(key) = path.strip_prefix(&format!("{list}/")) {
            return match self.get(&decode(key)) {
                Some(object) => json(&self.resource(&decode(key), &object)),
                None => self.error(404, "notFound"),
            };
        }
        if path == format!("/upload{list}") {
            assert_eq!(query["uploadType"], "multipart");
            let (resource, bytes) = multipart(request);
            let key = resource["name"].as_str().expect("a name").to_owned();
            let digests = ObjectDigests::of(&bytes);
            if resource["md5Hash"] != digests.md5.to_string()
                || resource["crc32c"] != digests.crc32c.to_string()
            {
                return self.error(400, "invalid");
            }
            let mut objects = self.objects.lock().expect("no panic");
            let current = objects.get(&key).map_or(0, |object| object.generation);
            if query["ifGenerationMatch"] != current.to_string() {
                return self.error(412, "conditionNotMet");
            }
            let next = 1 + objects.values().map(|object| object.generation).max().unwrap_or(0);
            let text = |name: &str| resource[name].as_str().unwrap_or("").to_owned();
            let object = Stored {
                bytes,
                content_type: text("contentType"),
                cache_control: text("cacheControl"),
                generation: next,
                ..Stored::default()
            };
            objects.insert(key.clone(), object.clone());
            return json(&self.resource(&key, &object));
        }
        let key = path.strip_prefix("/bkt/").expect("a path of the XML API");
        self.object(request, &decode(key))
    }

    fn resource(&self, key: &str, object: &Stored) -> serde_json::Value {
        let digests = ObjectDigests::of(&object.bytes);
        let mut resource = serde_json::json!({
            "name": key,
            "size": object.bytes.len().to_string(),
            "generation": object.generation.to_string(),
            "contentType": object.content_type,
            "cacheControl": object.cache_control,
        });
        if !object.hides_digests {
            resource["crc32c"] = digests.crc32c.to_string().into();
            if !object.hides_md5 {
                resource["md5Hash"] = digests.md5.to_string().into();
            }
        }
        resource
    }

    fn tag(&self, object: &Stored) -> String {
        match self.kind {
            StoreKind::S3 if object.hides_md5 || object.hides_digests => {
                format!("\"{:032x}\"", object.generation)
            }
            StoreKind::S3 => {
                let md5 = ObjectDigests::of(&object.bytes).md5;
                let hex: String = md5.0.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("\"{hex}\"")
            }
            StoreKind::Gcs | StoreKind::Azure => format!("\"0x{:X}\"", object.generation),
        }
    }

    /// HEAD, GET, PUT of S3 and Azure, and the reads of GCS's XML API.
    fn object(&self, request: &Request, key: &str) -> Reply {
        if request.method == "PUT" {
            return self.write(request, key);
        }
        let Some(object) = self.get(key) else {
            let code = ["NoSuchKey", "BlobNotFound"][usize::from(self.kind == StoreKind::Azure)];
            return self.error(404, code);
        };
        let mut plain = request.clone();
        plain.headers.retain(|(name, _)| name != "if-match");
        let tag = self.tag(&object);
        if request.header("if-match").is_some_and(|wanted| wanted != tag) {
            return self.error(412, "PreconditionFailed");
        }
        let reply = ranged(&plain, &object.bytes);
        let reply = self.described(reply, &object, request.method == "HEAD");
        reply.with("content-type", object.content_type).with("cache-control", object.cache_control)
    }

    /// Adds the tag and the digests.
    fn described(&self, reply: Reply, object: &Stored, is_head: bool) -> Reply {
        let digests = ObjectDigests::of(&object.bytes);
        let reply = reply.with("etag", self.tag(object));
        match self.kind {
            StoreKind::Gcs if object.hides_digests => reply,
            StoreKind::Gcs => {
                let md5 = format!(",md5={}", digests.md5);
                let md5 = if object.hides_md5 { String::new() } else { md5 };
                reply.with("x-goog-hash", format!("crc32c={}{md5}", digests.crc32c))
            }
            StoreKind::S3 => {
                let mut reply = reply.with("x-amz-request-id", "1");
                if object.hides_md5 || object.hides_digests {
                    reply = reply.with("x-amz-server-side-encryption", "aws:kms");
                }
                if is_head && !object.hides_digests {
                    reply = reply.with("x-amz-checksum-sha256", digests.sha256.to_base64());
                }
                reply
            }
            StoreKind::Azure => {
                let reply = reply.with("x-ms-request-id", "1");
                match object.hides_md5 || object.hides_digests {
                    true => reply,
                    false if reply.status == 206 => {
                        reply.with("x-ms-blob-content-md5", digests.md5.to_string())
                    }
                    false => reply.with("content-md5", digests.md5.to_string()),
                }
            }
        }
    }

    fn write(&self, request: &Request, key: &str) -> Reply {
        let digests = ObjectDigests::of(&request.body);
        let sha256 = request.header("x-amz-content-sha256");
        let is_other = |sha256: &str| sha256 != Sha256::of(&request.body).to_string();
        if request.header("content-md5") != Some(&digests.md5.to_string()) {
            let code = ["BadDigest", "Md5Mismatch"][usize::from(self.kind == StoreKind::Azure)];
            return self.error(400, code);
        }
        if self.kind == StoreKind::S3 && sha256.is_none_or(is_other) {
            return self.error(400, "XAmzContentSHA256Mismatch");
        }
        let mut objects = self.objects.lock().expect("no panic");
        let current = objects.get(key);
        match (request.header("if-none-match"), request.header("if-match"), current) {
            (Some("*"), None, None) => {}
            (Some("*"), None, Some(_)) if self.kind == StoreKind::Azure => {
                return self.error(409, "BlobAlreadyExists");
            }
            (Some("*"), None, Some(_)) => return self.error(412, "PreconditionFailed"),
            (None, Some(tag), Some(object)) if self.tag(object) == tag => {}
            (None, Some(_), _) => return self.error(412, "ConditionNotMet"),
            _ => panic!("a write without a condition"),
        }
        let generation = 1 + objects.values().map(|object| object.generation).max().unwrap_or(0);
        let text = |name: &str| request.header(name).unwrap_or("").to_owned();
        let is_azure = self.kind == StoreKind::Azure;
        let object = Stored {
            bytes: request.body.clone(),
            content_type: text("content-type"),
            cache_control: text(if is_azure { "x-ms-blob-cache-control" } else { "cache-control" }),
            generation,
            ..Stored::default()
        };
        let reply = Reply::status(if is_azure { 201 } else { 200 });
        let reply = self.described(reply, &object, false);
        objects.insert(key.to_owned(), object);
        reply
    }

    fn list(&self, query: &BTreeMap<String, String>) -> Reply {
        let (token, prefix) = match self.kind {
            StoreKind::Gcs => ("pageToken", "prefix"),
            StoreKind::S3 => ("continuation-token", "prefix"),
            StoreKind::Azure => ("marker", "prefix"),
        };
        let objects = self.objects.lock().expect("no panic").clone();
        let start = query.get(token).cloned().unwrap_or_default();
        let prefix = &query[prefix];
        let mut rest =
            objects.iter().filter(|(key, _)| key.starts_with(prefix.as_str()) && **key >= start);
        let page: Vec<_> = rest.by_ref().take(self.page_len).collect();
        let next = rest.next().map(|(key, _)| key.clone());
        match self.kind {
            StoreKind::Gcs => {
                let items: Vec<_> =
                    page.iter().map(|(key, object)| self.resource(key, object)).collect();
                let mut list = serde_json::json!({ "kind": "storage#objects" });
                if !items.is_empty() {
                    list["items"] = items.into();
                }
                if let Some(next) = next {
                    list["nextPageToken"] = next.into();
                }
                json(&list)
            }
            StoreKind::S3 => xml(self.s3_page(&page, next.as_deref())),
            StoreKind::Azure => xml(self.azure_page(&page, next.as_deref())),
        }
    }

    fn s3_page(&self, page: &[(&String, &Stored)], next: Option<&str>) -> String {
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
             xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bkt</Name>"
            .to_owned();
        for (key, object) in page {
            let (key, tag, len) = (escaped(key), escaped(&self.tag(object)), object.bytes.len());
            write!(
                text,
                "<Contents><Key>{key}</Key><ETag>{tag}</ETag><Size>{len}</Size></Contents>"
            )
            .expect("memory");
        }
        if let Some(next) = next {
            let next = escaped(next);
            write!(text, "<NextContinuationToken>{next}</NextContinuationToken>").expect("memory");
        }
        let is_truncated = next.is_some();
        text + &format!("<IsTruncated>{is_truncated}</IsTruncated></ListBucketResult>")
    }

    fn azure_page(&self, page: &[(&String, &Stored)], next: Option<&str>) -> String {
        let mut text = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults \
             ContainerName=\"bkt\"><Blobs>"
            .to_owned();
        for (key, object) in page {
            let md5 = ObjectDigests::of(&object.bytes).md5;
            let md5 = match object.hides_md5 || object.hides_digests {
                true => "<Content-MD5 />".to_owned(),
                false => format!("<Content-MD5>{md5}</Content-MD5>"),
            };
            let (key, len, tag) = (escaped(key), object.bytes.len(), self.tag(object));
            let (content_type, tag) = (&object.content_type, tag.trim_matches('"'));
            write!(
                text,
                "<Blob><Name>{key}</Name><Properties><Etag>{tag}</Etag>\
                 <Content-Length>{len}</Content-Length><Content-Type>{content_type}</Content-Type>\
                 {md5}<Cache-Control>{}</Cache-Control></Properties></Blob>",
                object.cache_control
            )
            .expect("memory");
        }
        let next = next.map(escaped).unwrap_or_default();
        text + &format!("</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>")
    }

    /// Returns an error in the form of this store.
    pub(crate) fn error(&self, status: u16, code: &str) -> Reply {
        let reply = Reply::status(status);
        match self.kind {
            StoreKind::Gcs => {
                let errors =
                    serde_json::json!([{ "reason": code, "message": "secret-in-a-message" }]);
                let error = serde_json::json!({ "error": { "code": status, "errors": errors } });
                Reply { body: error.to_string().into_bytes(), ..reply }
            }
            StoreKind::S3 | StoreKind::Azure => {
                let body = format!(
                    "<?xml version=\"1.0\"?><Error><Code>{code}</Code>\
                     <Message>secret-in-a-message</Message></Error>"
                );
                Reply { body: body.into_bytes(), ..reply.with("content-type", "application/xml") }
            }
        }
    }
}

fn json(value: &serde_json::Value) -> Reply {
    let reply = Reply::status(200).with("content-type", "application/json");
    Reply { body: value.to_string().into_bytes(), ..reply }
}

fn xml(text: String) -> Reply {
    Reply { body: text.into_bytes(), ..Reply::status(200).with("content-type", "application/xml") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned()
}

/// Splits a body of `multipart/related` into the resource and the bytes.
fn multipart(request: &Request) -> (serde_json::Value, Vec<u8>) {
    let header = request.header("content-type").expect("a content type");
    let boundary = header.strip_prefix("multipart/related; boundary=").expect("a boundary");
    let find = |bytes: &[u8], wanted: &[u8]| {
        bytes.windows(wanted.len()).position(|part| part == wanted).expect("a part")
    };
    let body = &request.body;
    let start = find(body, b"\r\n\r\n") + 4;
    let delimiter = format!("\r\n--{boundary}");
    let end = start + find(&body[start..], delimiter.as_bytes());
    let resource = serde_json::from_slice(&body[start..end]).expect("JSON");
    let second = end + delimiter.len();
    let bytes_at = second + find(&body[second..], b"\r\n\r\n") + 4;
    let last = bytes_at + find(&body[bytes_at..], delimiter.as_bytes());
    assert_eq!(&body[last..], format!("{delimiter}--\r\n").as_bytes());
    (resource, body[bytes_at..last].to_vec())
}
