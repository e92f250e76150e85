//! What a person decided on a finding. Read by `decisions`, carried by a finding, told by `report`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::package::Stage;

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Decision {
    /// The copy of this stage is migrated, whatever the precedence says.
    Keep(Stage),
    /// The revision is not migrated.
    Skip,
    /// It is as it should be.
    Accept,
}

/// A finding that a person has decided on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub reason: String,
}

/// Why a text is no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a decision is `skip`, `accept`, or `keep: ` and a stage")]
pub struct NoDecision;

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decision::Keep(stage) => write!(f, "keep: {stage}"),
            Decision::Skip => f.write_str("skip"),
            Decision::Accept => f.write_str("accept"),
        }
    }
}

impl FromStr for Decision {
    type Err = NoDecision;

    fn from_str(text: &str) -> Result<Self, NoDecision> {
        match text {
            "skip" => Ok(Decision::Skip),
            "accept" => Ok(Decision::Accept),
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
