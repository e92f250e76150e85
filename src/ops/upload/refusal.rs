//! Why a folder must not be uploaded: found before the first request.

use crate::model::shard::Shard;

/// Why a folder must not be uploaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// Signatures do not exist yet.
    #[error("{0} signatures do not exist yet")]
    Pending(u64),
    /// Archives have no signature, and a queue takes only signed ones.
    #[error("{0} archives have no signature, which a queue requires")]
    Unsigned(u64),
    /// The report has blockers that are not settled.
    #[error("the report has {0} open blockers")]
    Blockers(u64),
    /// The plan is that of a shard.
    #[error("the plan is that of shard {0}")]
    Shard(Shard),
    /// Files are not those of the plan.
    #[error("{}", files(.0))]
    Files(Vec<FileFault>),
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FileFault {
    #[error("{file} does not exist")]
    Missing { file: String },
    #[error("{file} is not a file")]
    NotAFile { file: String },
    #[error("{file} has {found} bytes, and {planned} are planned")]
    Size { file: String, planned: u64, found: u64 },
    #[error("{file} has another SHA-256 than planned")]
    Digest { file: String },
    #[error("{file} cannot be read: {detail}")]
    Unreadable { file: String, detail: String },
}

/// Number of files that are named.
const NAMED: usize = 5;

fn files(faults: &[FileFault]) -> String {
    let mut text: Vec<String> = faults.iter().take(NAMED).map(ToString::to_string).collect();
    match faults.len().saturating_sub(NAMED) {
        0 => {}
        more => text.push(format!("and {more} more files")),
    }
    text.join("; ")
}

impl Refusal {
    /// Returns what the user can do.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Refusal::Pending(_) => {
                "sign the archives with `sign`, or upload without these signatures with --allow-pending"
            }
            Refusal::Unsigned(_) => "sign the archives with `sign`",
            Refusal::Blockers(_) => {
                "settle them with --exclude or a decision, or upload the others with --allow-blockers"
            }
            Refusal::Shard(_) => {
                "join the shards with `merge-plans` and upload with --plan, or upload the shard with --allow-shard"
            }
            Refusal::Files(_) => "run `migrate` into the folder again, without --dry-run",
        }
    }
}
