//! The rules by which the package registry loads a package, and refuses to.
//!
//! Pure: what the files say ([`Facts`], [`ManifestFacts`]) and where they lie go in, broken rules
//! come out; no Git, no ZIP. [`KnownItems`] remembers what was read, which saves time and changes
//! no answer.
//!
//! The rules are those of package-registry 1.10.0 to 1.40.1 (`packages/package.go`, `datastream.go`), read in
//! its tags and tried out in 1.40.1; numbers are this tool's own. One package that breaks a rule keeps the
//! whole registry from starting; those of 21 and up, but for 33, are asked only while validation is on, which it
//! is by default. Facts are of every release: each fault has the range of releases that refuse it, and `check`
//! picks those of one release. Parsers are the newest throughout (go-ucfg 0.9.1, semver 3.5.0, yaml.v2 2.4.0).
//!
//! | rules | where |
//! |---|---|
//! | 2, 3, and what 4 says of `name` and `version` | `manifest-missing` and `manifest-unreadable` |
//! | 4 to 12, 21 to 24, 27, 33, 34 | `manifest`, `shape`, `config`, `constraint`, `categories` |
//! | 4, 16, 17, 28, 29, 32 | `data_stream`, `shape`, `config` |
//! | 6, 13, 14, 16, 18, 25, 28, 30, 31 | `check`, with `files`, `fields` and `pipeline` |
//!
//! Not checked: 1 (the ZIP opens and has one root), since the writer makes no other; 15 (an asset whose
//! name the ZIP reader refuses), since `unsafe-path` is a blocker; 19 and 20 (the signature), since
//! signatures are added later; 26 (the folder's version), since `manifest-mismatch` asks for more.

mod categories;
mod check;
mod config;
mod constraint;
mod data_stream;
mod fault;
mod fields;
mod files;

mod identity;
mod json;
mod known_items;
mod manifest;
mod path;
mod path_match;
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

/// What a file is to the registry, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The package's manifest.
    Manifest,
    /// A data stream's manifest.
    DataStream,
    /// A file that lists fields.
    Fields,
    /// An ingest pipeline in JSON.
    JsonPipeline,
    /// An ingest pipeline in YAML.
    YamlPipeline,
}

impl Role {
    /// The role of the file at a path inside a package; most have none.
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
        // A pipeline's name may lead into a folder below, or beside, the one for pipelines.
        let name = inside.strip_prefix("elasticsearch/")?;
        match name.rsplit_once('.')?.1 {
            "json" => Some(Role::JsonPipeline),
            "yml" => Some(Role::YamlPipeline),
            _ => None,
        }
    }
}

/// Where a data stream's pipelines lie.
const PIPELINES: &str = "elasticsearch/ingest_pipeline";

/// What a file says that the rules need, by its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// The package's manifest, or why it cannot be read.
    Manifest(Box<Result<Manifest, YamlError>>),
    /// A data stream's manifest.
    DataStream(DataStreamFacts),
    /// A file that lists fields.
    Fields(FieldsFacts),
    /// An ingest pipeline.
    Pipeline(PipelineFacts),
}

/// How a file was parsed.
#[derive(Clone, Copy, Debug)]
pub enum Parsed<'d> {
    /// As one document.
    Whole(&'d Document<'d>),
    /// In parts, some of which are known from other files.
    Parts {
        /// Whether js-yaml makes the same tree of it, and finds no key twice.
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
    /// Reads a file for its role.
    ///
    /// What is in `known_items` saves time, and changes nothing.
    pub fn read(role: Role, bytes: &[u8], known_items: &KnownItems) -> Self {
        Facts::read_with(role, bytes, known_items, |_| {})
    }

    /// Reads a file for its role, and shows another reader what was parsed, so that it need not be parsed twice.
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
