//! The classes that findings of one code fall into; part of their evidence.
//!
//! Found by `rules`, said in words by `text`.

use serde::{Deserialize, Serialize};

use crate::model::validation::TimeLimit;

/// What a content conflict is about, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictClass {
    /// Every difference is LF against CRLF, or the last line's end.
    LineEndings,
    /// Only files that tell people something: changelog, docs, images, licences, `_dev`.
    Metadata,
    /// Something that the package does may be different.
    Behaviour,
}

/// How alike two paths of one revision are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alike {
    /// The same path twice, or as a file and as a folder.
    Same,
    /// One path where upper and lower case are one, as on Windows and macOS.
    Case,
    /// One text in two Unicode forms, which macOS takes for one path.
    Normalization,
}

/// Where a version stands in its package once v2 shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recency {
    /// No newer than the newest version of production.
    Older,
    /// Newer than anything in production, though not the newest of what is read.
    Newer,
    /// The newest of its package: what everyone is offered.
    Newest,
}

/// Why a validator gave no verdict on a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoVerdict {
    /// It ran longer than it may; it was killed, and its process group with it.
    TimedOut(TimeLimit),
    /// A signal that the tool did not send ended it; the signal's number.
    Signal(i32),
    /// The package cannot be unpacked here, for a path that the file system does not take.
    NotUnpacked(String),
}
