//! The rules by which Kibana's package parser takes an archive, and refuses to.
//!
//! Kibana is the second reader of a package: it parses the archive itself on upload, for bundled packages, on installs
//! from the registry since 9.1, and whenever an installed package is read again. The rules are those of
//! `server/services/epm/archive/{parse,storage}.ts` in Fleet; numbers are this tool's own. Pure: what the files say
//! ([`Facts`]) and their names in the archive go in, broken rules come out.
//!
//! | rules | where |
//! |---|---|
//! | K1, K2, K6 | `check`, from names |
//! | K3 and K14 | `js_yaml` refuses a file |
//! | K4, K5, K9 to K12 | `manifest` |
//! | K7, K8, K9, K12 | `data_stream`, with `items` |
//! | K13 | `asset` |
//!
//! The archives that this tool writes keep K1; a package without a manifest, or with an empty one, is a blocker anyway.
//! Not checked: what Kibana makes of a package once it is parsed.

mod asset;
mod check;
mod data_stream;
mod differences;
mod faults;
mod items;
mod manifest;
mod reading;

pub use asset::asset_len;
pub use check::{Broken, Entry, check};
pub use faults::Faults;
pub use manifest::ManifestFacts;
pub use reading::read;

use crate::model::finding::ReadDifference;

/// What a file is to Kibana, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The package's manifest.
    Manifest,
    /// A data stream's manifest.
    DataStream,
    /// Routing rules or the lifecycle of a data stream, which are parsed with its manifest.
    Settings,
    /// Tags of Kibana's assets.
    Tags,
    /// A pipeline or a list of fields, which is parsed when the package is installed.
    Asset,
}

impl Role {
    /// The role of the file at a path inside a package; most have none.
    pub fn of(path: &str) -> Option<Role> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if !name.ends_with(".yml") {
            return None;
        }
        match path {
            "manifest.yml" => return Some(Role::Manifest),
            "kibana/tags.yml" => return Some(Role::Tags),
            _ => {}
        }
        let in_stream = path.strip_prefix("data_stream/").and_then(|rest| rest.split_once('/'));
        let inside = match in_stream {
            Some((_, "manifest.yml")) => return Some(Role::DataStream),
            Some((_, "routing_rules.yml" | "lifecycle.yml")) => return Some(Role::Settings),
            Some((_, inside)) => inside,
            None => path,
        };
        let is_asset =
            inside.starts_with("fields/") || inside.starts_with("elasticsearch/ingest_pipeline/");
        is_asset.then_some(Role::Asset)
    }
}

/// What a file says that the rules need, by its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// The package's manifest.
    Manifest(Box<ManifestFacts>),
    /// A data stream's manifest: what is broken in it, and what the registry reads otherwise.
    DataStream(Box<(Faults, Vec<ReadDifference>)>),
    /// Any other file: what is broken in it.
    Other(Faults),
}

impl Facts {
    /// What is broken in the file by itself.
    pub fn faults(&self) -> &Faults {
        match self {
            Facts::Manifest(facts) => &facts.faults,
            Facts::DataStream(facts) => &facts.0,
            Facts::Other(faults) => faults,
        }
    }

    /// Values that the registry reads otherwise.
    pub fn differences(&self) -> &[ReadDifference] {
        match self {
            Facts::Manifest(facts) => &facts.differences,
            Facts::DataStream(facts) => &facts.1,
            Facts::Other(_) => &[],
        }
    }
}
