//! A stand-in for a running registry: serves answers that package-registry 1.40.1 gave about small packages of ours, for
//! tests to modify.
//!
//! The answers in JSON are literals, recorded once over the packages' folders and over a bucket, and the headers are
//! those that it sent; nothing is made by the code under test. Files are those of the packages.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::fault_server::{FaultServer, Reply, Request};

/// The packages, with their files: `=== <stage> <name> <version>`, `+++ <path>` before each file.
const PACKAGES: &str = include_str!("../verify_registry/packages.txt");
/// The answers over the folders of the three stages.
const FOLDERS: &str = include_str!("../verify_registry/folders.txt");
/// The answers in storage mode: without the marker.
const STORAGE: &str = include_str!("../verify_registry/storage.txt");

/// A package of the stand-in.
pub(crate) struct Package {
    pub(crate) stage: &'static str,
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Paths and texts.
    pub(crate) files: Vec<(&'static str, &'static str)>,
}

/// Returns all packages.
pub(crate) fn packages() -> Vec<Package> {
    let package = |text: &'static str| {
        let (head, rest) = text.split_once('\n').expect("a head");
        let mut words = head.split(' ');
        let mut word = || words.next().expect("three words");
        let files = rest.split("+++ ").skip(1);
        Package {
            stage: word(),
            name: word(),
            version: word(),
            files: files.map(|file| file.split_once('\n').expect("a path")).collect(),
        }
    };
    PACKAGES.split("=== ").skip(1).map(package).collect()
}

/// What the registry serves from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Folders,
    Storage,
}

/// Answers by the request: the path, decoded, and the query.
#[derive(Clone)]
pub(crate) struct Answers(pub(crate) BTreeMap<String, Reply>);

impl Answers {
    /// The answers of the real registry; `archive` returns the bytes of an archive.
    pub(crate) fn recorded(from: From, archive: impl Fn(&Package) -> Vec<u8>) -> Self {
        let text = if from == From::Folders { FOLDERS } else { STORAGE };
        let mut answers = BTreeMap::new();
        for answer in text.split("=== ").skip(1) {
            let (path, body) = answer.split_once('\n').expect("a path");
            let reply = Reply { body: body.trim_end().into(), ..Reply::status(200) };
            answers.insert(path.to_owned(), reply.with("content-type", "application/json"));
        }
        for package in packages() {
            let Package { name, version, files, .. } = &package;
            if !answers.contains_key(&format!("/package/{name}/{version}/")) {
                continue;
            }
            let of = |bytes: Vec<u8>, content_type: &str| {
                let reply = Reply { body: bytes, ..Reply::status(200) };
                reply.with("content-type", content_type)
            };
            for (path, text) in files {
                let file = of(text.as_bytes().to_vec(), content_type(path, from));
                let file = file.with("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT");
                let file = match from {
                    From::Folders => file.with("accept-ranges", "bytes"),
                    From::Storage => file,
                };
                answers.insert(format!("/package/{name}/{version}/{path}"), file);
            }
            let zip = of(archive(&package), "application/zip");
            let zip = match from {
                From::Folders => zip,
                From::Storage => zip.with("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT"),
            };
            answers.insert(format!("/epr/{name}/{name}-{version}.zip"), zip);
        }
        Answers(answers)
    }

    /// Changes an answer in JSON.
    pub(crate) fn edit(&mut self, request: &str, change: impl FnOnce(&mut Value)) {
        let reply = self.0.get_mut(request).unwrap_or_else(|| panic!("no {request}"));
        let mut json = serde_json::from_slice(&reply.body).expect("JSON");
        change(&mut json);
        reply.body = json.to_string().into_bytes();
    }

    /// Changes an answer.
    pub(crate) fn reply(&mut self, request: &str) -> &mut Reply {
        self.0.get_mut(request).unwrap_or_else(|| panic!("no {request}"))
    }

    /// Removes an answer: the server responds with 404.
    pub(crate) fn remove(&mut self, request: &str) {
        self.0.remove(request).unwrap_or_else(|| panic!("no {request}"));
    }

    /// Starts a server; `wrong` may change each response.
    pub(crate) fn serve(
        self,
        wrong: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static,
    ) -> FaultServer {
        FaultServer::serve([], move |request, absent| {
            let decoded = percent_decode_str(&request.path).decode_utf8_lossy();
            wrong(request, self.0.get(&*decoded).cloned().unwrap_or(absent))
        })
    }
}

/// The content types that the registry sent; in a bucket, an unknown extension has the type for bytes.
fn content_type(path: &str, from: From) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("md") => "text/markdown; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("yml") => "text/yaml; charset=UTF-8",
        _ if from == From::Folders => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
