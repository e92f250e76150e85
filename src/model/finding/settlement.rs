//! The decision of a person on a finding. Read by `decisions`, part of the finding, shown by `report`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::package::Stage;

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Decision {
    /// The copy of this stage is migrated, regardless of the precedence.
    Keep(Stage),
    /// The revision is not migrated.
    Skip,
    /// The finding is accepted as it is.
    Accept,
    /// The published entry of the search index stays.
    KeepPublished,
}

/// A decision with its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The decision.
    pub decision: Decision,
    /// The reason.
    pub reason: String,
}

/// The error for a text that is not a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `skip`, `accept`, `keep-published`, or `keep: ` and a stage")]
pub struct NoDecision;

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decision::Keep(stage) => write!(f, "keep: {stage}"),
            Decision::Skip => f.write_str("skip"),
            Decision::Accept => f.write_str("accept"),
            Decision::KeepPublished => f.write_str("keep-published"),
        }
    }
}

impl FromStr for Decision {
    type Err = NoDecision;

    fn from_str(text: &str) -> Result<Self, NoDecision> {
        match text {
            "skip" => Ok(Decision::Skip),
            "accept" => Ok(Decision::Accept),
            "keep-published" => Ok(Decision::KeepPublished),
            _ => {
                let stage = text.strip_prefix("keep: ").ok_or(NoDecision)?;
                stage.parse().map(Decision::Keep).map_err(|_| NoDecision)
            }
        }
    }
}

impl TryFrom<String> for Decision {
    type Error = NoDecision;

    fn try_from(text: String) -> Result<Self, NoDecision> {
        text.parse()
    }
}

impl From<Decision> for String {
    fn from(decision: Decision) -> Self {
        decision.to_string()
    }
}
