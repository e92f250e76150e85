//! What a walk through a stage's history sees: commits, and what stands where after each.
//!
//! Plain data between two parts that do not know each other: `v1` makes it, `history` folds it. The
//! only user of jiff, for dates.

use std::fmt;

use serde::{Serialize, Serializer};

use super::content::ObjectId;
use super::finding::{Finding, FindingKind};
use super::package::{RevisionId, Stage, as_text};

/// When a commit was made, by its committer: seconds since 1970 in UTC.
///
/// Displays as RFC 3339, or as Git's own `@<seconds>` where that has no year for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitTime(pub i64);

impl fmt::Display for CommitTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

impl Serialize for CommitTime {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        as_text(self, to)
    }
}

/// Names a commit, and says when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CommitStamp {
    /// The commit's id.
    #[serde(rename = "commit")]
    pub commit_id: ObjectId,
    /// When it was made; none when its date cannot be read.
    #[serde(rename = "date")]
    pub time: Option<CommitTime>,
}

/// Where something can stand in a stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A revision's folder.
    Revision(RevisionId),
    /// Anything else in `packages/`.
    Other(OtherPlace),
}

/// A place in `packages/` that is no revision's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherPlace {
    /// Where, relative to `packages/`; odd bytes are escaped.
    pub path: String,
    /// Why it is no revision's: the finding that a stage's tip would get for it.
    pub kind: FindingKind,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathState {
    /// A folder or a file, by its id.
    Present(ObjectId),
    /// Nothing.
    Absent,
    /// Nobody can say: an object is missing or corrupt.
    Unreadable,
}

/// What stands at a place after a commit, told whenever that is not what stood there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathChange {
    /// The place.
    pub subject: Subject,
    /// The commit.
    pub commit: CommitStamp,
    /// The commit before it, as far as there is one that could be read.
    pub previous: Option<CommitStamp>,
    /// What stands there.
    pub state: PathState,
}

/// How the files of one tree differ from those of another; modes do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeCounts {
    /// Files that only the newer one has.
    pub added: usize,
    /// Files that only the older one has.
    pub removed: usize,
    /// Files of one path and other bytes.
    pub changed: usize,
}

impl ChangeCounts {
    /// Tells whether both have the same files.
    pub fn is_same_content(self) -> bool {
        self == ChangeCounts::default()
    }
}

/// A finding about history, and the first commit that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFinding {
    /// The commit.
    pub commit: CommitStamp,
    /// What was found.
    pub finding: Finding,
}

/// The commits of a stage that were walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Walk {
    /// The stage.
    pub stage: Stage,
    /// Their number, at least 1.
    pub commit_count: u64,
    /// The first of them.
    pub oldest: CommitStamp,
    /// The stage's tip.
    pub newest: CommitStamp,
    /// Whether `oldest` has no parent: whether the walk reached the beginning.
    pub reaches_the_beginning: bool,
}
