//! The rules by which the package registry loads a package, and refuses to.
//!
//! Pure: what the files say ([`Facts`], [`ManifestFacts`]) and where they lie go in, broken rules
//! come out; no Git, no ZIP. [`KnownItems`] remembers what was read, which saves time and changes
//! no answer.
//!
//! The rules are those of package-registry 1.40.1 (`packages/package.go`, `datastream.go`), read and
//! tried out there; numbers are this tool's own. One package that breaks a rule of 1 to 20 keeps the
//! whole registry from starting; 21 and up are asked only while validation is on, which it is by
//! default. Where generations differ, the newest counts, since it is what v2 is served by:
//! 11 is always on (since 1.21), 7 and 10 are asked (since 1.39 and 1.33), the type of an input and
//! the input of a stream may be a package (27 and 32, since 1.37), all fields files are read (31, since
//! 1.17). Only 24 is kept from older ones: they refuse an unknown category, the newest drops it,
//! and either is worth a warning.
//!
//! | rules | where |
//! |---|---|
//! | 2, 3, and what 4 and 8 say of `name` and `version` | `manifest-missing` and `manifest-unreadable` |
//! | 4 to 12, 21 to 24, 27 | `manifest`, `shape`, `config`, `constraint` |
//! | 4, 16, 17, 28, 29, 32 | `data_stream`, `shape`, `config` |
//! | 6, 13, 14, 18, 25, 28, 30, 31 | `check`, with `fields` and `pipeline` |
//!
//! Not checked: 1 (the ZIP opens and has one root), since the writer makes no other; 15 (an asset whose
//! name the ZIP reader refuses), since `unsafe-path` is a blocker; 19 and 20 (the signature), since
//! signatures are added later; 26 (the folder's version), since `manifest-mismatch` asks for more.

mod check;
mod config;
mod constraint;
mod data_stream;
mod fault;
mod fields;
mod identity;
mod known_items;
mod manifest;
mod path;
mod pipeline;
mod scalar;
mod shape;
mod value;

use crate::yaml::{Document, YamlError};

pub use check::{Broken, check};
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
        let in_folder =
            |folder: &str| inside.strip_prefix(folder).filter(|name| !name.contains('/'));
        if in_folder("fields/").is_some() {
            return Some(Role::Fields);
        }
        let name = in_folder(PIPELINES)?;
        match name.rsplit_once('.')?.1 {
            "json" => Some(Role::JsonPipeline),
            "yml" => Some(Role::YamlPipeline),
            _ => None,
        }
    }
}

/// Where a data stream's pipelines lie.
const PIPELINES: &str = "elasticsearch/ingest_pipeline/";

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

impl Facts {
    /// Reads a file for its role.
    ///
    /// What is in `known_items` saves time, and changes nothing.
    pub fn read(role: Role, bytes: &[u8], known_items: &KnownItems) -> Self {
        match role {
            Role::Manifest => Facts::Manifest(Box::new(Manifest::parse(bytes))),
            Role::DataStream => Facts::DataStream(DataStreamFacts::of(&Document::parse(bytes))),
            Role::Fields => Facts::Fields(known_items.read_fields(bytes)),
            Role::JsonPipeline => Facts::Pipeline(PipelineFacts::of_json(bytes)),
            Role::YamlPipeline => Facts::Pipeline(known_items.read_pipeline(bytes)),
        }
    }
}
