//! The rules by which the package registry loads or refuses a package.
//!
//! Pure: the input is the facts about the files ([`Facts`], [`ManifestFacts`]) and their paths, the output is the broken
//! rules; independent of Git and ZIP. [`KnownItems`] is a cache, which saves time without affecting results.
//!
//! The rules are those of package-registry 1.10.0 to 1.40.1 (`packages/package.go`, `datastream.go`), read in
//! its tags and tested with 1.40.1; the numbers are defined by this tool. A single package that breaks a rule prevents the
//! registry from starting; rules from 21 on, except 33, apply only while validation is on, which is the default. The
//! facts cover all releases: each fault has the range of releases that refuse it, and `check` filters by one release.
//! For all releases, the parsers are those of the newest (go-ucfg 0.9.1, semver 3.5.0, yaml.v2 2.4.0).
//!
//! | rules | implemented in |
//! |---|---|
//! | 2, 3, and 4 for `name` and `version` | the findings `manifest-missing` and `manifest-unreadable` |
//! | 4 to 12, 21 to 24, 27, 33, 34 | `manifest`, `shape`, `config`, `categories`, with `rules/constraint` |
//! | 4, 16, 17, 28, 29, 32 | `data_stream`, `shape`, `config` |
//! | 6, 13, 14, 16, 18, 25, 28, 30, 31 | `check`, with `files`, `fields` and `pipeline` |
//!
//! Not checked: 1 (the ZIP opens and has one root), because the writer guarantees it; 15 (an asset whose name the ZIP
//! reader refuses), because `unsafe-path` is a blocker; 19 and 20 (the signature), because signatures are added later; 26
//! (the folder's version), because `manifest-mismatch` is stricter.

mod categories;
mod check;
mod config;
mod data_stream;
mod fault;
mod fields;
mod files;
mod identity;
mod json;
mod known_items;
mod manifest;
mod path;
pub(in crate::rules) mod path_match;
mod pipeline;
mod scalar;
mod shape;
mod value;

use crate::yaml::{Document, YamlError};

pub use categories::is_known_category;
pub use check::{Broken, Verdict, check};
pub use config::{Config, Duplicate};
pub use data_stream::DataStreamFacts;
pub use fault::{Rule, excerpt};
pub use fields::FieldsFacts;
pub use identity::Manifest;
pub use known_items::KnownItems;
pub use manifest::ManifestFacts;
pub use pipeline::PipelineFacts;
pub use scalar::Reading;
pub use value::{ConfigEntry, Object, Value};

/// The manifest's path inside a package.
pub const MANIFEST_PATH: &str = "manifest.yml";

/// The role of a file in the registry, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The package's manifest.
    Manifest,
    /// A data stream's manifest.
    DataStream,
    /// A file with field definitions.
    Fields,
    /// An ingest pipeline in JSON.
    JsonPipeline,
    /// An ingest pipeline in YAML.
    YamlPipeline,
}

impl Role {
    /// Returns the role of the file at a path inside a package; most files have none.
    pub fn of(path: &str) -> Option<Role> {
        if path == MANIFEST_PATH {
            return Some(Role::Manifest);
        }
        let (_, inside) = path.strip_prefix("data_stream/")?.split_once('/')?;
        if inside == MANIFEST_PATH {
            return Some(Role::DataStream);
        }
        let in_fields = inside.strip_prefix("fields/");
        if in_fields.is_some_and(|name| !name.contains('/')) {
            return Some(Role::Fields);
        }
        // The name of a pipeline may contain a path to another folder.
        let name = inside.strip_prefix("elasticsearch/")?;
        match name.rsplit_once('.')?.1 {
            "json" => Some(Role::JsonPipeline),
            "yml" => Some(Role::YamlPipeline),
            _ => None,
        }
    }
}

/// The folder of a data stream's pipelines.
const PIPELINES: &str = "elasticsearch/ingest_pipeline";

/// The facts about a file that the rules need, by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// The package's manifest, or why it cannot be read.
    Manifest(Box<Result<Manifest, YamlError>>),
    /// A data stream's manifest.
    DataStream(DataStreamFacts),
    /// A file with field definitions.
    Fields(FieldsFacts),
    /// An ingest pipeline.
    Pipeline(PipelineFacts),
}

/// How a file was parsed.
#[derive(Clone, Copy, Debug)]
pub enum Parsed<'d> {
    /// As one document.
    Whole(&'d Document<'d>),
    /// In parts, some of which were cached.
    Parts {
        /// Whether js-yaml reads the same tree, and there are no duplicate keys.
        are_ordinary: bool,
    },
    /// Not as YAML.
    Not,
}

impl<'d> Parsed<'d> {
    fn of(document: &'d Result<Document<'d>, YamlError>) -> Self {
        document.as_ref().map_or(Parsed::Not, Parsed::Whole)
    }
}

impl Facts {
    /// Reads a file according to its role; `known_items` does not affect the result.
    pub fn read(role: Role, bytes: &[u8], known_items: &KnownItems) -> Self {
        Facts::read_with(role, bytes, known_items, |_| {})
    }

    /// Reads a file according to its role, and passes the parsed document to `see`, so that it is not parsed twice.
    pub fn read_with(
        role: Role,
        bytes: &[u8],
        known_items: &KnownItems,
        see: impl FnOnce(Parsed<'_>),
    ) -> Self {
        match role {
            Role::Manifest => {
                let document = Document::parse(bytes);
                see(Parsed::of(&document));
                Facts::Manifest(Box::new(document.and_then(|document| Manifest::of(&document))))
            }
            Role::DataStream => {
                let document = Document::parse(bytes);
                see(Parsed::of(&document));
                Facts::DataStream(DataStreamFacts::of(&document))
            }
            Role::Fields => Facts::Fields(known_items.read_fields(bytes, see)),
            Role::JsonPipeline => {
                see(Parsed::Not);
                Facts::Pipeline(PipelineFacts::of_json(bytes))
            }
            Role::YamlPipeline => Facts::Pipeline(known_items.read_pipeline(bytes, see)),
        }
    }
}
