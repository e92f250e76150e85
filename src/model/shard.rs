//! Shards: disjoint subsets of the packages, so that several machines can migrate one storage.
//!
//! The shard of a package depends only on the name of its folder, so it is the same in every run, for
//! every stage and on every machine. Findings about a stage as a whole are reported by the first shard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;

/// One of `count` shards, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Shard {
    index: u32,
    count: u32,
}

/// Why a text is not a valid shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N, with I from 1 to N and N at most {}", Shard::MAX_COUNT)]
pub struct ShardError;

impl Shard {
    /// All packages: shard 1 of 1.
    pub const WHOLE: Shard = Shard { index: 1, count: 1 };

    /// The maximum number of shards.
    pub const MAX_COUNT: u32 = 10_000;

    /// Returns [`Shard::WHOLE`]; the serde default of a field.
    pub(crate) fn whole() -> Self {
        Shard::WHOLE
    }

    /// Returns the number of this shard, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Returns the number of shards.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Returns whether this is the first shard, which reports findings that belong to no package.
    pub fn is_first(self) -> bool {
        self.index == 1
    }

    /// Returns whether this shard contains all packages.
    pub fn is_whole(&self) -> bool {
        self.count == 1
    }

    /// Returns whether this shard contains the package whose folder has this name.
    ///
    /// Definition: the first 8 bytes of the name's SHA-256, as a big-endian number, modulo `count`,
    /// plus 1.
    pub fn contains(self, package: &[u8]) -> bool {
        let digest = Sha256::of(package).0;
        let (first, _) = digest.split_first_chunk().expect("a SHA-256 has 32 bytes");
        u64::from_be_bytes(*first) % u64::from(self.count) + 1 == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, count) = text.split_once('/').ok_or(ShardError)?;
        let number = |text: &str| text.parse().map_err(|_| ShardError);
        Parts { index: number(index)?, count: number(count)? }.try_into()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// The JSON form of a shard.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    index: u32,
    count: u32,
}

impl From<Shard> for Parts {
    fn from(Shard { index, count }: Shard) -> Self {
        Parts { index, count }
    }
}

impl TryFrom<Parts> for Shard {
    type Error = ShardError;

    fn try_from(Parts { index, count }: Parts) -> Result<Self, ShardError> {
        if (1..=Shard::MAX_COUNT).contains(&count) && (1..=count).contains(&index) {
            Ok(Shard { index, count })
        } else {
            Err(ShardError)
        }
    }
}
