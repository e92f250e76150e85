//! A running registry, asked as Kibana asks it: lists, pages, archives, signatures and static resources by their URLs.
//!
//! The paths are those of package-registry 1.40.1 (`search.go`, `categories.go`, `package_index.go`, `static.go`,
//! `artifacts.go`, `signatures.go`), and have been the same since 1.10.0. What the answers should be is not decided here.

use std::collections::BTreeMap;
use std::io;

use crate::error::Error;
use crate::model::package::{ObjectKey, RevisionId};
use crate::model::verification::ServedFrom;
use crate::v2::store::http::{BaseUrl, Head, HttpPlace, Limits, Page};
use crate::v2::store::{Listed, Place, StoredObject, Wanted};

/// The path that lists revisions.
const SEARCH: &str = "search";
/// The path that counts categories.
const CATEGORIES: &str = "categories";

/// A query of the list, or of the categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryQuery {
    /// All versions of all packages. `experimental=true` would hide some: it selects rules of its own.
    All,
    /// What a client sees that sends no parameters: the newest visible version of each package.
    Plain,
    /// The categories of those packages.
    Categories,
}

impl RegistryQuery {
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            RegistryQuery::All => (SEARCH, "all=true&prerelease=true"),
            RegistryQuery::Plain => (SEARCH, ""),
            RegistryQuery::Categories => (CATEGORIES, ""),
        }
    }

    /// Returns the request, for display.
    pub fn request(self) -> String {
        match self.parts() {
            (path, "") => format!("/{path}"),
            (path, query) => format!("/{path}?{query}"),
        }
    }
}

/// Returns the path of a revision's page, for display.
pub fn page_request(revision: &RevisionId) -> String {
    format!("/{}", page_path(revision))
}

/// Returns the path of a revision's archive, for display.
pub fn archive_request(revision: &RevisionId) -> String {
    format!("/{}", archive_path(&revision.archive_key()))
}

/// Returns the path of a static resource, for display.
pub fn static_request(revision: &RevisionId, path: &str) -> String {
    format!("/{}{path}", page_path(revision))
}

fn page_path(revision: &RevisionId) -> String {
    format!("package/{}/{}/", revision.name, revision.version)
}

/// The path of an archive or a signature with this key; the name of a package has no dash.
fn archive_path(key: &ObjectKey) -> String {
    let file = key.file_name();
    let (name, _) = file.split_once('-').unwrap_or((file, ""));
    format!("epr/{name}/{file}")
}

/// A registry.
pub struct Registry {
    http: HttpPlace,
}

impl Registry {
    /// Checks with one request that a server responds.
    ///
    /// # Errors
    /// [`Error::ReachPlace`] when no server responds.
    pub fn open(base: BaseUrl, limits: Limits) -> Result<Self, Error> {
        Ok(Registry { http: HttpPlace::open_at(base, "", limits)? })
    }

    /// Requests the registry's description of itself; `None` if it has none.
    ///
    /// # Errors
    /// No definite answer, after all attempts; the same for all other requests.
    pub fn index(&self) -> io::Result<Option<Page>> {
        self.http.get("", "")
    }

    /// Requests a list.
    ///
    /// # Errors
    /// No definite answer.
    pub fn query(&self, query: RegistryQuery) -> io::Result<Option<Page>> {
        let (path, query) = query.parts();
        self.http.get(path, query)
    }

    /// Requests the page of a revision.
    ///
    /// # Errors
    /// No definite answer.
    pub fn page(&self, revision: &RevisionId) -> io::Result<Option<Page>> {
        self.http.get(&page_path(revision), "")
    }

    /// Requests the headers of a revision's archive.
    ///
    /// # Errors
    /// No definite answer.
    pub fn archive(&self, revision: &RevisionId) -> io::Result<Option<Head>> {
        self.http.head(&archive_path(&revision.archive_key()))
    }

    /// Returns whether a revision's signature is served.
    ///
    /// # Errors
    /// No definite answer.
    pub fn has_signature(&self, revision: &RevisionId) -> io::Result<bool> {
        let key = revision.archive_key().signature_key();
        Ok(self.http.head(&archive_path(&key))?.is_some())
    }

    /// Requests a file of a revision.
    ///
    /// # Errors
    /// No definite answer.
    pub fn file(&self, revision: &RevisionId, path: &str) -> io::Result<Option<Page>> {
        self.http.get(&format!("{}{path}", page_path(revision)), "")
    }
}

/// Returns what an archive is served from, by the headers of 1.40.1: Go's `http.ServeFile` supports ranges; a registry in
/// storage mode passes on the time of the object, but no support of ranges (up to 1.15 it redirects to the store); for
/// an archive made of a folder, only its type is known before it is sent.
pub fn served_from(head: &Head) -> ServedFrom {
    if head.is_of_store {
        ServedFrom::Storage
    } else if head.accepts_ranges {
        ServedFrom::Archives
    } else if head.has_modification_time {
        ServedFrom::Storage
    } else {
        ServedFrom::Folders
    }
}

impl Place for Registry {
    /// Returns `None`: a list of packages is not a list of objects.
    fn list(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(None)
    }

    /// Returns `None`, likewise.
    fn list_below(&self, _: &str) -> Result<Option<BTreeMap<String, Listed>>, Error> {
        Ok(None)
    }

    fn find(
        &self,
        key: &ObjectKey,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        self.http.find_path(&archive_path(key), wanted)
    }

    fn read_len(&self) -> u64 {
        self.http.read_len()
    }

    fn lacks_range_support(&self) -> bool {
        self.http.lacks_range_support()
    }
}
