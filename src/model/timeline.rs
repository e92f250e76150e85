//! The history of a stage: commits, and the state of each path after each commit.
//!
//! Plain data between two modules that are independent of each other: `v1` produces it, and
//! `rules::history` folds it. The only user of jiff, for dates.

use std::fmt;

use serde::{Serialize, Serializer};

use super::content::ObjectId;
use super::finding::{Finding, FindingKind};
use super::package::{RevisionId, Stage, as_text};

/// The committer date of a commit: seconds since 1970 in UTC.
///
/// Displays as RFC 3339, or as Git's `@<seconds>` if the year is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitTime(pub i64);

impl CommitTime {
    /// Returns the beginning of a year; `None` if it is out of range.
    pub fn of_year(year: i16) -> Option<Self> {
        let midnight = jiff::civil::Date::new(year, 1, 1).ok()?;
        let zoned = midnight.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(CommitTime(zoned.timestamp().as_second()))
    }

    /// Returns the year; `None` if it is out of range.
    pub fn year(self) -> Option<i16> {
        let time = jiff::Timestamp::from_second(self.0).ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).year())
    }
}

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

/// The id and the date of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CommitStamp {
    /// The commit's id.
    #[serde(rename = "commit")]
    pub commit_id: ObjectId,
    /// The committer date; `None` if it cannot be read.
    #[serde(rename = "date")]
    pub time: Option<CommitTime>,
}

/// A path in `packages/` of a stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A revision's folder.
    Revision(RevisionId),
    /// Anything else in `packages/`.
    Other(OtherPlace),
}

/// A path in `packages/` that is not a revision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherPlace {
    /// The path relative to `packages/`, escaped.
    pub path: String,
    /// Why it is not a revision: the finding that `migrate` would report if it were at a tip.
    pub kind: FindingKind,
}

/// The state of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathState {
    /// There is a folder or a file with this id.
    Present(ObjectId),
    /// There is nothing at this path.
    Absent,
    /// Unknown: an object is missing or corrupt.
    Unreadable,
}

/// A change of the state of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathChange {
    /// The path.
    pub subject: Subject,
    /// The commit that changed the state.
    pub commit: CommitStamp,
    /// The previous commit, if there is one that could be read.
    pub previous: Option<CommitStamp>,
    /// The state after the commit.
    pub state: PathState,
}

/// The number of files that differ between two trees; modes are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeCounts {
    /// Files that only the newer tree has.
    pub added: usize,
    /// Files that only the older tree has.
    pub removed: usize,
    /// Files with the same path and different content.
    pub changed: usize,
}

impl ChangeCounts {
    /// Returns whether both trees have the same files.
    pub fn is_same_content(self) -> bool {
        self == ChangeCounts::default()
    }
}

/// The files that differ between two trees, each list sorted; modes are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangedFiles {
    /// Files that only the newer tree has; paths are escaped.
    pub added: Vec<String>,
    /// Files that only the older tree has.
    pub removed: Vec<String>,
    /// Files with the same path and different content.
    pub changed: Vec<String>,
}

impl ChangedFiles {
    /// Counts the files.
    pub fn counts(&self) -> ChangeCounts {
        ChangeCounts {
            added: self.added.len(),
            removed: self.removed.len(),
            changed: self.changed.len(),
        }
    }
}

/// A finding about history, with the first commit that it applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFinding {
    /// The commit.
    pub commit: CommitStamp,
    /// The finding.
    pub finding: Finding,
}

/// The commits of a stage that were walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Walk {
    /// The stage.
    pub stage: Stage,
    /// The number of commits, at least 1.
    pub commit_count: u64,
    /// The oldest commit.
    pub oldest: CommitStamp,
    /// The stage's tip.
    pub newest: CommitStamp,
    /// Whether the walk reached the beginning of history: `oldest` has no parent.
    pub reaches_the_beginning: bool,
}
