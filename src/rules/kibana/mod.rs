//! The rules by which Kibana's package parser accepts or refuses an archive.
//!
//! Kibana is the second reader of a package: it parses the archive itself on upload, for bundled packages, on installs
//! from the registry since 9.1, and whenever an installed package is read again. The rules are those of
//! `server/services/epm/archive/{parse,storage}.ts` in Fleet; the numbers are defined by this tool. Pure: the input is
//! the facts about the files ([`Facts`]) and their names in the archive, the output is the broken rules.
//!
//! | rules | implemented in |
//! |---|---|
//! | K1, K2, K6 | `check`, from names |
//! | K3 and K14 | `js_yaml`, which refuses a file |
//! | K4, K5, K9 to K12 | `manifest` |
//! | K7, K8, K9, K12 | `data_stream`, with `items` |
//! | K13 | `asset` |
//!
//! Archives written by this tool always satisfy K1; a package without a manifest, or with an empty one, is a blocker
//! anyway. Not checked: how Kibana uses a package after parsing it.

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

/// The role of a file in Kibana, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The package's manifest.
    Manifest,
    /// A data stream's manifest.
    DataStream,
    /// Routing rules or the lifecycle of a data stream, which are parsed together with its manifest.
    Settings,
    /// The tags of Kibana assets.
    Tags,
    /// A pipeline or field definitions, which are parsed when the package is installed.
    Asset,
}

impl Role {
    /// Returns the role of the file at a path inside a package; most files have none.
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

/// The facts about a file that the rules need, by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facts {
    /// The package's manifest.
    Manifest(Box<ManifestFacts>),
    /// A data stream's manifest: its faults, and the values that the registry reads differently.
    DataStream(Box<(Faults, Vec<ReadDifference>)>),
    /// Any other file: its faults.
    Other(Faults),
}

impl Facts {
    /// Returns the faults of the file itself.
    pub fn faults(&self) -> &Faults {
        match self {
            Facts::Manifest(facts) => &facts.faults,
            Facts::DataStream(facts) => &facts.0,
            Facts::Other(faults) => faults,
        }
    }

    /// Returns the values that the registry reads differently.
    pub fn differences(&self) -> &[ReadDifference] {
        match self {
            Facts::Manifest(facts) => &facts.differences,
            Facts::DataStream(facts) => &facts.1,
            Facts::Other(_) => &[],
        }
    }
}
